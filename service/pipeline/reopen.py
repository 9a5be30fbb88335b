"""A stored assessment is opened again: its dossier, and what it comes to under the rules and tables in force."""

from dataclasses import dataclass

from service.errors import ConflictError, GoneError, NotFoundError
from service.intake.opened import Opened, open_dossier
from service.model.caller import Caller
from service.model.hospital import Hospital
from service.parts import Parts
from service.pipeline.pack import unpack
from service.query import in_sight
from service.storage.assessments import StoredAssessment
from service.storage.terms import AssessmentId, AuditAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """A stored assessment and what it was made from.

    Attributes:
        row: the stored version.
        hospital: whose patient it is.
        opened: its dossier, parsed.
        successor: the version that superseded it; None = it is the newest.
    """

    row: StoredAssessment
    hospital: Hospital
    opened: Opened
    successor: AssessmentId | None


def reopen(parts: Parts, assessment_id: str, caller: Caller) -> Reopened:
    """Open a stored assessment again; that somebody did is audited.

    Raises:
        NotFoundError: there is none under this id that the caller may see.
        ConflictError: it was withdrawn: there is nothing to compute.
        GoneError: retention removed what it was made from.
    """
    with parts.database.write() as uow:
        found = uow.assessments.get(AssessmentId(assessment_id))
        row = in_sight(uow, parts, caller, f"Assessment/{assessment_id}", found, does=AuditAction.EXECUTE)
        content = uow.dossiers.get(row.dossier_id) if row is not None else None
        successor = uow.assessments.successor(row.id) if row is not None else None
    if row is None:
        raise NotFoundError("There is no assessment under this id.")
    if content is None:
        raise GoneError("What this assessment was made from is no longer kept.")
    if row.status == "entered-in-error":
        raise ConflictError("This assessment was withdrawn together with its report.")
    return Reopened(
        row=row,
        hospital=parts.hospital(row.hospital),
        opened=open_dossier(unpack(content), parts.limits),
        successor=successor,
    )
