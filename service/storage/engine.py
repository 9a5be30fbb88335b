"""Engines: how each of the two databases is opened so that a commit is on disk and a transaction is what it says."""

import os
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Final, Protocol, cast

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from service.errors import SettingsError, StorageDownError

WRITES: Final = "sls_writes"
"""Execution option of a connection whose transaction writes (SQLite takes the write lock at its start)."""

_MOMENT_SECONDS: Final = 0.01

_EXAMPLE: Final = "SLS_DATABASE_URL must look like sqlite:///data/service.db or postgresql+psycopg://user:password@host/database"


class _DriverConnection(Protocol):
    """What we need of a sqlite3 connection."""

    isolation_level: str | None

    def execute(self, statement: str, /) -> object:
        """Run one statement."""


def open_engine(address: str, *, wait_seconds: float) -> Engine:
    """Return an engine; nothing is connected yet, but the directory of an SQLite file exists afterwards.

    Args:
        address: SQLAlchemy URL.
        wait_seconds: how long to wait for a lock, a connection or the server before saying that the database is down.

    Raises:
        SettingsError: the address is not one of an SQLite file or a PostgreSQL database.
        StorageDownError: the directory cannot be made.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        raise SettingsError(_EXAMPLE) from None
    match url.drivername:
        case "sqlite" | "sqlite+pysqlite" if url.database and url.database != ":memory:":
            return _sqlite(url, Path(url.database), wait_seconds)
        case "postgresql" | "postgresql+psycopg":
            return _postgresql(url.set(drivername="postgresql+psycopg"), wait_seconds)
        case _:
            raise SettingsError(_EXAMPLE)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _sqlite(url: URL, file: Path, wait_seconds: float) -> Engine:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # patient data: the file is ours alone, whatever the umask; SQLite gives its WAL the same rights
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageDownError(f"the file of the database cannot be opened ({type(error).__name__})") from error
    engine = create_engine(
        url,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=orjson.loads,
        pool_timeout=wait_seconds,
        connect_args={"timeout": wait_seconds},
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, wait_seconds))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(wait_seconds: float, connection: _DriverConnection, _record: object) -> None:
    # the driver must not begin transactions by itself: it would take the write lock too late
    connection.isolation_level = None
    _keep_journal_ahead(connection, wait_seconds)
    for setting in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}")


def _keep_journal_ahead(connection: _DriverConnection, wait_seconds: float) -> None:
    """Switch to a write-ahead log; processes that switch a new file at the same moment refuse each other without waiting."""
    until = time.monotonic() + wait_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() >= until:
                raise
            time.sleep(_MOMENT_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    driver = cast("_DriverConnection", connection.connection.dbapi_connection)  # begun so often that SQLAlchemy's way is felt
    writes = connection.get_execution_options().get(WRITES, False)
    if connection.info.get(WRITES) is not writes:  # remembered as long as the driver's connection lives
        driver.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.info[WRITES] = writes
    driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL, wait_seconds: float) -> Engine:
    arguments: dict[str, str | int] = {"connect_timeout": max(1, round(wait_seconds)), "application_name": "spinal-lesion-service"}
    if "options" not in url.query:
        arguments["options"] = f"-c lock_timeout={round(wait_seconds * 1000)}"
    return create_engine(
        url,
        hide_parameters=True,
        json_serializer=_json,
        json_deserializer=orjson.loads,
        pool_timeout=wait_seconds,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        connect_args=arguments,
    )
