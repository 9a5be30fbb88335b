"""A scene on a fresh SQLite file, and one on each of the two databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.storage.database import Database
from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    """Return a running EHR with nothing in it."""
    with StandInEhr() as running:
        yield running


@pytest.fixture
def scene(tmp_path: Path, ehr: StandInEhr) -> Iterator[Scene]:
    """Return a service on SQLite whose EHR holds the demo patient."""
    opened = Scene.open(tmp_path, f"sqlite:///{tmp_path}/service.db", ehr)
    opened.fill()
    yield opened
    opened.parts.database.close()


@pytest.fixture
def either(tmp_path: Path, database_url: str, database: Database, ehr: StandInEhr) -> Iterator[Scene]:
    """Return the same on SQLite and on PostgreSQL; `database` is asked for because it empties the tables."""
    assert database.check().at_head
    opened = Scene.open(tmp_path, database_url, ehr)
    opened.fill()
    yield opened
    opened.parts.database.close()
