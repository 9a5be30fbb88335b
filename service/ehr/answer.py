"""What an EHR answered, and what it means: decided once for every exchange.

A passing failure (time-out, 408, 425, 429, 5xx) is an EhrUnavailableError with the EHR's own Retry-After; a redirect or a refused
write is an EhrRefusedError; 409 and 412 of a write are an EhrConflictError. 401 and 403 count as passing: an administrator can mend
them without anything being sent again by hand.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from service.errors import EhrConflictError, EhrRefusedError, EhrUnavailableError, ServiceError

_CONFLICTS: Final = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED})
_DENIED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_ETAG: Final = re.compile(r'\s*(?:W/)?"?([^"\s]+)"?\s*')
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the EHR answered.

    Attributes:
        status: HTTP status.
        body: the bytes, decompressed, otherwise unchanged.
        etag: version from the ETag, weak prefix and quotes stripped; None = no ETag.
        location: Location header as sent; None = none.
        retry_after: seconds from now; None = not said or not understood.
    """

    status: int
    body: bytes
    etag: str | None = None
    location: str | None = None
    retry_after: float | None = None


def failure_of(answer: Answer, method: str, request: str) -> ServiceError | None:
    """Say what a status means; None = success. Only the resource type of the request is named: a search may name a patient."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    named = _TYPE.match(request)
    what = f"{method} of {named.group() if named else 'a page'}: {answer.status}"
    if answer.status in _DENIED:
        text = f"The EHR does not accept our authorisation ({what}). Check the credentials and scopes configured for it."
        return _passing(text, answer)
    if answer.status in _PASSING or (
        answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and answer.status != HTTPStatus.NOT_IMPLEMENTED
    ):
        return _passing(f"The EHR cannot serve us now ({what}).", answer)
    if answer.status < HTTPStatus.BAD_REQUEST:
        text = f"The EHR redirects ({what}), which is not followed. Register the address it redirects to."
        return EhrRefusedError(text, http_status=answer.status)
    if answer.status in _CONFLICTS:
        text = f"The EHR holds another state than we know ({what})."
        return EhrConflictError(text, http_status=answer.status, outcome=answer.body)
    return EhrRefusedError(f"The EHR refuses ({what}).", http_status=answer.status, outcome=answer.body)


def _passing(text: str, answer: Answer) -> EhrUnavailableError:
    return EhrUnavailableError(text, http_status=answer.status, outcome=answer.body, retry_after=answer.retry_after)


def version_in(etag: str | None) -> str | None:
    """Return the version that an ETag names, weak prefix and quotes stripped; None = none."""
    found = _ETAG.fullmatch(etag or "")
    return found.group(1) if found else None


def seconds_until(retry_after: str | None, now: datetime) -> float | None:
    """Read Retry-After in both forms: seconds, or an HTTP-date (never negative); None = absent or not understood."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        then = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds())
