"""Accept a trigger: receipt, raw bytes, job and audit facts in one commit; nothing else happens before the answer."""

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from service.ehr.body import child, children, json_object, text
from service.errors import BadRequestError, InvalidInputError, NotFoundError
from service.intake.resource_types import RESOURCE_TYPES
from service.intake.trigger import look
from service.metrics import RECEIPTS
from service.model.caller import Caller
from service.model.hospital import Hospital
from service.parts import Parts
from service.storage.receipts import NewReceipt, Settlement
from service.storage.terms import AuditAction, ReceiptId, ReceiptKind, ReceiptState, StreamKey
from service.storage.unit_of_work import UnitOfWork

REPORT: Final = "DiagnosticReport"
CONTEXT_TYPES: Final = frozenset({"Observation", "Condition", "Procedure", "BodyStructure", "ImagingStudy", "Patient"})
OWN_TYPES: Final = frozenset({"RiskAssessment", "Provenance", "Task"})
_SETTLED: Final = frozenset({ReceiptState.COMPLETED, ReceiptState.FAILED})
_NOTIFICATIONS: Final = frozenset({"history", "subscription-notification"})
"""Bundle.type of the R5 backport: handshakes, heartbeats and events that only name a resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One notification as it came in.

    Attributes:
        method: HTTP method.
        resource_type, resource_id: from the address; None = not in it.
        body: raw bytes; empty for DELETE.
        media_type: Content-Type without parameters.
    """

    method: str
    resource_type: str | None
    resource_id: str | None
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a notification speaks of; None = neither address nor body says it."""

    resource_type: str
    resource_id: str | None
    version: str | None
    subject: str | None


def receive(parts: Parts, hospital: Hospital, trigger: Trigger, caller: Caller) -> str:
    """Store one trigger and return the id of its Task.

    The same event again returns the Task of the first one and changes nothing but a counter.

    Raises:
        InvalidJsonError: the body is not JSON.
        InvalidInputError: it is no FHIR resource, or of another type or id than its address says.
        NotFoundError: its address names no type of FHIR.
        StorageDownError: nothing was stored, nothing is acknowledged.
    """
    seen = _see(parts, trigger)
    receipt = _receipt(parts, hospital, trigger, seen, caller)
    with parts.database.write() as uow:
        stored, is_new = uow.receipts.add(receipt)
        if not is_new and seen.version is None and stored.state in _SETTLED:
            # nothing but its bytes names this event, and bytes may come back: deleted, restored, deleted again
            stored, is_new = uow.receipts.add(replace(receipt, dedupe_key=f"{receipt.dedupe_key}|{receipt.id}"))
        patient = seen.subject or _assessed_patient(uow, hospital, seen)
        uow.audit.add(
            parts.fact(
                caller, AuditAction.EXECUTE, "operation", entity=f"Task/{stored.id}", patient=patient, hospital=hospital.slug
            )
        )
        if is_new:
            _follow(uow, parts, hospital, stored.id, replace(seen, subject=patient))
        else:
            uow.receipts.repeated(stored.id)
    known = seen.resource_type in CONTEXT_TYPES | OWN_TYPES | {REPORT, "Bundle"}
    RECEIPTS.labels("webhook", seen.resource_type if known else "other", str(is_new).lower()).inc()
    return stored.id


def _receipt(parts: Parts, hospital: Hospital, trigger: Trigger, seen: _Seen, caller: Caller) -> NewReceipt:
    """Return the receipt of a trigger; the same event again has the same `dedupe_key`."""
    content_hash = hashlib.sha256(trigger.body).hexdigest()
    deleted = "DELETE" if trigger.method == "DELETE" else ""
    event = ("webhook", hospital.slug, deleted, seen.resource_type, seen.resource_id or "", seen.version or "", content_hash)
    return NewReceipt(
        id=ReceiptId(parts.new_id()),
        hospital=hospital.slug,
        kind=ReceiptKind.WEBHOOK,
        method=trigger.method,
        resource_type=seen.resource_type,
        resource_id=seen.resource_id,
        resource_version=seen.version,
        content_hash=content_hash,
        dedupe_key="|".join(event),
        body=trigger.body,
        media_type=trigger.media_type,
        received_at=parts.clock(),
        request_id=caller.request_id,
    )


def _assessed_patient(uow: UnitOfWork, hospital: Hospital, seen: _Seen) -> str | None:
    """Return whose report a deletion speaks of, so that it keeps its place among the patient's other work; None = not known."""
    if seen.resource_type != REPORT or seen.resource_id is None:
        return None
    subjects = {row.subject for row in uow.assessments.of_report(hospital.slug, f"{REPORT}/{seen.resource_id}")}
    return subjects.pop() if len(subjects) == 1 else None


