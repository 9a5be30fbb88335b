"""A registered hospital: who may send to us and where its EHR is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

HospitalSlug = NewType("HospitalSlug", str)
"""The short name of a hospital in routes, settings and tables: `[a-z0-9][a-z0-9-]*`."""


class WriteBack(StrEnum):
    """What is written to the EHR after an assessment."""

    RISK_ASSESSMENT = "riskassessment"
    DOCUMENT_REFERENCE = "documentreference"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """One registered sender and its EHR; secrets are already read from the environment or files.

    Attributes:
        slug: name in routes and tables.
        name: what people call it.
        ehr_base: FHIR base URL of its EHR without trailing slash; None = no EHR (direct posts only).
        webhook_secret: bearer secret that its webhooks carry; None = open, allowed on loopback in development only.
        ehr_bearer: static bearer token for its EHR; None = no authorisation header.
        write_back: what goes back to the EHR.
        provenance: whether a Provenance follows each RiskAssessment.
        context_days: window around the report for context; 0 = off.
        ca_bundle: path of a private CA bundle for its EHR; None = the system's.
        timeout_seconds: limit of one HTTP exchange with its EHR.
    """

    slug: HospitalSlug
    name: str
    ehr_base: str | None = None
    webhook_secret: str | None = None
    ehr_bearer: str | None = None
    write_back: WriteBack = WriteBack.NONE
    provenance: bool = False
    context_days: int = 30
    ca_bundle: str | None = None
    timeout_seconds: float = 20.0
