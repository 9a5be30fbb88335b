"""Real databases: whoever asks for `new_url` runs on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import cast

import pytest

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


@pytest.fixture(scope="session")
def url_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Make the address of one more database of a kind (`sqlite`, `postgresql`) in which there is nothing."""
    numbers = count(1)

    def make(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('database')}/service.db"
        running = cast("Cluster", request.getfixturevalue("cluster"))
        return running.create_database(f"service_{next(numbers)}")

    return make


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, url_of: Callable[[str], str]) -> Callable[[], str]:
    """Make the address of one more empty database, of the kind whose turn it is."""
    return lambda: url_of(request.param)
