"""What is asked: one transaction each, read and audit facts together; and the one renderer of failures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import orjson

from service import __released__, __version__
from service.errors import NotFoundError, ServiceError, StorageDownError
from service.model.caller import Caller
from service.model.coded import Issue, Severity
from service.model.hospital import HospitalSlug
from service.parts import Parts, utc_text
from service.progress import progress_of
from service.resources import bundle, capability, definitions, provenance
from service.resources import operation_outcome as outcome_resource
from service.resources import problem as problem_json
from service.resources import task as task_resource
from service.storage.assessments import StoredAssessment
from service.storage.terms import AssessmentId, AuditAction, AuditOutcome, ReceiptId, SeriesId
from service.storage.unit_of_work import UnitOfWork


def assessment(parts: Parts, assessment_id: str, caller: Caller) -> bytes:
    """Return one stored assessment with `superseded_by` as of now.

    Raises:
        NotFoundError: there is none under this id that the caller may see.
    """
    with parts.database.write() as uow:
        row = in_sight(uow, parts, caller, f"Assessment/{assessment_id}", uow.assessments.get(AssessmentId(assessment_id)))
        successor = uow.assessments.successor(row.id) if row is not None else None
    if row is None:
        raise NotFoundError("There is no assessment under this id.")
    content = orjson.loads(row.content)
    content["superseded_by"] = successor
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A stored resource as served: bytes, version number, HTTP date."""

    content: bytes
    version: int
    last_modified: str


def risk_assessment(parts: Parts, resource_id: str, caller: Caller) -> Resource:
    """Return the newest version of a RiskAssessment by its own id, or by the id of any of its assessments.

    Raises:
        NotFoundError: there is none that the caller may see.
    """
    with parts.database.write() as uow:
        row = uow.assessments.latest(SeriesId(resource_id))
        if row is None and (named := uow.assessments.get(AssessmentId(resource_id))) is not None:
            row = uow.assessments.latest(named.series)
        row = in_sight(uow, parts, caller, f"RiskAssessment/{resource_id}", row)
    if row is None:
        raise NotFoundError("There is no RiskAssessment under this id.")
    return _served(row)


def _served(row: StoredAssessment) -> Resource:
    resource = orjson.loads(row.resource)
    resource["meta"] = _meta(resource, row.version, row.assessed_at)
    return Resource(
        content=orjson.dumps(resource),
        version=row.version,
        last_modified=format_datetime(row.assessed_at.astimezone(UTC), usegmt=True),
    )


