"""Migrations: from nothing to the tables that the code expects, once, whoever else is doing the same."""

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select

from service.errors import SettingsError, StorageBusyError
from service.storage import schema
from service.storage.database import Database
from service.storage.metadata import METADATA
from service.storage.tables import dossier
from service.storage.terms import DossierId

_UPGRADE = """
import sys
from service.errors import SettingsError, StorageBusyError
from service.storage import schema
from service.storage.database import Database
database = Database.connect(sys.argv[1])
sys.stdin.readline()
database.upgrade()
assert database.check().at_head
"""


@pytest.fixture
def empty(new_url: Callable[[], str]) -> Database:
    return Database.connect(new_url())


def test_an_empty_database_is_not_at_head(empty: Database) -> None:
    state = empty.check()
    assert (state.at_head, state.is_newer, state.current) == (False, False, None)
    assert state.head
    empty.close()


def test_an_upgraded_database_is_at_head_and_a_second_upgrade_changes_nothing(empty: Database) -> None:
    empty.upgrade()
    with empty.write() as unit:
        unit.dossiers.add(DossierId("d"), b"content")
    empty.upgrade()
    state = empty.check()
    assert (state.at_head, state.current) == (True, state.head)
    with empty.read() as unit:
        assert unit.dossiers.get(DossierId("d")) == b"content"
    empty.close()


def test_the_migrations_make_exactly_the_tables_of_the_code(empty: Database) -> None:
    empty.upgrade()
    with empty._transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        inspector = inspect(connection)
        for table in METADATA.sorted_tables:
            expected = {str(index.name) for index in table.indexes}
            assert expected <= {index["name"] for index in inspector.get_indexes(table.name)}
            if connection.dialect.name == "postgresql":  # SQLite does not name every primary key
                assert inspector.get_pk_constraint(table.name)["name"] == f"pk_{table.name}"
            stored = {(tuple(key["constrained_columns"]), key["referred_table"]) for key in inspector.get_foreign_keys(table.name)}
            assert stored == {(tuple(key.column_keys), key.referred_table.name) for key in table.foreign_key_constraints}
    empty.close()


def test_a_database_of_a_newer_version_is_not_touched(empty: Database) -> None:
    empty.upgrade()
    with empty._transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    state = empty.check()
    assert (state.at_head, state.is_newer, state.current) == (False, True, "9999")
    with pytest.raises(SettingsError, match="9999"):
        empty.upgrade()
    empty.close()


def test_the_revisions_only_add_so_that_running_processes_go_on_beside_them() -> None:
    words = {"drop_column", "drop_table", "drop_constraint", "drop_index", "alter_column", "rename_table", "execute"}
    versions = Path(schema.__file__).parent / "migrations" / "versions"
    used = {
        (file.name, node.attr)
        for file in versions.glob("v*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in words
    }
    assert used <= {("v0001_first_schema.py", "execute")}, "what is not needed any more is removed one release later"


def test_a_revision_that_fails_leaves_the_database_as_it_was(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = command.upgrade

    def fail(config: object, revision: str) -> None:
        apply(config, revision)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    monkeypatch.setattr("alembic.command.upgrade", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        empty.upgrade()
    assert empty.check().current is None
    with empty._transaction() as connection:
        assert inspect(connection).get_table_names() == []
    empty.close()


def test_a_migration_that_meets_a_held_table_gives_way_and_tries_again(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    real, held = schema.upgrade, [StorageBusyError("held"), StorageBusyError("held")]

    def upgrade(connection: Connection) -> None:
        if held:
            raise held.pop()
        real(connection)

    monkeypatch.setattr("service.storage.schema.upgrade", upgrade)
    empty.upgrade()
    assert empty.check().at_head
    held.append(StorageBusyError("held"))
    monkeypatch.setattr("service.storage.database._UPGRADE_SECONDS", -1)
    with pytest.raises(StorageBusyError):
        empty.upgrade()
    empty.close()


def test_processes_that_upgrade_at_the_same_time_all_succeed(new_url: Callable[[], str]) -> None:
    url = new_url()
    command_line = [sys.executable, "-c", _UPGRADE, url]
    processes = [subprocess.Popen(command_line, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    database = Database.connect(url)
    assert database.check().at_head
    database.close()


def test_an_upgrade_beside_a_running_process_waits_for_its_transaction_and_disturbs_nothing(new_url: Callable[[], str]) -> None:
    url = new_url()
    running, upgrading = Database.connect(url), Database.connect(url)
    running.upgrade()
    with running.read() as reading:
        assert reading.dossiers.get(DossierId("d")) is None
        upgrading.upgrade()
    with running._transaction() as connection:
        assert connection.execute(select(dossier)).all() == []
    running.close()
    upgrading.close()
