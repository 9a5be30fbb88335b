"""Sentences made of an outcome's codes; RiskAssessment and narrative say the same words."""

from collections.abc import Iterable
from typing import Final

from service.model.outcome import Applicability, Citation, Outcome, Reason, Score
from service.resources.answer import Answer, words_of
from service.resources.emission import Emission

PATIENT: Final = "Patient"
"""What stands for the lesion in sayings over all lesions."""

_APPLICABILITY: Final = {
    Applicability.NOT_APPLICABLE: "not applicable",
    Applicability.UNKNOWN: "applicability unknown",
}


def answer_text(outcome: Outcome, answer: Answer, emission: Emission) -> str:
    """Say the verdict, or which ones remain: `Category open: Stable (SINS 0-6) or Potentially unstable (SINS 7-12)`."""
    verdicts = either([words_of(outcome, verdict, emission) for verdict in answer.verdicts])
    if answer.unsettled is None:
        return verdicts
    return f"{emission.display(outcome.instrument, answer.unsettled)}: {verdicts}"


def applicability_text(outcome: Outcome) -> str:
    """Say that the instrument does not apply or that nobody knows; empty = it applies."""
    return _APPLICABILITY.get(outcome.applicability, "")


def score_text(score: Score) -> str:
    """Say a total: `8` or `8 to 14`."""
    return span(score.low, score.high)


def reasons_text(outcome: Outcome, emission: Emission) -> str:
    """Say what the outcome rests on: `vertebral level T12 (3 points), spinal pain not assessed (0 to 3 points)`; may be empty."""
    return ", ".join(_reason_text(reason, emission) for reason in outcome.reasons)


def missing_text(outcome: Outcome, emission: Emission) -> str:
    """Name what was not assessed and could change the result; empty = nothing."""
    return ", ".join(emission.word(finding) for finding in outcome.missing)


def decisive_text(outcome: Outcome, emission: Emission) -> str:
    """Name the smallest sets of findings that would settle it: `spinal pain with alignment, or vertebral level`; may be empty."""
    return ", or ".join(" with ".join(emission.word(finding) for finding in each) for each in outcome.decisive)


def displays_text(outcome: Outcome, codes: Iterable[str], emission: Emission) -> str:
    """Say flags, recommendations or requests; empty = none."""
    return "; ".join(words_of(outcome, code, emission) for code in codes)


def citation_text(citation: Citation) -> str:
    """Name a printed place: `Montoya-Bordon 2023, Table 3`."""
    return f"{citation.paper}, {citation.locator}" if citation.locator else citation.paper


def either(words: list[str]) -> str:
    """Join alternatives: `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def span(low: int, high: int) -> str:
    """Write two bounds, or the one number they hold."""
    return str(low) if low == high else f"{low} to {high}"


def sentence(text: str) -> str:
    """Close a saying with a full stop unless it has an end of its own."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def without_site(text: str, site: str) -> str:
    """Drop the site that a statement begins with: it is said once for all of them."""
    return text.removeprefix(f"{site}: ")


def _reason_text(reason: Reason, emission: Emission) -> str:
    value = " or ".join(emission.word(each) for each in reason.value.split(" | "))
    said = f"{emission.word(reason.finding)} {'not assessed' if value == 'not-assessed' else value}"
    if reason.points is not None:
        said += f" ({span(*reason.points)} {'point' if reason.points == (1, 1) else 'points'})"
    if reason.direction is not None:
        said += f" ({reason.direction})"
    return said
