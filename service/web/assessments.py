"""Integration engines: post FHIR, read the assessment as JSON (interfaces sections 2 and 3)."""

from flask import Blueprint, Response

from service import query
from service.pipeline.direct import DirectRequest, assess
from service.web import guard
from service.web.request import caller, fhir_body, flag, parts, prior, strict_handling

blueprint = Blueprint("assessments", __name__)


def direct_request() -> DirectRequest:
    """Read body and parameters of a direct post; the same for both renderings."""
    return DirectRequest(
        hospital=guard.direct_hospital(parts(), caller()),
        body=fhir_body(),
        strict=strict_handling(default=True),
        store=flag("store", default=True),
        write_back=flag("writeBack", default=False),
        prior=prior(),
        caller=caller(),
    )


@blueprint.post("/assessments")
@guard.admits(guard.CREATE_ASSESSMENT)
def create() -> Response:
    """Assess the posted Bundle or Parameters: 201 new, 200 known or dry run."""
    done = assess(parts(), direct_request())
    answer = Response(done.content, status=201 if done.created else 200, mimetype="application/json")
    if done.version is not None:
        answer.headers["Location"] = f"/assessments/{done.id}"
    return answer


@blueprint.get("/assessments/<assessment_id>")
@guard.admits(guard.READ_ASSESSMENT)
def read(assessment_id: str) -> Response:
    """Return one stored assessment."""
    return Response(query.assessment(parts(), assessment_id, caller()), mimetype="application/json")
