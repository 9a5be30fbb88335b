"""The four criteria of applicability: for whom the comparison may be read at all.

Source: evidence tables wu-table-1, wu-cohort; clinical rules 1 and 13 (the gates are ours, not the papers').
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.instrument import says_something
from service.instruments.iesl.scale import COHORT, PATIENTS
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability

TUMOUR: Final = "malignant-primary-brain-tumour"
CORD_TUMOUR: Final = "cord-astrocytoma-grade"
IRRADIATION: Final = "spinal-irradiation"
CHEMOTHERAPY: Final = "chemotherapy"
BASELINE: Final = "lesion-at-baseline"
AGE: Final = "age-at-lesion"

CELLS: Final[Mapping[str, str]] = {
    TUMOUR: f"{PATIENTS}: primary-tumour brain",
    CORD_TUMOUR: f"{PATIENTS}: primary-tumour brain",
    IRRADIATION: f"{PATIENTS}: whole-spine-irradiation yes",
    CHEMOTHERAPY: f"{PATIENTS}: chemotherapy yes",
    BASELINE: f"{COHORT}: lesion-at-baseline",
    AGE: f"{COHORT}: age-at-lesion",
}
"""Where it is printed who was studied, by the finding that decides it."""

REASONS_AGAINST: Final[Mapping[str, str]] = {
    TUMOUR: "no treated malignant primary brain tumour",
    CORD_TUMOUR: "an astrocytoma of the spinal cord",
    IRRADIATION: "neither spinal irradiation nor chemotherapy before",
    BASELINE: "the lesion was there on the initial imaging",
    AGE: "older than the patients of the comparison",
}
"""In words, why the comparison does not apply, by the finding that decides it."""

_WHOLE_SPINE: Final = "whole-spine"
_ABOVE_ALL: Final = Decimal("Infinity")
_BELOW_ALL: Final = Decimal("-Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """How the criteria stand.

    Attributes:
        applicability: all are met, one is not, or nobody knows.
        met: by the finding that decides it, whether a criterion is met; None = open.
        unmet: findings that close the comparison (keys of REASONS_AGAINST).
        missing: findings not assessed that would settle an open criterion.
        is_outside_cohort: True = treated, but not known to have had the whole spine irradiated, as every patient of the paper had.
    """

    applicability: Applicability
    met: Mapping[str, bool | None]
    unmet: tuple[str, ...]
    missing: tuple[str, ...]
    is_outside_cohort: bool


def criteria(case: Case, age_below: Decimal) -> Criteria:
    """Judge the four criteria for the lesion under study.

    Args:
        case: with its lesion.
        age_below: limit of the age in years.
    """
    irradiated, treated = _is_so(case.known(IRRADIATION)), _is_so(case.known(CHEMOTHERAPY))
    cord, tumour, baseline = (_is_so(case.known(finding)) for finding in (CORD_TUMOUR, TUMOUR, BASELINE))
    met = {
        TUMOUR: tumour,
        CORD_TUMOUR: None if cord is None and says_something(case.known(CORD_TUMOUR)) else not cord,
        IRRADIATION: _either(irradiated, treated),
        BASELINE: None if baseline is None else not baseline,
        AGE: _is_below(case.known(AGE), age_below),
    }
    unmet = tuple(finding for finding, is_met in met.items() if is_met is False)
    undecided = [finding for finding, is_met in met.items() if is_met is None]
    whole_spine = case.known(IRRADIATION).value == _WHOLE_SPINE
    return Criteria(
        applicability=_applicability(unmet, undecided),
        met=met,
        unmet=unmet,
        missing=() if unmet else tuple(_missing(case, undecided)),
        is_outside_cohort=not whole_spine and (met[IRRADIATION] is True or says_something(case.known(IRRADIATION))),
    )


def _applicability(unmet: tuple[str, ...], undecided: list[str]) -> Applicability:
    if unmet:
        return Applicability.NOT_APPLICABLE
    return Applicability.UNKNOWN if undecided else Applicability.APPLICABLE


def _missing(case: Case, undecided: list[str]) -> list[str]:
    asked = [finding for each in undecided for finding in ((IRRADIATION, CHEMOTHERAPY) if each == IRRADIATION else (each,))]
    return [finding for finding in asked if not says_something(case.known(finding))]


def _is_so(known: Known) -> bool | None:
    """Tell whether a finding is there in some form; None = not assessed, partly denied or disputed."""
    if known.state is State.CONFLICT:
        return None if "absent" in known.values else True
    return {State.PRESENT: True, State.ABSENT: False}.get(known.state)


def _either(one: bool | None, other: bool | None) -> bool | None:
    """Tell whether one of two holds; not holding needs both denials."""
    if one or other:
        return True
    return None if one is None or other is None else False


def _is_below(known: Known, limit: Decimal) -> bool | None:
    """Tell whether an age is below the limit; None = not stated, or it may be either."""
    if known.interval is None:
        return None
    may_be_below = known.interval.meets(_BELOW_ALL, limit)
    may_be_above = known.interval.contains(limit) or known.interval.meets(limit, _ABOVE_ALL)
    return None if may_be_below and may_be_above else may_be_below
