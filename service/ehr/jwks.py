"""Read an issuer's public keys from its registered address; no redirects, bounded in size and time."""

import re
import time
from typing import Final

import requests
from urllib3.exceptions import HTTPError

from service.ehr.wire import CONNECT_SECONDS, harden, read_body
from service.errors import IssuerUnavailableError, ServiceError
from service.model.client import Jwks

MAX_BYTES: Final = 256 * 1024
USUAL_SECONDS: Final = 300.0
"""How long keys are used when the issuer does not say."""

SHORTEST_SECONDS: Final = 30.0
LONGEST_SECONDS: Final = 24 * 3600.0
_MAX_AGE: Final = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,10})\b", re.IGNORECASE)


def fetch_jwks(uri: str, *, ca_bundle: str | None = None, seconds: float = CONNECT_SECONDS) -> Jwks:
    """Read a key set.

    Args:
        uri: registered address.
        ca_bundle: private CA bundle; None = the system's.
        seconds: limit of the whole exchange.

    Raises:
        IssuerUnavailableError: no answer, or anything but 200.
    """
    try:
        with (
            harden(requests.Session(), ca_bundle) as session,
            session.get(
                uri, headers={"Accept": "application/json"}, timeout=seconds, allow_redirects=False, stream=True
            ) as response,
        ):
            body = read_body(response, max_bytes=MAX_BYTES, deadline=time.monotonic() + seconds)
    except (requests.RequestException, HTTPError, OSError, ServiceError) as error:
        raise IssuerUnavailableError(f"jwks_uri did not answer ({type(error).__name__})") from None
    if response.status_code != requests.codes.ok:
        raise IssuerUnavailableError(f"jwks_uri answered {response.status_code}")
    return Jwks(body=body, max_age_seconds=_max_age(response.headers.get("Cache-Control", "")))


def _max_age(cache_control: str) -> float:
    """Return how long the answer may be used, within our own bounds."""
    found = _MAX_AGE.search(cache_control)
    return min(max(float(found[1]), SHORTEST_SECONDS), LONGEST_SECONDS) if found else USUAL_SECONDS
