"""The loop: claim a due stream, work through it, keep its lease alive, stop when told."""

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator

import structlog

from service.errors import LostLeaseError, ServiceError
from service.logs import place_of
from service.parts import Parts
from service.pipeline import work

_LOG = structlog.get_logger("service.worker")
IDLE_SECONDS = 0.1
"""Wait between two looks for work when there is none."""
DOWN_SECONDS = 1.0
"""Wait after the database did not answer."""


class Worker:
    """One thread of work; any number may run in any number of processes on one PostgreSQL, or threads on one SQLite."""

    def __init__(self, parts: Parts, name: str) -> None:
        """Keep the parts and the name under which leases are held."""
        self._parts = parts
        self._name = name
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until `stop`; a failure of the database, or of ours, is waited out, never fatal."""
        while not self._stop.is_set():
            try:
                busy = self.step()
            except ServiceError as error:
                _LOG.warning("worker_waits", kind=type(error).__name__)
                busy = self._stop.wait(DOWN_SECONDS)
            except Exception as error:  # noqa: BLE001 - a thread that dies is missed by nobody; its work is leased to another
                _LOG.error("unexpected_error", kind=type(error).__name__, place=place_of(error))
                busy = self._stop.wait(DOWN_SECONDS)
            if not busy:
                self._stop.wait(IDLE_SECONDS)

    def step(self) -> bool:
        """Do one stream's due work; False = nothing was due."""
        claim = work.next_claim(self._parts, self._name)
        if claim is None:
            return False
        with self._kept_alive(claim):
            work.perform(self._parts, claim)
        return True

    def stop(self) -> None:
        """Finish the work in hand and claim no more."""
        self._stop.set()

    @contextlib.contextmanager
    def _kept_alive(self, claim: work.Claimed) -> Iterator[None]:
        """Extend the lease every third of its length while the work goes on."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(self._parts.settings.lease_seconds / 3):
                try:
                    work.keep_alive(self._parts, claim)
                except LostLeaseError:
                    return
                except ServiceError:
                    continue  # the lease outlives two missed beats; a lost one is met when the work ends

        thread = threading.Thread(target=beat, name=f"{self._name}-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


class Crew:
    """The worker threads of one process."""

    def __init__(self, parts: Parts, count: int) -> None:
        """Start so many threads; none is a crew too."""
        self._workers = [Worker(parts, f"{uuid.uuid4()}-{number}") for number in range(count)]
        self._threads = [
            threading.Thread(target=worker.run, name=f"worker-{number}", daemon=True) for number, worker in enumerate(self._workers)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Claim no more; returns at once, and may be called from a signal handler."""
        for worker in self._workers:
            worker.stop()

    def finish(self, seconds: float) -> bool:
        """Wait until the work in hand is done.

        Args:
            seconds: how long at most. Work that takes longer is left: its lease runs out and another worker takes it over.

        Returns:
            True when nothing is left in hand.
        """
        self.stop()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)
