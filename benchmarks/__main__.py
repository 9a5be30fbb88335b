"""`python -m benchmarks`: every ratio that README quotes, each against something measured in the same run."""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable

from fhir.resources.R4B.bundle import Bundle

from benchmarks.report import bundle
from service.app import build_parts
from service.model.caller import Caller
from service.parts import Parts
from service.pipeline.direct import DirectRequest, assess
from service.pipeline.start import prepare
from service.settings import Settings

ROUNDS = 60
LIMIT_WHOLE_PATH = 1.5


def main() -> int:
    """Print the table; exit 1 when a limit that the project set itself is not kept."""
    with tempfile.TemporaryDirectory() as folder:
        parts = build_parts(Settings(database_url=f"sqlite:///{folder}/bench.db", log_level="ERROR"))
        prepare(parts)
        kept = _whole_path(parts)
        parts.database.close()
    return 0 if kept else 1


def _whole_path(parts: Parts) -> bool:
    """Bytes to stored assessment on SQLite (FULL) against model validation of the same bytes alone."""
    bodies = [bundle(number) for number in range(ROUNDS + 3)]
    print(f"report: 30 Observations, {len(bodies[0]) / 1000:.0f} KB, {ROUNDS} rounds, interleaved; medians")
    validation, path = _interleaved(
        [lambda body=body: Bundle.model_validate_json(body) for body in bodies],  # type: ignore[misc]
        [lambda body=body: assess(parts, _request(parts, body)) for body in bodies],  # type: ignore[misc]
    )
    ratio = path / validation
    print(f"  fhir.resources Bundle.model_validate_json      {validation * 1000:7.2f} ms   1.00")
    print(f"  whole path: check, map, assess, render, store  {path * 1000:7.2f} ms   {ratio:.2f}   (limit {LIMIT_WHOLE_PATH})")
    return ratio <= LIMIT_WHOLE_PATH


def _request(parts: Parts, body: bytes) -> DirectRequest:
    return DirectRequest(
        hospital=parts.hospital("local"),
        body=body,
        strict=True,
        store=True,
        write_back=False,
        prior=None,
        caller=Caller(name="benchmark", address=None, request_id="benchmark"),
    )


def _interleaved(first: list[Callable[[], object]], second: list[Callable[[], object]]) -> tuple[float, float]:
    """Run two series turn by turn, so that noise of the machine meets both; return their medians in seconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for pair in zip(first, second, strict=True):
        for run, kept in zip(pair, times, strict=True):
            start = time.perf_counter()
            run()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0][3:]), statistics.median(times[1][3:])


if __name__ == "__main__":
    sys.exit(main())
