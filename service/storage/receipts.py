"""Receipts: one row per accepted trigger, with its raw bytes; the Task is a view of it.

A trigger that names no report (an Observation) concerns any number of them: each has a row of its own, and the receipt is done when
all of them are.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.model.hospital import HospitalSlug
from service.storage.clock import InstantNow
from service.storage.tables import receipt, receipt_report
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
class Settlement:
    """What became of a trigger, or of one report that it concerns.

    Attributes:
        state: Task.status.
        reason: our word or sentence for it (`superseded`, `own-write-ignored`); None = none; never patient data.
        assessment_id: what came out; None = nothing, or nothing yet.
        http_status: what the EHR answered where that ended the work; None = it did not.
        answer: the body of that answer; None = none.
    """

    state: ReceiptState
    reason: str | None = None
    assessment_id: AssessmentId | None = None
    http_status: int | None = None
    answer: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(NewReceipt):
    """A stored trigger and what became of it.

    Attributes:
        state, reason, assessment_id, http_status, answer: as in Settlement.
        repeats: how often the same event arrived again.
        updated_at: instant of the last change, by the database's clock.
    """

    state: ReceiptState
    reason: str | None
    assessment_id: AssessmentId | None
    http_status: int | None
    answer: bytes | None
    repeats: int
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernedReport(Settlement):
    """One report that a trigger concerns: its reference (`DiagnosticReport/7`), and what became of it."""

    report: str


REQUESTED: Final = Settlement(state=ReceiptState.REQUESTED)
"""What is known of a trigger when it arrives."""

_COLUMNS: Final = [receipt.c[field.name] for field in fields(Receipt)]
_ADD: Final = {
    name: add.values(repeats=0, updated_at=InstantNow())
    for name, add in insert_once(receipt, receipt.c.dedupe_key, receipt.c.updated_at).items()
}
_GET: Final = select(*_COLUMNS).where(receipt.c.id == bindparam("id"))
_GET_BY_KEY: Final = select(*_COLUMNS).where(receipt.c.dedupe_key == bindparam("key"))
_SAID: Final = tuple(field.name for field in fields(Settlement))
_SETTLE: Final = (
    update(receipt)
    .where(receipt.c.id == bindparam("receipt"))
    .values({name: bindparam(name) for name in _SAID} | {"updated_at": InstantNow()})
)
_HOLD: Final = select(receipt.c.id).where(receipt.c.id == bindparam("receipt")).with_for_update()
_CONCERN: Final = {
    "sqlite": sqlite.insert(receipt_report).values(updated_at=InstantNow()).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(receipt_report).values(updated_at=InstantNow()).on_conflict_do_nothing(),
}
_OF_RECEIPT: Final = receipt_report.c.receipt_id == bindparam("receipt")
_SETTLE_REPORT: Final = (
    update(receipt_report)
    .where(_OF_RECEIPT, receipt_report.c.report == bindparam("concerned"))
    .values({name: bindparam(name) for name in _SAID} | {"updated_at": InstantNow()})
    .returning(receipt_report.c.report)
)
_REPORTS: Final = (
    select(*(receipt_report.c[field.name] for field in fields(ConcernedReport)))
    .where(_OF_RECEIPT)
    .order_by(receipt_report.c.report)
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

    def add(self, new: NewReceipt, settlement: Settlement = REQUESTED) -> tuple[Receipt, bool]:
        """Store a trigger once.

        Args:
            new: the trigger.
            settlement: what became of it, where that is known already.

        Returns:
            The row with this dedupe key, and True when it is this one, False when the event was known already.
        """
        row = {field.name: getattr(new, field.name) for field in fields(NewReceipt)} | asdict(settlement)
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

    def settle(self, receipt_id: ReceiptId, settlement: Settlement, *, report: str | None = None) -> None:
        """Say what became of a trigger; everything that was said before is replaced.

        Args:
            receipt_id: the trigger.
            settlement: what became of it.
            report: the report that was worked on; None = the trigger as a whole. Where the trigger concerns several, only what
                became of this one is said, and the trigger is as far as all of them together.
        """
        row = {"receipt": receipt_id, **asdict(settlement)}
        if report is not None and self._connection.execute(_SETTLE_REPORT, {**row, "concerned": report}).one_or_none():
            self._connection.execute(_HOLD, {"receipt": receipt_id})  # whoever settles another report of it waits here
            row = {"receipt": receipt_id, **asdict(Settlement(state=_together(self.reports(receipt_id))))}
        self._connection.execute(_SETTLE, row)

    def concern(self, receipt_id: ReceiptId, reports: Collection[str]) -> None:
        """Note which reports a trigger concerns; what is known of one already stays."""
        if reports:
            rows = [{"receipt_id": receipt_id, "report": report, **asdict(REQUESTED)} for report in reports]
            self._connection.execute(_CONCERN[self._connection.dialect.name], rows)

    def reports(self, receipt_id: ReceiptId) -> tuple[ConcernedReport, ...]:
        """Return what became of each report that a trigger concerns; () = it names its report, or none was looked for yet."""
        rows = self._connection.execute(_REPORTS, {"receipt": receipt_id})
        return tuple(ConcernedReport(**row._mapping) for row in rows)  # noqa: SLF001 (public in spite of its name)

    def repeated(self, receipt_id: ReceiptId) -> None:
        """Count one more arrival of the same event."""
        self._connection.execute(_REPEATED, {"receipt": receipt_id})


def _together(reports: Iterable[Settlement]) -> ReceiptState:
    """Return how far a trigger is: failed with the first report that failed, completed with the last that was settled."""
    states = {each.state for each in reports}
    if ReceiptState.FAILED in states:
        return ReceiptState.FAILED
    return states.pop() if len(states) == 1 else ReceiptState.IN_PROGRESS
