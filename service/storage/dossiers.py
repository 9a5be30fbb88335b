"""Dossiers: every byte read for one assessment, under the hash of the bytes."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from service.storage.tables import dossier
from service.storage.terms import DossierId
from service.storage.writing import insert_once

_ADD: Final = insert_once(dossier, dossier.c.id, dossier.c.id)
_GET: Final = select(dossier.c.content).where(dossier.c.id == bindparam("id"), dossier.c.purged_at.is_(None))


class Dossiers:
    """The dossiers of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def add(self, dossier_id: DossierId, content: bytes) -> None:
        """Keep the bytes; the same bytes are kept once."""
        self._connection.execute(_ADD[self._connection.dialect.name], {"id": dossier_id, "content": content})

    def get(self, dossier_id: DossierId) -> bytes | None:
        """Return the bytes; None = never stored, or removed by retention."""
        return self._connection.execute(_GET, {"id": dossier_id}).scalar_one_or_none()
