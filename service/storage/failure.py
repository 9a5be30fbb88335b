"""What a failure of the database means to the caller: one of our errors, and no stored value in its text."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import orjson
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service.errors import ConflictError, InvalidInputError, ServiceError, StorageBusyError, StorageDownError

_UNEXPECTED_SCHEMA: Final = frozenset({"42P01", "42703"})
"""PostgreSQL: undefined table, undefined column: nobody migrated yet."""

_HELD: Final = frozenset({"55P03", "40P01"})
"""PostgreSQL: a lock was not to be had in time, or two waited for each other."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever the database raises inside the block into one of our errors.

    Raises:
        StorageDownError: it cannot be reached, is locked, full, damaged, or its schema is not the one expected; a
            StorageBusyError where only somebody else holds what is needed.
        ConflictError: a constraint refused the rows.
        InvalidInputError: a text holds a character that cannot be stored.
    """
    try:
        yield
    except (UnicodeEncodeError, orjson.JSONEncodeError):
        raise InvalidInputError("a text holds a character that cannot be stored") from None
    except (SQLAlchemyError, OSError) as error:
        failure = _meaning(error)
        if failure is None:
            raise
        # a driver that refuses rows quotes them (`DETAIL: Failing row contains ..`): only a database that is down may say why
        raise failure from (error if isinstance(failure, StorageDownError) else None)


def _meaning(error: SQLAlchemyError | OSError) -> ServiceError | None:
    """Return our error; None = a mistake in our own statements, to be shown as it is."""
    match error:
        case IntegrityError():
            return ConflictError(f"the stored rows contradict this change ({_constraint(error)})")
        case DataError():
            return InvalidInputError("a text holds a character that cannot be stored, or a number is too large")
        case DBAPIError() if _is_mistake(error):
            return None
        case DBAPIError() if _code(error) in _HELD:
            return StorageBusyError(f"the database is kept busy by somebody else ({_code(error)})")
        case DBAPIError() | PoolTimeoutError() | OSError():
            return StorageDownError(f"the database cannot be used ({type(error).__name__}{_code(error) and f', {_code(error)}'})")
    return None


def _is_mistake(error: DBAPIError) -> bool:
    """Tell whether the statement is wrong, and not the state of the database."""
    if _code(error) == "SQLITE_ERROR":
        return "no such table" not in str(error.orig)
    return isinstance(error, ProgrammingError | NotSupportedError) and _code(error) not in _UNEXPECTED_SCHEMA


def _code(error: Exception) -> str:
    """Return PostgreSQL's code (`53100`) or SQLite's name (`SQLITE_FULL`) of the failure; empty = none."""
    driver_error = getattr(error, "orig", None)
    return getattr(driver_error, "sqlstate", None) or getattr(driver_error, "sqlite_errorname", None) or ""


def _constraint(error: IntegrityError) -> str:
    """Return the name of the constraint, or of its columns; values never stand in either."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is None:
        return str(error.orig)
    return diagnosis.constraint_name or diagnosis.column_name or _code(error)
