"""Any case: one to four lesions, study and patient, with whatever a report may say of some of the findings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, Final

from service.assessment.catalogue import CATALOGUE, POINTERS
from service.model.finding import Definition, Kind, Scope
from tests.cases.written_case import WrittenCase, vocabulary

Told = dict[str, Any]

OF_LESION: Final = frozenset({Scope.LESION, Scope.LEVEL})
PLACES: Final = frozenset({"vertebral-level", "disc-level", "spinal-region"})
NUMBERS: Final = frozenset({Kind.QUANTITY, Kind.COUNT})
EDGES: Final = tuple(map(Decimal, ("1", "1.5", "20", "50", "885", "1060")))
"""Numbers at which some rule turns."""


def any_case(random: Random) -> WrittenCase:
    """Return a case that speaks of the findings of one or two instruments, or now and then of any."""
    readers = random.sample([*(each.reads for each in CATALOGUE), *(each.reads for each in POINTERS)], random.choice((1, 1, 2)))
    keys = list(dict.fromkeys(key for reads in readers for key in reads)) if random.random() < 0.8 else list(vocabulary())
    asked = [vocabulary()[key] for key in keys if key not in PLACES]
    patient = _about(random, asked, frozenset({Scope.PATIENT}))
    if random.random() < 0.6:
        patient["spinal-metastasis"] = [{"value": random.choice(("present", "present", "absent"))}]
    return WrittenCase(
        id="any",
        why="",
        source="",
        lesions=tuple(_place(random) | _about(random, asked, OF_LESION) for _ in range(random.choice((0, 1, 1, 1, 2, 3, 4)))),
        study=_about(random, asked, frozenset({Scope.STUDY})),
        patient=patient,
        prior=Decimal(random.randint(1, 99)) / 100 if random.random() < 0.5 else None,
        expected={},
    )


def shuffled(random: Random, case: WrittenCase) -> WrittenCase:
    """Return the same case with its findings, and the statements of each, in another order."""

    def mixed(told: Mapping[str, Any]) -> Told:
        keys = random.sample(list(told), len(told))
        return {key: random.sample(told[key], len(told[key])) for key in keys}

    return replace(case, lesions=tuple(map(mixed, case.lesions)), study=mixed(case.study), patient=mixed(case.patient))


def _place(random: Random) -> Told:
    levels = vocabulary()["vertebral-level"].values
    return {"vertebral-level": random.sample(levels, random.choice((1, 1, 1, 2)))} if random.random() < 0.9 else {}


def _about(random: Random, asked: Sequence[Definition], scopes: frozenset[Scope]) -> Told:
    """Return statements about some of the findings of these scopes, one or now and then two of each."""
    mine = [each for each in asked if each.scope in scopes]
    chosen = random.sample(mine, random.randint(0, len(mine)))
    return {each.key: [_statement(random, each) for _ in range(random.choice((1, 1, 1, 1, 2)))] for each in chosen}


def _statement(random: Random, definition: Definition) -> Told:
    said = dict(random.choice(tuple(_ways(random, definition))))
    if random.random() < 0.1:
        said["from_other_report"] = True
    if random.random() < 0.3:
        said["modality"] = random.choice(("ct", "mri", "x-ray"))
    if random.random() < 0.2:
        said["observer"] = random.choice(("reader 1", "reader 2"))
    return said


def _ways(random: Random, definition: Definition) -> Iterator[Told]:
    """Yield every form that an answer may have: a value, a denial, a number with its bounds, a doubt, and what is refused."""
    yield {"value": "uncertain"}
    if definition.kind in NUMBERS:
        low, high = sorted((_number(random, definition), _number(random, definition)))
        yield from ({"value": low}, {"value": high}, {"low": low, "high": high}, {"value": 10**9})
        yield from ({"value": low, "comparator": comparator} for comparator in ("<", "<=", ">", ">="))
        return
    yield from ({"value": random.choice(definition.values)} for _ in range(6))
    yield from ({"value": "absent"}, {"value": "absent"}, {"value": "no such answer"})
    if definition.kind is not Kind.BOOLEAN:
        yield {"denied": random.choice(definition.values)}


def _number(random: Random, definition: Definition) -> float | int:
    """Return a number within the range of the finding; the divisor of a rule is no zero."""
    low = float(definition.low if definition.low is not None else -100) or 1.0
    high = float(definition.high if definition.high is not None else 2000)
    edges = [float(edge) for edge in EDGES if low <= float(edge) <= high]
    number = random.choice([*edges, high, random.uniform(low, high)])
    return round(number) if definition.kind is Kind.COUNT else round(number, 1)
