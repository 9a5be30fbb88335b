"""Receipts: one row per event, however often it arrives."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from service.errors import ConflictError
from service.storage.database import Database
from service.storage.receipts import NewReceipt, Receipt
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
        unit.receipts.settle(RECEIPT.id, state=ReceiptState.COMPLETED, reason="superseded", assessment_id=assessment.id)
        settled = unit.receipts.get(RECEIPT.id)
        unit.receipts.settle(RECEIPT.id, state=ReceiptState.FAILED)
        failed = unit.receipts.get(RECEIPT.id)
    assert settled is not None
    assert (settled.state, settled.reason, settled.assessment_id) == (ReceiptState.COMPLETED, "superseded", assessment.id)
    assert settled.body == RECEIPT.body
    assert failed is not None
    assert (failed.state, failed.reason, failed.assessment_id) == (ReceiptState.FAILED, None, None)
    assert failed.state is ReceiptState.FAILED


def test_a_receipt_cannot_name_an_assessment_that_is_not_stored(database: Database) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
    with pytest.raises(ConflictError), database.write() as unit:
        unit.receipts.settle(RECEIPT.id, state=ReceiptState.COMPLETED, assessment_id=AssessmentId("nowhere"))


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
