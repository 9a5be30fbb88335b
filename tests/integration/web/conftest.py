"""A service on a fresh SQLite file and its EHR, spoken to through a test client."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Return a service on SQLite whose EHR is empty."""
    with StandInEhr() as ehr:
        opened = Scene.open(tmp_path, f"sqlite:///{tmp_path}/service.db", ehr, max_body_bytes=200_000)
        yield opened
        opened.parts.database.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Return one such service for all tests of a module that only ask, or whose traces do not meet."""
    folder = tmp_path_factory.mktemp("shared")
    with StandInEhr() as ehr:
        opened = Scene.open(folder, f"sqlite:///{folder}/service.db", ehr, max_body_bytes=200_000)
        yield opened
        opened.parts.database.close()
