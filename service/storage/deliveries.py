"""Deliveries: what was sent to the EHR for an assessment, what it answered, and which resource it holds for a series."""

from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.model.hospital import HospitalSlug
from service.storage.clock import InstantNow
from service.storage.tables import assessment, delivery, ehr_resource
from service.storage.terms import AssessmentId, DeliveryState, SeriesId
from service.storage.writing import insert_once


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One assessment on its way to the EHR.

    Attributes:
        assessment_id: what is delivered.
        series, hospital: of that assessment.
        state: what became of it.
        method: how it was sent (`PUT`, `conditional-update`, ..); None = not sent.
        ehr_reference, ehr_version: where the EHR holds it; None = it does not, or did not say.
        http_status: of the last answer; None = none yet.
        sent, answer: bodies of the last exchange; None = none.
        reason: our sentence for why it failed; None = it did not.
    """

    assessment_id: AssessmentId
    series: SeriesId
    hospital: HospitalSlug
    state: DeliveryState
    method: str | None
    ehr_reference: str | None
    ehr_version: str | None
    http_status: int | None
    sent: bytes | None
    answer: bytes | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrResource:
    """The resource that the EHR holds for a series; version None = the EHR gives none."""

    series: SeriesId
    ehr_id: str
    ehr_version: str | None


_ANY: Final = select(*(delivery.c[field.name] for field in fields(Delivery)))
_PLAN: Final = {
    name: add.values(state=DeliveryState.PENDING, planned_at=InstantNow(), updated_at=InstantNow())
    for name, add in insert_once(delivery, delivery.c.assessment_id, delivery.c.assessment_id).items()
}
_GET: Final = _ANY.where(delivery.c.assessment_id == bindparam("id"))
_CURRENT: Final = (
    _ANY.join_from(delivery, assessment)
    .where(delivery.c.series == bindparam("series"))
    .order_by(assessment.c.version.desc())
    .limit(1)
)
_ANSWERED: Final = ("state", "method", "ehr_reference", "ehr_version", "http_status", "sent", "answer", "reason")
_MARK: Final = (
    update(delivery)
    .where(delivery.c.assessment_id == bindparam("id"))
    .values({name: bindparam(name) for name in _ANSWERED} | {"updated_at": InstantNow()})
)
_NEWER: Final = assessment.alias("newer")
_OLDER: Final = (
    select(assessment.c.id)
    .join(_NEWER, (_NEWER.c.series == assessment.c.series) & (_NEWER.c.version > assessment.c.version))
    .where(_NEWER.c.id == bindparam("id"))
)
_SUPERSEDE: Final = (
    update(delivery)
    .where(delivery.c.series == bindparam("of_series"), delivery.c.assessment_id.in_(_OLDER))
    .where(delivery.c.state.in_([DeliveryState.PENDING, DeliveryState.DEAD]))
    .values(state=DeliveryState.SUPERSEDED, updated_at=InstantNow())
)
_RESOURCE: Final = select(ehr_resource).where(ehr_resource.c.series == bindparam("series"))
_REMEMBER: Final = {
    "sqlite": (known := sqlite.insert(ehr_resource)).on_conflict_do_update(
        index_elements=[ehr_resource.c.series],
        set_={"ehr_id": known.excluded.ehr_id, "ehr_version": known.excluded.ehr_version},
    ),
    "postgresql": (seen := postgresql.insert(ehr_resource)).on_conflict_do_update(
        index_elements=[ehr_resource.c.series],
        set_={"ehr_id": seen.excluded.ehr_id, "ehr_version": seen.excluded.ehr_version},
    ),
}


class Deliveries:
    """The deliveries of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def plan(self, assessment_id: AssessmentId, series: SeriesId, hospital: HospitalSlug) -> None:
        """Note that an assessment is to be delivered; planning it again changes nothing."""
        row = {"assessment_id": assessment_id, "series": series, "hospital": hospital}
        self._connection.execute(_PLAN[self._connection.dialect.name], row)

    def get(self, assessment_id: AssessmentId) -> Delivery | None:
        """Return the delivery of an assessment; None = none was planned."""
        row = self._connection.execute(_GET, {"id": assessment_id}).one_or_none()
        return None if row is None else Delivery(**row._mapping)  # noqa: SLF001 (public in spite of its name)

    def current(self, series: SeriesId) -> Delivery | None:
        """Return the delivery of the newest assessment for which one was planned; None = none."""
        row = self._connection.execute(_CURRENT, {"series": series}).one_or_none()
        return None if row is None else Delivery(**row._mapping)  # noqa: SLF001 (as above)

    def mark(
        self,
        assessment_id: AssessmentId,
        state: DeliveryState,
        *,
        ehr_reference: str | None = None,
        ehr_version: str | None = None,
        method: str | None = None,
        http_status: int | None = None,
        sent: bytes | None = None,
        answer: bytes | None = None,
        reason: str | None = None,
    ) -> None:
        """Say what became of a delivery; every field is replaced.

        Args:
            assessment_id: the delivered assessment.
            state: how far it came.
            ehr_reference: of the resource in the EHR; None = there is none.
            ehr_version: of the resource in the EHR; None = the EHR gives none.
            method: of the last exchange; None = there was none.
            http_status: of its answer; None = there was none.
            sent: the body that was sent; None = nothing was.
            answer: body of the answer; None = there was none.
            reason: our sentence for why, without patient data; None = nothing to explain.
        """
        row = {
            "id": assessment_id,
            "state": state,
            "method": method,
            "ehr_reference": ehr_reference,
            "ehr_version": ehr_version,
            "http_status": http_status,
            "sent": sent,
            "answer": answer,
            "reason": reason,
        }
        self._connection.execute(_MARK, row)

    def supersede_older(self, series: SeriesId, assessment_id: AssessmentId) -> None:
        """Mark every pending or dead delivery of an older version as superseded by this one."""
        self._connection.execute(_SUPERSEDE, {"of_series": series, "id": assessment_id})

    def ehr_resource(self, series: SeriesId) -> EhrResource | None:
        """Return what the EHR holds for a series; None = nothing that we know of."""
        row = self._connection.execute(_RESOURCE, {"series": series}).one_or_none()
        return None if row is None else EhrResource(**row._mapping)  # noqa: SLF001 (as above)

    def remember(self, series: SeriesId, ehr_id: str, ehr_version: str | None) -> None:
        """Remember the resource that the EHR holds for a series, in place of what was remembered.

        Version None = the EHR gives none.
        """
        row = {"series": series, "ehr_id": ehr_id, "ehr_version": ehr_version}
        self._connection.execute(_REMEMBER[self._connection.dialect.name], row)