def _meta(resource: Mapping[str, Any], version: int, assessed_at: datetime) -> dict[str, object]:
    """Return the metadata with which a stored version is served."""
    return {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": utc_text(assessed_at)}


def task(parts: Parts, task_id: str, caller: Caller) -> bytes:
    """Return what became of a trigger, as a Task.

    Raises:
        NotFoundError: there is none under this id that the caller may see.
    """
    with parts.database.write() as uow:
        receipt = uow.receipts.get(ReceiptId(task_id))
        found = progress_of(uow, parts, receipt) if receipt is not None else None
        hospital, patient = (receipt.hospital, found.patient) if receipt is not None and found is not None else (None, None)
        is_in_sight = _is_in_sight(uow, parts, caller, f"Task/{task_id}", hospital=hospital, patient=patient)
    if found is None or not is_in_sight:
        raise NotFoundError("There is no Task under this id.")
    return orjson.dumps(task_resource.build(found.view))


def accepted(task_id: str) -> bytes:
    """Return the OperationOutcome that answers an accepted trigger."""
    said = Issue(severity=Severity.INFORMATION, code="informational", text=f"Accepted as Task/{task_id}.")
    return orjson.dumps(outcome_resource.build((said,)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A RiskAssessment that was just made, or found.

    Attributes:
        id: of the assessment (UUID text).
        version: of the RiskAssessment; None = a dry run: it is stored nowhere.
        resource: RiskAssessment JSON.
        assessed_at: when it was computed.
        is_first: True = there was no version before it.
    """

    id: str
    version: int | None
    resource: bytes
    assessed_at: datetime
    is_first: bool


def collection(made: Made, issues: tuple[Issue, ...], *, base: str) -> bytes:
    """Return the Bundle that answers `$assess`: RiskAssessment, Provenance, OperationOutcome.

    Args:
        made: the RiskAssessment. Stored, it is addressed below `base`, and the Provenance is about its version; of a dry run the
            two refer to each other by UUID.
        issues: what must be said beside it.
        base: absolute URL of our FHIR routes, without trailing slash.
    """
    resource = orjson.loads(made.resource)
    address = target = f"urn:uuid:{made.id}"
    if made.version is not None:
        resource["meta"] = _meta(resource, made.version, made.assessed_at)
        address = f"{base}/RiskAssessment/{resource['id']}"
        target = f"RiskAssessment/{resource['id']}/_history/{made.version}"
    instant = utc_text(made.assessed_at)
    proof = provenance.build(resource, target=target, recorded=instant, assessed_at=instant, is_first=made.is_first)
    return orjson.dumps(bundle.collection(((address, resource), (None, proof), (None, outcome_resource.build(issues)))))


def capabilities(parts: Parts) -> bytes:
    """Return the CapabilityStatement of this instance."""
    return orjson.dumps(capability.build(version=__version__, released_on=__released__, needs_token=parts.tokens is not None))


def operation_definition(definition_id: str) -> bytes:
    """Return one of our OperationDefinitions.

    Raises:
        NotFoundError: there is none under this id.
    """
    if definition_id != definitions.ASSESS:
        raise NotFoundError(f"There is no OperationDefinition under this id; there is {definitions.ASSESS}.")
    return orjson.dumps(definitions.assess_operation(version=__version__, released_on=__released__))


def public_keys(parts: Parts) -> bytes:
    """Return the key set with which EHRs check our logins: public halves only, each once."""
    logins = [hospital.smart for hospital in parts.hospitals.values() if hospital.smart is not None]
    found = {key.kid: dict(key.public) for login in logins for key in login.keys}
    return orjson.dumps({"keys": list(found.values())})


def operation_outcome(error: ServiceError, *, reference: str | None = None) -> bytes:
    """Render a failure as OperationOutcome; reference = number of an unexpected one in the log, None = it was expected."""
    return orjson.dumps(outcome_resource.from_error(error, reference=reference))


def problem(error: ServiceError, *, reference: str | None = None) -> bytes:
    """Render a failure as problem JSON (RFC 9457); reference as above."""
    return orjson.dumps(problem_json.build(error, reference=reference))


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the service can take work, and a JSON report that says why not."""

    ready: bool
    content: bytes


def readiness(parts: Parts) -> Readiness:
    """Ask the database and compare its schema with the one this release needs; a newer one serves a running process as well."""
    try:
        state = parts.database.check()
    except StorageDownError:
        return Readiness(ready=False, content=orjson.dumps({"status": "not-ready", "database": "down"}))
    word = "current" if state.at_head else "newer" if state.is_newer else "outdated"
    ready = state.at_head or state.is_newer
    return Readiness(
        ready=ready,
        content=orjson.dumps({"status": "ready" if ready else "not-ready", "database": "up", "schema": word}),
    )


def in_sight(
    uow: UnitOfWork,
    parts: Parts,
    caller: Caller,
    entity: str,
    row: StoredAssessment | None,
    *,
    does: AuditAction = AuditAction.READ,
) -> StoredAssessment | None:
    """Return the row where the caller may see it; that it was asked for is audited.

    Args:
        uow: the transaction; it is committed even where nothing is found.
        parts: clock.
        caller: who asks.
        entity: what was asked for.
        row: what there is; None = nothing.
        does: what the caller does with it.
    """
    hospital, patient = (row.hospital, row.subject) if row else (None, None)
    return row if _is_in_sight(uow, parts, caller, entity, hospital=hospital, patient=patient, does=does) else None


def _is_in_sight(
    uow: UnitOfWork,
    parts: Parts,
    caller: Caller,
    entity: str,
    *,
    hospital: HospitalSlug | None,
    patient: str | None,
    does: AuditAction = AuditAction.READ,
) -> bool:
    """Tell whether there is something (hospital None = nothing) that the caller may see, and audit the read.

    What belongs to another hospital is answered as if it were not there; the audit tells the two apart.
    """
    outcome, why = AuditOutcome.SUCCESS, None
    if hospital is None:
        outcome, why = AuditOutcome.MINOR_FAILURE, "not-found"
    elif not caller.sees(hospital):
        outcome, why = AuditOutcome.SERIOUS_FAILURE, "other-hospital"
    uow.audit.add(
        parts.fact(
            caller,
            does,
            "read" if does is AuditAction.READ else "operation",
            entity=entity,
            patient=patient,
            hospital=hospital,
            outcome=outcome,
            outcome_desc=why,
            detail=caller.token_id if why == "other-hospital" else None,
        )
    )
    return outcome is AuditOutcome.SUCCESS
