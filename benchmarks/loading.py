"""Loading the mapping tables at start, against importing the library that every FHIR service in Python starts with."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.ground import Ground
from benchmarks.runner import Row, Times, Turn, interleaved

LIMIT: Final = 1.0

_ROOT: Final = Path(__file__).resolve().parents[1]
_WEIGHT: Final = 6
_CLOCK: Final = "import time; start = time.perf_counter(); {timed}; print(time.perf_counter() - start)"
_TABLES: Final = "from pathlib import Path; from service.mapping.mapfile import load; " + _CLOCK.format(
    timed="load(Path('mappings'), snomed_affiliate=True)"
)
_LIBRARY: Final = _CLOCK.format(timed="import fhir.resources.R4B")


def _turns(program: str, count: int) -> Iterator[Turn]:
    """Return turns of a program that prints its own seconds: the start of the interpreter is not counted."""

    def turn() -> float:
        done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=_ROOT)
        return float(done.stdout)

    return (turn for _ in range(count))


def _measure(ground: Ground) -> Times:
    count = ground.effort.turns(_WEIGHT)
    return interleaved(_turns(_TABLES, count), _turns(_LIBRARY, count), warm_up=ground.effort.warm_up)


ROWS: Final = (
    Row(
        name="loading",
        what="all mapping tables, affiliate rows too, read, checked and indexed in a fresh process",
        against="import fhir.resources.R4B in a fresh process",
        limit=LIMIT,
        measure=_measure,
    ),
)
