"""`serve` and `work` in this process: where they listen, how they stop, how they start anew as several processes."""

import gc
import io
import os
import signal
import time
from pathlib import Path
from typing import Any, cast

import pytest
from gunicorn.http.errors import InvalidChunkSize
from werkzeug.test import EnvironBuilder, run_wsgi_app

from service import production
from service.__main__ import main
from service.app import create_app, start_workers
from service.cli.stop import InFlight, Stop, finish
from service.errors import SettingsError
from service.metrics import forget_shared_folder, make_shared_folder
from tests.integration.scene import REPORT, Scene, stage
from tests.stand_in_ehr import Fault


def test_an_open_door_is_refused_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "10.0.0.1"]) == 2
    said = capsys.readouterr().err
    assert "SLS_AUTH" in said
    assert "127.0.0.1" in said


@pytest.mark.parametrize("where", [["--port", "99999"], ["--host", "127.0.0.1", "--port", "-5"]])
def test_a_place_where_nothing_can_listen_is_one_sentence(where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", *where]) == 2
    assert "--port" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "named"), [(["serve", "--workers", "-1"], "--workers"), (["work", "--threads", "0"], "--threads")]
)
def test_a_number_of_workers_that_cannot_be_is_refused(words: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert named in capsys.readouterr().err


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["work"], ["jobs", "list"], ["db", "check"]])
def test_a_database_that_does_not_answer_is_named_with_the_remedy_and_without_its_password(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLS_DATABASE_URL", "postgresql+psycopg://user:s3cret@127.0.0.1:1/nowhere")
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "SLS_DATABASE_URL" in said
    assert "see that it runs" in said
    assert "s3cret" not in said


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """Return the signal handlers that were set last, without setting them."""
    found: dict[int, Any] = {}
    monkeypatch.setattr("service.cli.stop.signal.signal", found.__setitem__)
    return found


@pytest.fixture
def told_at_once(handlers: dict[int, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Send SIGTERM as soon as a command waits for it."""
    real = Stop.wait

    def wait(self: Stop) -> None:
        handlers[signal.SIGTERM](signal.SIGTERM, None)
        real(self)

    monkeypatch.setattr(Stop, "wait", wait)


@pytest.mark.usefixtures("told_at_once")
def test_serve_answers_until_it_is_told_to_stop(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "0"]) == 0
    assert "listens on http://127.0.0.1:" in capsys.readouterr().err


@pytest.mark.usefixtures("told_at_once")
def test_work_goes_on_until_it_is_told_to_stop(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["work", "--threads", "1"]) == 0
    assert " works\n" in capsys.readouterr().err


@pytest.mark.usefixtures("told_at_once")
def test_work_may_answer_health_and_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["work", "--port", "0"]) == 0
    assert "health and metrics on http://127.0.0.1:" in capsys.readouterr().err
    assert main(["work", "--port", "99999"]) == 2
    assert main(["work", "--port", "0", "--host", "10.0.0.1"]) == 2
    assert "SLS_AUTH" in capsys.readouterr().err


@pytest.mark.usefixtures("told_at_once")
@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["work"]])
def test_what_was_built_is_out_of_the_collectors_rounds_when_work_begins(words: list[str]) -> None:
    gc.unfreeze()
    try:
        assert main(words) == 0
        assert gc.get_freeze_count() > 100_000
    finally:
        gc.unfreeze()


def test_a_second_signal_ends_the_process_at_once(handlers: dict[int, Any]) -> None:
    stop = Stop(5)
    assert (set(handlers), stop.left) == ({signal.SIGTERM, signal.SIGINT}, 5)
    handlers[signal.SIGINT](signal.SIGINT, None)
    stop.wait()
    assert set(handlers.values()) == {signal.SIG_DFL}
    assert 4 < stop.left < 5


def test_requests_in_hand_are_waited_for_until_their_body_is_sent() -> None:
    answering = InFlight(lambda _environ, _start: [b"body"])
    body = answering({}, lambda *_: lambda _: None)
    assert not answering.wait(0.01)
    assert b"".join(body) == b"body"
    cast("Any", body).close()
    assert answering.wait(0.01)


@pytest.mark.usefixtures("handlers")
def test_what_is_left_when_the_time_is_over_is_said(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport", delay_seconds=1, times=1))
    location = scene.accept(scene.ehr.get(REPORT))
    crew = start_workers(scene.parts, 1)
    while not scene.ehr.connections:
        time.sleep(0.01)
    finish(scene.parts, crew, Stop(0.1))
    assert "taken over when its lease ends" in capsys.readouterr().err
    assert crew.finish(10)
    assert stage(scene.get(location)) == "assessed"


def test_several_processes_start_anew_to_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def replaced(_program: str, words: list[str]) -> None:
        started.append(words[1:])
        raise SettingsError("replaced")

    monkeypatch.setattr(os, "execv", replaced)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "to be restored")
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    assert main(["serve", "--port", "8099", "--workers", "2"]) == 2
    assert started == [["-m", "service", "serve", "--host", "127.0.0.1", "--port", "8099", "--workers", "2"]]
    assert "PROMETHEUS_MULTIPROC_DIR" in os.environ


def test_processes_are_served_by_gunicorn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "unused")
    built: list[tuple[object, object]] = []
    monkeypatch.setattr(production._Server, "run", lambda self: built.append((self.cfg.settings["bind"].get(), self.load())))
    monkeypatch.setattr(production, "start_workers", lambda parts, _: start_workers(parts, 0))
    assert main(["serve", "--host", "::1", "--port", "8099", "--workers", "2"]) == 0
    assert main(["serve", "--port", "8099", "--workers", "2"]) == 0
    assert [bind for bind, _ in built] == [["[::1]:8099"], ["127.0.0.1:8099"]]
    assert all(callable(application) for _, application in built)


def test_chunks_that_gunicorn_cannot_read_are_a_connection_that_failed(scene: Scene) -> None:
    class Malformed(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            raise InvalidChunkSize(b"zz")

    served = production._with_plain_failures(create_app(scene.parts).wsgi_app)
    environ = EnvironBuilder(path="/assessments", method="POST", content_type="application/fhir+json").get_environ()
    chunked = {"wsgi.input": Malformed(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    _, status, _ = run_wsgi_app(served, {**environ, **chunked})
    assert status.startswith("400 ")


def test_a_process_of_gunicorn_claims_no_more_at_once_and_finishes_within_its_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = production._Server({})
    server.stop()
    server.finish()
    monkeypatch.setenv("SLS_STOP_SECONDS", "3")
    assert callable(server.load())
    server.stop()
    told_at = server._told_at
    server.stop()
    assert server._told_at == told_at, "a second signal does not give more time"
    server.finish()
    assert (tmp_path / "service.db").exists()


def test_a_folder_of_counts_is_removed_only_where_it_is_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    forget_shared_folder()
    assert tmp_path.is_dir()
    make_shared_folder()
    own = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert own.is_dir()
    forget_shared_folder()
    assert not own.exists()
