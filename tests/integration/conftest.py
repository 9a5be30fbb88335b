"""Real databases: every test that asks for `database` runs on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest

from service.storage.database import Database
from service.storage.metadata import METADATA


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
