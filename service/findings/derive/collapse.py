"""Collapse and fracture of the vertebra: D05-D12.

Source: Montoya-Bordon 2023, Table 3; clinical rules, section 2.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from service.findings.derive.rule import Derived, Rule, View, denies, says
from service.findings.intervals import is_above, is_at_most, is_below, is_exactly
from service.findings.tree import sites
from service.model.finding import State
from service.model.lesion import Known

_HALF: Final = Decimal(50)
_NONE: Final = Decimal(0)
_BODY: Final = frozenset({"vertebral-body", "endplate"})
_UNSPECIFIC_CODES: Final = ("|274146004", "|268029009")
_COLLAPSE: Final = "vertebral-collapse"
_PERCENT: Final = "vertebral-collapse-percent"
_INVOLVED: Final = "body-involvement-percent"


def d05_collapse_rows(view: View) -> Collection[Derived]:
    """Turn the loss of height into a SINS row: over or under 50 per cent; `some` where the number lies in both or in neither.

    A number that may also be 0 fits no value: the interval itself stays for the instrument.
    """
    found = view.number(_PERCENT)
    if found is None or not is_above(found[1], _NONE):
        return ()
    known, interval = found
    if is_above(interval, _HALF):
        return (says(_COLLAPSE, "over-50", known),)
    if is_below(interval, _HALF):
        return (says(_COLLAPSE, "under-50", known),)
    return (says(_COLLAPSE, "some", known, flags=("collapse-exactly-50",) if is_exactly(interval, _HALF) else ()),)


def d06_no_height_lost(view: View) -> Collection[Derived]:
    """Read a loss of 0 per cent as no collapse, with the row that the share of the body involved gives."""
    found = view.number(_PERCENT)
    if found is None or not is_exactly(found[1], _NONE):
        return ()
    return (_without_collapse(view, found[0]) or denies(_COLLAPSE, found[0]),)


def d07_no_collapse(view: View) -> Collection[Derived]:
    """Give denied collapse its row when the share of the body involved is known; else it stays open (0 or 1 point)."""
    known = view.absent(_COLLAPSE)
    row = _without_collapse(view, known) if known else None
    return (row,) if row else ()


def _without_collapse(view: View, known: Known) -> Derived | None:
    found = view.number(_INVOLVED)
    if found is None:
        return None
    involved, interval = found
    if is_above(interval, _HALF):
        return says(_COLLAPSE, "no-collapse-over-50-involved", known, involved)
    return says(_COLLAPSE, "none", known, involved) if is_at_most(interval, _HALF) else None


def d08_body_fractured(view: View) -> Collection[Derived]:
    """Read a pathological fracture of the vertebral body as some collapse; of a pedicle, process or unstated part it is none."""
    known = view.get("pathologic-fracture")
    if known is None or not _is_fractured(known) or _is_measured(view):
        return ()
    parts = view.statements.get("lesion-site", ())
    of_body = tuple(
        said
        for said in view.said("pathologic-fracture")
        if (places := sites(said, parts)) & _BODY and places <= _BODY | {"bone-marrow"}
    )
    return (says(_COLLAPSE, "some", *of_body),) if of_body else ()


def d09_compressed(view: View) -> Collection[Derived]:
    """Read a compression fracture as some collapse where neither row nor percentage is stated."""
    known = view.surely("vertebral-fracture", "compression")
    return (says(_COLLAPSE, "some", known),) if known and not _is_measured(view) else ()


def d10_fractured(view: View) -> Collection[Derived]:
    """A pathologic fracture is a fracture of the vertebra."""
    known = view.get("pathologic-fracture")
    return (says("vertebral-fracture", "unspecified", known),) if known and _is_fractured(known) else ()


def d11_code_means_any_fracture(view: View) -> Collection[Derived]:
    """Doubt a pathologic fracture said only in SNOMED codes that hold osteoporotic fractures, beside that very diagnosis."""
    known, diagnosis = view.present("pathologic-fracture"), view.some("reported-diagnosis", "osteoporotic-fracture")
    if known is None or diagnosis is None or known.derived_by or not known.sources:
        return ()
    if not all(said.code.endswith(_UNSPECIFIC_CODES) for said in known.sources):
        return ()
    return (denies("pathologic-fracture", diagnosis),)


def d12_not_fractured(view: View) -> Collection[Derived]:
    """Without any fracture there is no pathologic one."""
    known = view.absent("vertebral-fracture")
    return (denies("pathologic-fracture", known),) if known else ()


def _is_fractured(known: Known) -> bool:
    """Tell whether there is a fracture; only its cause is in doubt after D11."""
    return known.state is State.PRESENT or known.derived_by == "D11"


def _is_measured(view: View) -> bool:
    collapse = view.get(_COLLAPSE)
    stated = collapse is not None and collapse.state is not State.NOT_ASSESSED and collapse.values != ("some",)
    return stated or view.number(_PERCENT) is not None


RULES: Final = (
    Rule(id="D05", reads=(_PERCENT,), derive=d05_collapse_rows, entails=True),
    Rule(id="D06", reads=(_PERCENT, _INVOLVED), derive=d06_no_height_lost, entails=True),
    Rule(id="D07", reads=(_COLLAPSE, _INVOLVED), derive=d07_no_collapse),
    Rule(id="D08", reads=("pathologic-fracture", "lesion-site"), derive=d08_body_fractured),
    Rule(id="D09", reads=("vertebral-fracture",), derive=d09_compressed),
    Rule(id="D10", reads=("pathologic-fracture",), derive=d10_fractured, entails=True),
    Rule(id="D11", reads=("pathologic-fracture", "reported-diagnosis"), derive=d11_code_means_any_fracture, entails=True),
    Rule(id="D12", reads=("vertebral-fracture",), derive=d12_not_fractured, entails=True),
)
