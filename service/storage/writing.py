"""Statements that both databases know but SQLAlchemy spells per dialect."""

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.dml import ReturningInsert

_Value = TypeVar("_Value")


def insert_once(table: Table, key: Column[str], returned: ColumnElement[_Value]) -> Mapping[str, ReturningInsert[_Value]]:
    """Return, by dialect name, an INSERT that leaves an existing row alone.

    Args:
        table: where to.
        key: the unique column that tells whether the row exists.
        returned: what comes back when the row was inserted; nothing comes back when it existed.
    """
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=[key]).returning(returned),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=[key]).returning(returned),
    }


def insert_rows(table: Table) -> Mapping[str, str]:
    """Return, by dialect name, an INSERT for `exec_driver_sql` with many rows at once, each a tuple in the order of the columns.

    SQLAlchemy's own way costs more for preparing each row than SQLite for storing it.
    """
    dialects = (
        SQLiteDialect_pysqlite(paramstyle="qmark"),
        PGDialect(paramstyle="format"),  # type: ignore[no-untyped-call] # SQLAlchemy has no annotation there
    )
    return {dialect.name: str(insert(table).compile(dialect=dialect)) for dialect in dialects}
