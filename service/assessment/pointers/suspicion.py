"""What other outcomes make one suspect, though nobody states the suspicion: compression of the cord, leptomeningeal disease.

Source: clinical rules 3, 10 and 15; that a compression which a report calls possible, or disputes, is a suspicion is this service's
reading.
"""

from collections.abc import Iterator
from typing import Final

from service.assessment.assessed import Assessed
from service.assessment.pointers.answers import reason_of_outcome
from service.instrument import is_stated
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Outcome, Reason

_URGENT: Final = "urgent"
_UNCERTAIN: Final = "uncertain-input"
_HIGH: Final = frozenset({"2", "3"})
"""Grades of compression of the cord."""


def compression(case: Case, assessed: Assessed) -> Iterator[Outcome]:
    """Yield the ESCC of every lesion where compression is suspected by the report itself.

    It is called possible, which ESCC counts as not assessed; or somebody states it, or a grade of it, and somebody else does not;
    or no CSF is visible and nobody settles it.
    """
    for lesion in case.lesions:
        at = case.at(lesion)
        stated, escc = at.known("cord-compression"), assessed.at(lesion.id, "escc")
        if escc is None or stated.state is State.PRESENT:
            continue
        if _URGENT in escc.flags or _UNCERTAIN in stated.flags or is_stated(stated) or _HIGH & set(at.known("escc-grade").values):
            yield escc


def leptomeningeal(assessed: Assessed) -> Outcome | None:
    """Return the outcome that suspects leptomeningeal disease; None = it is not suspected."""
    outcome = assessed.of_patient("leptomeningeal")
    return outcome if outcome is not None and "leptomeningeal-suspected" in outcome.verdicts else None


def reasons_of_suspicion(case: Case, assessed: Assessed, table: str) -> Iterator[Reason]:
    """Yield what the outcomes behind both suspicions are to a pointer.

    Args:
        case: the whole case.
        assessed: the outcomes of the instruments.
        table: the evidence table that names the examination.
    """
    yield from (reason_of_outcome(each, f"{table}: {each.instrument}") for each in compression(case, assessed))
    if (suspected := leptomeningeal(assessed)) is not None:
        yield reason_of_outcome(suspected, f"{table}: {suspected.instrument}")
