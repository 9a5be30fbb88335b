"""`python -m benchmarks.drainer URL NAME`: a worker process that drains the queue once for every line that it is sent."""

import sys
from typing import Final

from benchmarks.ground import opened_parts
from service.parts import Parts
from service.worker import Worker

READY: Final = "ready\n"
"""What it answers: after its start, and whenever nothing is due any more."""


def drain(parts: Parts, name: str) -> None:
    """Work until nothing is due."""
    worker = Worker(parts, name)
    while worker.step():
        pass


def main(url: str, name: str) -> None:
    """Answer line after line until the input ends."""
    with opened_parts(url) as parts:
        sys.stdout.write(READY)
        sys.stdout.flush()
        for _ in sys.stdin:
            drain(parts, name)
            sys.stdout.write(READY)
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
