"""Assess what was posted, in the same request: `POST /assessments` and `POST /fhir/$assess`, one handler."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from service.errors import InvalidInputError
from service.intake.opened import Opened
from service.model.caller import Caller
from service.model.coded import Issue
from service.model.dossier import Document, Dossier, Origin
from service.model.hospital import Hospital
from service.parts import Parts
from service.pipeline.compute import Computed, Identity, assemble, compute, render, series_of
from service.pipeline.gather import gather
from service.pipeline.store import served_references, store, with_every_answer
from service.storage.assessments import AssessmentRow
from service.storage.receipts import NewReceipt, Settlement
from service.storage.terms import AuditAction, ReceiptId, ReceiptKind, ReceiptState
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectRequest:
    """One direct post.

    Attributes:
        hospital: on whose behalf.
        body: raw bytes.
        strict: strict handling.
        store: False = dry run.
        write_back: also deliver to the hospital's EHR.
        prior: caller's prior for the IESL probability; None = none.
        caller: for the audit.
    """

    hospital: Hospital
    body: bytes
    strict: bool
    store: bool
    write_back: bool
    prior: Decimal | None
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectAnswer:
    """What a direct post is answered with.

    Attributes:
        id: of the assessment; of a dry run an id that nothing is stored under.
        version: of the RiskAssessment; None = dry run.
        content: Assessment JSON.
        resource: RiskAssessment JSON.
        assessed_at: when it was computed.
        is_first: True = there was no version before it.
        issues: what must be said beside it.
        created: True = a new assessment was stored.
    """

    id: str
    version: int | None
    content: bytes
    resource: bytes
    assessed_at: datetime
    is_first: bool
    issues: tuple[Issue, ...]
    created: bool


def assess(parts: Parts, request: DirectRequest) -> DirectAnswer:
    """Assess a posted Bundle, Parameters or report.

    Raises:
        InvalidJsonError, InvalidInputError, NoReportError: as found in the body; nothing is stored.
        StorageDownError: nothing was stored.
    """
    if request.store and (known := _known(parts, request)) is not None:
        return known
    dossier = Dossier(
        hospital=request.hospital.slug,
        ehr_base=request.hospital.ehr_base,
        report=None,
        context_days=request.hospital.context_days,
        strict=request.strict,
        documents=(Document(origin=Origin.POSTED, request="", status=200, body=request.body),),
        prior=request.prior,
    )
    opened = gather(parts, request.hospital, dossier)
    computed = compute(opened, parts.languages[request.hospital.slug], parts.tables)
    if computed.reading.report.status == "registered":
        raise InvalidInputError(
            "A registered report holds no result yet; send it again when it is at least partial.", path="DiagnosticReport.status"
        )
    if not request.store:
        return _dry_run(parts, request, computed)
    return _stored(parts, request, computed, opened)


def _known(parts: Parts, request: DirectRequest) -> DirectAnswer | None:
    """Return the answer that the same input was given before; None = it is new, or what it gave does not hold any more.

    It holds as long as it is the newest of its report and was made under the rules and tables in force.
    """
    versions = parts.languages[request.hospital.slug].versions
    with parts.database.write() as uow:
        receipt = uow.receipts.find(_dedupe_key(request))
        row = uow.assessments.get(receipt.assessment_id) if receipt is not None and receipt.assessment_id else None
        if row is None or uow.assessments.successor(row.id) is not None:
            return None
        if (row.ruleset, row.mappings_release) != (versions.ruleset, versions.mappings):
            return None
        entity = f"Assessment/{row.id}"
        uow.audit.add(
            parts.fact(
                request.caller, AuditAction.READ, "read", entity=entity, patient=row.subject, hospital=row.hospital, detail=row.id
            )
        )
    return _answer(row, (), created=False)


def _answer(row: AssessmentRow, issues: tuple[Issue, ...], *, created: bool) -> DirectAnswer:
    return DirectAnswer(
        id=row.id,
        version=row.version,
        content=row.content,
        resource=row.resource,
        assessed_at=row.assessed_at,
        is_first=row.supersedes is None,
        issues=issues,
        created=created,
    )


def _dedupe_key(request: DirectRequest) -> str:
    content_hash = hashlib.sha256(request.body).hexdigest()
    return f"direct|{request.hospital.slug}|{request.strict}|{request.write_back}|{request.prior}|{content_hash}"


def _dry_run(parts: Parts, request: DirectRequest, computed: Computed) -> DirectAnswer:
    language = parts.languages[request.hospital.slug]
    identity = Identity(
        id=parts.new_id(),
        series=series_of(request.hospital.slug, computed.reading.report.identity or parts.new_id()),
        hospital=request.hospital.slug,
        supersedes=None,
        assessed_at_instant=parts.clock(),
    )
    rendered = render(assemble(computed, identity, language), language, served_references(computed, request.hospital))
    return DirectAnswer(
        id=identity.id,
        version=None,
        content=rendered.content,
        resource=rendered.resource,
        assessed_at=identity.assessed_at_instant,
        is_first=True,
        issues=computed.issues,
        created=False,
    )


def _stored(parts: Parts, request: DirectRequest, computed: Computed, opened: Opened) -> DirectAnswer:
    if computed.reading.report.identity is None:
        raise InvalidInputError(
            "The report has no identity: give it an id with a fullUrl, an identifier with system and value, or send store=false.",
            path="DiagnosticReport.identifier",
        )

    def keep(uow: UnitOfWork, computed: Computed) -> DirectAnswer:
        stored = store(uow, parts, request.hospital, computed, opened.dossier, caller=request.caller, write_back=request.write_back)
        # a new assessment keeps the bytes in its dossier; otherwise the receipt is all there is
        uow.receipts.add(
            _receipt(parts, request, computed, b"" if stored.created else request.body),
            Settlement(state=ReceiptState.COMPLETED, reason=stored.reason, assessment_id=stored.row.id),
        )
        return _answer(stored.row, computed.issues, created=stored.created)

    return with_every_answer(parts, request.hospital, opened, computed, keep)


def _receipt(parts: Parts, request: DirectRequest, computed: Computed, body: bytes) -> NewReceipt:
    report = computed.reading.report
    return NewReceipt(
        id=ReceiptId(parts.new_id()),
        hospital=request.hospital.slug,
        kind=ReceiptKind.DIRECT,
        method="POST",
        resource_type="DiagnosticReport",
        resource_id=None if report.reference is None else report.reference.rpartition("/")[2],
        resource_version=report.version,
        content_hash=hashlib.sha256(request.body).hexdigest(),
        dedupe_key=_dedupe_key(request),
        body=body,
        media_type="application/fhir+json",
        received_at=parts.clock(),
        request_id=request.caller.request_id,
    )
