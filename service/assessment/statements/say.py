"""Every saying of an assessment, first to be read first: the figures are those of the outcomes, the words those of each instrument.

Never a diagnosis, never reassurance from silence: what is not stated is named as missing, and what does not apply is said.
"""

from collections.abc import Mapping
from typing import Final

from service.assessment.assessed import Assessed
from service.assessment.statements import (
    cord_astrocytoma,
    escc,
    fracture_cause,
    fracture_risk,
    iesl,
    intramedullary,
    leptomeningeal,
    lesion_nature,
    management,
    mimics,
    next_imaging,
    origin,
    sins,
    treatment_response,
)
from service.assessment.statements.saying import Order, Sayer
from service.model.assessment import Statement
from service.model.case import Case
from service.model.outcome import Outcome

SAYERS: Final[Mapping[str, Sayer]] = {
    "sins": sins.SAYER,
    "escc": escc.SAYER,
    "fracture-cause": fracture_cause.SAYER,
    "fracture-risk": fracture_risk.SAYER,
    "lesion-nature": lesion_nature.SAYER,
    "mimics": mimics.SAYER,
    "intramedullary": intramedullary.SAYER,
    "treatment-response": treatment_response.SAYER,
    "iesl": iesl.SAYER,
    "leptomeningeal": leptomeningeal.SAYER,
    "cord-astrocytoma": cord_astrocytoma.SAYER,
    "origin": origin.SAYER,
    "management": management.SAYER,
    "next-imaging": next_imaging.SAYER,
}
"""How each instrument is said."""

_URGENT: Final = "urgent"
_PATIENT: Final = "Patient"


def say(case: Case, assessed: Assessed) -> tuple[Statement, ...]:
    """Return every saying in the order of its tier, within a tier the worst first, among equals cranial to caudal.

    Nothing is summed over lesions, and an outcome that rests on no statement is not said.

    Args:
        case: the assessed case.
        assessed: its outcomes.
    """
    spoken = [(case.at(lesion), outcome) for lesion in case.lesions for outcome in assessed.lesion_outcomes[lesion.id]]
    spoken += [(case, outcome) for outcome in assessed.patient_outcomes]
    sayings = [(_order(outcome), at, outcome, text) for at, outcome in spoken if (text := _text(at, outcome))]
    sayings.sort(key=lambda saying: saying[0])
    return tuple(_statement(rank, at, outcome, text) for rank, (_, at, outcome, text) in enumerate(sayings, start=1))


def _order(outcome: Outcome) -> Order:
    return SAYERS[outcome.instrument].order(outcome)


def _text(case: Case, outcome: Outcome) -> str:
    """Write the sentence about one outcome; empty = it has nothing to say."""
    if outcome.is_silent:
        return ""
    sayer = SAYERS[outcome.instrument]
    parts = [part for part in sayer.words(case, outcome) if part]
    if not parts:
        return ""
    site = _PATIENT if case.focus is None else case.focus.site.text
    cited = "; ".join(f"{citation.paper}, {citation.locator}" for citation in sayer.cites(outcome))
    return f"{site}: {'; '.join(parts)} ({cited})."


def _statement(rank: int, case: Case, outcome: Outcome, text: str) -> Statement:
    return Statement(
        rank=rank,
        lesion=None if case.focus is None else case.focus.id,
        text=text,
        urgent=_URGENT in outcome.flags,
        instrument=outcome.instrument,
    )
