"""`GET /metrics`: counters of this service, and the state of the queue as the database knows it now."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.pipeline import operate
from service.web import guard
from service.web.request import parts

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@guard.admits(guard.Door.OPEN)
def metrics() -> Response:
    """Return everything in the text format of Prometheus."""
    return Response(operate.scrape(parts()), content_type=CONTENT_TYPE_LATEST)
