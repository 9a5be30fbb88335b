"""Releases: the data that assessments were computed with (mapping tables), under the hash of their content."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from service.storage.clock import InstantNow
from service.storage.tables import release
from service.storage.terms import ReleaseId
from service.storage.writing import insert_once

_ADD: Final = {name: add.values(stored_at=InstantNow()) for name, add in insert_once(release, release.c.id, release.c.id).items()}
_GET: Final = select(release.c.id, release.c.kind, release.c.content).where(release.c.id == bindparam("id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One stored release.

    Attributes:
        id: hash of the content.
        kind: what it is (`mappings`).
        content: the bytes that replay loads.
    """

    id: ReleaseId
    kind: str
    content: bytes


class Releases:
    """The releases of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def add(self, release_id: ReleaseId, kind: str, content: bytes) -> None:
        """Keep a release; adding it again changes nothing."""
        self._connection.execute(_ADD[self._connection.dialect.name], {"id": release_id, "kind": kind, "content": content})

    def get(self, release_id: ReleaseId) -> Release | None:
        """Return a release; None = never stored."""
        row = self._connection.execute(_GET, {"id": release_id}).one_or_none()
        return None if row is None else Release(**row._mapping)  # noqa: SLF001 (public in spite of its name)
