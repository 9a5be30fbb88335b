"""What is said of the comparison of an indolent enhancing lesion with metastasis."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, figure, missing, notes
from service.instrument import says_something
from service.instruments.iesl import REASONS_AGAINST
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_TUMOUR: Final = "malignant-primary-brain-tumour"
_PATTERNS: Final[Mapping[str, str]] = {
    "favours-metastasis": "favours metastasis",
    "indeterminate": "indeterminate",
    "favours-iesl": "favours an indolent lesion",
}
"""Every pattern in words, first to be read first."""

_NOTES: Final[Mapping[str, str]] = {
    "small-sample": "12 patients only",
    "sign-not-seen-in-iesl": "a sign that no indolent lesion showed",
    "blastic-primary": "density adds nothing beside a medulloblastoma",
    "osteonecrosis-signs": "signs of osteonecrosis",
    "outside-cohort-treatment": "whole-spine irradiation not recorded",
    "close-follow-up": "close follow-up rather than aggressive work-up",
    "follow-up-pointer-suppressed": "not a reason to wait, see the caveats",
}


def _words(case: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        yield f"IESL comparison not applicable: {', '.join(_against(outcome))}"
        yield _pattern(outcome)
        return
    yield f"IESL comparison: {_pattern(outcome)}"
    if outcome.applicability is Applicability.UNKNOWN and not says_something(case.known(_TUMOUR)):
        yield "no conclusion: it is made for lesions after a treated malignant primary brain tumour, and none is stated"
        return
    if outcome.applicability is Applicability.UNKNOWN:
        yield "no conclusion, because the criteria of applicability are not all known"
    if outcome.probability is not None:
        yield f"probability of an indolent lesion {figure(outcome.probability)} for the stated prior"
    yield missing(outcome)
    yield from notes(outcome, _NOTES)


def _against(outcome: Outcome) -> Iterable[str]:
    """Yield why the comparison does not apply."""
    closed = {reason.finding for reason in outcome.reasons if reason.direction == "criterion not met"}
    return (words for finding, words in REASONS_AGAINST.items() if finding in closed)


def _pattern(outcome: Outcome) -> str:
    """Write the patterns still possible and the ratio with its interval."""
    named = either(words for verdict, words in _PATTERNS.items() if verdict in outcome.verdicts)
    ratio = outcome.likelihood_ratio
    if ratio is None:
        return f"pattern {named}"
    return f"pattern {named}, likelihood ratio {figure(ratio.value)} (95 % {figure(ratio.low)} to {figure(ratio.high)})"


def _order(outcome: Outcome) -> Order:
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        return Tier.NOT_APPLICABLE, 0, 0
    return Tier.NATURE, min(list(_PATTERNS).index(verdict) for verdict in outcome.verdicts), 0


SAYER: Final = Sayer(words=_words, order=_order)
