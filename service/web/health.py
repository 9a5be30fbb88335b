"""Operations: is the process alive, and can it take work."""

from flask import Blueprint, Response

from service import query
from service.web import guard
from service.web.request import parts

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@guard.admits(guard.Door.OPEN)
def live() -> Response:
    """Answer as long as the process answers at all."""
    return Response('{"status":"live"}', mimetype="application/json")


@blueprint.get("/ready")
@guard.admits(guard.Door.OPEN)
def ready() -> Response:
    """Answer 200 only when the database answers and its schema is the one this release needs."""
    report = query.readiness(parts())
    return Response(report.content, status=200 if report.ready else 503, mimetype="application/json")
