"""Reading a request: media type, body, handling preference, who calls."""

import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Final

from flask import current_app, g, request

from service.errors import BadRequestError, UnsupportedMediaTypeError
from service.model.caller import Caller
from service.parts import Parts

FHIR_JSON: Final = "application/fhir+json"
JSON: Final = "application/json"
_ACCEPTED_TYPES: Final = frozenset({FHIR_JSON, JSON, "application/json+fhir", "text/json"})
_SAFE_REQUEST_ID: Final = re.compile(r"^[A-Za-z0-9._:-]{1,64}$")
_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})


def parts() -> Parts:
    """Return the parts that the composition root gave to the application."""
    found = current_app.extensions["parts"]
    assert isinstance(found, Parts)  # noqa: S101 - narrows the type of Flask's untyped registry
    return found


def fhir_body() -> bytes:
    """Return the body of a request that must be FHIR JSON.

    Raises:
        UnsupportedMediaTypeError: Content-Type is something else.
    """
    return _body(_ACCEPTED_TYPES, FHIR_JSON)


def json_body() -> bytes:
    """Return the body of a request that must be JSON.

    Raises:
        UnsupportedMediaTypeError: Content-Type is something else.
    """
    return _body(frozenset({JSON}), JSON)


def _body(accepted: frozenset[str], named: str) -> bytes:
    is_utf_8 = request.mimetype_params.get("charset", "utf-8").lower() in {"utf-8", "utf8"}
    if request.mimetype not in accepted or not is_utf_8:
        raise UnsupportedMediaTypeError(f"Send {named} in UTF-8.")
    return request.get_data(cache=False)


def request_id() -> str:
    """Return the request's own id where it sent a usable one, else a fresh one."""
    sent = request.headers.get("X-Request-Id", "")
    return sent if _SAFE_REQUEST_ID.match(sent) else str(uuid.uuid4())


def caller() -> Caller:
    """Return who calls, as the guard found out."""
    found = g.caller
    assert isinstance(found, Caller)  # noqa: S101 - narrows the type of Flask's untyped context
    return found


def flag(name: str, *, default: bool) -> bool:
    """Return a boolean query parameter.

    Raises:
        BadRequestError: it is neither true nor false.
    """
    text = request.args.get(name)
    if text is None:
        return default
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise BadRequestError(f"The parameter {name} is true or false.")


def prior() -> Decimal | None:
    """Return the caller's prior probability (0-1); None = none stated.

    Raises:
        BadRequestError: not a number from 0 to 1.
    """
    text = request.args.get("prior")
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= 1:
        raise BadRequestError("The parameter prior is a number from 0 to 1.")
    return value


def strict_handling(*, default: bool) -> bool:
    """Read `Prefer: handling=strict|lenient` (FHIR R4, RESTful API, 3.1.0.2.2)."""
    for preference in request.headers.get("Prefer", "").replace(",", ";").split(";"):
        name, _, value = preference.strip().partition("=")
        if name == "handling" and value in {"strict", "lenient"}:
            return value == "strict"
    return default