def _see(parts: Parts, trigger: Trigger) -> _Seen:
    """Look at a trigger just enough to know what it speaks of, and hold it against its address."""
    if trigger.resource_type is not None and trigger.resource_type not in RESOURCE_TYPES:
        raise NotFoundError("There is no resource type of that name in FHIR R4.")
    if trigger.method == "DELETE":
        if trigger.resource_type is None or trigger.resource_id is None:
            raise BadRequestError("A DELETE names the resource in its address.")
        return _Seen(resource_type=trigger.resource_type, resource_id=trigger.resource_id, version=None, subject=None)
    if not trigger.body.strip():
        raise InvalidInputError("An empty notification asks for a sweep, which this release does not do yet; send the resource.")
    found = look(trigger.body, parts.limits)
    if found.bundle_type in _NOTIFICATIONS and found.status is None and _is_backport(trigger.body):
        raise InvalidInputError("A notification without the report is not followed by this release; subscribe with full resources.")
    if trigger.resource_type is not None and found.resource_type not in {trigger.resource_type, "Bundle"}:
        raise InvalidInputError(
            f"The body is of another type than the address says; send {trigger.resource_type} here, or to its own address.",
            path="resourceType",
        )
    if trigger.resource_id is not None and found.id is not None and found.id != trigger.resource_id:
        raise InvalidInputError(
            "The body has another id than the address says; one of them is wrong.", path=f"{found.resource_type}.id"
        )
    return _Seen(
        resource_type=found.resource_type,
        resource_id=found.id or trigger.resource_id,
        version=found.version,
        subject=found.subject,
    )


def _is_backport(body: bytes) -> bool:
    """Tell whether a Bundle begins with the status of a Subscription, as the R5 backport has it."""
    first = next(children(json_object(body), "entry"), {})
    return text(child(first, "resource"), "resourceType") in {"Parameters", "SubscriptionStatus"}


def _follow(uow: UnitOfWork, parts: Parts, hospital: Hospital, receipt_id: ReceiptId, seen: _Seen) -> None:
    """Enqueue the work that a new receipt causes."""
    if seen.resource_type in OWN_TYPES:
        uow.receipts.settle(receipt_id, Settlement(state=ReceiptState.COMPLETED, reason="own-write-ignored"))
        return
    reference = f"{seen.resource_type}/{seen.resource_id}" if seen.resource_id else None
    if seen.resource_type in CONTEXT_TYPES:
        kind = "context"
    elif seen.resource_type in {REPORT, "Bundle"}:
        kind = "assess"
    else:
        uow.receipts.settle(receipt_id, Settlement(state=ReceiptState.COMPLETED, reason="type-not-read"))
        return
    payload = {"receipt": receipt_id, "hospital": str(hospital.slug)}
    payload |= {"reference": reference} if reference else {}
    payload |= {"subject": seen.subject} if seen.subject else {}
    uow.jobs.enqueue(
        StreamKey(f"assess|{hospital.slug}|{seen.subject or reference or receipt_id}"),
        kind,
        payload,
        f"{kind}|{receipt_id}",
        delay_seconds=parts.settings.debounce_seconds,
        max_wait_seconds=parts.settings.debounce_max_seconds,
    )
