"""The schema: brought to the newest revision beside running processes, and asked for its revision."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from service.errors import SettingsError

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x534C535F4D494752  # "SLS_MIGR": one number for everybody who migrates


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """Where the schema stands.

    Attributes:
        at_head: True = it is what this version of the service expects.
        is_newer: True = a newer version of the service has migrated it. Revisions only add, so a running process goes on with it.
        current: its revision; None = empty database.
        head: the newest revision that this version knows.
    """

    at_head: bool
    is_newer: bool
    current: str | None
    head: str


def upgrade(connection: Connection) -> None:
    """Apply every missing revision in the transaction of this connection; whoever comes second waits and finds nothing to do.

    SQLite needs no lock of its own: the transaction holds the write lock from its start.

    Raises:
        SettingsError: a newer version of the service has migrated this database.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        # a table that running processes keep busy must not hold them up behind us, and where they and we wait for each other it is
        # we who give way: this is shorter than the second after which PostgreSQL would choose one (deadlock_timeout)
        connection.execute(text("SET LOCAL lock_timeout = '400ms'"))
    found = state(connection)
    if found.is_newer:
        raise SettingsError(
            f"a newer version of the service has migrated this database to revision {found.current}: install that version"
        )
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def state(connection: Connection) -> SchemaState:
    """Return where the schema stands."""
    current = MigrationContext.configure(connection).get_current_revision()
    is_newer = current is not None and current not in _known()
    return SchemaState(at_head=current == _head(), is_newer=is_newer, current=current, head=_head())


def _config() -> Config:
    config = Config()
    # a per cent sign would start an interpolation
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


@cache
def _head() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the package ships at least one revision"  # noqa: S101
    return head
