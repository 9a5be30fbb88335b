"""Integration engines and clinicians: post FHIR, read the assessment as JSON, ask what if, answer (interfaces sections 2 and 3)."""

from flask import Blueprint, Response

from service import query
from service.pipeline.answer import answer as keep_answer
from service.pipeline.direct import DirectRequest, assess
from service.pipeline.what_if import what_if as suppose
from service.web import guard
from service.web.request import caller, fhir_body, flag, json_body, parts, prior, strict_handling

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


@blueprint.post("/assessments/<assessment_id>/what-if")
@guard.admits(guard.READ_ASSESSMENT)
def what_if(assessment_id: str) -> Response:
    """Return the assessment as it would be; nothing is stored."""
    return Response(suppose(parts(), assessment_id, json_body(), caller()), mimetype="application/json")


@blueprint.post("/assessments/<assessment_id>/answers")
@guard.admits(guard.UPDATE_ASSESSMENT)
def answer(assessment_id: str) -> Response:
    """Keep what somebody answered: 201 with the new assessment, 200 where the same was answered before."""
    done = keep_answer(parts(), assessment_id, json_body(), caller())
    reply = Response(done.content, status=201 if done.created else 200, mimetype="application/json")
    reply.headers["Location"] = f"/assessments/{done.assessment_id}"
    return reply
