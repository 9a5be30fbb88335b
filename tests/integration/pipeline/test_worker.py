"""The loop: it starts, outlasts a failing database and mistakes of ours, and stops when told."""

import threading
import time
from collections.abc import Callable

import pytest

from service import worker as worker_module
from service.app import start_workers
from service.errors import LostLeaseError, StorageDownError
from service.pipeline import work
from service.worker import Worker
from tests.integration.scene import REPORT, Scene, stage
from tests.stand_in_ehr import Fault


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return met


def test_threads_work_and_stop_with_their_work_done(scene: Scene) -> None:
    location = scene.accept(scene.ehr.get(REPORT))
    crew = start_workers(scene.parts, 2)
    assert wait_until(lambda: stage(scene.get(location)) == "delivered")
    assert crew.finish(10)


def test_a_crew_that_is_told_to_stop_finishes_what_it_has_and_claims_no_more(scene: Scene) -> None:
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport", times=1, delay_seconds=1))
    first = scene.accept(scene.ehr.get(REPORT))
    crew = start_workers(scene.parts, 1)
    assert wait_until(lambda: scene.ehr.connections > 0)
    crew.stop()
    assert not crew.finish(0.1), "the EHR has not answered yet"
    assert crew.finish(10)
    assert stage(scene.get(first)) == "assessed"
    assert [(job.kind, job.attempts) for job in scene.jobs()] == [("deliver", 0)], "left to others, and nothing failed"


def test_a_crew_of_nobody_has_nothing_in_hand(scene: Scene) -> None:
    assert start_workers(scene.parts, 0).finish(0)


@pytest.mark.parametrize("error", [StorageDownError("down"), RuntimeError("a mistake")], ids=["database", "mistake"])
def test_a_failure_is_waited_out(scene: Scene, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(worker_module, "DOWN_SECONDS", 0.01)
    real, failures = work.next_claim, [error, error]

    def claim(*arguments: object) -> object:
        if failures:
            raise failures.pop()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "next_claim", claim)
    location = scene.accept(scene.ehr.get(REPORT))
    worker = Worker(scene.parts, "stubborn")
    thread = threading.Thread(target=worker.run)
    thread.start()
    assert wait_until(lambda: stage(scene.get(location)) == "delivered")
    worker.stop()
    thread.join(timeout=10)
    assert failures == []


@pytest.mark.parametrize("answers", [[StorageDownError("down"), LostLeaseError("gone")], [None, LostLeaseError("gone")]])
def test_the_lease_is_extended_while_work_goes_on_and_until_it_is_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, answers: list[Exception | None]
) -> None:
    beats, lost = list(answers), threading.Event()

    def beat(*_: object) -> None:
        answer = beats.pop(0)
        if not beats:
            lost.set()
        if answer is not None:
            raise answer

    monkeypatch.setattr(work, "keep_alive", beat)
    monkeypatch.setattr(work, "perform", lambda *_: lost.wait(10))
    object.__setattr__(scene.parts, "settings", scene.parts.settings.model_copy(update={"lease_seconds": 0.03}))
    scene.accept(scene.ehr.get(REPORT))
    assert Worker(scene.parts, "slow").step()
    assert beats == []
