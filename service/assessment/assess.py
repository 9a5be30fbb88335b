"""Case to outcomes: the instruments of the catalogue, then the pointers that need other outcomes."""

from dataclasses import replace

from service.assessment.assessed import Assessed
from service.assessment.catalogue import CATALOGUE, POINTERS, QUALIFICATIONS
from service.assessment.decisive import decisive
from service.assessment.pointers.pointer import Pointer
from service.evidence.tables import Tables
from service.instrument import Instrument
from service.model.case import Case
from service.model.outcome import Outcome


def assess(case: Case, tables: Tables) -> Assessed:
    """Run every instrument on the case, each lesion for itself, then what follows from their outcomes.

    Args:
        case: what is known of patient, study and lesions.
        tables: evidence.
    """
    assessed = Assessed(
        lesion_outcomes={lesion.id: _at_lesion(case.at(lesion), tables) for lesion in case.lesions},
        patient_outcomes=tuple(_outcome(instrument, case, tables) for instrument in CATALOGUE if instrument.scope == "patient"),
    )
    for qualify in QUALIFICATIONS:
        assessed = qualify(case, assessed)
    for pointer in POINTERS:
        assessed = _pointed(pointer, case, assessed, tables)
    return assessed


def _at_lesion(case: Case, tables: Tables) -> tuple[Outcome, ...]:
    """Return the outcomes of the lesion under study."""
    return tuple(_outcome(instrument, case, tables) for instrument in CATALOGUE if instrument.scope == "lesion")


def _pointed(pointer: Pointer, case: Case, assessed: Assessed, tables: Tables) -> Assessed:
    """Add the outcomes of a pointer after those of the instruments."""
    if pointer.scope == "patient":
        outcome = pointer.point(case, assessed, tables)
        return replace(assessed, patient_outcomes=(*assessed.patient_outcomes, outcome))
    made = {lesion.id: pointer.point(case.at(lesion), assessed, tables) for lesion in case.lesions}
    return assessed.with_lesions(lambda lesion, outcomes: (*outcomes, made[lesion]))


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
