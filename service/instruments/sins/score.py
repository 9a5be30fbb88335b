"""SINS: totals, categories and what follows from them.

Source: evidence table montoya-table-3; clinical rules 2. Sets, intervals and the applicability gate are ours, not the paper's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from service.evidence.tables import Row, Table, Tables, whole, word
from service.instrument import NEOPLASM_FINDINGS, Instrument, Question, input_flags, neoplasm_gate, sources_of
from service.instruments.sins.components import INPUTS, components
from service.instruments.sins.rows import Component
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome, Reason, Score

_TABLE: Final = "montoya-table-3"
_RELIABILITY: Final = "fourney-2011"
_RANGE_OF_STABLE: Final = 22
"""Number of the misprint that concerns every result: the lower end of `stable`."""

_REQUESTS: Final[Mapping[str, str]] = {
    "vertebral-level": "missing-location",
    "spinal-pain": "missing-pain",
    "bone-lesion": "missing-bone-lesion",
    "alignment": "missing-alignment",
    "vertebral-collapse": "missing-collapse",
    "posterolateral-involvement": "missing-posterolateral",
}
"""What is asked for when a component is wholly not assessed, in the order of the table."""

_MISSING_ORDER: Final = (
    "vertebral-level",
    "spinal-pain",
    "bone-lesion",
    "alignment",
    "posterolateral-involvement",
    "vertebral-collapse",
)


def _assess(case: Case, tables: Tables) -> Outcome:
    """Score the lesion under study.

    Where SINS does not apply only the reasons are given: a total or a word of stability for a benign lesion would be read as one.
    """
    table = tables[_TABLE]
    gate = neoplasm_gate(case)
    parts = components(case, table)
    flags = gate.flags.union(input_flags(case, INPUTS), *(part.flags for part in parts))
    outcome = Outcome(
        instrument=SINS.key,
        version=SINS.version,
        applicability=gate.applicability,
        reasons=tuple(_reason(part) for part in parts),
        flags=tuple(sorted(flags)),
        citations=(table.citation, tables[_RELIABILITY].citation),
        caveats=_caveats(case, gate.applicability, tables),
    )
    return outcome if gate.applicability is Applicability.NOT_APPLICABLE else _scored(outcome, parts, table)


def _scored(outcome: Outcome, parts: tuple[Component, ...], table: Table) -> Outcome:
    """Add totals and categories; recommendations only where the score may be read."""
    totals = _totals(part.points for part in parts)
    possible = tuple(row for row in table.groups["category"] if any(_holds(row, total) for total in totals))
    missing = frozenset(part.finding for part in parts if part.is_missing)
    return replace(
        outcome,
        verdicts=tuple(word(row, "value") for row in possible),
        score=Score(low=totals[0], high=totals[-1], attainable=totals, of=whole(table.groups["category"][-1], "high")),
        missing=tuple(finding for finding in _MISSING_ORDER if finding in missing),
        recommendations=_consultation(possible) if outcome.applicability is Applicability.APPLICABLE else (),
        requests=tuple(request for finding, request in _REQUESTS.items() if finding in missing),
    )


def _question(case: Case, tables: Tables) -> Question:
    """Hand the point sets over, so that the findings that settle the category can be searched."""
    table = tables[_TABLE]
    return Question(
        components={part.finding: part.points for part in components(case, table)},
        category=lambda total: next((word(row, "value") for row in table.groups["category"] if _holds(row, total)), None),
    )


def _holds(category: Row, total: int) -> bool:
    """Tell whether a total lies in a category."""
    return whole(category, "low") <= total <= whole(category, "high")


def _consultation(possible: tuple[Row, ...]) -> tuple[str, ...]:
    """Return what the table prints beside the categories: consultation for surgery, certain or possible."""
    called = [row["consultation"] is True for row in possible]
    if all(called):
        return ("surgical-consultation",)
    return ("surgical-consultation-possible",) if any(called) else ()


def _totals(points: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    """Return every sum of one number of each set, ascending."""
    totals = {0}
    for each in points:
        totals = {total + one for total in totals for one in each}
    return tuple(sorted(totals))


def _reason(part: Component) -> Reason:
    """Say what one component rests on."""
    return Reason(
        finding=part.read[0].finding if part.read else part.finding,
        value=part.value,
        points=(part.points[0], part.points[-1]),
        evidence=f"{_TABLE}: {part.name}",
        sources=sources_of(part.read),
    )


def _caveats(case: Case, applicability: Applicability, tables: Tables) -> tuple[str, ...]:
    """Return the sentences that must stand with the score."""
    said = [
        "One score for each lesion: points are never added over lesions.",
        "Sets and intervals for what is not stated, and the rule for when the score applies, are this service's, not the paper's.",
        *(
            f"Printed ({row.where}): {row.printed}. Used: {row.used}."
            for row in tables[_TABLE].errata
            if row.number == _RANGE_OF_STABLE
        ),
        _reliability(tables[_RELIABILITY]),
    ]
    if case.known("spinal-deformity").state is State.PRESENT and case.known("alignment").state is State.NOT_ASSESSED:
        said.append("Kyphosis or scoliosis is stated, but not whether it is new or old: alignment stays open.")
    if applicability is Applicability.NOT_APPLICABLE:
        said.append(
            "SINS is made for neoplastic disease: a benign diagnosis is reported and no malignancy is stated, so no score is given."
        )
    return tuple(said)


def _reliability(table: Table) -> str:
    """Say how far readers agree on the score; not from the supplied papers."""
    best, worst, whole_score = table.row("pain"), table.row("bone-lesion"), table.row("category")
    return (
        f"ext: readers agree least on bone quality (kappa {worst['kappa_between']}) and most on pain ({best['kappa_between']}); "
        f"for potentially unstable or unstable, sensitivity {whole_score['sensitivity_percent']} %, specificity "
        f"{whole_score['specificity_percent']} % in {whole_score['patients']} cases ({table.citation.paper})."
    )


SINS: Final = Instrument(
    key="sins",
    version="1",
    title="SINS",
    scope="lesion",
    sources=(_TABLE, _RELIABILITY),
    reads=(*dict.fromkeys((*INPUTS, *NEOPLASM_FINDINGS)),),
    assess=_assess,
    question=_question,
)
