"""EHR triggers: R4 rest-hook deliveries (interfaces section 5); 2xx only after everything is committed."""

from flask import Blueprint, Response, request

from service import query
from service.pipeline.receive import Trigger, receive
from service.web import guard
from service.web.request import FHIR_JSON, caller, notified_body, parts

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@blueprint.route("/<slug>", methods=["POST", "PUT"])
@blueprint.route("/<slug>/<resource_type>/<resource_id>", methods=["PUT", "POST", "DELETE"])
@guard.admits(guard.Door.WEBHOOK_SECRET)
def trigger(slug: str, resource_type: str | None = None, resource_id: str | None = None) -> Response:
    """Accept one notification: receipt, raw bytes, job and audit facts in one commit, then 202 with the Task.

    Type and id are those of the address; None = it has none, as with POST to the hospital's own address.
    """
    body = b"" if request.method == "DELETE" else notified_body()
    sent = Trigger(
        method=request.method,
        resource_type=resource_type,
        resource_id=resource_id,
        body=body,
        media_type=request.mimetype,
    )
    task_id = receive(parts(), parts().hospital(slug), sent, caller())
    answer = Response(query.accepted(task_id), status=202, mimetype=FHIR_JSON)
    answer.headers["Location"] = f"/fhir/Task/{task_id}"
    return answer
