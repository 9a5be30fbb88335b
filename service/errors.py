"""One class per meaning of failure: HTTP status, FHIR issue code and whether a retry can help.

No field of an error ever holds patient data: messages name elements, reasons and our own row ids only.
Source: FHIR R4 OperationOutcome (issue-type codes); interfaces section 12.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One problem of the input.

    Attributes:
        text: one sentence for a person, without patient data.
        path: FHIRPath of the element; None = the whole body.
        code: FHIR issue-type code.
    """

    text: str
    path: str | None = None
    code: str = "invalid"


class ServiceError(Exception):
    """Base of every failure that has a meaning for the caller.

    Attributes:
        status: HTTP status.
        issue: FHIR issue-type code.
        retry: True = the same request may succeed later.
        faults: the single problems; never empty.
        retry_after: seconds the other side asked us to wait; None = not said.
    """

    status: ClassVar[int] = 500
    issue: ClassVar[str] = "exception"
    retry: ClassVar[bool] = False

    def __init__(
        self, text: str, *, path: str | None = None, faults: tuple[Fault, ...] = (), retry_after: float | None = None
    ) -> None:
        """Keep the sentence, and the single problems where there are several."""
        super().__init__(text)
        self.text = text
        self.faults = faults or (Fault(text=text, path=path, code=self.issue),)
        self.retry_after = retry_after


class SettingsError(ServiceError):
    """A setting is missing or wrong: the service refuses to start and says how to mend it."""

    issue = "exception"


class BrokenReleaseError(ServiceError):
    """Data shipped with the service contradicts itself (mapping row, evidence table)."""


class InvalidJsonError(ServiceError):
    """The body is not JSON, repeats a key or nests too deep."""

    status = 400
    issue = "structure"


class UnsupportedMediaTypeError(ServiceError):
    """Content-Type is not FHIR JSON."""

    status = 415
    issue = "not-supported"


class NotAcceptableError(ServiceError):
    """No representation fits Accept."""

    status = 406
    issue = "not-supported"


class TooLargeError(ServiceError):
    """The body or the number of entries is over its limit."""

    status = 413
    issue = "too-long"


class BadRequestError(ServiceError):
    """A query parameter or header cannot be understood."""

    status = 400
    issue = "invalid"


class InvalidInputError(ServiceError):
    """FHIR content breaks a rule; `faults` name every element."""

    status = 422
    issue = "invalid"


class NoReportError(InvalidInputError):
    """The input holds no DiagnosticReport."""

    issue = "required"


class DeniedError(ServiceError):
    """The caller may not: unknown, or known and not allowed.

    Attributes:
        reason: one word for what is wrong, for our log and audit; the answer does not hold it.
        token_id: `jti` of the caller's token, where its signature held; None = not known.
    """

    def __init__(self, text: str, *, reason: str, token_id: str | None = None) -> None:
        """Keep what the caller is not told beside what it is told."""
        super().__init__(text)
        self.reason = reason
        self.token_id = token_id


class UnauthenticatedError(DeniedError):
    """The caller did not prove who it is."""

    status = 401
    issue = "login"


class ForbiddenError(DeniedError):
    """The caller is known and may not."""

    status = 403
    issue = "forbidden"


class NotFoundError(ServiceError):
    """There is nothing under this address, or not for this caller."""

    status = 404
    issue = "not-found"


class MethodNotAllowedError(ServiceError):
    """The address exists and does not take this method."""

    status = 405
    issue = "not-supported"


class GoneError(ServiceError):
    """There was something under this address."""

    status = 410
    issue = "deleted"


class ConflictError(ServiceError):
    """The request contradicts the stored state."""

    status = 409
    issue = "conflict"


class StorageDownError(ServiceError):
    """The database cannot be reached or is locked: nothing is served, nothing is acknowledged."""

    status = 503
    issue = "transient"
    retry = True


class StorageBusyError(StorageDownError):
    """Somebody else holds what is needed, for a moment: the same again may succeed at once."""


class IssuerUnavailableError(ServiceError):
    """The keys of a registered issuer cannot be read, so its tokens can be neither accepted nor refused."""

    status = 503
    issue = "transient"
    retry = True


class EhrError(ServiceError):
    """The EHR did not do what was asked.

    Attributes:
        http_status: of its answer; None = it did not answer.
        outcome: the body of its answer, which may speak of a patient: stored with what failed, shown to who may see that, and
            never logged.
        reason: one word for why it could not be reached; None = it answered.
    """

    status = 502
    issue = "processing"

    def __init__(
        self,
        text: str,
        *,
        http_status: int | None = None,
        outcome: bytes = b"",
        retry_after: float | None = None,
        reason: str | None = None,
    ) -> None:
        """Keep what the EHR answered beside our own sentence."""
        super().__init__(text, retry_after=retry_after)
        self.http_status = http_status
        self.outcome = outcome
        self.reason = reason


class EhrUnavailableError(EhrError):
    """The EHR did not answer, or answered with a passing failure (429, 5xx, time-out)."""

    issue = "transient"
    retry = True


class EhrRefusedError(EhrError):
    """The EHR refused for good (4xx that no repeat can mend)."""


class EhrConflictError(EhrError):
    """409 or 412: somebody changed the resource since we read it, or there are several."""

    status = 409
    issue = "conflict"


class ForeignAddressError(ServiceError):
    """An address taken from input is not the registered EHR's."""

    status = 422
    issue = "security"


class LostLeaseError(ServiceError):
    """Another worker took the stream: this one's effect is rolled back."""

    status = 409
    issue = "conflict"
