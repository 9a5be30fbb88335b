"""The assessment: all outcomes for one report version."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.model.case import Case
from service.model.coded import Issue, Report
from service.model.finding import Unmapped
from service.model.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One saying, ordered, shown alike everywhere.

    Attributes:
        rank: 1 = first to be read.
        lesion: lesion id; None = the patient.
        text: begins with the site (`T12: ..`).
        urgent: time-critical.
        instrument: key of the instrument it comes from.
    """

    rank: int
    lesion: str | None
    text: str
    urgent: bool
    instrument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Everything whose change may change an outcome.

    Attributes:
        service: version of this package.
        ruleset: version of the catalogue as a whole.
        mappings: content hash of the loaded mapping tables.
        instruments: version by instrument key.
    """

    service: str
    ruleset: str
    mappings: str
    instruments: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One stored result; never changed after storage.

    Attributes:
        id: our id of this version (UUID text).
        series: id of the RiskAssessment that every assessment of the report updates.
        hospital: slug.
        status: preliminary, final, amended, corrected or entered-in-error.
        report: the assessed report.
        supersedes: id of the assessment it replaces; None = the first.
        assessed_at: instant in UTC, ISO 8601 with `Z`.
        versions: as above.
        case: lesions, study and patient findings; None = withdrawn.
        lesion_outcomes: outcomes by lesion id, in catalogue order.
        patient_outcomes: outcomes over all lesions.
        statements: ordered sayings.
        unmapped, issues: what was not understood, what must be said.
        read: (reference, version) of every resource read.
    """

    id: str
    series: str
    hospital: str
    status: str
    report: Report
    supersedes: str | None
    assessed_at: str
    versions: Versions
    case: Case | None
    lesion_outcomes: Mapping[str, tuple[Outcome, ...]]
    patient_outcomes: tuple[Outcome, ...]
    statements: tuple[Statement, ...]
    unmapped: tuple[Unmapped, ...]
    issues: tuple[Issue, ...]
    read: tuple[tuple[str, str | None], ...]
