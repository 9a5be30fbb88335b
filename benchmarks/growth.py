"""How the cost grows with the report: 1,000 Observations against 30."""

from collections.abc import Iterable
from typing import Final

from benchmarks.ground import SQLITE, Ground, opened_parts
from benchmarks.instruments import language_of, reading_of
from benchmarks.report import SPINE, bundle
from benchmarks.runner import Row, Times, interleaved, timed
from benchmarks.whole_path import request
from service.mapping.translate import translate
from service.pipeline.direct import assess

FEW: Final = 30
MANY: Final = 1000
LIMIT: Final = 1.1 * MANY / FEW
"""A tenth more than in proportion."""

_TIMES: Final = round(MANY / FEW)
"""How many small reports are as much as the large one: turns of one length are disturbed alike on a busy machine."""

_WEIGHT: Final = 6


def _path(ground: Ground) -> Times:
    turns = range(ground.effort.turns(_WEIGHT))
    with opened_parts(ground.sqlite()) as parts:
        many = [bundle(number, MANY, SPINE) for number in turns]
        few = [[bundle(-1 - number - _TIMES * turn, FEW) for number in range(_TIMES)] for turn in turns]

        def assess_all(bodies: Iterable[bytes]) -> None:
            for body in bodies:
                assess(parts, request(parts, body))

        return interleaved(
            (timed(lambda body=body: assess_all((body,))) for body in many),  # type: ignore[misc]
            (timed(lambda bodies=bodies: assess_all(bodies), pieces=_TIMES) for bodies in few),  # type: ignore[misc]
            warm_up=ground.effort.warm_up,
        )


def _mapping(ground: Ground) -> Times:
    turns = range(ground.effort.turns())
    with opened_parts(ground.sqlite()) as parts:
        mappings = language_of(parts).mappings
        many, few = reading_of(parts, bundle(1, MANY, SPINE)), reading_of(parts, bundle(2, FEW))

        def translate_few() -> None:
            for _ in range(_TIMES):
                translate(few, mappings)

        return interleaved(
            (timed(lambda: translate(many, mappings)) for _ in turns),
            (timed(translate_few, pieces=_TIMES) for _ in turns),
            warm_up=ground.effort.warm_up,
        )


ROWS: Final = (
    Row(
        name="growth-path",
        what=f"whole path of a report of {MANY:,} Observations; {SQLITE}",
        against=f"whole path of a report of {FEW} Observations",
        limit=LIMIT,
        measure=_path,
    ),
    Row(
        name="growth-mapping",
        what=f"mapping stage alone, {MANY:,} Observations",
        against=f"mapping stage alone, {FEW} Observations",
        limit=LIMIT,
        measure=_mapping,
    ),
)
