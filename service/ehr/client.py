"""HTTP exchanges with one hospital's FHIR server: bounded in size and time, never beyond its registered base.

What an answer means is decided in one place (`answer`), and so is why there is none (`unreachable`).
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, Self

import requests
from urllib3.exceptions import HTTPError

from service.ehr.address import Base
from service.ehr.answer import Answer, failure_of, seconds_until, version_in
from service.ehr.auth import Authorization, authorization_of
from service.ehr.unreachable import Unreachable, reason_of
from service.ehr.wire import CONNECT_SECONDS, read_body, session_for
from service.errors import EhrUnavailableError, SettingsError
from service.metrics import EHR_ERRORS, EHR_SECONDS, status_label
from service.model.hospital import Hospital

FHIR_JSON: Final = "application/fhir+json"
MAX_BYTES: Final = 20 * 1024 * 1024
"""Largest body that is read from an EHR, after decompression."""

_ABSENT: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""What a read is answered where there is nothing: an answer, not an error."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EhrClient:
    """The FHIR server of one hospital. Holds no state between exchanges but pooled connections; threads may share it."""

    def __init__(
        self,
        hospital: Hospital,
        *,
        session: requests.Session | None = None,
        clock: Callable[[], datetime] = _utc_now,
        authorization: Authorization | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Prepare the exchanges; nothing is asked yet.

        Args:
            hospital: whose EHR; its base, credentials, CA bundle and time limit are used.
            session: connection pool to use; None = one of its own.
            clock: now in UTC, to read a Retry-After that names a date.
            authorization: None = as the hospital is registered.
            max_bytes: largest body that is read.

        Raises:
            SettingsError: the hospital has no EHR, or its base is not a plain http(s) address.
        """
        if hospital.ehr_base is None:
            raise SettingsError("This hospital is registered without an EHR (ehr.base), so nothing can be read or written there.")
        self._slug = hospital.slug
        self._base = Base.of(hospital.ehr_base)
        self._seconds = hospital.timeout_seconds
        self._authorization = authorization or authorization_of(hospital)
        self._clock = clock
        self._max_bytes = max_bytes
        self._session = session_for(hospital, session)

    @property
    def base(self) -> str:
        """The registered base, without trailing slash."""
        return self._base.url

    @property
    def withheld(self) -> frozenset[str]:
        """Scopes that were asked for and not granted."""
        return self._authorization.withheld

    def relative(self, address: str) -> str:
        """Return an address below the base as a request relative to it.

        Raises:
            ForeignAddressError: it lies elsewhere.
        """
        return self._base.relative(address)

    def get(self, request: str, *, accepted: frozenset[int] = frozenset()) -> Answer:
        """Read or search.

        Args:
            request: relative to the base, or an absolute address below it (a next link).
            accepted: statuses that are an answer to the caller where they would be a passing failure otherwise (403).

        Returns:
            The answer: 2xx, or a lasting refusal (4xx, 501), which may be an input and is the caller's to judge.

        Raises:
            EhrUnavailableError: no answer, or a passing failure.
            EhrRefusedError: a redirect, or a body over the limit.
            ForeignAddressError: the address is not below the base; nothing was asked.
        """
        answer = self._exchange("GET", request, {"Accept": FHIR_JSON})
        failure = failure_of(answer, "GET", request)
        if failure is None or answer.status in accepted or (answer.status >= HTTPStatus.BAD_REQUEST and not failure.retry):
            return answer
        raise failure

    def send(
        self, method: str, request: str, body: bytes, *, if_match: str | None = None, if_none_exist: str | None = None
    ) -> Answer:
        """Write; the stored resource is asked back (`Prefer: return=representation`).

        Args:
            method: PUT or POST.
            request: relative to the base.
            body: FHIR JSON.
            if_match: version that must be the current one; None = no condition.
            if_none_exist: search (without type) that must match nothing; None = no condition.

        Returns:
            A 2xx answer.

        Raises:
            EhrUnavailableError: no answer, or a passing failure; the write may have taken effect.
            EhrConflictError: 409 or 412.
            EhrRefusedError: every other refusal; it carries the EHR's OperationOutcome.
            ForeignAddressError: the address is not below the base; nothing was sent.
        """
        headers = {"Accept": FHIR_JSON, "Content-Type": FHIR_JSON, "Prefer": "return=representation"}
        if if_match is not None:
            headers["If-Match"] = f'W/"{if_match}"'
        if if_none_exist is not None:
            headers["If-None-Exist"] = if_none_exist
        answer = self._exchange(method, request, headers, body)
        if failure := failure_of(answer, method, request):
            raise failure
        return answer

    def close(self) -> None:
        """Close the pooled connections; the client can be used again."""
        self._session.close()

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the pooled connections."""
        self.close()

    def _exchange(self, method: str, request: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Ask, and ask once more when the EHR refused a credential that can be renewed."""
        address = self._base.address(request)
        with EHR_SECONDS.labels(self._slug, method).time():
            answer = self._ask(method, address, headers, body)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._authorization.renew():
            answer = self._ask(method, address, headers, body)
        return answer

    def _ask(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        proof = self._authorization.header()
        try:
            with self._session.request(
                method,
                address,
                headers={**headers, "Authorization": proof} if proof is not None else dict(headers),
                data=body,
                timeout=(min(CONNECT_SECONDS, self._seconds), self._seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = read_body(response, max_bytes=self._max_bytes, deadline=time.monotonic() + self._seconds)
        except (requests.RequestException, HTTPError, OSError) as error:
            # Not chained: the texts of these errors hold the address, and the address may hold a patient's id.
            raise self._unreachable(reason_of(error)) from None
        except EhrUnavailableError:
            raise self._unreachable(Unreachable.READ_TIMEOUT) from None
        if response.status_code >= HTTPStatus.BAD_REQUEST and not (method == "GET" and response.status_code in _ABSENT):
            EHR_ERRORS.labels(self._slug, status_label(response.status_code)).inc()
        return Answer(
            status=response.status_code,
            body=content,
            etag=version_in(response.headers.get("ETag")),
            location=response.headers.get("Location"),
            retry_after=seconds_until(response.headers.get("Retry-After"), self._clock()),
        )

    def _unreachable(self, reason: Unreachable) -> EhrUnavailableError:
        EHR_ERRORS.labels(self._slug, reason.value).inc()
        return EhrUnavailableError(f"The EHR did not answer ({reason}).", reason=reason)
