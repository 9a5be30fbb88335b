"""Sentences made of an outcome's codes; RiskAssessment and narrative say the same words.

Remembered by their codes: both renderings and most reports say the same few sentences.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from service.model.finding import Unmapped
from service.model.outcome import Applicability, Citation, Outcome, Score
from service.resources.answer import BELOW_CONUS, Answer, words_at
from service.resources.emission import Emission

_NAMED: Final = 20
"""Codes that a note names before it counts the rest."""

PATIENT: Final = "Patient"
"""What stands for the lesion in sayings over all lesions."""

_APPLICABILITY: Final = {
    Applicability.NOT_APPLICABLE: "not applicable",
    Applicability.UNKNOWN: "applicability unknown",
}


def answer_text(outcome: Outcome, answer: Answer, emission: Emission) -> str:
    """Say the verdict, or which ones remain: `Category open: Stable (SINS 0-6) or Potentially unstable (SINS 7-12)`."""
    return _answer_text(outcome.instrument, answer, emission, below_conus=BELOW_CONUS in outcome.flags)


@lru_cache(maxsize=1024)
def _answer_text(instrument: str, answer: Answer, emission: Emission, *, below_conus: bool) -> str:
    verdicts = either([words_at(instrument, verdict, emission, below_conus=below_conus) for verdict in answer.verdicts])
    if answer.unsettled is None:
        return verdicts
    return f"{emission.display(instrument, answer.unsettled)}: {verdicts}"


def applicability_text(outcome: Outcome) -> str:
    """Say that the instrument does not apply or that nobody knows; empty = it applies."""
    return _APPLICABILITY.get(outcome.applicability, "")


def score_text(score: Score) -> str:
    """Say a total: `8` or `8 to 14`."""
    return span(score.low, score.high)


def reasons_text(outcome: Outcome, emission: Emission) -> str:
    """Say what the outcome rests on: `vertebral level T12 (3 points), spinal pain not assessed (0 to 3 points)`; may be empty."""
    return ", ".join(
        [
            _reason_text(reason.finding, reason.value, reason.points, reason.direction, kappa=reason.kappa, emission=emission)
            for reason in outcome.reasons
        ]
    )


def missing_text(outcome: Outcome, emission: Emission) -> str:
    """Name what was not assessed and could change the result; empty = nothing."""
    return _missing_text(outcome.missing, emission)


@lru_cache(maxsize=1024)
def _missing_text(missing: tuple[str, ...], emission: Emission) -> str:
    return ", ".join(emission.word(finding) for finding in missing)


def decisive_text(outcome: Outcome, emission: Emission) -> str:
    """Name the smallest sets of findings that would settle it: `spinal pain with alignment, or vertebral level`; may be empty."""
    return _decisive_text(outcome.decisive, emission)


@lru_cache(maxsize=1024)
def _decisive_text(decisive: tuple[tuple[str, ...], ...], emission: Emission) -> str:
    return ", or ".join(" with ".join(emission.word(finding) for finding in each) for each in decisive)


def displays_text(outcome: Outcome, codes: tuple[str, ...], emission: Emission) -> str:
    """Say flags, recommendations or requests; empty = none."""
    return _displays_text(outcome.instrument, codes, emission, below_conus=BELOW_CONUS in outcome.flags) if codes else ""


@lru_cache(maxsize=1024)
def _displays_text(instrument: str, codes: tuple[str, ...], emission: Emission, *, below_conus: bool) -> str:
    return "; ".join(words_at(instrument, code, emission, below_conus=below_conus) for code in codes)


def citation_text(citation: Citation) -> str:
    """Name a printed place: `Montoya-Bordon 2023, Table 3`."""
    return f"{citation.paper}, {citation.locator}" if citation.locator else citation.paper


def either(words: list[str]) -> str:
    """Join alternatives: `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def span(low: int, high: int) -> str:
    """Write two bounds, or the one number they hold."""
    return str(low) if low == high else f"{low} to {high}"


def not_understood_text(unmapped: Iterable[Unmapped]) -> str:
    """Name the codes that were not used, each with its reason, the first ones in full; empty = none."""
    named = list(dict.fromkeys(f"{each.code or 'without code'} ({each.reason})" for each in unmapped))
    if not named:
        return ""
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"Not understood or not used: {', '.join(named[:_NAMED])}{more}."


def sentence(text: str) -> str:
    """Close a saying with a full stop unless it has an end of its own."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def without_site(text: str, site: str) -> str:
    """Drop the site that a statement begins with: it is said once for all of them."""
    return text.removeprefix(f"{site}: ")


@lru_cache(maxsize=4096)
def _reason_text(
    finding: str,
    alternatives: str,
    points: tuple[int, int] | None,
    direction: str | None,
    *,
    kappa: float | None,
    emission: Emission,
) -> str:
    value = " or ".join(emission.word(each) for each in alternatives.split(" | "))
    said = f"{emission.word(finding)} {'not assessed' if value == 'not-assessed' else value}"
    if points is not None:
        agreement = "" if kappa is None else f", kappa {kappa}"
        said += f" ({span(*points)} {'point' if points == (1, 1) else 'points'}{agreement})"
    if direction is not None:
        said += f" ({direction})"
    return said
