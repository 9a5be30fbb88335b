"""Log in at an EHR as a SMART Backend Service: a signed assertion for an access token, which is kept until it ends.

Where tokens are issued is what the registration says, else what the EHR's smart-configuration says, on the EHR's own host: an
assertion is sent nowhere else, and neither is a token. What goes wrong counts as passing, because an administrator can mend it
without anything being sent again by hand.
Source: SMART App Launch, backend services and client authentication: asymmetric; interfaces section 9; specifications c3.
"""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests
import structlog
from urllib3.exceptions import HTTPError

from service.ehr.address import Base
from service.ehr.body import json_object, text
from service.ehr.unreachable import reason_of
from service.ehr.wire import CONNECT_SECONDS, read_body, session_for
from service.errors import EhrUnavailableError, ServiceError, SettingsError
from service.model.hospital import Hospital, SmartLogin

ASSERTION_SECONDS: Final = 240
"""How long an assertion of ours is good; the specification allows 300."""

LATEST_RENEWAL_SECONDS: Final = 30.0
"""A token is renewed so long before its end, or a tenth of its life where that is less."""

USUAL_SECONDS: Final = 300.0
"""Life of a token whose issuer does not say."""

_CONFIGURATION: Final = ".well-known/smart-configuration"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_MAX_BYTES: Final = 256 * 1024
_OAUTH_ERRORS: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)
_LOG = structlog.get_logger("service.ehr")


@dataclass(frozen=True, slots=True)
class _Token:
    """A token and when it is time for another, by the clock of the login."""

    value: str
    renew_at: float


class SmartBackend:
    """The login at one EHR; threads share it, so that a process holds one token for each EHR."""

    def __init__(
        self,
        hospital: Hospital,
        login: SmartLogin,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            hospital: whose EHR; its base, certificates, proxy and time limit are used.
            login: who we are there.
            clock: seconds that never go back, for the life of the token.
            now: seconds since 1970, for the life of an assertion.

        Raises:
            SettingsError: the hospital has no EHR.
        """
        if hospital.ehr_base is None:
            raise SettingsError("This hospital is registered without an EHR (ehr.base), so there is nowhere to log in.")
        self._hospital, self._login, self._clock, self._now = hospital, login, clock, now
        self._base = Base.of(hospital.ehr_base)
        self._lock = threading.Lock()
        self._token: _Token | None = None
        self._withheld: frozenset[str] = frozenset()

    @property
    def withheld(self) -> frozenset[str]:
        """Scopes that were asked for and not granted with the last token."""
        return self._withheld

    def header(self) -> str:
        """Return the bearer header, with a new token where the last one ends soon.

        Raises:
            EhrUnavailableError: no token can be had now.
        """
        with self._lock:
            if self._token is None or self._clock() >= self._token.renew_at:
                self._token = self._fetch()
            return f"Bearer {self._token.value}"

    def renew(self) -> bool:
        """Drop the token that the EHR refused; True, another can be had."""
        with self._lock:
            self._token = None
        return True

    def __repr__(self) -> str:
        """Say what it is without a secret."""
        return "SmartBackend(..)"

    def _fetch(self) -> _Token:
        with session_for(self._hospital) as session:
            url = self._login.token_url or self._discovered(session)
            form = {
                "grant_type": "client_credentials",
                "scope": self._login.scope,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": self._assertion(url),
            }
            status, answer = self._exchange(session, "POST", url, form)
        value = text(answer, "access_token")
        if status != requests.codes.ok or value is None:
            word = answer.get("error")
            said = f"{status} {word}" if word in _OAUTH_ERRORS else str(status)
            sentence = f"The EHR issues us no token ({said}). Check [ehr.smart] and how the EHR registered us."
            raise EhrUnavailableError(sentence, http_status=status)
        self._compare(text(answer, "scope"))
        life = _seconds(answer.get("expires_in"))
        return _Token(value, self._clock() + life - min(LATEST_RENEWAL_SECONDS, life / 10))

    def _discovered(self, session: requests.Session) -> str:
        """Ask the EHR where it issues tokens."""
        status, answer = self._exchange(session, "GET", f"{self._base.url}/{_CONFIGURATION}", None)
        url = text(answer, "token_endpoint") if status == requests.codes.ok else None
        if url is None:
            sentence = f"The EHR does not say where it issues tokens ({_CONFIGURATION}: {status}). Set ehr.smart.token_url."
            raise EhrUnavailableError(sentence, http_status=status)
        if not self._base.has_host_of(url):
            raise EhrUnavailableError("The EHR issues tokens on another host than its own. Register it as ehr.smart.token_url.")
        return url

    def _assertion(self, url: str) -> str:
        begun = int(self._now())
        return self._login.keys[0].sign(
            {
                "iss": self._login.client_id,
                "sub": self._login.client_id,
                "aud": url,
                "iat": begun,
                "exp": begun + ASSERTION_SECONDS,
                "jti": secrets.token_urlsafe(24),
            }
        )

    def _compare(self, granted: str | None) -> None:
        """Remember which scopes were withheld; an issuer that names none grants what was asked for."""
        withheld = frozenset() if granted is None else frozenset(self._login.scope.split()) - frozenset(granted.split())
        if withheld - self._withheld:
            _LOG.warning("smart_scopes_withheld", hospital=self._hospital.slug, scopes=sorted(withheld))
        self._withheld = withheld

    def _exchange(
        self, session: requests.Session, method: str, url: str, form: Mapping[str, str] | None
    ) -> tuple[int, dict[str, Any]]:
        seconds = self._hospital.timeout_seconds
        try:
            with session.request(
                method,
                url,
                data=form,
                headers={"Accept": "application/json"},
                timeout=(min(CONNECT_SECONDS, seconds), seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = read_body(response, max_bytes=_MAX_BYTES, deadline=time.monotonic() + seconds)
        except (requests.RequestException, HTTPError, OSError) as error:
            reason = reason_of(error)
            raise EhrUnavailableError(f"Where the EHR issues tokens nobody answered ({reason}).", reason=reason) from None
        except ServiceError:
            raise EhrUnavailableError("Where the EHR issues tokens the answer did not end.") from None
        return response.status_code, json_object(body)


def _seconds(expires_in: object) -> float:
    """Return the life of a token."""
    if isinstance(expires_in, int | float) and expires_in > 0:
        return float(expires_in)
    return USUAL_SECONDS
