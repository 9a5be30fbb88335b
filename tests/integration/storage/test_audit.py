"""Audit facts: stored with the effect, unsealed, each under a salted digest of its whole content."""

import hashlib
import json
from dataclasses import fields, replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import Row, select

from service.storage.audit import AuditFact, canonical, digest
from service.storage.database import Database
from service.storage.tables import audit_fact
from service.storage.terms import AuditAction, AuditOutcome
from tests.integration.storage.rows import FACT


def _rows(database: Database) -> list[Row[*tuple[object, ...]]]:
    with database._transaction() as connection:
        return list(connection.execute(select(audit_fact).order_by(audit_fact.c.id)).all())


def test_a_fact_is_stored_as_given_and_not_sealed(database: Database) -> None:
    with database.write() as unit:
        unit.audit.add(FACT)
    (row,) = _rows(database)
    names = [field.name for field in fields(AuditFact)]
    assert [row._mapping[name] for name in names] == [getattr(FACT, name) for name in names]
    assert (row._mapping["seq"], row._mapping["seal"]) == (None, None)


def test_the_digest_covers_salt_and_content_and_can_be_checked_from_the_row(database: Database) -> None:
    with database.write() as unit:
        unit.audit.add(FACT)
    (row,) = _rows(database)
    stored = row._mapping
    assert len(stored["salt"]) == 16
    content = {field.name: stored[field.name] for field in fields(AuditFact)} | {"at": "2026-01-31T12:00:00.123456Z"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(stored["salt"] + text.encode()).digest() == stored["digest"]


def test_equal_facts_have_different_digests(database: Database) -> None:
    with database.write() as unit:
        unit.audit.add(FACT, FACT)
    one, two = (row._mapping for row in _rows(database))
    assert one["salt"] != two["salt"]
    assert one["digest"] != two["digest"]


def test_several_facts_keep_their_order_and_none_is_nothing(database: Database) -> None:
    with database.write() as unit:
        unit.audit.add()
        unit.audit.add(*(replace(FACT, patient=f"Patient/{number}") for number in range(3)))
    assert [row._mapping["patient"] for row in _rows(database)] == ["Patient/0", "Patient/1", "Patient/2"]


@pytest.mark.parametrize("field", [field.name for field in fields(AuditFact)])
def test_a_change_of_any_field_changes_the_digest(field: str) -> None:
    changes: dict[str, object] = {
        "at": FACT.at + timedelta(microseconds=1),
        "action": AuditAction.DELETE,
        "outcome": AuditOutcome.MAJOR_FAILURE,
    }
    changed = replace(FACT, **{field: changes.get(field, "changed")})  # type: ignore[arg-type]
    assert digest(b"salt", changed) != digest(b"salt", FACT)


def test_the_same_instant_in_another_zone_is_the_same_content() -> None:
    elsewhere = replace(FACT, at=FACT.at.astimezone(timezone(timedelta(hours=9))))
    assert canonical(elsewhere) == canonical(FACT)
