"""Draining the queue: what a job costs beside its work, with one worker and with two, as production has them.

On SQLite workers are threads of one process, on PostgreSQL processes.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.bare import bare
from benchmarks.drainer import READY, drain
from benchmarks.ground import CALLER, HOSPITAL, POSTGRESQL, SQLITE, Ground, opened_parts
from benchmarks.runner import Row, Times, Turn, interleaved, timed
from service.parts import Parts
from service.pipeline.receive import Trigger, receive
from service.storage.terms import JobState

_ROOT: Final = Path(__file__).resolve().parents[1]
_WEIGHT: Final = 6

Drain = Callable[[], object]
"""Works until nothing is due."""


def _fill(parts: Parts, turn: int, count: int) -> None:
    """Receive Observations of as many patients, none of whom has a report here: each job finds that, settles it and is done."""
    for number in range(count):
        name = f"{turn}-{number}"
        body = f'{{"resourceType": "Observation", "id": "o{name}", "subject": {{"reference": "Patient/p{name}"}}}}'.encode()
        trigger = Trigger(
            method="PUT", resource_type="Observation", resource_id=f"o{name}", body=body, media_type="application/fhir+json"
        )
        receive(parts, parts.hospital(HOSPITAL), trigger, CALLER)


@contextmanager
def _threads(parts: Parts, count: int) -> Iterator[Drain]:
    """Drain with threads of this process."""

    def drain_together() -> None:
        threads = [threading.Thread(target=drain, args=(parts, f"thread-{number}")) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    yield drain_together


@contextmanager
def _processes(url: str, count: int) -> Iterator[Drain]:
    """Drain with processes of their own."""
    with ExitStack() as running:
        team = [
            running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "benchmarks.drainer", url, f"process-{number}"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    cwd=_ROOT,
                )
            )
            for number in range(count)
        ]
        for process in team:
            _await_ready(process)

        def drain_together() -> None:
            for process in team:
                print("drain", file=process.stdin, flush=True)
            for process in team:
                _await_ready(process)

        yield drain_together


def _await_ready(process: subprocess.Popen[str]) -> None:
    if process.stdout is None or process.stdout.readline() != READY:
        raise RuntimeError("a worker process ended")


def _turns(parts: Parts, team: Drain, pieces: int, count: int) -> Iterator[Turn]:
    """Return turns that drain what was filled just before; the filling is not counted."""
    for number in range(count):

        def turn(number: int = number) -> float:
            _fill(parts, number, pieces)
            seconds = timed(team, pieces=pieces)()
            _refuse_leftovers(parts)
            return seconds

        yield turn


def _refuse_leftovers(parts: Parts) -> None:
    with parts.database.read() as uow:
        if uow.jobs.listing(JobState.OPEN) or uow.jobs.listing(JobState.DEAD):
            raise RuntimeError("the queue was not drained")


def _measure(ground: Ground, url: str, workers: int) -> Times:
    effort = ground.effort
    count = effort.turns(_WEIGHT)
    with opened_parts(url) as parts, bare(url) as least:
        opened = _threads(parts, workers) if url.startswith("sqlite") else _processes(url, workers)

        def commits() -> None:
            for _ in range(effort.pieces):
                least.commit_pair()

        with opened as team:
            return interleaved(
                _turns(parts, team, effort.pieces, count),
                (timed(commits, pieces=effort.pieces) for _ in range(count)),
                warm_up=effort.warm_up,
            )


def _row(name: str, database: str, team: str, measure: Callable[[Ground], Times]) -> Row:
    return Row(
        name=name,
        what=f"a job claimed, looked up, settled and completed by {team}; {database}",
        against="a bare commit of two changed rows on one connection to the same database",
        limit=None,
        measure=measure,
    )


ROWS: Final = (
    _row("draining-sqlite-1", SQLITE, "one worker thread", lambda ground: _measure(ground, ground.sqlite(), 1)),
    _row("draining-sqlite-2", SQLITE, "two worker threads", lambda ground: _measure(ground, ground.sqlite(), 2)),
    _row("draining-postgresql-1", POSTGRESQL, "one worker process", lambda ground: _measure(ground, ground.postgresql(), 1)),
    _row("draining-postgresql-2", POSTGRESQL, "two worker processes", lambda ground: _measure(ground, ground.postgresql(), 2)),
)
