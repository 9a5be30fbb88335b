"""Why an EHR did not answer: one word of a closed vocabulary, and what somebody can do about it.

The texts of the underlying errors hold addresses, and an address may hold a patient's id; nothing of them is passed on.
"""

import errno
import ssl
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

import requests
from urllib3.exceptions import NameResolutionError, ProtocolError, ReadTimeoutError


class Unreachable(StrEnum):
    """Why there was no answer, the most telling first."""

    PROXY = "proxy"
    NAME = "name-not-known"
    REFUSED = "connection-refused"
    NO_ROUTE = "no-route"
    CONNECT_TIMEOUT = "connect-timeout"
    READ_TIMEOUT = "read-timeout"
    UNTRUSTED = "certificate-not-trusted"
    EXPIRED = "certificate-expired"
    OTHER_NAME = "certificate-of-another-name"
    TLS = "tls"
    CUT_OFF = "connection-cut-off"
    OTHER = "other"


REMEDIES: Final[Mapping[Unreachable, str]] = {
    Unreachable.PROXY: (
        "The proxy does not let the exchange through. Correct ehr.proxy, or have the proxy allow the host of ehr.base."
    ),
    Unreachable.NAME: (
        "The host of ehr.base is not known to the name service of this machine. Correct ehr.base, or the name service."
    ),
    Unreachable.REFUSED: "Nothing listens at the host and port of ehr.base. Start the EHR, or correct the port.",
    Unreachable.NO_ROUTE: "The network of ehr.base cannot be reached from this machine. Open the way in routing and firewall.",
    Unreachable.CONNECT_TIMEOUT: "The host of ehr.base accepts no connection in time: usually a firewall. Open the way to it.",
    Unreachable.READ_TIMEOUT: (
        "The EHR accepted the question and did not answer in time. Set ehr.timeout_seconds higher, or ask why it is slow."
    ),
    Unreachable.UNTRUSTED: (
        "The certificate of the EHR is signed by an authority that is not trusted here. "
        "Set ehr.ca_bundle to the certificates of that authority (PEM)."
    ),
    Unreachable.EXPIRED: ("The certificate of the EHR is not valid today. Have it renewed, or correct the clock of this machine."),
    Unreachable.OTHER_NAME: (
        "The certificate of the EHR is for another host name. Set ehr.base to the name that stands in the certificate."
    ),
    Unreachable.TLS: (
        "No secure connection could be agreed on. Write https in ehr.base only where the EHR speaks TLS 1.2 or newer; "
        "where it asks for a certificate of ours, set ehr.client_certificate."
    ),
    Unreachable.CUT_OFF: (
        "The connection was closed before the answer was complete. Look at the log of the EHR, or of what stands before it."
    ),
    Unreachable.OTHER: "The exchange failed in a way that has no name here. Try the address of ehr.base with another client.",
}
"""What somebody can do about it."""

_KINDS: Final[tuple[tuple[type[BaseException], Unreachable], ...]] = (
    (requests.exceptions.ProxyError, Unreachable.PROXY),
    (NameResolutionError, Unreachable.NAME),
    (ConnectionRefusedError, Unreachable.REFUSED),
    (requests.ConnectTimeout, Unreachable.CONNECT_TIMEOUT),
    (requests.ReadTimeout, Unreachable.READ_TIMEOUT),
    (ReadTimeoutError, Unreachable.READ_TIMEOUT),
    (ssl.SSLError, Unreachable.TLS),
    (requests.exceptions.SSLError, Unreachable.TLS),
    (ProtocolError, Unreachable.CUT_OFF),
    (ConnectionError, Unreachable.CUT_OFF),
)
_NOT_VALID_NOW: Final = frozenset({9, 10})
_OTHER_NAME: Final = frozenset({62, 64})
"""OpenSSL's results of a verification: not yet valid, expired; another host name, another address."""

_ROUTES: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})


def reason_of(error: BaseException) -> Unreachable:
    """Return why an exchange got no answer: the most telling of the error and everything that led to it."""
    found = {reason for cause in _causes(error) for reason in _reasons(cause)}
    return next((reason for reason in Unreachable if reason in found), Unreachable.OTHER)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything it wraps, each once."""
    ahead: list[object] = [error]
    seen: set[int] = set()
    while ahead:
        each = ahead.pop()
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            ahead += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]


def _reasons(error: BaseException) -> Iterator[Unreachable]:
    """Yield what one error says by itself."""
    yield from (reason for kind, reason in _KINDS if isinstance(error, kind))
    if isinstance(error, ssl.SSLCertVerificationError):
        yield _of_certificate(error.verify_code)
    elif isinstance(error, OSError) and error.errno in _ROUTES:
        yield Unreachable.NO_ROUTE


def _of_certificate(code: int) -> Unreachable:
    if code in _NOT_VALID_NOW:
        return Unreachable.EXPIRED
    return Unreachable.OTHER_NAME if code in _OTHER_NAME else Unreachable.UNTRUSTED
