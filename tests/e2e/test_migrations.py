"""Migrations beside running processes: several at once, and one of a newer release while a service is under load."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.storage.database import Database
from tests import builders
from tests.running import RunningProcess, RunningService

NEWER = "9999"
_REVISION = f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "{NEWER}", "%s", None, None
def upgrade():
    op.add_column("receipt", sa.Column("of_a_later_release", sa.String))
    op.add_column("assessment", sa.Column("of_a_later_release", sa.String))
    op.create_table("of_a_later_release", sa.Column("id", sa.String, primary_key=True))
"""
_UPGRADE = """
import pathlib, shutil, sys
from service.storage import schema
from service.storage.database import Database
later = pathlib.Path(sys.argv[2]) / "migrations"
shutil.copytree(schema._MIGRATIONS, later)
(later / "versions" / "v9999_later.py").write_text(sys.argv[3])
schema._MIGRATIONS = later
database = Database.connect(sys.argv[1])
database.upgrade()
"""


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def service(tmp_path: Path, url: str) -> Iterator[RunningService]:
    running = RunningService(tmp_path, database_url=url)
    yield running
    running.kill()


def test_two_upgrades_at_once_both_succeed_and_one_of_them_does_it(tmp_path: Path, url: str) -> None:
    process = RunningProcess(tmp_path, database_url=url)
    command = [sys.executable, "-m", "service", "db", "upgrade"]
    both = [subprocess.Popen(command, env=process.settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    answers = [each.communicate(timeout=120) for each in both]
    assert [each.returncode for each in both] == [0, 0], answers
    assert all(b"schema 0" in said for said, _ in answers)
    assert process.run("db", "check").returncode == 0


def test_an_upgrade_beside_a_running_service_loses_no_request(tmp_path: Path, url: str, service: RunningService) -> None:
    service.start()
    statuses: list[int] = []
    upgraded = threading.Event()

    def load(name: str) -> None:
        number = 0
        while not upgraded.is_set() or number < 5:
            own = builders.observation(id="o1")
            identifier = [{"system": "https://hospital.example/reports", "value": f"{name}-{number}"}]
            body = builders.bundle(builders.patient(), own, builders.report(own, identifier=identifier))
            statuses.append(service.post("/assessments", body).status_code)
            number += 1

    threads = [threading.Thread(target=load, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    database = Database.connect(url)
    head = database.check().head
    command = [sys.executable, "-c", _UPGRADE, url, str(tmp_path), _REVISION % head]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    upgraded.set()
    for thread in threads:
        thread.join(timeout=120)
    current = database.check().current
    database.close()
    assert done.returncode == 0, done.stderr
    assert (set(statuses), current) == ({201}, NEWER)
    ready = service.get("/health/ready")
    assert (ready.status_code, ready.json()["schema"]) == (200, "newer"), "it goes on until it is replaced"
    refused = service.run("db", "upgrade")
    assert (refused.returncode, "install that version" in refused.stderr) == (2, True)
    service.terminate()
    assert service.ended() == 0
