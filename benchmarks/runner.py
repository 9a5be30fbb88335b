"""How a ratio comes about: two things turn by turn in the same run, the medians of both, a limit with a tolerance, a table.

The machine is shared and noisy. What disturbs one turn disturbs its neighbour too, so that a ratio holds where milliseconds do not.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from typing import Final

from benchmarks.ground import Ground, NotToBeHadError

TOLERANCE: Final = 0.05
"""How far a ratio may lie above its limit before the run fails: what two runs of the same code differ by on a shared machine."""

Turn = Callable[[], float]
"""Does a thing once and returns the seconds that it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Medians in seconds.

    Attributes:
        ours: of what is measured.
        against: of what it is measured against.
    """

    ours: float
    against: float

    @property
    def ratio(self) -> float:
        """How many times as long ours takes."""
        return self.ours / self.against


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One ratio of the table.

    Attributes:
        name: what `--only` and README call it.
        what: what is measured.
        against: what it is measured against.
        limit: the largest ratio that the project allows itself; None = none, the ratio is there to be read.
        measure: measures both.
    """

    name: str
    what: str
    against: str
    limit: float | None
    measure: Callable[[Ground], Times]


class Verdict(StrEnum):
    """What became of a limit."""

    KEPT = "kept"
    WITHIN_TOLERANCE = "within the tolerance"
    MISSED = "missed"
    NO_LIMIT = "no limit"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a row.

    Attributes:
        row: the row.
        times: None = it could not be measured.
        why_not: what was not to be had; None = it was measured.
    """

    row: Row
    times: Times | None
    why_not: str | None = None

    @property
    def verdict(self) -> Verdict:
        """What became of the row's limit."""
        return Verdict.NOT_MEASURED if self.times is None else judge(self.times.ratio, self.row.limit)


def judge(ratio: float, limit: float | None) -> Verdict:
    """Hold a ratio against its limit; None = there is none."""
    if limit is None:
        return Verdict.NO_LIMIT
    if ratio <= limit:
        return Verdict.KEPT
    return Verdict.WITHIN_TOLERANCE if ratio <= limit * (1 + TOLERANCE) else Verdict.MISSED


def timed(action: Callable[[], object], *, pieces: int = 1) -> Turn:
    """Return a turn that times an action.

    Args:
        action: what is done.
        pieces: how many equal pieces of work the action does; the seconds are those of one.
    """

    def turn() -> float:
        start = time.perf_counter()
        action()
        return (time.perf_counter() - start) / pieces

    return turn


def interleaved(ours: Iterable[Turn], against: Iterable[Turn], *, warm_up: int) -> Times:
    """Take turns, each of the two first every other time, and return the medians.

    Args:
        ours: turns of what is measured; as many as of the other.
        against: turns of what it is measured against.
        warm_up: how many first turns are not counted.
    """
    taken: tuple[list[float], list[float]] = ([], [])
    for pair, order in zip(zip(ours, against, strict=True), cycle(((0, 1), (1, 0))), strict=False):
        for side in order:
            taken[side].append(pair[side]())
    return Times(ours=statistics.median(taken[0][warm_up:]), against=statistics.median(taken[1][warm_up:]))


def run(rows: Iterable[Row], ground: Ground) -> Iterator[Result]:
    """Measure row after row; one that cannot be measured says why."""
    for row in rows:
        try:
            yield Result(row=row, times=row.measure(ground))
        except NotToBeHadError as error:
            yield Result(row=row, times=None, why_not=str(error))


def show(result: Result) -> str:
    """Write one row of the table: its ratio, limit and verdict, and below them what was measured, and against what."""
    row, times = result.row, result.times
    limit = "" if row.limit is None else f"limit {row.limit:.2f}"
    ratio, ours, theirs = ("-", None, None) if times is None else (f"{times.ratio:.2f}", times.ours, times.against)
    verdict = result.verdict if result.why_not is None else f"{result.verdict}: {result.why_not}"
    first = f"{row.name:<{_NAME}} {ratio:>7}   {limit:<12} {verdict}".rstrip()
    return "\n".join((first, _line(row.what, ours), _line(f"against {row.against}", theirs)))


_NAME: Final = 26
_TEXT: Final = 100


def _line(text: str, seconds: float | None = None) -> str:
    figures = "" if seconds is None else f"{seconds * 1000:9.3f} ms {1 / seconds:8.0f} a second"
    return f"    {text:<{_TEXT}} {figures}".rstrip()
