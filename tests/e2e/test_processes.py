"""Processes that come and go: told to stop they finish what they have in hand, claim no more, and end with 0 in their time."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from service.storage.database import Database
from service.storage.jobs import Job
from service.storage.terms import JobState
from tests.demo_patient import REPORT_ID, resources
from tests.running import RunningProcess, RunningService, RunningWorker, write_hospital
from tests.stand_in_ehr import Fault, StandInEhr

Json = dict[str, Any]
SLUG = "south"
ONE_THREAD = {"SLS_WORKER_THREADS": "1", "SLS_DEBOUNCE_SECONDS": "0"}


def patients(count: int) -> list[list[Json]]:
    """Return so many patients with a report each: the demo's, under names of their own."""
    texts = [json.dumps(resources()).replace("demo-", f"demo-{number}-") for number in range(count)]
    return [json.loads(text) for text in texts]


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    with StandInEhr() as running:
        for patient in patients(6):
            for resource in patient:
                running.put(resource)
        yield running


def report(ehr: StandInEhr, number: int) -> Json:
    return ehr.get(f"DiagnosticReport/{REPORT_ID.replace('demo-', f'demo-{number}-')}")


def wait_until(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def jobs(url: str, state: JobState) -> list[Job]:
    database = Database.connect(url)
    with database.read() as uow:
        found = list(uow.jobs.listing(state))
    database.close()
    return found


def versions(ehr: StandInEhr) -> list[int]:
    return sorted(len(ehr.versions(f"RiskAssessment/{each['id']}")) for each in ehr.all("RiskAssessment"))


Started = tuple[RunningService, RunningProcess]
"""Who answers, and who works (it may be the same)."""

BEGUN: list[RunningProcess] = []


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    """End at once what a failed test left running."""
    yield
    while BEGUN:
        BEGUN.pop().kill()


def serve(folder: Path, url: str, **settings: str) -> RunningService:
    running = RunningService(folder, environment={**ONE_THREAD, **settings}, database_url=url)
    BEGUN.append(running)
    return running


def work(folder: Path, url: str, **settings: str) -> RunningWorker:
    running = RunningWorker(folder, environment={**ONE_THREAD, **settings}, database_url=url, arguments=("--threads", "1"))
    BEGUN.append(running)
    return running


def in_one(folder: Path, url: str, **settings: str) -> Started:
    running = serve(folder, url, **settings)
    return running, running


def under_gunicorn(folder: Path, url: str, **settings: str) -> Started:
    running = serve(folder, url, **settings)
    running.arguments = ("--workers", "1")
    return running, running


def apart(folder: Path, url: str, **settings: str) -> Started:
    return serve(folder, url, **{**settings, "SLS_WORKER_THREADS": "0"}), work(folder, url, **settings)


def start(shape: Callable[..., Started], folder: Path, url: str, ehr: StandInEhr, **settings: str) -> Started:
    """Start who answers and who works, with a hospital whose EHR is the stand-in."""
    answers, works = shape(folder, url, **settings)
    write_hospital(answers.hospitals, SLUG, ehr_base=ehr.base)
    answers.start()
    if isinstance(works, RunningWorker):
        works.start()
    return answers, works


def end(*processes: RunningProcess) -> list[int]:
    """Tell every process to stop and return the exit codes, once where one is named twice."""
    distinct = list({id(each): each for each in processes}.values())
    for each in distinct:
        each.terminate()
    return [each.ended() for each in distinct]


@pytest.mark.parametrize(
    ("shape", "kind"),
    [(in_one, "sqlite"), (under_gunicorn, "sqlite"), (under_gunicorn, "postgresql"), (apart, "postgresql")],
    ids=["serve on SQLite", "gunicorn on SQLite", "gunicorn on PostgreSQL", "work on PostgreSQL"],
)
def test_told_to_stop_a_process_finishes_the_work_in_hand_claims_no_more_and_ends_with_0(
    shape: Callable[..., Started], kind: str, tmp_path: Path, url_of: Callable[[str], str], ehr: StandInEhr
) -> None:
    url = url_of(kind)
    answers, works = start(shape, tmp_path, url, ehr)
    ehr.strike(Fault(method="GET", path="DiagnosticReport", times=1, delay_seconds=1.5))
    answers.webhook(SLUG, report(ehr, 0)).raise_for_status()
    wait_until(lambda: ehr.connections > 0)
    answers.webhook(SLUG, report(ehr, 1)).raise_for_status()
    assert end(works) == [0]
    assert [(job.kind, job.attempts) for job in jobs(url, JobState.DONE)] == [("assess", 0)], "it finished what it had"
    assert {(job.kind, job.attempts) for job in jobs(url, JobState.OPEN)} == {("deliver", 0), ("assess", 0)}, "and left the rest"
    another = work(tmp_path, url).start()
    wait_until(lambda: len(jobs(url, JobState.DONE)) == 4)
    assert set(end(another, answers)) == {0}
    assert (versions(ehr), {job.attempts for job in jobs(url, JobState.DONE)}) == ([1, 1], {0}), "nothing was done twice"


@pytest.mark.parametrize("shape", [in_one, under_gunicorn], ids=["serve", "gunicorn"])
def test_a_request_in_hand_is_answered_before_the_process_ends(
    shape: Callable[..., Started], tmp_path: Path, url_of: Callable[[str], str], ehr: StandInEhr
) -> None:
    answers, _ = start(shape, tmp_path, url_of("sqlite"), ehr)
    ehr.strike(Fault(method="GET", path="Observation", times=1, delay_seconds=1.5))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(answers.post, f"/assessments?hospital={SLUG}", report(ehr, 0))
        wait_until(lambda: ehr.connections > 0)
        answers.terminate()
        assert asked.result(timeout=20).status_code == 201
    assert answers.ended(seconds=10) == 0


@pytest.mark.parametrize(
    ("shape", "kind"), [(in_one, "sqlite"), (apart, "postgresql")], ids=["serve on SQLite", "work on PostgreSQL"]
)
def test_work_that_takes_longer_than_the_time_to_stop_is_left_to_another(
    shape: Callable[..., Started], kind: str, tmp_path: Path, url_of: Callable[[str], str], ehr: StandInEhr
) -> None:
    url = url_of(kind)
    answers, works = start(shape, tmp_path, url, ehr, SLS_STOP_SECONDS="0.5")
    ehr.strike(Fault(method="GET", path="DiagnosticReport", times=1, delay_seconds=18))
    answers.webhook(SLUG, report(ehr, 0)).raise_for_status()
    wait_until(lambda: ehr.connections > 0)
    told_at = time.monotonic()
    assert end(works) == [0]
    assert time.monotonic() - told_at < 12, "it does not wait for the EHR"
    another = work(tmp_path, url).start()
    wait_until(lambda: versions(ehr) == [1])
    assert set(end(another, answers)) == {0}


def test_serve_without_workers_accepts_and_leaves_the_work_to_others(
    tmp_path: Path, url_of: Callable[[str], str], ehr: StandInEhr
) -> None:
    answers, works = apart(tmp_path, url_of("sqlite"))
    write_hospital(answers.hospitals, SLUG, ehr_base=ehr.base)
    answers.start()
    location = answers.webhook(SLUG, report(ehr, 0)).headers["Location"]
    time.sleep(0.5)
    assert answers.get(location).json()["status"] == "requested"
    assert isinstance(works, RunningWorker)
    works.start()
    assert answers.follow(location)["status"] == "completed"
    assert end(answers, works) == [0, 0]


def test_any_number_of_processes_share_the_work_on_postgresql_while_they_come_and_go(
    tmp_path: Path, url_of: Callable[[str], str], ehr: StandInEhr
) -> None:
    url = url_of("postgresql")
    servers = [serve(tmp_path, url, SLS_WORKER_THREADS="0") for _ in range(2)]
    workers = [work(tmp_path, url) for _ in range(4)]
    write_hospital(servers[0].hospitals, SLUG, ehr_base=ehr.base)
    for server in servers:
        server.start()
    for worker in workers[:3]:
        worker.start()
    ehr.strike(Fault(method="GET", path="DiagnosticReport", delay_seconds=0.3))
    locations = [servers[number % 2].webhook(SLUG, report(ehr, number)).headers["Location"] for number in range(6)]
    wait_until(lambda: ehr.connections > 0)
    assert end(workers[0]) == [0]
    workers[3].start()
    assert {servers[0].follow(each)["status"] for each in locations} == {"completed"}
    assert end(*servers, *workers[1:]) == [0] * 5
    assert versions(ehr) == [1] * 6
    assert {job.attempts for job in jobs(url, JobState.DONE)} == {0}, "nobody did the work of another again"
    assert (jobs(url, JobState.OPEN), jobs(url, JobState.DEAD)) == ([], [])
