"""Real databases: every test that asks for `database` runs on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import cast

import pytest

from service.storage.database import Database
from service.storage.metadata import METADATA
from tests import postgres
from tests.postgres import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this run; skips where PostgreSQL is not installed."""
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql/*/bin)")
    with postgres.cluster(binaries) as running:
        yield running


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Make the address of one more database in which there is nothing."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('database')}/service.db"
    running = cast("Cluster", request.getfixturevalue("cluster"))
    numbers = count(1)
    return lambda: running.create_database(f"service_{next(numbers)}")


@pytest.fixture(scope="module")
def database_url(new_url: Callable[[], str]) -> str:
    """The address of a database of this module with our schema."""
    url = new_url()
    database = Database.connect(url)
    database.upgrade()
    database.close()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with our schema and no rows."""
    database = Database.connect(database_url)
    with database._transaction() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
    yield database
    database.close()
