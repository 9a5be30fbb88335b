"""What the rows stand on: how much is done, and databases of this run alone, gone afterwards."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from service.app import build_parts
from service.model.caller import Caller
from service.parts import Parts
from service.pipeline.start import prepare
from service.settings import Settings
from tests import postgres
from tests.postgres import Cluster

HOSPITAL: Final = "local"
"""The built-in hospital without an EHR: nothing is asked of a network."""

SQLITE: Final = "SQLite (FULL)"
"""How rows name the embedded database: every commit is on disk (`synchronous=FULL`)."""

POSTGRESQL: Final = "PostgreSQL"

CALLER: Final = Caller(name="benchmark", address=None, request_id="benchmark")


class NotToBeHadError(Exception):
    """What a row needs is not on this machine; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is done.

    Attributes:
        rounds: turns that count, of a row that costs little.
        warm_up: turns before them.
        pieces: pieces of work in one turn, where one alone is too short to be timed.
    """

    rounds: int = 60
    warm_up: int = 3
    pieces: int = 50

    def turns(self, weight: float = 1) -> int:
        """Return how many turns to take, those of the warm-up included; a row that costs `weight` times as much takes fewer."""
        return self.warm_up + max(1, int(self.rounds / weight))


QUICK: Final = Effort(rounds=1, warm_up=0, pieces=4)
"""Just enough to see that every row can be measured; its ratios mean nothing."""


class Ground:
    """The databases of one run; a PostgreSQL server starts when the first row asks for it."""

    def __init__(self, effort: Effort) -> None:
        """Start with nothing.

        Args:
            effort: how much every row does.
        """
        self.effort = effort
        self._opened = ExitStack()
        self._folder = Path()
        self._numbers = count(1)
        self._cluster: Cluster | None = None

    def __enter__(self) -> Self:
        """Make the folder of the SQLite files."""
        self._folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory(prefix="sls-bench-")))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop the server and remove every file."""
        self._opened.close()

    def sqlite(self) -> str:
        """Return the address of one more SQLite file."""
        return f"sqlite:///{self._folder}/{next(self._numbers)}.db"

    def postgresql(self) -> str:
        """Return the address of one more PostgreSQL database, on a server whose commits are on disk.

        Raises:
            NotToBeHadError: there is no PostgreSQL on this machine, or it does not start.
        """
        if self._cluster is None:
            self._cluster = self._start_postgresql()
        return self._cluster.create_database(f"bench_{next(self._numbers)}")

    def _start_postgresql(self) -> Cluster:
        binaries = postgres.find_binaries()
        if binaries is None:
            raise NotToBeHadError("PostgreSQL is not installed")
        try:
            return self._opened.enter_context(postgres.cluster(binaries, durable=True))
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            raise NotToBeHadError(f"PostgreSQL does not start ({type(error).__name__})") from error


@contextmanager
def opened_parts(url: str) -> Iterator[Parts]:
    """Build the service on an empty database, as `serve` does, with logging and the wait for bursts off."""
    parts = build_parts(Settings(database_url=url, log_level="ERROR", debounce_seconds=0))
    try:
        prepare(parts)
        yield parts
    finally:
        parts.database.close()
