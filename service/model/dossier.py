"""The dossier: every byte read for one assessment, in the order in which it was read."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from service.model.hospital import HospitalSlug


class Origin(StrEnum):
    """How a document reached us."""

    POSTED = "posted"
    READ = "read"
    ANSWERED = "answered"


UNREAD: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
"""Status of the Document that stands for the pages of a context search beyond the last one read."""

UNAPPLIED: Final = HTTPStatus.NOT_IMPLEMENTED
"""Status of the Document that stands for a context search whose parameters the EHR did not all apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One body of bytes exactly as received: a resource or a Bundle.

    Attributes:
        origin: posted to us, read by us from the EHR, or an answer that somebody gave to an earlier assessment of the report.
        request: what was asked of the EHR, relative to its base (`Observation/7`, `Observation?patient=..`);
            empty for a posted document; the name of an answer (`assessments/../answers/..`).
        status: HTTP status of the answer; 200 for a document that was not read. 404 and 410 are kept too: an absence is an input.
        body: the bytes, unchanged.
    """

    origin: Origin
    request: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All documents of one assessment and what the stages need to know about where they came from.

    Attributes:
        hospital: whose patient it is.
        ehr_base: FHIR base of the EHR that relative references of read documents resolve against; None = none.
        report: relative reference of the assessed report (`DiagnosticReport/7`); None = the one in the posted Bundle.
        context_days: window for context findings in days; 0 = off.
        strict: True = one invalid entry refuses the whole input; False = it is left out and listed.
        documents: in order of reading; the first is what started it.
        prior: the caller's prior probability for IESL (0-1); None = none stated beside the documents.
    """

    hospital: HospitalSlug
    ehr_base: str | None
    report: str | None
    context_days: int
    strict: bool
    documents: tuple[Document, ...]
    prior: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing that intake lacks and the EHR may have.

    Attributes:
        request: relative to the EHR base: `Observation/7` (read) or `Observation?patient=7&..` (search).
        needed: True = the report cannot be understood without it (a result); False = context.
        pages: pages of a search that are worth reading; None = as many as are read of any search.
    """

    request: str
    needed: bool
    pages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """What of a patient's record the mapping tables can use, and so is worth asking the EHR for; nothing by default.

    Attributes:
        codes: `system|code` of clinical Observations, sorted.
        conditions: True = the tables know codes of Conditions.
        procedures: True = the tables know codes of treatment.
        reports: True = the tables know codes that imaging reports carry.
    """

    codes: tuple[str, ...] = ()
    conditions: bool = False
    procedures: bool = False
    reports: bool = False
