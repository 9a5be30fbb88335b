"""Case to outcomes: the instruments of the catalogue, then the pointers that need other outcomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from service.assessment.catalogue import CATALOGUE
from service.assessment.decisive import decisive
from service.assessment.pointers import consultation, leptomeningeal
from service.evidence.tables import Tables
from service.instrument import Instrument
from service.model.case import Case
from service.model.outcome import Outcome

_LESION_POINTERS: Final[tuple[Callable[[Case, tuple[Outcome, ...]], tuple[Outcome, ...]], ...]] = (consultation.qualify,)
"""What follows from a lesion's outcomes, in this order: each takes the outcomes so far and returns them qualified or extended."""

_PATIENT_POINTERS: Final[
    tuple[Callable[[Case, Mapping[str, tuple[Outcome, ...]], tuple[Outcome, ...]], tuple[Outcome, ...]], ...]
] = (leptomeningeal.qualify,)
"""What follows for the patient from the outcomes of all lesions: each takes these and the patient's outcomes so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """Every outcome of one case.

    Attributes:
        lesion_outcomes: by lesion id, in catalogue order.
        patient_outcomes: over all lesions.
    """

    lesion_outcomes: Mapping[str, tuple[Outcome, ...]]
    patient_outcomes: tuple[Outcome, ...]


def assess(case: Case, tables: Tables) -> Assessed:
    """Run every instrument on the case, each lesion for itself.

    Args:
        case: what is known of patient, study and lesions.
        tables: evidence.
    """
    of_lesions = {lesion.id: _at_lesion(case.at(lesion), tables) for lesion in case.lesions}
    return Assessed(lesion_outcomes=of_lesions, patient_outcomes=_of_patient(case, of_lesions, tables))


def _at_lesion(case: Case, tables: Tables) -> tuple[Outcome, ...]:
    """Return the outcomes of the lesion under study."""
    outcomes = tuple(_outcome(instrument, case, tables) for instrument in CATALOGUE if instrument.scope == "lesion")
    for pointer in _LESION_POINTERS:
        outcomes = pointer(case, outcomes)
    return outcomes


def _of_patient(case: Case, of_lesions: Mapping[str, tuple[Outcome, ...]], tables: Tables) -> tuple[Outcome, ...]:
    """Return the outcomes over all lesions."""
    outcomes = tuple(_outcome(instrument, case, tables) for instrument in CATALOGUE if instrument.scope == "patient")
    for pointer in _PATIENT_POINTERS:
        outcomes = pointer(case, of_lesions, outcomes)
    return outcomes


def _outcome(instrument: Instrument, case: Case, tables: Tables) -> Outcome:
    """Run one instrument, and search what would settle its verdict while that is open."""
    outcome = instrument.assess(case, tables)
    if instrument.question is None or len(outcome.verdicts) < 2:  # noqa: PLR2004 - one verdict is settled
        return outcome
    question = instrument.question(case, tables)
    if question is None:
        return outcome
    found = decisive(question.components, question.category)
    return replace(outcome, decisive=found) if found else outcome
