"""Provenances: one for each version of a RiskAssessment that an EHR holds, planned in the transaction that notes the delivery."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from service.storage.clock import InstantNow
from service.storage.tables import provenance
from service.storage.terms import AssessmentId, DeliveryState
from service.storage.writing import insert_once


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedProvenance:
    """The Provenance of one delivered assessment.

    Attributes:
        assessment_id: what was delivered.
        recorded_at: Provenance.recorded, the same on every repeat.
        state: pending, delivered, dead (refused for good) or none (the EHR offers no way to write it).
        reason: our sentence for why there is none; None = there is one, or it is pending.
        ehr_reference: where the EHR holds it (`Provenance/9`); None = it does not.
        method: how it was written; None = it was not.
        http_status, answer: of the EHR's last answer; None = none yet.
    """

    assessment_id: AssessmentId
    recorded_at: datetime
    state: DeliveryState
    reason: str | None
    ehr_reference: str | None
    method: str | None
    http_status: int | None
    answer: bytes | None


_PLAN: Final = {
    name: add.values(state=DeliveryState.PENDING, updated_at=InstantNow())
    for name, add in insert_once(provenance, provenance.c.assessment_id, provenance.c.assessment_id).items()
}
_GET: Final = select(*(provenance.c[field.name] for field in fields(PlannedProvenance))).where(
    provenance.c.assessment_id == bindparam("id")
)
_ANSWERED: Final = ("state", "reason", "ehr_reference", "method", "http_status", "answer")
_MARK: Final = (
    update(provenance)
    .where(provenance.c.assessment_id == bindparam("id"))
    .values({name: bindparam(name) for name in _ANSWERED} | {"updated_at": InstantNow()})
)


class Provenances:
    """The Provenances of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def plan(self, assessment_id: AssessmentId, recorded_at: datetime) -> None:
        """Note that a delivered assessment is to have a Provenance; planning it again changes nothing."""
        row = {"assessment_id": assessment_id, "recorded_at": recorded_at}
        self._connection.execute(_PLAN[self._connection.dialect.name], row)

    def get(self, assessment_id: AssessmentId) -> PlannedProvenance | None:
        """Return the Provenance of an assessment; None = none was planned."""
        row = self._connection.execute(_GET, {"id": assessment_id}).one_or_none()
        return None if row is None else PlannedProvenance(**row._mapping)  # noqa: SLF001 (public in spite of its name)

    def mark(
        self,
        assessment_id: AssessmentId,
        state: DeliveryState,
        *,
        reason: str | None = None,
        ehr_reference: str | None = None,
        method: str | None = None,
        http_status: int | None = None,
        answer: bytes | None = None,
    ) -> None:
        """Say what became of it; every field but `recorded_at` is replaced.

        Args:
            assessment_id: the assessment that it is about.
            state: how far it came.
            reason: our sentence for why, without patient data; None = nothing to explain.
            ehr_reference: of the Provenance in the EHR; None = there is none.
            method: of the last exchange; None = there was none.
            http_status: of its answer; None = there was none.
            answer: body of the answer; None = there was none.
        """
        row = {
            "id": assessment_id,
            "state": state,
            "reason": reason,
            "ehr_reference": ehr_reference,
            "method": method,
            "http_status": http_status,
            "answer": answer,
        }
        self._connection.execute(_MARK, row)
