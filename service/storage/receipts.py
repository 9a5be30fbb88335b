"""Receipts: one row per accepted trigger, with its raw bytes; the Task is a view of it."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from service.model.hospital import HospitalSlug
from service.storage.clock import InstantNow
from service.storage.tables import receipt
from service.storage.terms import AssessmentId, ReceiptId, ReceiptKind, ReceiptState
from service.storage.writing import insert_once


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """A trigger as it arrived.

    Attributes:
        id: ours; also the id of the Task.
        hospital: who sent it.
        kind: webhook or direct post.
        method: HTTP method.
        resource_type: type of the resource it speaks of (`DiagnosticReport`, `Bundle`).
        resource_id, resource_version: as sent; None = not stated.
        content_hash: SHA-256 of the body, hexadecimal.
        dedupe_key: equal for two arrivals of the same event.
        body: the bytes as received; empty = none, or removed by retention.
        media_type: Content-Type as sent.
        received_at: aware instant.
        request_id: X-Request-Id; None = none sent.
    """

    id: ReceiptId
    hospital: HospitalSlug
    kind: ReceiptKind
    method: str
    resource_type: str
    resource_id: str | None
    resource_version: str | None
    content_hash: str
    dedupe_key: str
    body: bytes
    media_type: str
    received_at: datetime
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(NewReceipt):
    """A stored trigger and what became of it.

    Attributes:
        state: Task.status.
        reason: our word for it (`superseded`, `ignored-own-write`, `withdrawn`); None = none; never patient data.
        assessment_id: what came out; None = nothing yet.
        repeats: how often the same event arrived again.
        updated_at: instant of the last change, by the database's clock.
    """

    state: ReceiptState
    reason: str | None
    assessment_id: AssessmentId | None
    repeats: int
    updated_at: datetime


_COLUMNS: Final = [receipt.c[field.name] for field in fields(Receipt)]
_ADD: Final = {
    name: add.values(repeats=0, updated_at=InstantNow())
    for name, add in insert_once(receipt, receipt.c.dedupe_key, receipt.c.updated_at).items()
}
_GET: Final = select(*_COLUMNS).where(receipt.c.id == bindparam("id"))
_GET_BY_KEY: Final = select(*_COLUMNS).where(receipt.c.dedupe_key == bindparam("key"))
_SETTLE: Final = (
    update(receipt)
    .where(receipt.c.id == bindparam("receipt"))
    .values(state=bindparam("state"), reason=bindparam("reason"), assessment_id=bindparam("assessment_id"), updated_at=InstantNow())
)
_REPEATED: Final = (
    update(receipt).where(receipt.c.id == bindparam("receipt")).values(repeats=receipt.c.repeats + 1, updated_at=InstantNow())
)


class Receipts:
    """The receipts of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def add(
        self,
        new: NewReceipt,
        *,
        state: ReceiptState = ReceiptState.REQUESTED,
        reason: str | None = None,
        assessment_id: AssessmentId | None = None,
    ) -> tuple[Receipt, bool]:
        """Store a trigger once.

        Args:
            new: the trigger.
            state: what became of it, where that is known already.
            reason: as in Receipt.
            assessment_id: as in Receipt.

        Returns:
            The row with this dedupe key, and True when it is this one, False when the event was known already.
        """
        row = {field.name: getattr(new, field.name) for field in fields(NewReceipt)}
        row |= {"state": state, "reason": reason, "assessment_id": assessment_id}
        stored_at = self._connection.execute(_ADD[self._connection.dialect.name], row).scalar_one_or_none()
        if stored_at is not None:
            return Receipt(**row, repeats=0, updated_at=stored_at), True
        known = self._connection.execute(_GET_BY_KEY, {"key": new.dedupe_key}).one()
        return Receipt(**known._mapping), False  # noqa: SLF001 (public in spite of its name)

    def get(self, receipt_id: ReceiptId) -> Receipt | None:
        """Return a receipt; None = there is none with this id."""
        row = self._connection.execute(_GET, {"id": receipt_id}).one_or_none()
        return None if row is None else Receipt(**row._mapping)  # noqa: SLF001 (public in spite of its name)

    def find(self, dedupe_key: str) -> Receipt | None:
        """Return the receipt of an event; None = it never arrived."""
        row = self._connection.execute(_GET_BY_KEY, {"key": dedupe_key}).one_or_none()
        return None if row is None else Receipt(**row._mapping)  # noqa: SLF001 (as above)

    def settle(
        self, receipt_id: ReceiptId, *, state: ReceiptState, reason: str | None = None, assessment_id: AssessmentId | None = None
    ) -> None:
        """Say what became of a trigger; reason and assessment are replaced too."""
        self._connection.execute(_SETTLE, {"receipt": receipt_id, "state": state, "reason": reason, "assessment_id": assessment_id})

    def repeated(self, receipt_id: ReceiptId) -> None:
        """Count one more arrival of the same event."""
        self._connection.execute(_REPEATED, {"receipt": receipt_id})
