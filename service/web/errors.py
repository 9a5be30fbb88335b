"""Every failure becomes OperationOutcome (FHIR content) or problem JSON (RFC 9457): one renderer, no traceback, no patient data."""

import re
import secrets
from http import HTTPStatus
from typing import Final

import structlog
from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from service import query
from service.errors import (
    BadRequestError,
    DeniedError,
    MethodNotAllowedError,
    NotFoundError,
    ServiceError,
)
from service.logs import place_of
from service.web import guard
from service.web.request import FHIR_JSON, too_large

_LOG = structlog.get_logger("service.web")
_BY_STATUS: Final[dict[int, tuple[type[ServiceError], str]]] = {
    404: (NotFoundError, "There is nothing under this address; GET /fhir/metadata and openapi.yaml name what there is."),
    405: (MethodNotAllowedError, "This address does not take this method; the header Allow names those it takes."),
}
"""What routing answers by itself."""

_FHIR_ADDRESS: Final = re.compile(r"/(?:fhir|webhooks)(?:/|$)")


def register(app: Flask) -> None:
    """Attach the renderer to every kind of failure."""
    app.register_error_handler(ServiceError, _known)
    app.register_error_handler(DeniedError, _denied)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def speaks_fhir(asked: Request) -> bool:
    """Tell whether the answer is FHIR content: FHIR routes, webhooks, and posted FHIR bodies unless problem JSON is asked for."""
    if _FHIR_ADDRESS.match(asked.path):
        return True
    wants_problem = "application/problem+json" in asked.headers.get("Accept", "")
    return asked.method == "POST" and asked.path == "/assessments" and not wants_problem


def render(error: ServiceError, *, reference: str | None = None) -> Response:
    """Return the answer for one failure; reference = number of an unexpected one in the log, None = it was expected."""
    if speaks_fhir(request):
        answer = Response(query.operation_outcome(error, reference=reference), status=error.status, mimetype=FHIR_JSON)
    else:
        answer = Response(query.problem(error, reference=reference), status=error.status, mimetype="application/problem+json")
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if error.status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if error.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        answer.headers["Accept"], answer.headers["Accept-Encoding"] = f"{FHIR_JSON}, application/json", "identity"
    return answer


def _known(error: ServiceError) -> Response:
    _LOG.info("request_refused", status=error.status, issue=error.issue, kind=type(error).__name__)
    return render(error)


def _denied(error: DeniedError) -> Response:
    _LOG.info("request_denied", status=error.status, reason=error.reason)
    try:
        guard.record_denial(error)
    except ServiceError as failure:
        return _known(failure)
    return render(error)


def _http(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return _known(too_large())
    kind, text = _BY_STATUS.get(error.code or 400, (BadRequestError, "The request cannot be understood."))
    answer = _known(kind(text))
    if allowed := dict(error.get_headers()).get("Allow"):
        answer.headers["Allow"] = allowed
    return answer


def _unexpected(error: Exception) -> Response:
    reference = secrets.token_hex(6)
    _LOG.error("unexpected_error", reference=reference, kind=type(error).__name__, place=place_of(error))
    return render(ServiceError("Something failed on our side; nothing was stored."), reference=reference)
