"""The application in this process, on SQLite, with the registry of callers of these tests."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from flask import Flask

from service.app import build_parts, create_app
from service.parts import Parts
from service.pipeline.start import prepare
from service.settings import Settings
from service.storage.database import Database
from service.tokens.denials import Denials
from tests.issuer import write_registry
from tests.running import write_hospital

SECRET: Final = "s3cret-of-north"
CLIENTS: Final = {
    "engine": {"hospitals": ["north"]},
    "both": {"hospitals": ["north", "south"]},
    "south-only": {"hospitals": ["south"]},
    "reader": {"hospitals": ["north"], "scopes": ["system/RiskAssessment.r"]},
}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """Return parts with authentication on, hospitals north (secret) and south (none), and no schema."""
    folder = tmp_path_factory.mktemp("registered")
    for slug, secret in (("north", "NORTH_SECRET"), ("south", None)):
        write_hospital(folder, slug, ehr_base=None, secret_env=secret)
    settings = Settings(
        auth="jwt",
        clients_file=write_registry(folder, CLIENTS),
        database_url=f"sqlite:///{folder}/unused.db",
        hospitals_dir=folder,
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NORTH_SECRET", SECRET)
        return build_parts(settings)


@pytest.fixture
def parts(built: Parts, tmp_path: Path) -> Iterator[Parts]:
    """Return these parts on a database of their own; nobody was denied yet."""
    parts = replace(built, database=Database.connect(f"sqlite:///{tmp_path}/service.db"), denials=Denials())
    prepare(parts)
    yield parts
    parts.database.close()


@pytest.fixture
def app(parts: Parts) -> Flask:
    """Return the application with authentication on."""
    return create_app(parts)


@pytest.fixture
def open_app(parts: Parts) -> Flask:
    """Return the application with authentication off."""
    return create_app(replace(parts, tokens=None))
