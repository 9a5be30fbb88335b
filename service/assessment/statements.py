"""The ordered sayings that every renderer shows: per lesion and instrument one sentence, its figures those of the outcome.

Never a diagnosis, never reassurance from silence: what is not stated is named as missing, and what does not apply is said.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from service.assessment.assess import Assessed
from service.instruments.escc import is_wholly_below_conus
from service.model.assessment import Statement
from service.model.case import Case
from service.model.outcome import Applicability, Outcome, Score

_CATEGORIES: Final = ("stable", "potentially-unstable", "unstable")
_GRADES: Final = ("grade-0", "grade-1a", "grade-1b", "grade-1c", "grade-2", "grade-3")
_HIGH: Final = "high-grade"
_URGENT: Final = "urgent"
_COMPRESSION: Final = frozenset({("cord-compression", "present"), ("escc-grade", "2"), ("escc-grade", "3")})
"""Statements of compression, disputed or not."""

_WORDS: Final[Mapping[str, str]] = {
    "cord-abutment": "spinal cord abutment",
    "cord-compression": "spinal cord compression",
    "csf-visible": "CSF around the spinal cord",
}
"""Findings whose key does not read as words."""

_NOTES: Final[Mapping[str, str]] = {
    "surgical-consultation": "consultation for surgery",
    "surgical-consultation-possible": "consultation for surgery possible",
    "no-surgical-consultation": "SINS alone does not call for consultation",
    "csf-effaced-without-compression": "CSF effaced without stated compression",
    "contradictory": "contradictory statements, the more severe kept",
    "reported-grade-disagrees": "the reported grade disagrees with the signs",
    "conflicting-input": "conflicting statements, all kept",
    "uncertain-input": "uncertain statements count as not assessed",
    "invalid-input": "a refused value counts as not assessed",
    "from-other-report": "partly from other reports",
    "level-not-in-table": "level not in the SINS table",
    "spans-location-bins": "several location bands, the highest used",
    "collapse-exactly-50": "collapse of exactly 50 % lies in neither row",
    "pain-not-localised": "pain not placed at one lesion",
    "not-axial-t2": "not stated to be read on axial T2 at the worst level",
    "neoplasm-not-stated": "no neoplasm is stated, nothing follows from it",
}
"""What recommendations and flags say in a sentence, in this order."""


def say(case: Case, assessed: Assessed) -> tuple[Statement, ...]:
    """Return every saying, first to be read first.

    Time-critical compression, then compression that somebody states and others do not, then SINS by worst possible category, then
    the other grades by worst, then what does not apply; among equals cranial to caudal. Nothing is summed over lesions.

    Args:
        case: the assessed case.
        assessed: its outcomes.
    """
    outcomes = [(case.at(lesion), outcome) for lesion in case.lesions for outcome in assessed.lesion_outcomes[lesion.id]]
    ordered = sorted(outcomes, key=lambda pair: _order(pair[1]))
    return tuple(_statement(rank, at, outcome) for rank, (at, outcome) in enumerate(ordered, start=1))


def _statement(rank: int, case: Case, outcome: Outcome) -> Statement:
    """Make one saying of one outcome of the lesion under study."""
    site = case.focus.site.text if case.focus is not None else "patient"
    citation = outcome.citations[0]
    parts = "; ".join(part for part in _SAYERS[outcome.instrument](case, outcome) if part)
    return Statement(
        rank=rank,
        lesion=case.focus.id if case.focus is not None else None,
        text=f"{site}: {parts} ({citation.paper}, {citation.locator}).",
        urgent=_URGENT in outcome.flags,
        instrument=outcome.instrument,
    )


def _order(outcome: Outcome) -> tuple[int, int, int]:
    """Return the place of an outcome among the sayings, smaller first."""
    if _URGENT in outcome.flags or _is_compression_stated(outcome):
        return 0, int(_URGENT not in outcome.flags), 0
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        return 3, 0, 0
    if outcome.score is not None:
        return 1, -max(_CATEGORIES.index(verdict) for verdict in outcome.verdicts), -outcome.score.low
    worst = max(_GRADES.index(verdict) for verdict in outcome.verdicts if verdict in _GRADES)
    return 2, int("no-statement" in outcome.requests), -worst


def _is_compression_stated(outcome: Outcome) -> bool:
    """Tell whether somebody sees a compressed cord or reports a high grade."""
    stated = {(reason.finding, value) for reason in outcome.reasons for value in reason.value.split(" | ")}
    return not stated.isdisjoint(_COMPRESSION)


def _sins(_: Case, outcome: Outcome) -> Iterable[str]:
    """Say a SINS."""
    if outcome.score is None:
        yield "SINS not applicable: a benign diagnosis is reported and no malignancy is stated"
        return
    categories = _or(_words(verdict) for verdict in outcome.verdicts)
    yield f"SINS {_figure(outcome.score)} of {outcome.score.of}: {categories}"
    yield _missing(outcome, _words)
    yield _settling(outcome, _words, "category")
    yield from _notes(outcome)


def _figure(score: Score) -> str:
    """Write the totals that are still attainable."""
    if len(score.attainable) <= 2:  # noqa: PLR2004 - one total, or one of two
        return _or(str(total) for total in score.attainable)
    return f"{score.low} to {score.high}"


def _escc(case: Case, outcome: Outcome) -> Iterable[str]:
    """Say an ESCC; below the conus it speaks of the thecal sac, not of the cord."""
    wholly_below = is_wholly_below_conus(case)

    def words(finding: str) -> str:
        """Name a finding or sign at this level."""
        return _words(finding).replace("spinal cord", "thecal sac / cauda equina") if wholly_below else _words(finding)

    if outcome.applicability is Applicability.NOT_APPLICABLE:
        yield "ESCC not applicable: a benign diagnosis is reported and no malignancy is stated"
        yield f"time-critical: {words('cord-compression')} is stated or not excluded" if _URGENT in outcome.flags else ""
        return
    yield _grade(outcome)
    if _URGENT in outcome.flags:
        sure = "low-grade" not in outcome.verdicts
        yield f"time-critical: {words('cord-compression')}" + ("" if sure else " not stated, but no CSF is visible")
    yield _missing(outcome, words)
    yield _settling(outcome, words, "band" if len(_bands(outcome)) > 1 else "grade")
    yield from _notes(outcome)
    yield "partly below the conus" if "below-conus" in outcome.flags and not wholly_below else ""


def _grade(outcome: Outcome) -> str:
    """Write the grades that are still possible, and their band."""
    if "no-statement" in outcome.requests:
        return "ESCC open: nothing epidural is stated, every grade is possible"
    grades = [verdict for verdict in outcome.verdicts if verdict in _GRADES]
    named = _or(verdict.removeprefix("grade-") for verdict in grades)
    bands = _bands(outcome)
    band = "band open, low or high grade" if len(bands) > 1 else _words(bands[0])
    convention = ", 1c counted as low grade" if "grade-1c" in grades and _HIGH not in bands else ""
    return f"ESCC grade {named}: {band}{convention}"


def _bands(outcome: Outcome) -> tuple[str, ...]:
    """Return the bands that are still possible."""
    return tuple(verdict for verdict in outcome.verdicts if verdict not in _GRADES)


def _words(code: str) -> str:
    """Write a code as words."""
    return _WORDS.get(code, code.replace("-", " "))


def _missing(outcome: Outcome, words: Callable[[str], str]) -> str:
    """Name what is not assessed; empty = nothing."""
    return f"missing {', '.join(words(finding) for finding in outcome.missing)}" if outcome.missing else ""


def _settling(outcome: Outcome, words: Callable[[str], str], what: str) -> str:
    """Name the smallest sets that would settle it; empty = none is needed or none would."""
    if not outcome.decisive:
        return ""
    if len(outcome.decisive) == 1 and set(outcome.decisive[0]) == set(outcome.missing):
        return f"knowing {_all_of(len(outcome.missing))} would settle the {what}"
    smallest = [chosen for chosen in outcome.decisive if len(chosen) == len(outcome.decisive[0])]
    return f"knowing {', or '.join(_and(words(finding) for finding in chosen) for chosen in smallest)} would settle the {what}"


def _all_of(count: int) -> str:
    """Name all of so many things."""
    return {1: "it", 2: "both"}.get(count, f"all {count}")


def _notes(outcome: Outcome) -> Iterable[str]:
    """Say recommendations and flags."""
    raised = {*outcome.recommendations, *outcome.flags}
    return (note for code, note in _NOTES.items() if code in raised)


def _and(words: Iterable[str]) -> str:
    """Join words by commas and a last `and`."""
    return _joined(tuple(words), "and")


def _or(words: Iterable[str]) -> str:
    """Join words by commas and a last `or`."""
    return _joined(tuple(words), "or")


def _joined(words: tuple[str, ...], last: str) -> str:
    """Join words by commas, the last two by a word."""
    *before, end = words
    return f"{', '.join(before)} {last} {end}" if before else end


_SAYERS: Final[Mapping[str, Callable[[Case, Outcome], Iterable[str]]]] = {"sins": _sins, "escc": _escc}
"""How each instrument is said."""
