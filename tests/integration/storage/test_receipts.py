"""Receipts: one row per event, however often it arrives."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from service.errors import ConflictError
from service.storage.database import Database
from service.storage.receipts import NewReceipt, Receipt, Settlement
from service.storage.terms import AssessmentId, ReceiptId, ReceiptState
from tests.integration.storage.rows import NOON, RECEIPT, add_assessment


def test_a_stored_receipt_is_what_arrived_and_is_requested(database: Database) -> None:
    with database.write() as unit:
        added, is_new = unit.receipts.add(RECEIPT)
    with database.read() as unit:
        stored = unit.receipts.get(RECEIPT.id)
    assert is_new
    assert stored == added
    assert {field.name: getattr(added, field.name) for field in fields(NewReceipt)} == {
        field.name: getattr(RECEIPT, field.name) for field in fields(NewReceipt)
    }
    assert (added.state, added.reason, added.assessment_id, added.repeats) == (ReceiptState.REQUESTED, None, None, 0)
    assert abs(added.updated_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_same_event_again_gives_the_first_receipt(database: Database) -> None:
    with database.write() as unit:
        first, _ = unit.receipts.add(RECEIPT)
        again, is_new = unit.receipts.add(replace(RECEIPT, id=ReceiptId("receipt-2"), body=b"other"))
        found = unit.receipts.find(RECEIPT.dedupe_key)
        assert unit.receipts.find("nowhere") is None
    assert not is_new
    assert again == first
    assert found == first


def test_of_many_arrivals_at_once_one_is_new(database: Database) -> None:
    def arrive(number: int) -> tuple[Receipt, bool]:
        with database.write() as unit:
            return unit.receipts.add(replace(RECEIPT, id=ReceiptId(f"receipt-{number}")))

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(arrive, range(24)))
    assert sum(is_new for _, is_new in results) == 1
    assert len({receipt.id for receipt, _ in results}) == 1


def test_another_event_under_a_used_id_is_refused_without_quoting_rows(database: Database) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
    with pytest.raises(ConflictError) as refused, database.write() as unit:
        unit.receipts.add(replace(RECEIPT, dedupe_key="secret-key"))
    assert "receipt" in refused.value.text
    assert "secret-key" not in refused.value.text
    assert RECEIPT.id not in refused.value.text
    assert RECEIPT.id not in "".join(traceback.format_exception(refused.value))


def test_settling_replaces_state_reason_and_assessment(database: Database) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
        assessment = add_assessment(unit)
        done = Settlement(state=ReceiptState.COMPLETED, reason="superseded", assessment_id=assessment.id)
        unit.receipts.settle(RECEIPT.id, done)
        settled = unit.receipts.get(RECEIPT.id)
        unit.receipts.settle(RECEIPT.id, Settlement(state=ReceiptState.FAILED, http_status=422, answer=b"refused"))
        failed = unit.receipts.get(RECEIPT.id)
    assert settled is not None
    assert (settled.state, settled.reason, settled.assessment_id) == (ReceiptState.COMPLETED, "superseded", assessment.id)
    assert settled.body == RECEIPT.body
    assert failed is not None
    assert (failed.state, failed.reason, failed.assessment_id) == (ReceiptState.FAILED, None, None)
    assert (failed.state is ReceiptState.FAILED, failed.http_status, failed.answer) == (True, 422, b"refused")


def test_a_receipt_cannot_name_an_assessment_that_is_not_stored(database: Database) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
    with pytest.raises(ConflictError), database.write() as unit:
        unit.receipts.settle(RECEIPT.id, Settlement(state=ReceiptState.COMPLETED, assessment_id=AssessmentId("nowhere")))


def test_repeats_are_counted(database: Database) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
        for _ in range(3):
            unit.receipts.repeated(RECEIPT.id)
    with database.read() as unit:
        counted = unit.receipts.get(RECEIPT.id)
    assert counted is not None
    assert counted.repeats == 3


def test_an_unknown_id_gives_nothing(database: Database) -> None:
    with database.read() as unit:
        assert unit.receipts.get(ReceiptId("nowhere")) is None


def test_instants_come_back_in_utc_whatever_zone_they_were_given_in(database: Database) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-5)))
    with database.write() as unit:
        unit.receipts.add(replace(RECEIPT, received_at=elsewhere))
        stored = unit.receipts.get(RECEIPT.id)
    assert stored is not None
    assert stored.received_at == NOON
    assert stored.received_at.tzinfo is UTC


def test_an_instant_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without time zone"), database.write() as unit:
        unit.receipts.add(replace(RECEIPT, received_at=NOON.replace(tzinfo=None)))


REPORTS = ("DiagnosticReport/7", "DiagnosticReport/8")


def _state(database: Database) -> ReceiptState:
    with database.read() as unit:
        stored = unit.receipts.get(RECEIPT.id)
    assert stored is not None
    return stored.state


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("completed", "completed", ("in-progress", "completed")),
        ("failed", "completed", ("failed", "failed")),
        ("completed", "failed", ("in-progress", "failed")),
        ("requested", "requested", ("requested", "requested")),
    ],
)
def test_a_trigger_is_as_far_as_all_the_reports_that_it_concerns(
    database: Database, first: str, second: str, together: tuple[str, str]
) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
        unit.receipts.concern(RECEIPT.id, REPORTS)
        assert [each.state for each in unit.receipts.reports(RECEIPT.id)] == [ReceiptState.REQUESTED] * 2
    states = []
    for report, state in zip(REPORTS, (first, second), strict=True):
        with database.write() as unit:
            unit.receipts.settle(RECEIPT.id, Settlement(state=ReceiptState(state), reason=state), report=report)
        states.append(_state(database))
    assert tuple(states) == together
    with database.read() as unit:
        assert [(each.report, each.reason) for each in unit.receipts.reports(RECEIPT.id)] == list(
            zip(REPORTS, (first, second), strict=True)
        )


def test_noting_the_reports_again_keeps_what_is_known_of_them(database: Database) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
        unit.receipts.concern(RECEIPT.id, ())
        unit.receipts.concern(RECEIPT.id, REPORTS[:1])
        unit.receipts.settle(RECEIPT.id, Settlement(state=ReceiptState.COMPLETED), report=REPORTS[0])
        unit.receipts.concern(RECEIPT.id, REPORTS)
        states = [each.state for each in unit.receipts.reports(RECEIPT.id)]
    assert states == [ReceiptState.COMPLETED, ReceiptState.REQUESTED]


def test_reports_that_are_settled_at_the_same_time_leave_the_trigger_completed(database: Database) -> None:
    many = tuple(f"DiagnosticReport/{number}" for number in range(12))
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
        unit.receipts.concern(RECEIPT.id, many)

    def settle(report: str) -> None:
        with database.write() as unit:
            unit.receipts.settle(RECEIPT.id, Settlement(state=ReceiptState.COMPLETED), report=report)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(settle, many))
    assert _state(database) is ReceiptState.COMPLETED


def test_a_trigger_that_names_its_report_is_settled_as_a_whole(database: Database) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
        unit.receipts.settle(RECEIPT.id, Settlement(state=ReceiptState.COMPLETED, reason="unchanged"), report=REPORTS[0])
        stored = unit.receipts.get(RECEIPT.id)
        assert unit.receipts.reports(RECEIPT.id) == ()
    assert stored is not None
    assert (stored.state, stored.reason) == (ReceiptState.COMPLETED, "unchanged")
