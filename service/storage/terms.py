"""Ids and closed vocabularies of our rows: types that cannot be swapped, words that stand in the tables."""

from enum import StrEnum
from typing import NewType

ReceiptId = NewType("ReceiptId", str)
"""Id of an accepted trigger; also the id of its Task."""

DossierId = NewType("DossierId", str)
"""SHA-256 of a dossier's content, hexadecimal."""

AssessmentId = NewType("AssessmentId", str)
"""Id of one version of an assessment (UUID text)."""

SeriesId = NewType("SeriesId", str)
"""Id of the RiskAssessment that every assessment of one report updates."""

AnswerId = NewType("AnswerId", str)
"""Id of what somebody answered about an assessment (UUID text)."""

ReleaseId = NewType("ReleaseId", str)
"""Content hash of a stored release (mapping tables, evidence)."""

StreamKey = NewType("StreamKey", str)
"""Order key of jobs: `assess|hospital|patient`, `deliver|hospital|report`."""

JobId = NewType("JobId", int)
"""Number of a job; jobs of one stream run in the order of their numbers."""


class ReceiptKind(StrEnum):
    """How a trigger reached us."""

    WEBHOOK = "webhook"
    DIRECT = "direct"


class ReceiptState(StrEnum):
    """What became of a trigger (FHIR Task.status)."""

    REQUESTED = "requested"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    FAILED = "failed"


class DeliveryState(StrEnum):
    """What became of an assessment on its way to the EHR."""

    PENDING = "pending"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"
    DEAD = "dead"
    NONE = "none"


class JobState(StrEnum):
    """What became of a job; `done` with a last error = discarded by an operator."""

    OPEN = "open"
    DONE = "done"
    DEAD = "dead"


class AuditAction(StrEnum):
    """AuditEvent.action: create, read, update, delete, execute (searches and operations)."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"


class AuditOutcome(StrEnum):
    """AuditEvent.outcome."""

    SUCCESS = "0"
    MINOR_FAILURE = "4"
    SERIOUS_FAILURE = "8"
    MAJOR_FAILURE = "12"
