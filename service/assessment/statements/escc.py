"""What is said of an ESCC; below the conus it speaks of the thecal sac, not of the cord."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, missing, notes, settling, words
from service.instruments.escc import is_wholly_below_conus
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_GRADES: Final = ("grade-0", "grade-1a", "grade-1b", "grade-1c", "grade-2", "grade-3")
_HIGH: Final = "high-grade"
_URGENT: Final = "urgent"
_EFFACED: Final = "csf-effaced-without-compression"
_COMPRESSION: Final = frozenset({("cord-compression", "present"), ("escc-grade", "2"), ("escc-grade", "3")})
"""Statements of compression, disputed or not."""

_DISPUTED: Final = 2
"""Place of a disputed compression among what is time-critical: after everything that is urgent."""

_NOTES: Final[Mapping[str, str]] = {
    _EFFACED: "CSF effaced without settled compression",
    "contradictory": "contradictory statements, the more severe kept",
    "reported-grade-disagrees": "the reported grade disagrees with the signs",
    "not-axial-t2": "not stated to be read on axial T2 at the worst level",
    "neoplasm-not-stated": "no neoplasm is stated, nothing follows from it",
}


def names_at(case: Case) -> Callable[[str], str]:
    """Return how findings are named at the lesion under study: where no cord is left, of the thecal sac and cauda equina."""
    if not is_wholly_below_conus(case):
        return words
    return lambda finding: words(finding).replace("spinal cord", "thecal sac / cauda equina")


def _words(case: Case, outcome: Outcome) -> Iterable[str]:
    name = names_at(case)
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        yield "ESCC not applicable: a benign diagnosis is reported and no malignancy is stated"
        yield f"time-critical: {name('cord-compression')} is stated or not excluded" if _URGENT in outcome.flags else ""
        return
    yield _grade(outcome)
    if _URGENT in outcome.flags:
        yield f"time-critical: {name('cord-compression')}{_doubt(outcome)}"
    yield missing(outcome, name)
    yield settling(outcome, _asked(outcome), name)
    yield from notes(outcome, _NOTES)
    yield "partly below the conus" if "below-conus" in outcome.flags and not is_wholly_below_conus(case) else ""


def _doubt(outcome: Outcome) -> str:
    """Say what makes compression urgent that is not sure; empty = it is."""
    if "low-grade" not in outcome.verdicts:
        return ""
    return f" {'disputed' if _is_compression_stated(outcome) else 'not stated'}, but no CSF is visible"


def _asked(outcome: Outcome) -> str:
    """Say what the missing findings would settle; beside effaced CSF a denied compression leaves the band open for good."""
    if len(_bands(outcome)) < 2:  # noqa: PLR2004 - the band is settled
        return "grade"
    return f"band{', unless compression is denied' if _EFFACED in outcome.flags else ''}"


def _grade(outcome: Outcome) -> str:
    """Write the grades that are still possible, and their band."""
    if "no-statement" in outcome.requests:
        return "ESCC open: nothing epidural is stated, every grade is possible"
    grades = [verdict for verdict in outcome.verdicts if verdict in _GRADES]
    named = either(verdict.removeprefix("grade-") for verdict in grades)
    bands = _bands(outcome)
    band = "band open, low or high grade" if len(bands) > 1 else words(bands[0])
    convention = ", 1c counted as low grade" if "grade-1c" in grades and _HIGH not in bands else ""
    return f"ESCC grade {named}: {band}{convention}"


def _bands(outcome: Outcome) -> tuple[str, ...]:
    """Return the bands that are still possible."""
    return tuple(verdict for verdict in outcome.verdicts if verdict not in _GRADES)


def _order(outcome: Outcome) -> Order:
    is_urgent = _URGENT in outcome.flags
    worst = max((_GRADES.index(verdict) for verdict in outcome.verdicts if verdict in _GRADES), default=0)
    if is_urgent or _is_compression_stated(outcome):
        return Tier.TIME_CRITICAL, _DISPUTED * (not is_urgent), -worst
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        return Tier.NOT_APPLICABLE, 0, 0
    return Tier.COMPRESSION, int("no-statement" in outcome.requests), -worst


def _is_compression_stated(outcome: Outcome) -> bool:
    """Tell whether somebody sees a compressed cord or reports a high grade."""
    stated = {(reason.finding, value) for reason in outcome.reasons for value in reason.value.split(" | ")}
    return not stated.isdisjoint(_COMPRESSION)


SAYER: Final = Sayer(words=_words, order=_order)
