"""Leases: who holds a stream, and what happens when the holder is slow, dead or wrong about the time."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import LostLeaseError
from service.storage.database import Database
from service.storage.jobs import Claim
from service.storage.terms import DossierId
from tests.integration.storage.rows import claim, enqueue, ids, let_pass, names, nothing_is_due

_CLAIM_AND_HANG = """
import sys, time
from service.storage.database import Database
database = Database.connect(sys.argv[1])
with database.write() as unit:
    taken = unit.jobs.claim("doomed", 30.0)
with database.write() as unit:
    unit.dossiers.add("half-done", b"effect")
    unit.jobs.complete(taken, [job.id for job in taken.jobs])
    print("claimed", flush=True)
    time.sleep(600)
"""


def _one_job(database: Database, key: str = "s", name: str = "a") -> None:
    with database.write() as unit:
        enqueue(unit.jobs, key, name)


def test_an_expired_lease_is_taken_over_and_counts_an_attempt(database: Database) -> None:
    _one_job(database)
    first = claim(database, "slow", 30)
    let_pass(database, 29)
    assert nothing_is_due(database)
    let_pass(database, 1.1)
    second = claim(database, "quick", 30)
    assert names(second) == ["a"]
    assert second.fence == first.fence + 1
    assert second.jobs[0].attempts == 1
    assert second.jobs[0].last_error is not None


@pytest.mark.parametrize("act", ["complete", "retry", "bury", "release", "heartbeat"])
def test_who_lost_the_stream_can_do_nothing_with_it_and_leaves_no_effect(database: Database, act: str) -> None:
    _one_job(database)
    lost = claim(database, "same-name", 30)
    let_pass(database, 31)
    taken = claim(database, "same-name", 30)
    arguments: dict[str, tuple[object, ...]] = {
        "complete": (ids(lost),),
        "retry": (lost.jobs[0].id, 1.0, "late"),
        "bury": (ids(lost), "late"),
        "release": (),
        "heartbeat": (30.0,),
    }

    def settle_late() -> None:
        with database.write() as unit:
            unit.dossiers.add(DossierId("effect"), b"of the loser")
            getattr(unit.jobs, act)(lost, *arguments[act])

    with pytest.raises(LostLeaseError):
        settle_late()
    with database.write() as unit:
        assert unit.dossiers.get(DossierId("effect")) is None
        unit.jobs.complete(taken, ids(taken))


def test_an_expired_lease_that_nobody_took_can_still_be_completed(database: Database) -> None:
    _one_job(database)
    late = claim(database, "late", 30)
    let_pass(database, 1000)
    with database.write() as unit:
        unit.jobs.complete(late, ids(late))
    assert nothing_is_due(database)


def test_a_job_is_completed_once(database: Database) -> None:
    _one_job(database)
    taken = claim(database)
    with database.write() as unit:
        unit.jobs.complete(taken, ids(taken))
    with pytest.raises(LostLeaseError), database.write() as unit:
        unit.jobs.complete(taken, ids(taken))


def test_a_heartbeat_lets_the_lease_run_from_now_on(database: Database) -> None:
    _one_job(database)
    taken = claim(database, "alive", 30)
    for _ in range(3):
        let_pass(database, 25)
        with database.write() as unit:
            unit.jobs.heartbeat(taken, 30)
    assert nothing_is_due(database)
    let_pass(database, 31)
    assert names(claim(database)) == ["a"]


def test_a_stream_given_up_has_no_lease_to_extend(database: Database) -> None:
    _one_job(database)
    taken = claim(database)
    with database.write() as unit:
        unit.jobs.complete(taken, ids(taken))
    with pytest.raises(LostLeaseError), database.write() as unit:
        unit.jobs.heartbeat(taken, 30)


def test_work_that_kills_every_worker_gathers_attempts(database: Database) -> None:
    _one_job(database)
    for attempts in range(4):
        assert claim(database).jobs[0].attempts == attempts
        let_pass(database, 31)


class TestClockJump:
    def test_a_lease_ends_when_the_clock_jumps_forward(self, database: Database) -> None:
        _one_job(database)
        claim(database)
        let_pass(database, 86_400)
        assert names(claim(database)) == ["a"]

    def test_a_lease_set_before_the_clock_jumped_back_does_not_last(self, database: Database) -> None:
        _one_job(database)
        claim(database, lease_seconds=30)
        let_pass(database, -86_400)
        assert names(claim(database)) == ["a"]

    def test_a_small_step_back_does_not_end_a_lease(self, database: Database) -> None:
        _one_job(database)
        claim(database, lease_seconds=30)
        let_pass(database, -50)
        assert nothing_is_due(database)
        let_pass(database, 81)
        assert names(claim(database)) == ["a"]

    def test_a_backoff_set_before_the_clock_jumped_back_does_not_last(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "a")
            enqueue(unit.jobs, "s", "b")
        taken = claim(database)
        with database.write() as unit:
            unit.jobs.retry(taken, taken.jobs[0].id, 100, "down")
            unit.jobs.retry(taken, taken.jobs[1].id, 100, "down")
        let_pass(database, -86_400)
        assert names(claim(database)) == ["a", "b"]

    def test_a_debounce_set_before_the_clock_jumped_back_does_not_last(self, database: Database) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, "s", "a", delay_seconds=5, max_wait_seconds=20)
            enqueue(unit.jobs, "s", "b", delay_seconds=5, max_wait_seconds=20)
        let_pass(database, -86_400)
        with database.write() as unit:
            enqueue(unit.jobs, "s", "c", delay_seconds=5, max_wait_seconds=20)
        assert names(claim(database)) == ["a", "b", "c"]


def test_two_threads_never_hold_the_same_stream_and_lose_nothing(database: Database) -> None:
    streams, each = 12, 3
    with database.write() as unit:
        for number in range(streams * each):
            enqueue(unit.jobs, f"s{number % streams}", str(number))
    start = threading.Barrier(2)
    done: Counter[str] = Counter()
    held: set[str] = set()
    guard = threading.Lock()

    def work(owner: str) -> list[list[str]]:
        start.wait()
        runs = []
        while (taken := _claim_or_none(database, owner)) is not None:
            with guard:
                assert taken.key not in held
                held.add(taken.key)
            runs.append(names(taken))
            with guard:
                held.remove(taken.key)
                done.update(names(taken))
            with database.write() as unit:
                unit.jobs.complete(taken, ids(taken))
        return runs

    with ThreadPoolExecutor(2) as pool:
        runs = [run for result in pool.map(work, ["one", "two"]) for run in result]
    assert done == Counter(str(number) for number in range(streams * each))
    assert all([int(name) for name in run] == sorted(int(name) for name in run) for run in runs)


def _claim_or_none(database: Database, owner: str) -> Claim | None:
    with database.write() as unit:
        return unit.jobs.claim(owner, 30.0)


def test_two_streams_are_held_at_the_same_time(database: Database) -> None:
    _one_job(database, "s1", "a")
    _one_job(database, "s2", "b")
    one, two = claim(database, "one"), claim(database, "two")
    with database.write() as unit:
        unit.jobs.complete(two, ids(two))
    with database.write() as unit:
        unit.jobs.complete(one, ids(one))
    assert nothing_is_due(database)


def test_jobs_enqueued_by_many_threads_all_arrive(database: Database) -> None:
    def add(number: int) -> None:
        with database.write() as unit:
            enqueue(unit.jobs, f"s{number % 3}", str(number), delay_seconds=0.01, max_wait_seconds=0.1)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(60)))
    let_pass(database, 1)
    claims = [claim(database) for _ in range(3)]
    assert sorted(int(name) for taken in claims for name in names(taken)) == list(range(60))
    assert nothing_is_due(database)


def test_a_job_enqueued_while_another_transaction_completes_its_stream_is_not_overlooked(database: Database) -> None:
    for number in range(20):
        _one_job(database, "s", f"old-{number}")
        taken = claim(database)
        start = threading.Barrier(2)

        def add(name: str = f"new-{number}", start: threading.Barrier = start) -> None:
            start.wait()
            _one_job(database, "s", name)

        thread = threading.Thread(target=add)
        thread.start()
        with database.write() as unit:
            start.wait()
            unit.jobs.complete(taken, ids(taken))
        thread.join()
        left = claim(database)
        assert names(left) == [f"new-{number}"]
        with database.write() as unit:
            unit.jobs.complete(left, ids(left))


def test_a_worker_killed_before_its_commit_leaves_no_effect_and_its_jobs_are_claimed_after_the_lease(
    database: Database, database_url: str
) -> None:
    with database.write() as unit:
        for name in "ab":
            enqueue(unit.jobs, "s", name)
    worker = subprocess.Popen([sys.executable, "-c", _CLAIM_AND_HANG, database_url], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    with worker, worker.stdout:
        assert worker.stdout.readline() == "claimed\n"
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(timeout=30) == -signal.SIGKILL
    assert nothing_is_due(database)
    let_pass(database, 31)
    taken = claim(database)
    assert names(taken) == ["a", "b"]
    assert [job.attempts for job in taken.jobs] == [1, 1]
    with database.write() as unit:
        assert unit.dossiers.get(DossierId("half-done")) is None
        unit.jobs.complete(taken, ids(taken))
    assert nothing_is_due(database)
