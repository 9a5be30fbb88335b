"""The database: transactions that write, transactions that read, and the state of the schema."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Self

from sqlalchemy import Connection, Engine

from service.errors import StorageBusyError, StorageDownError
from service.storage import schema
from service.storage.engine import WRITES, open_engine
from service.storage.failure import translated
from service.storage.schema import SchemaState
from service.storage.unit_of_work import UnitOfWork

_WAIT_SECONDS: Final = 5.0
_UPGRADE_SECONDS: Final = 120.0
"""How long a migration looks for a moment in which it does not hold up running processes."""


class Database:
    """One SQLite file or one PostgreSQL database; may be shared by threads, not across fork."""

    __slots__ = ("_engine", "_readers", "_turn", "_wait_seconds", "_writers")

    def __init__(self, engine: Engine, wait_seconds: float) -> None:
        """Use an engine of `open_engine`."""
        self._engine = engine
        self._wait_seconds = wait_seconds
        is_sqlite = engine.dialect.name == "sqlite"
        self._writers = engine.execution_options(**{WRITES: True})
        self._readers = (
            engine if is_sqlite else engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        # threads of one process queue here in order; SQLite's own waiting is sleeping and trying again
        self._turn = threading.Lock() if is_sqlite else None

    @classmethod
    def connect(cls, url: str, *, wait_seconds: float = _WAIT_SECONDS) -> Self:
        """Open a database; nothing is connected before it is used.

        Args:
            url: SQLAlchemy URL (`sqlite:///data/service.db`, `postgresql+psycopg://..`).
            wait_seconds: how long to wait for a lock or the server before the database counts as down.

        Raises:
            SettingsError: the address is of neither kind.
            StorageDownError: the file of an SQLite database cannot be made.
        """
        return cls(open_engine(url, wait_seconds=wait_seconds), wait_seconds)

    def upgrade(self) -> None:
        """Bring the schema to the newest revision; safe beside running processes and beside another upgrade.

        A migration gives way to running processes: where they hold a table it waits only for a moment, takes everything back and
        tries again.

        Raises:
            StorageDownError: the database cannot be used, or running processes left no moment for it.
            SettingsError: a newer version of the service has migrated it.
        """
        deadline = time.monotonic() + _UPGRADE_SECONDS
        while True:
            try:
                with self._transaction() as connection:
                    schema.upgrade(connection)
            except StorageBusyError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 - spreads load, keeps no secret
            else:
                return

    def check(self) -> SchemaState:
        """Return where the schema stands.

        Raises:
            StorageDownError: the database cannot be used.
        """
        with translated(), self._readers.begin() as connection:
            return schema.state(connection)

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """Open a transaction that writes: committed (on disk) at the end of the block, rolled back by any exception.

        Raises:
            StorageDownError: the database is down, locked or full; nothing was stored.
            ConflictError: a constraint refused the rows; nothing was stored.
            InvalidInputError: a text cannot be stored; nothing was stored.
        """
        with self._transaction() as connection:
            yield UnitOfWork(connection)

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """Open a transaction that reads one snapshot; a write in it fails.

        Raises:
            StorageDownError: the database is down, or the block tried to write.
        """
        with translated(), self._readers.begin() as connection:
            yield UnitOfWork(connection)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._in_turn(), translated(), self._writers.begin() as connection:
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self._wait_seconds):
            raise StorageDownError("the database is kept busy by another thread")
        try:
            yield
        finally:
            self._turn.release()
