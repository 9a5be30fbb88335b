"""Transactions: all or nothing, on disk, and one word for a database that cannot be used."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, text

from service.errors import InvalidInputError, SettingsError, StorageDownError
from service.storage.database import Database
from service.storage.metadata import METADATA
from service.storage.terms import DossierId
from tests.integration.storage.rows import FACT, RECEIPT, add_assessment, enqueue
from tests.postgres import Cluster

_DOSSIER = DossierId("d")


def _sqlite(tmp_path: Path, wait_seconds: float = 0.2) -> tuple[Database, Path]:
    file = tmp_path / "data" / "service.db"
    database = Database.connect(f"sqlite:///{file}", wait_seconds=wait_seconds)
    database.upgrade()
    return database, file


class _BrokenOffError(Exception):
    """Something that is not the database's fault."""


def test_what_one_transaction_adds_is_there_together(database: Database) -> None:
    with database.write() as unit:
        unit.receipts.add(RECEIPT)
        stored = add_assessment(unit)
        number = enqueue(unit.jobs)
        unit.audit.add(FACT)
    with database.read() as unit:
        assert unit.receipts.get(RECEIPT.id) is not None
        assert unit.assessments.get(stored.id) is not None
        assert unit.jobs.show(number) is not None


def test_an_exception_leaves_nothing_of_the_transaction(database: Database) -> None:
    def break_off() -> None:
        with database.write() as unit:
            unit.receipts.add(RECEIPT)
            add_assessment(unit)
            enqueue(unit.jobs)
            unit.audit.add(FACT)
            raise _BrokenOffError

    with pytest.raises(_BrokenOffError):
        break_off()
    with database._transaction() as connection:
        for table in METADATA.sorted_tables:
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_reading_transaction_cannot_write(database: Database) -> None:
    with pytest.raises(StorageDownError), database.read() as unit:
        unit.receipts.add(RECEIPT)
    with database.write() as unit:
        assert unit.receipts.get(RECEIPT.id) is None
        unit.receipts.add(RECEIPT)


def test_a_reading_transaction_sees_one_snapshot(database: Database) -> None:
    with database.read() as reading:
        assert reading.dossiers.get(_DOSSIER) is None
        with database.write() as writing:
            writing.dossiers.add(_DOSSIER, b"content")
        assert reading.dossiers.get(_DOSSIER) is None
    with database.read() as reading:
        assert reading.dossiers.get(_DOSSIER) == b"content"


def test_what_is_not_committed_is_not_seen(database: Database) -> None:
    with database.write() as writing:
        writing.dossiers.add(_DOSSIER, b"content")
        with database.read() as reading:
            assert reading.dossiers.get(_DOSSIER) is None


def test_a_text_that_cannot_be_stored_is_the_fault_of_the_input(database: Database) -> None:
    with pytest.raises(InvalidInputError) as refused, database.write() as unit:
        unit.receipts.add(replace(RECEIPT, resource_id="\ud800 secret"))
    assert "secret" not in refused.value.text
    with pytest.raises(InvalidInputError), database.write() as unit:
        unit.audit.add(replace(FACT, query="\ud800"))


def test_a_database_without_our_schema_is_down(new_url: Callable[[], str]) -> None:
    database = Database.connect(new_url())
    with pytest.raises(StorageDownError), database.read() as unit:
        unit.receipts.get(RECEIPT.id)
    database.close()


def test_a_mistake_in_a_statement_is_shown_as_it_is(database: Database) -> None:
    with pytest.raises(Exception, match="nonsense") as mistake, database._transaction() as connection:
        connection.execute(text("SELECT 1 WHERE nonsense(:x)"), {"x": "secret"})
    assert "secret" not in str(mistake.value)


