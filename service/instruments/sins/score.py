"""SINS: totals, categories and what follows from them.

Source: evidence table montoya-table-3; clinical rules 2. Sets, intervals and the applicability gate are ours, not the paper's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.evidence.tables import Tables
from service.instrument import NEOPLASM_FINDINGS, Instrument, Question, input_flags, neoplasm_gate, sources_of
from service.instruments.sins.components import INPUTS, components
from service.instruments.sins.rows import Component
from service.instruments.sins.scale import RELIABILITY, TABLE, Category, Scale, scale_of
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome, Reason, Score

_REQUESTS: Final[Mapping[str, str]] = {
    "vertebral-level": "missing-location",
    "spinal-pain": "missing-pain",
    "bone-lesion": "missing-bone-lesion",
    "alignment": "missing-alignment",
    "vertebral-collapse": "missing-collapse",
    "posterolateral-involvement": "missing-posterolateral",
}
"""What is asked for when a component is wholly not assessed, in the order of the table."""

_NOT_APPLICABLE: Final = (
    "SINS is made for neoplastic disease: a benign diagnosis is reported and no malignancy is stated, so no score is given."
)

_SENSITIVE: Final = "bone-quality-sensitive"
_SENSITIVITY: Final = (
    "ext: the category is another when bone quality is read one row of the table otherwise, and readers agree least on it."
)
_BONE: Final = 2
"""Place of bone quality among the components."""

_MISSING_ORDER: Final = (
    "vertebral-level",
    "spinal-pain",
    "bone-lesion",
    "alignment",
    "posterolateral-involvement",
    "vertebral-collapse",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Total:
    """What the points of all components add up to.

    Attributes:
        score: the totals; None = none is given.
        verdicts: categories that some total has.
        recommendations: consultation for surgery, certain or possible.
    """

    score: Score | None = None
    verdicts: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()


_NO_TOTAL: Final = _Total()


def _assess(case: Case, tables: Tables) -> Outcome:
    """Score the lesion under study.

    Where SINS does not apply only the reasons are given: a total or a word of stability for a benign lesion would be read as one.
    Recommendations stand only where the score may be read.
    """
    scale = scale_of(tables)
    gate = neoplasm_gate(case)
    parts = components(case, scale)
    is_scored = gate.applicability is not Applicability.NOT_APPLICABLE
    points = tuple([part.points for part in parts])
    total = _total(scale, points) if is_scored else _NO_TOTAL
    is_sensitive = is_scored and _hangs_on_bone_quality(scale, points)
    missing = {part.finding for part in parts if part.is_missing and is_scored}
    return Outcome(
        instrument=SINS.key,
        version=SINS.version,
        applicability=gate.applicability,
        verdicts=total.verdicts,
        score=total.score,
        reasons=tuple([_reason(part, scale) for part in parts]),
        missing=tuple([finding for finding in _MISSING_ORDER if finding in missing]),
        flags=tuple(
            sorted(gate.flags.union(input_flags(case, INPUTS), [_SENSITIVE] * is_sensitive, *[part.flags for part in parts]))
        ),
        recommendations=total.recommendations if gate.applicability is Applicability.APPLICABLE else (),
        requests=tuple([request for finding, request in _REQUESTS.items() if finding in missing]),
        citations=scale.citations,
        caveats=(*scale.caveats, *_own_caveats(case, gate.applicability), *[_SENSITIVITY] * is_sensitive),
    )


@lru_cache(maxsize=4096)
def _total(scale: Scale, points: tuple[tuple[int, ...], ...]) -> _Total:
    """Add the points up. Remembered: reports repeat the same gaps.

    Args:
        scale: the table.
        points: of each component, those still possible.
    """
    totals = _totals(points)
    possible = tuple(each for each in scale.categories if any(each.low <= total <= each.high for total in totals))
    return _Total(
        score=Score(low=totals[0], high=totals[-1], attainable=totals, of=scale.categories[-1].high),
        verdicts=tuple(each.verdict for each in possible),
        recommendations=_consultation(possible),
    )


@lru_cache(maxsize=4096)
def _hangs_on_bone_quality(scale: Scale, points: tuple[tuple[int, ...], ...]) -> bool:
    """Tell whether the categories are others when bone quality is read one row of the table otherwise.

    Readers agree least on it (kappa 0.244, Fourney 2011, ext). Where it is wholly open nothing can be read otherwise.
    """
    steps = sorted(scale.points["bone-lesion"].values())
    read = points[_BONE]
    near = tuple(step for place, step in enumerate(steps) if not {*steps[max(place - 1, 0) : place + 2]}.isdisjoint(read))
    if near == read:
        return False
    widened = tuple(near if place == _BONE else each for place, each in enumerate(points))
    return _total(scale, widened).verdicts != _total(scale, points).verdicts


def _question(case: Case, tables: Tables) -> Question:
    """Hand the point sets over, so that the findings that settle the category can be searched."""
    scale = scale_of(tables)
    return Question(components={part.finding: part.points for part in components(case, scale)}, category=scale.verdicts.get)


def _consultation(possible: tuple[Category, ...]) -> tuple[str, ...]:
    """Return what the table prints beside the categories: consultation for surgery, certain or possible."""
    called = [each.consults for each in possible]
    if all(called):
        return ("surgical-consultation",)
    return ("surgical-consultation-possible",) if any(called) else ()


def _totals(points: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """Return every sum of one number of each set, ascending."""
    totals = {0}
    for each in points:
        totals = {total + one for total in totals for one in each}
    return tuple(sorted(totals))


def _reason(part: Component, scale: Scale) -> Reason:
    """Say what one component rests on, and how far readers agree on it."""
    return Reason(
        finding=part.read[0].finding if part.read else part.finding,
        value=part.value,
        points=(part.points[0], part.points[-1]),
        evidence=f"{TABLE}: {part.name}",
        kappa=scale.kappas[part.name],
        sources=sources_of(part.read),
    )


def _own_caveats(case: Case, applicability: Applicability) -> Iterable[str]:
    """Yield the sentences that must stand with the score of this lesion."""
    if case.known("spinal-deformity").state is State.PRESENT and case.known("alignment").state is State.NOT_ASSESSED:
        yield "Kyphosis or scoliosis is stated, but not whether it is new or old: alignment stays open."
    if applicability is Applicability.NOT_APPLICABLE:
        yield _NOT_APPLICABLE


SINS: Final = Instrument(
    key="sins",
    version="2",
    title="SINS",
    scope="lesion",
    sources=(TABLE, RELIABILITY),
    reads=(*dict.fromkeys((*INPUTS, *NEOPLASM_FINDINGS)),),
    assess=_assess,
    question=_question,
)
