"""What every exchange over HTTP has in common: nothing is taken from the environment, nothing is kept, bodies are bounded."""

import time
from http.cookiejar import DefaultCookiePolicy
from typing import Final

import requests

from service.errors import EhrRefusedError, EhrUnavailableError
from service.model.hospital import Hospital

CONNECT_SECONDS: Final = 5.0
_CHUNK: Final = 64 * 1024


def session_for(hospital: Hospital, session: requests.Session | None = None) -> requests.Session:
    """Return a session for exchanges with a hospital's EHR: its certificates, its proxy, and our certificate where it asks.

    Args:
        hospital: whose EHR.
        session: to be equipped; None = a new one.
    """
    session = harden(session or requests.Session(), hospital.ca_bundle)
    if hospital.proxy is not None:
        session.proxies = {"http": hospital.proxy, "https": hospital.proxy}
    if hospital.client_certificate is not None:
        key = hospital.client_key
        session.cert = hospital.client_certificate if key is None else (hospital.client_certificate, key)
    return session


def harden(session: requests.Session, ca_bundle: str | None) -> requests.Session:
    """Let only our settings decide where a session's exchanges go and what they trust.

    With trust_env requests would take proxies, a CA bundle and credentials of ~/.netrc (which replace our Authorization header)
    from the environment. A CA bundle of None = the authorities of the system.
    """
    session.trust_env = False
    session.verify = ca_bundle or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def read_body(response: requests.Response, *, max_bytes: int, deadline: float) -> bytes:
    """Read a body piece by piece: a server that drips is cut off at the deadline, one that floods at the limit.

    Args:
        response: of a request with `stream=True`.
        max_bytes: limit after decompression.
        deadline: by `time.monotonic`.

    Raises:
        EhrRefusedError: the body is over the limit.
        EhrUnavailableError: the deadline has passed.
    """
    pieces, size = [], 0
    while piece := response.raw.read1(_CHUNK, decode_content=True):
        size += len(piece)
        if size > max_bytes:
            raise EhrRefusedError(f"The EHR sent more than {max_bytes} bytes.", http_status=response.status_code)
        if time.monotonic() > deadline:
            raise EhrUnavailableError("The EHR did not finish its answer in time.")
        pieces.append(piece)
    return b"".join(pieces)
