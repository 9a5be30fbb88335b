"""The six components of SINS, each read from everything that speaks of it."""

from decimal import Decimal
from typing import Final

from service.instruments.sins import location
from service.instruments.sins.rows import DENIAL, Component, agree, of_rows, stated
from service.instruments.sins.scale import Rows, Scale
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import State

INPUTS: Final = (
    *location.FINDINGS,
    "spinal-pain",
    "axial-pain",
    "bone-lesion",
    "alignment",
    "spinal-deformity",
    "vertebral-collapse",
    "vertebral-collapse-percent",
    "body-involvement-percent",
    "posterolateral-involvement",
)

_STANDING: Final = DENIAL["vertebral-collapse"]
_ZERO: Final = Decimal(0)
_HALF: Final = Decimal(50)
_BELOW_ALL: Final = Decimal("-Infinity")
_ABOVE_ALL: Final = Decimal("Infinity")


def components(case: Case, scale: Scale) -> tuple[Component, ...]:
    """Return the six components of the lesion under study, in the order of the table."""
    return (
        location.location(case, scale),
        _pain(case, scale),
        _bone_lesion(case, scale),
        _alignment(case, scale),
        _collapse(case, scale),
        _posterolateral(case, scale),
    )


def _pain(case: Case, scale: Scale) -> Component:
    """Read the pain; neck or back pain of unstated kind excludes `painless` for an only lesion (D15).

    Axial pain that follows from the pain of another lesion (D14) says nothing of this one.
    """
    known, axial = case.known("spinal-pain"), case.known("axial-pain")
    every = scale.rows["pain"]
    rows = stated(known, every)
    if known.state is not State.NOT_ASSESSED or axial.state is not State.PRESENT or axial.derived_by is not None:
        return of_rows("pain", known.finding, scale, rows, (known,))
    if len(case.lesions) > 1:
        flags = frozenset({"pain-not-localised"})
        return of_rows("pain", known.finding, scale, rows or every, (known, axial), is_missing=rows is None, flags=flags)
    rows, flags = agree(known, rows, every - DENIAL["spinal-pain"])
    return of_rows("pain", known.finding, scale, rows, (known, axial), flags=flags)


def _bone_lesion(case: Case, scale: Scale) -> Component:
    """Read the density; lytic against blastic by two readers may be a mixed lesion (D52)."""
    known = case.known("bone-lesion")
    rows = stated(known, scale.rows["bone-lesion"])
    if rows is not None and known.state is State.CONFLICT and rows >= {"lytic", "blastic"}:
        rows |= {"mixed"}
    return of_rows("bone-lesion", known.finding, scale, rows, (known,))


def _alignment(case: Case, scale: Scale) -> Component:
    """Read the alignment; no kyphosis and no scoliosis leave normal or subluxated (D26)."""
    known, deformity = case.known("alignment"), case.known("spinal-deformity")
    every = scale.rows["alignment"]
    straight = every - {"de-novo-deformity"} if deformity.state is State.ABSENT else None
    rows, flags = agree(known, stated(known, every), straight)
    return of_rows("alignment", known.finding, scale, rows, (known, deformity), flags=flags)


def _posterolateral(case: Case, scale: Scale) -> Component:
    """Read facets, pedicles and joints by side."""
    known = case.known("posterolateral-involvement")
    return of_rows("posterolateral", known.finding, scale, stated(known, scale.rows["posterolateral"]), (known,))


def _collapse(case: Case, scale: Scale) -> Component:
    """Read the loss of height from word and number; the share of the body involved sorts `no collapse` (D05-D07)."""
    known, percent = case.known("vertebral-collapse"), case.known("vertebral-collapse-percent")
    involved = case.known("body-involvement-percent")
    every = scale.rows["collapse"]
    rows, flags = agree(known, stated(known, every), _rows_of_loss(percent.interval))
    share = _rows_of_share(involved.interval)
    read = (percent, known, involved) if known.derived_by in {"D05", "D06"} else (known, percent, involved)
    if rows is None:
        return of_rows("collapse", known.finding, scale, every - (_STANDING - share), read, is_missing=True)
    if rows & _STANDING:
        standing, disputed = agree(known, rows & _STANDING, share)
        rows, flags = (rows - _STANDING).union(standing or ()), flags | disputed
    if percent.interval == Interval.exactly(_HALF):
        flags |= {"collapse-exactly-50"}
    return of_rows("collapse", known.finding, scale, rows, read, flags=flags)


def _rows_of_loss(loss: Interval | None) -> Rows | None:
    """Return the rows that a loss of height meets; exactly half lies in neither row and counts as both."""
    if loss is None:
        return None
    half = loss.contains(_HALF)
    over = {"over-50"} if half or loss.meets(_HALF, _ABOVE_ALL) else set[str]()
    under = {"under-50"} if half or loss.meets(_ZERO, _HALF) else set[str]()
    standing = _STANDING if loss.contains(_ZERO) else frozenset[str]()
    return standing.union(over, under) or None


def _rows_of_share(share: Interval | None) -> Rows:
    """Return the rows without collapse that a share of the body meets; exactly half is not over half."""
    if share is None:
        return _STANDING
    over = {"no-collapse-over-50-involved"} if share.meets(_HALF, _ABOVE_ALL) else set[str]()
    under = {"none"} if share.contains(_HALF) or share.meets(_BELOW_ALL, _HALF) else set[str]()
    return frozenset(over | under)
