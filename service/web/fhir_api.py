"""FHIR reads and the `$assess` operation (interfaces sections 2, 4 and 7)."""

from flask import Blueprint, Response, request

from service import query
from service.errors import BadRequestError
from service.pipeline.direct import assess
from service.web import guard
from service.web.assessments import direct_request
from service.web.parameters import single
from service.web.request import FHIR_JSON, caller, parts

blueprint = Blueprint("fhir_api", __name__, url_prefix="/fhir")


@blueprint.get("/metadata")
@guard.admits(guard.Door.OPEN)
def read_capabilities() -> Response:
    """Return what this server can do, whichever of the modes of R4 is asked for: it is the same statement.

    Raises:
        BadRequestError: a mode that R4 does not know.
    """
    if single("mode") not in {None, "full", "normative", "terminology"}:
        raise BadRequestError("The parameter mode is full, normative or terminology.")
    return Response(query.capabilities(parts()), mimetype=FHIR_JSON)


@blueprint.get("/OperationDefinition/<definition_id>")
@guard.admits(guard.Door.OPEN)
def read_operation_definition(definition_id: str) -> Response:
    """Return the definition of one of our operations."""
    return Response(query.operation_definition(definition_id), mimetype=FHIR_JSON)


@blueprint.post("/$assess")
@guard.admits(guard.CREATE_ASSESSMENT)
def assess_operation() -> Response:
    """Assess the posted Bundle or Parameters; answer a collection of RiskAssessment, Provenance and OperationOutcome."""
    done = assess(parts(), direct_request())
    made = query.Made(
        id=done.id, version=done.version, resource=done.resource, assessed_at=done.assessed_at, is_first=done.is_first
    )
    answer = Response(query.collection(made, done.issues, base=f"{request.url_root}fhir"), mimetype=FHIR_JSON)
    if done.version is not None:
        answer.headers["Location"] = f"/assessments/{done.id}"
    return answer


@blueprint.get("/RiskAssessment/<resource_id>")
@guard.admits(guard.READ_ASSESSMENT)
def read_risk_assessment(resource_id: str) -> Response:
    """Return the newest version of a RiskAssessment; 304 when the caller has it."""
    found = query.risk_assessment(parts(), resource_id, caller())
    etag = f'W/"{found.version}"'
    if request.if_none_match.contains_weak(str(found.version)):
        return Response(status=304, headers={"ETag": etag})
    return Response(found.content, mimetype=FHIR_JSON, headers={"ETag": etag, "Last-Modified": found.last_modified})


@blueprint.get("/Task/<task_id>")
@guard.admits(guard.READ_TASK)
def read_task(task_id: str) -> Response:
    """Return what became of a trigger."""
    return Response(query.task(parts(), task_id, caller()), mimetype=FHIR_JSON)
