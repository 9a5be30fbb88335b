"""Reading a request: the parts behind it, who calls, what its address names, its body."""

import re
import uuid
from typing import Final

from flask import current_app, g, request
from werkzeug.exceptions import ClientDisconnected

from service.errors import BadRequestError, LengthRequiredError, NotFoundError, TooLargeError, UnsupportedMediaTypeError
from service.model.caller import Caller
from service.parts import Parts

FHIR_JSON: Final = "application/fhir+json"
JSON: Final = "application/json"
FHIR_VERSIONS: Final = frozenset({"4.0", "4.0.1", "4.3", "4.3.0"})
"""Values of the media type parameter fhirVersion that name R4 or R4B; both are alike in everything that is read or written."""

_FHIR_TYPES: Final = frozenset({FHIR_JSON, JSON, "application/json+fhir", "text/json"})
_SAFE_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_IDS: Final = ("assessment_id", "resource_id", "task_id", "definition_id")
_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")


def parts() -> Parts:
    """Return the parts that the composition root gave to the application."""
    found = current_app.extensions["parts"]
    assert isinstance(found, Parts)  # noqa: S101 - narrows the type of Flask's untyped registry
    return found


def caller() -> Caller:
    """Return who calls, as the guard found out."""
    found = g.caller
    assert isinstance(found, Caller)  # noqa: S101 - narrows the type of Flask's untyped context
    return found


def request_id() -> str:
    """Return the request's own id where it sent a usable one, else a fresh one."""
    sent = request.headers.get("X-Request-Id", "")
    return sent if _SAFE_REQUEST_ID.fullmatch(sent) else str(uuid.uuid4())


def refuse_impossible_address() -> None:
    """Answer an address whose id cannot be one as if there were nothing: no table is asked, no audit row repeats it.

    Raises:
        NotFoundError: an id in the address is not of the form that FHIR gives ids.
    """
    named = request.view_args or {}
    if any(name in named and _ID.fullmatch(named[name]) is None for name in _IDS):
        raise NotFoundError("There is nothing under this address: an id has 1 to 64 letters, digits, hyphens and dots.")


def fhir_body() -> bytes:
    """Return the body of a request that must be FHIR JSON; its size is bounded by the application.

    Raises:
        UnsupportedMediaTypeError: Content-Type, charset, FHIR version or Content-Encoding is something else.
        LengthRequiredError: nothing says how long the body is.
        TooLargeError: it is larger than the limit.
        BadRequestError: the connection ended before the body did, or its chunks are malformed.
    """
    return _body(_FHIR_TYPES, f"{FHIR_JSON} ({JSON} is read the same)")


def json_body() -> bytes:
    """Return the body of a request that must be JSON.

    Raises:
        UnsupportedMediaTypeError, LengthRequiredError, TooLargeError, BadRequestError: as above.
    """
    return _body(frozenset({JSON}), JSON)


def notified_body() -> bytes:
    """Return the body of a notification, which may be empty and then has no media type.

    Raises:
        UnsupportedMediaTypeError, TooLargeError, BadRequestError: as above.
    """
    return b"" if not request.content_length and not _is_chunked() else fhir_body()


def _body(accepted: frozenset[str], named: str) -> bytes:
    _refuse_other_content(accepted, named)
    if request.content_length is None and not _is_chunked():
        raise LengthRequiredError("The length of the body is not stated: send Content-Length, or Transfer-Encoding: chunked.")
    most = parts().limits.max_bytes
    request.max_content_length = most + 1  # a chunked body would be cut off at its limit without a word: read one byte beyond
    try:
        body = request.get_data(cache=False)
    except (ClientDisconnected, OSError):
        raise BadRequestError("The body ended early, or its chunks are malformed. Send it again.") from None
    if len(body) > most:
        raise too_large()
    return body


def too_large() -> TooLargeError:
    """Return the refusal of a body that is too large."""
    return TooLargeError(f"The body is larger than {parts().limits.max_bytes} bytes.")


def _is_chunked() -> bool:
    return "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def _refuse_other_content(accepted: frozenset[str], named: str) -> None:
    options = request.mimetype_params
    if request.mimetype not in accepted:
        raise UnsupportedMediaTypeError(f"Content-Type must be {named}.")
    if options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaTypeError("The charset of Content-Type must be utf-8, or be left out.")
    if options.get("fhirversion", "4.0") not in FHIR_VERSIONS:
        raise UnsupportedMediaTypeError("The fhirVersion of Content-Type must be 4.0 (FHIR R4), or be left out.")
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"identity", ""}:
        raise UnsupportedMediaTypeError("Compressed bodies are not read: send the body without Content-Encoding.")
