"""The database's own clock, and the few expressions that SQLite and PostgreSQL spell differently.

Due times and leases are compared by the database alone, so that two hosts need not agree on the time.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import DateTime, Dialect, Double, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

INSTANT_LENGTH: Final = len("2026-01-31T12:00:00.000000Z")


class Instant(TypeDecorator[datetime]):
    """An aware instant: timestamptz on PostgreSQL; on SQLite UTC text of one fixed width, so that text order is time order."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """Choose the column type."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(INSTANT_LENGTH))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Turn an aware instant into what the column holds.

        Raises:
            ValueError: the instant has no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without time zone cannot be stored")
        return instant_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the stored instant in UTC."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value and value.astimezone(UTC)


def instant_text(instant: datetime) -> str:
    """Return the instant in UTC as ISO 8601 with six decimals and `Z`."""
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class EpochNow(FunctionElement[float]):
    """Now in seconds since 1970 by the database's clock; one value within one statement."""

    type = Double()
    inherit_cache = True


class InstantNow(FunctionElement[datetime]):
    """Now as an `Instant` by the database's clock."""

    type = Instant()
    inherit_cache = True


class Least(FunctionElement[float]):
    """The smaller of two numbers, neither of them NULL (the databases disagree about NULL)."""

    type = Double()
    inherit_cache = True


@compiles(EpochNow, "sqlite")
def _epoch_sqlite(_element: EpochNow, _compiler: SQLCompiler, **_options: object) -> str:
    # unixepoch('subsec') needs SQLite 3.42; a Julian day holds the milliseconds since 3.0
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(EpochNow, "postgresql")
def _epoch_postgresql(_element: EpochNow, _compiler: SQLCompiler, **_options: object) -> str:
    # statement_timestamp() is stable, so that an index on due times can be used; clock_timestamp() is not
    return "CAST(extract(epoch FROM statement_timestamp()) AS double precision)"


@compiles(InstantNow, "sqlite")
def _instant_sqlite(_element: InstantNow, _compiler: SQLCompiler, **_options: object) -> str:
    return "(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')"


@compiles(InstantNow, "postgresql")
def _instant_postgresql(_element: InstantNow, _compiler: SQLCompiler, **_options: object) -> str:
    return "statement_timestamp()"


@compiles(Least, "sqlite")
def _least_sqlite(element: Least, compiler: SQLCompiler, **options: object) -> str:
    return f"min({compiler.process(element.clauses, **options)})"


@compiles(Least, "postgresql")
def _least_postgresql(element: Least, compiler: SQLCompiler, **options: object) -> str:
    return f"least({compiler.process(element.clauses, **options)})"