class TestSqlite:
    def test_a_commit_is_on_disk_before_it_returns(self, tmp_path: Path) -> None:
        database, _ = _sqlite(tmp_path)
        with database._transaction() as connection:
            settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")]
            assert settings == ["wal", 2]
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        database.close()

    def test_the_file_is_for_its_owner_alone(self, tmp_path: Path) -> None:
        database, file = _sqlite(tmp_path)
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        with database.write() as unit:
            unit.dossiers.add(_DOSSIER, b"content")
            assert file.with_name("service.db-wal").stat().st_mode & 0o777 == 0o600
        database.close()

    def test_a_file_locked_by_another_process_is_down(self, tmp_path: Path) -> None:
        database, file = _sqlite(tmp_path)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageDownError, match="SQLITE_BUSY"), database.write() as unit:
            unit.receipts.get(RECEIPT.id)
        other.execute("ROLLBACK")
        other.close()
        with database.write() as unit:
            unit.receipts.add(RECEIPT)
        database.close()

    def test_a_new_file_that_another_process_prepares_is_waited_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "service.db"
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        waited: list[float] = []

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 3:
                other.execute("COMMIT")

        monkeypatch.setattr("service.storage.engine.time.sleep", sleep)
        database = Database.connect(f"sqlite:///{file}", wait_seconds=0.01)
        monkeypatch.setattr("service.storage.engine.time.monotonic", lambda: 0.0)
        database.upgrade()
        assert len(waited) == 3
        other.close()
        database.close()

    def test_a_new_file_that_another_process_holds_too_long_is_down(self, tmp_path: Path) -> None:
        file = tmp_path / "service.db"
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        database = Database.connect(f"sqlite:///{file}", wait_seconds=0.05)
        with pytest.raises(StorageDownError, match="SQLITE_BUSY"):
            database.upgrade()
        other.close()
        database.close()

    def test_a_thread_that_waits_too_long_for_its_turn_is_told_so(self, tmp_path: Path) -> None:
        database, _ = _sqlite(tmp_path)
        failures: list[str] = []

        def write() -> None:
            try:
                with database.write():
                    pass
            except StorageDownError as failure:
                failures.append(failure.text)

        with database.write():
            thread = threading.Thread(target=write)
            thread.start()
            thread.join()
        assert failures == ["The database is kept busy by another thread; nothing was stored. Send it again."]
        database.close()

    def test_a_full_disk_stores_nothing(self, tmp_path: Path) -> None:
        database, _ = _sqlite(tmp_path)

        def fill() -> None:
            with database.write() as unit:
                unit.receipts.add(RECEIPT)
                unit.receipts._connection.exec_driver_sql("PRAGMA max_page_count = 1")  # what the file has already
                unit.dossiers.add(_DOSSIER, b"x" * 1_000_000)

        with pytest.raises(StorageDownError, match="SQLITE_FULL"):
            fill()
        with database.read() as unit:
            assert unit.receipts.get(RECEIPT.id) is None
        database.close()

    def test_a_damaged_file_is_down(self, tmp_path: Path) -> None:
        file = tmp_path / "service.db"
        file.write_bytes(b"this is not a database" * 1000)
        database = Database.connect(f"sqlite:///{file}")
        with pytest.raises(StorageDownError), database.read() as unit:
            unit.receipts.get(RECEIPT.id)
        with pytest.raises(StorageDownError):
            database.check()
        database.close()

    def test_a_directory_that_cannot_be_made_is_down(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(StorageDownError):
            Database.connect(f"sqlite:///{tmp_path}/file/service.db")


class TestPostgresql:
    @pytest.fixture
    def url(self, cluster: Cluster, request: pytest.FixtureRequest) -> str:
        return cluster.create_database(request.node.name)

    def test_a_server_that_is_not_there_is_down(self, tmp_path: Path) -> None:
        database = Database.connect(f"postgresql://nobody@/nothing?host={tmp_path}", wait_seconds=1)
        with pytest.raises(StorageDownError), database.write():
            pass
        with pytest.raises(StorageDownError):
            database.check()

    def test_a_broken_connection_stores_nothing_and_the_next_one_works(self, url: str) -> None:
        database = Database.connect(url)
        database.upgrade()

        def lose_the_connection() -> None:
            with database.write() as unit:
                unit.receipts.add(RECEIPT)
                (process,) = unit.receipts._connection.exec_driver_sql("SELECT pg_backend_pid()").one()
                with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s)", [process])
                unit.audit.add(FACT)

        with pytest.raises(StorageDownError):
            lose_the_connection()
        with database.write() as unit:
            assert unit.receipts.get(RECEIPT.id) is None
        database.close()

    def test_a_row_locked_for_too_long_is_down(self, url: str) -> None:
        database = Database.connect(url, wait_seconds=0.2)
        database.upgrade()
        with database.write() as unit:
            unit.receipts.add(RECEIPT)
        with psycopg.connect(url.replace("+psycopg", "")) as other:
            other.execute("SELECT * FROM receipt FOR UPDATE")
            with pytest.raises(StorageDownError, match="55P03"), database.write() as unit:
                unit.receipts.repeated(RECEIPT.id)
        database.close()

    def test_a_null_character_is_the_fault_of_the_input(self, url: str) -> None:
        database = Database.connect(url)
        database.upgrade()
        with pytest.raises(InvalidInputError), database.write() as unit:
            unit.receipts.add(replace(RECEIPT, resource_id="a\0b"))
        database.close()

    def test_options_of_the_address_are_left_alone(self, url: str) -> None:
        database = Database.connect(f"{url}&options=-c%20work_mem=7MB")
        with database._transaction() as connection:
            assert connection.exec_driver_sql("SHOW work_mem").scalar_one() == "7MB"
        database.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_neither_kind_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(SettingsError, match="SLS_DATABASE_URL"):
        Database.connect(url)
