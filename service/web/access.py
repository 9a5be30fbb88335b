"""One log event for each request: route template, method, status and time; never an address with somebody's ids in it."""

import time

import structlog
from flask import Flask, Response, g, request

from service.metrics import REQUESTS, method_label, status_label

_LOG = structlog.get_logger("service.web")


def register(app: Flask) -> None:
    """Log every answered request."""
    app.before_request(_begin)
    app.after_request(_answered)


def _begin() -> None:
    g.begun_at = time.perf_counter()


def _answered(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule is not None else "unknown"
    milliseconds = round((time.perf_counter() - g.begun_at) * 1000, 1)
    REQUESTS.labels(route, method_label(request.method), status_label(response.status_code)).observe(milliseconds / 1000)
    _LOG.info("request", method=method_label(request.method), route=route, status=response.status_code, milliseconds=milliseconds)
    return response
