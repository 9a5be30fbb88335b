"""SINS alone does not call for consultation: said only when nothing else can."""

from dataclasses import replace
from typing import Final

from service.assessment.assessed import Assessed
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome

_FLAG: Final = "no-surgical-consultation"
_NOTHING_CALLS: Final = frozenset({"stable"})
_BANDS: Final = frozenset({"low-grade", "high-grade"})


def qualify(case: Case, assessed: Assessed) -> Assessed:
    """Flag a SINS that calls for no consultation, unless ESCC or the nervous system may.

    Never a recommendation. Not shown when ESCC is high or open, or a neurological deficit is present or not denied.

    Source: clinical rules 2, "Enumerate all sums" (ours).
    """
    if case.known("neurological-deficit").state is not State.ABSENT:
        return assessed
    return assessed.with_lesions(lambda _, outcomes: _qualified(outcomes))


def _qualified(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    low = any(outcome.instrument == "escc" and _BANDS.intersection(outcome.verdicts) == {"low-grade"} for outcome in outcomes)
    return tuple(_flagged(outcome) if low and _calls_for_nothing(outcome) else outcome for outcome in outcomes)


def _calls_for_nothing(outcome: Outcome) -> bool:
    """Tell whether this is an applicable SINS whose every attainable total is stable."""
    applicable = outcome.instrument == "sins" and outcome.applicability is Applicability.APPLICABLE
    return applicable and _NOTHING_CALLS.issuperset(outcome.verdicts)


def _flagged(outcome: Outcome) -> Outcome:
    """Return the outcome with the flag, flags in order."""
    return replace(outcome, flags=tuple(sorted((*outcome.flags, _FLAG))))
