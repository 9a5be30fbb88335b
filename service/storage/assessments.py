"""Assessments: immutable versions of what was computed for a report, each superseding the one before."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Select, bindparam, func, insert, select

from service.model.hospital import HospitalSlug
from service.storage.tables import assessment, assessment_outcome, assessment_read
from service.storage.terms import AssessmentId, DossierId, ReleaseId, SeriesId
from service.storage.writing import insert_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRow:
    """What is stored of one version of an assessment.

    Attributes:
        id: of this version.
        series: of all versions for the report.
        version: 1, 2, .. within the series.
        hospital: whose patient it is.
        subject: `Patient/9`; None = not stated.
        encounter: `Encounter/3`; None = not stated.
        report_reference: `DiagnosticReport/7`; None = the report has no id.
        report_identity: what makes two receipts speak of the same report.
        report_version: meta.versionId; None = none.
        report_last_updated: meta.lastUpdated as sent; None = none.
        report_said_at: effective, else issued instant; None = not stated.
        status: preliminary, final, amended, corrected or entered-in-error.
        supersedes: the version before; None = the first.
        input_hash: of everything that can change the result.
        dossier_id: the bytes it was computed from.
        ruleset: version of the catalogue.
        mappings_release: content hash of the mapping tables.
        assessed_at: aware instant.
        content: canonical Assessment JSON.
        resource: RiskAssessment JSON without the basis that depends on the EHR it goes to.
    """

    id: AssessmentId
    series: SeriesId
    version: int
    hospital: HospitalSlug
    subject: str | None
    encounter: str | None = None
    report_reference: str | None
    report_identity: str
    report_version: str | None
    report_last_updated: str | None
    report_said_at: datetime | None
    status: str
    supersedes: AssessmentId | None
    input_hash: str
    dossier_id: DossierId
    ruleset: str
    mappings_release: ReleaseId
    assessed_at: datetime
    content: bytes
    resource: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAssessment(AssessmentRow):
    """A version to be stored, with the rows by which it is found again.

    Attributes:
        outcomes: (lesion id or None for the patient, instrument, outcome code).
        read: (reference, version or None) of every resource read.
    """

    outcomes: tuple[tuple[str | None, str, str], ...]
    read: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAssessment(AssessmentRow):
    """A stored version.

    Attributes:
        feed_position: its place in the change feed; None = not numbered yet.
    """

    feed_position: int | None


_COLUMNS: Final = [assessment.c[field.name] for field in fields(StoredAssessment)]
_ADD: Final = insert(assessment)
_ADD_OUTCOMES: Final = insert_rows(assessment_outcome)
_ADD_READ: Final = insert_rows(assessment_read)
_LOCK: Final = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("series"), 0)))
_ANY: Final = select(*_COLUMNS)
_GET: Final = _ANY.where(assessment.c.id == bindparam("id"))
_HISTORY: Final = _ANY.where(assessment.c.series == bindparam("series")).order_by(assessment.c.version.desc())
_LATEST: Final = _HISTORY.limit(1)
_VERSION: Final = _HISTORY.where(assessment.c.version == bindparam("version"))
_FIND: Final = _HISTORY.where(assessment.c.input_hash == bindparam("input_hash")).limit(1)
_SUCCESSOR: Final = select(assessment.c.id).where(assessment.c.supersedes == bindparam("id"))
_LATER: Final = assessment.alias("later")
_NEWEST: Final = (
    _ANY.where(assessment.c.hospital == bindparam("hospital"))
    .where(~select(1).where(_LATER.c.series == assessment.c.series, _LATER.c.version > assessment.c.version).exists())
    .order_by(assessment.c.assessed_at, assessment.c.id)
)
_OF_SUBJECT: Final = _NEWEST.where(assessment.c.subject == bindparam("subject"))
_OF_REPORT: Final = _NEWEST.where(assessment.c.report_reference == bindparam("report"))
_HAVING_READ: Final = _NEWEST.where(
    assessment.c.id.in_(select(assessment_read.c.assessment_id).where(assessment_read.c.reference == bindparam("reference")))
)
_READ_AT: Final = select(assessment_read.c.version).where(
    assessment_read.c.assessment_id == bindparam("id"), assessment_read.c.reference == bindparam("reference")
)


class Assessments:
    """The assessments of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def lock(self, series: SeriesId) -> None:
        """Let nobody else write this series until the transaction ends (SQLite has one writer anyway)."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK, {"series": series})

    def add(self, new: NewAssessment) -> None:
        """Store a version and the rows by which it is found.

        Raises:
            ConflictError: the series has this version already, or the version before has another successor.
        """
        self._connection.execute(_ADD, {field.name: getattr(new, field.name) for field in fields(AssessmentRow)})
        outcomes = [(new.id, place, *row) for place, row in enumerate(new.outcomes)]
        read = [(new.id, place, *row) for place, row in enumerate(new.read)]
        for add, rows in ((_ADD_OUTCOMES, outcomes), (_ADD_READ, read)):
            if rows:
                self._connection.exec_driver_sql(add[self._connection.dialect.name], rows)

    def get(self, assessment_id: AssessmentId) -> StoredAssessment | None:
        """Return a version by its id; None = there is none."""
        return self._one(_GET, {"id": assessment_id})

    def latest(self, series: SeriesId) -> StoredAssessment | None:
        """Return the newest version; None = there is none."""
        return self._one(_LATEST, {"series": series})

    def version(self, series: SeriesId, version: int) -> StoredAssessment | None:
        """Return the n-th version; None = there is none."""
        return self._one(_VERSION, {"series": series, "version": version})

    def find(self, series: SeriesId, input_hash: str) -> StoredAssessment | None:
        """Return the newest version that was computed from the same input; None = there is none."""
        return self._one(_FIND, {"series": series, "input_hash": input_hash})

    def history(self, series: SeriesId) -> tuple[StoredAssessment, ...]:
        """Return every version, newest first."""
        return self._all(_HISTORY, {"series": series})

    def of_subject(self, hospital: HospitalSlug, subject: str) -> tuple[StoredAssessment, ...]:
        """Return the newest version of every report of a patient, in order of assessment."""
        return self._all(_OF_SUBJECT, {"hospital": hospital, "subject": subject})

    def of_report(self, hospital: HospitalSlug, reference: str) -> tuple[StoredAssessment, ...]:
        """Return the newest version of every report that was assessed under a reference (`DiagnosticReport/7`)."""
        return self._all(_OF_REPORT, {"hospital": hospital, "report": reference})

    def versions_read(self, assessment_id: AssessmentId, reference: str) -> frozenset[str | None]:
        """Return in which versions a resource was read for an assessment; empty = it was not read."""
        return frozenset(self._connection.execute(_READ_AT, {"id": assessment_id, "reference": reference}).scalars())

    def having_read(self, hospital: HospitalSlug, reference: str) -> tuple[StoredAssessment, ...]:
        """Return the newest versions that were made with a resource (`Observation/7`), in order of assessment."""
        return self._all(_HAVING_READ, {"hospital": hospital, "reference": reference})

    def successor(self, assessment_id: AssessmentId) -> AssessmentId | None:
        """Return the id of the version that superseded this one; None = it is the newest."""
        return self._connection.execute(_SUCCESSOR, {"id": assessment_id}).scalar_one_or_none()

    def _one(self, statement: Select[*tuple[object, ...]], values: Mapping[str, object]) -> StoredAssessment | None:
        row = self._connection.execute(statement, values).one_or_none()
        return None if row is None else StoredAssessment(**row._mapping)  # noqa: SLF001 (public in spite of its name)

    def _all(self, statement: Select[*tuple[object, ...]], values: Mapping[str, object]) -> tuple[StoredAssessment, ...]:
        rows = self._connection.execute(statement, values)
        return tuple(StoredAssessment(**row._mapping) for row in rows)  # noqa: SLF001 (as above)
