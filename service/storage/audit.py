"""Audit facts: who did what, written in the transaction of the effect, each under a salted digest.

A sealer numbers committed rows later and chains their digests (`seq`, `seal`); until then both are NULL. The salt makes a
digest useless for guessing the content after the content is purged.
"""

import hashlib
import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, insert

from service.storage.clock import instant_text
from service.storage.tables import audit_fact
from service.storage.terms import AuditAction, AuditOutcome

SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFact:
    """One thing that was done, to one patient at most.

    Attributes:
        at: aware instant.
        hospital: whose data; None = none.
        action, outcome: AuditEvent.action and AuditEvent.outcome.
        subtype: restful-interaction code (`read`, `search-type`, `operation`, ..).
        outcome_desc: why it failed; None = it did not.
        agent: client or person, as authenticated.
        agent_address: network address; None = ours.
        patient: `Patient/9`; None = unknown.
        entity: reference of what was read or written; None = none.
        query: the raw request of a search; None = no search.
        request_id: X-Request-Id; None = none.
        detail: ids of our rows; None = none.
    """

    at: datetime
    hospital: str | None
    action: AuditAction
    subtype: str
    outcome: AuditOutcome
    outcome_desc: str | None = None
    agent: str
    agent_address: str | None = None
    patient: str | None
    entity: str | None
    query: str | None = None
    request_id: str | None = None
    detail: str | None = None


_FIELDS: Final = tuple(field.name for field in fields(AuditFact))
_ADD: Final = insert(audit_fact)


def canonical(fact: AuditFact) -> bytes:
    """Return the content of a fact as canonical JSON.

    Source: RFC 8785; for ASCII keys, texts and nulls alone it is sorted JSON without spaces.
    """
    content = {name: getattr(fact, name) for name in _FIELDS} | {"at": instant_text(fact.at)}
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def digest(salt: bytes, fact: AuditFact) -> bytes:
    """Return SHA-256 of the salt followed by the canonical content."""
    return hashlib.sha256(salt + canonical(fact)).digest()


class Audit:
    """The audit facts of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def add(self, *facts: AuditFact) -> None:
        """Write facts (one per patient) in one round trip; none at all is nothing to do."""
        if facts:
            self._connection.execute(_ADD, [_row(fact) for fact in facts])


def _row(fact: AuditFact) -> dict[str, object]:
    salt = secrets.token_bytes(SALT_BYTES)
    return {name: getattr(fact, name) for name in _FIELDS} | {"salt": salt, "digest": digest(salt, fact)}
