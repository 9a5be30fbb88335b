"""A registered hospital: who may send to us and where its EHR is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, Protocol

HospitalSlug = NewType("HospitalSlug", str)
"""The short name of a hospital in routes, settings and tables: `[a-z0-9][a-z0-9-]*`."""


class WriteBack(StrEnum):
    """What is written to the EHR after an assessment."""

    RISK_ASSESSMENT = "riskassessment"
    DOCUMENT_REFERENCE = "documentreference"
    NONE = "none"


class Signer(Protocol):
    """A private key of ours."""

    @property
    def kid(self) -> str:
        """Its name."""

    @property
    def public(self) -> Mapping[str, str]:
        """Its public half as JWK."""

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return a signed JWT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartLogin:
    """How we log in at an EHR as a SMART Backend Service.

    Attributes:
        client_id: as the EHR registered us.
        keys: the first one signs; all of them are published, so that a new key can be announced before it signs.
        scope: what we ask for.
        token_url: where tokens are issued; None = as the EHR's smart-configuration says, on the EHR's own host.
    """

    client_id: str
    keys: tuple[Signer, ...]
    scope: str
    token_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """One registered sender and its EHR; secrets are already read from the environment or files.

    Attributes:
        slug: name in routes and tables.
        name: what people call it.
        ehr_base: FHIR base URL of its EHR without trailing slash; None = no EHR (direct posts only).
        webhook_secret: bearer secret that its webhooks carry; None = none. Without secret and certificate webhooks are open, which
            is allowed on loopback in development only.
        webhook_certificate: what the proxy in front must name as the sender's certificate; None = none is asked for.
        ehr_bearer: static bearer token for its EHR; None = none.
        smart: how we log in at its EHR; None = with the static bearer, or not at all.
        write_back: what goes back to the EHR.
        provenance: whether a Provenance follows each RiskAssessment.
        context_days: window around the report for context; 0 = off.
        ca_bundle: path of a private CA bundle for its EHR; None = the system's.
        proxy: address of the proxy through which its EHR is reached; None = directly.
        client_certificate, client_key: paths of a certificate of ours that its EHR asks for, and of its key; None = none. The key
            may stand in the file of the certificate.
        timeout_seconds: limit of one HTTP exchange with its EHR.
    """

    slug: HospitalSlug
    name: str
    ehr_base: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_certificate: str | None = None
    ehr_bearer: str | None = field(default=None, repr=False)
    smart: SmartLogin | None = None
    write_back: WriteBack = WriteBack.NONE
    provenance: bool = False
    context_days: int = 30
    ca_bundle: str | None = None
    proxy: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    timeout_seconds: float = 20.0
