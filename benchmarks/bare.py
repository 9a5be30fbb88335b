"""The least that storing can cost: commits through the bare driver, with the settings that the service itself uses."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final, Protocol

import psycopg
from sqlalchemy import make_url

_ROWS: Final = "CREATE TABLE bare_row (body {bytes} NOT NULL)"
_PAIR: Final = "CREATE TABLE bare_pair (place INTEGER PRIMARY KEY, n INTEGER NOT NULL)"


class _Connection(Protocol):
    """What both drivers have."""

    def execute(self, statement: str, parameters: tuple[bytes, ...] = ..., /) -> object:
        """Run one statement."""


class Bare:
    """One connection with nothing above it."""

    def __init__(self, connection: _Connection, *, begin: str, mark: str, kind: str) -> None:
        """Make the tables.

        Args:
            connection: commits by itself unless told to begin.
            begin: how a transaction that writes begins.
            mark: how a parameter is written.
            kind: type of a column of bytes.
        """
        self._connection = connection
        self._begin = begin
        self._insert = f"INSERT INTO bare_row VALUES ({mark})"  # noqa: S608 - a mark of ours
        for statement in (_ROWS.format(bytes=kind), _PAIR, "INSERT INTO bare_pair VALUES (1, 0), (2, 0)"):
            connection.execute(statement)

    def commit_row(self, body: bytes) -> None:
        """Store one new row."""
        self._connection.execute(self._begin)
        self._connection.execute(self._insert, (body,))
        self._connection.execute("COMMIT")

    def commit_pair(self) -> None:
        """Change two rows that are there."""
        self._connection.execute(self._begin)
        self._connection.execute("UPDATE bare_pair SET n = n + 1")
        self._connection.execute("COMMIT")


@contextmanager
def bare(address: str) -> Iterator[Bare]:
    """Open a bare connection to a database of the run.

    Args:
        address: SQLAlchemy URL, as `Ground` gives it.
    """
    url = make_url(address)
    if url.drivername == "sqlite":
        with closing(sqlite3.connect(url.database or "", isolation_level=None)) as file:
            for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                file.execute(f"PRAGMA {setting}")
            yield Bare(file, begin="BEGIN IMMEDIATE", mark="?", kind="BLOB")
        return
    host = url.query["host"]
    with psycopg.connect(f"host={host} user={url.username} dbname={url.database}", autocommit=True) as server:
        yield Bare(server, begin="BEGIN", mark="%s", kind="BYTEA")
