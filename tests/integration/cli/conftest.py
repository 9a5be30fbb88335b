"""Settings and a service of its own for every command of the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the process have settings of its own; logs must not go to a stream that this test closes."""
    monkeypatch.setenv("SLS_DATABASE_URL", f"sqlite:///{tmp_path}/service.db")
    monkeypatch.setenv("SLS_HOSPITALS_DIR", str(tmp_path / "hospitals"))
    (tmp_path / "hospitals").mkdir()
    yield
    structlog.reset_defaults()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Return a service on the database that the commands use."""
    with StandInEhr() as ehr:
        opened = Scene.open(tmp_path, f"sqlite:///{tmp_path}/service.db", ehr)
        opened.fill()
        yield opened
        opened.parts.database.close()
