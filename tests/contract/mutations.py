"""Reports spoilt on purpose: elements are taken away, doubled, moved or replaced by what no sender should send."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from benchmarks import report as benchmark
from tests import builders

Json = dict[str, Any]
Trail = tuple[str | int, ...]

FOLDER: Final = Path(__file__).resolve().parents[1] / "reports"


def _seeds() -> dict[str, Json]:
    """Return the reports of the literature, the one of the benchmark, and one in each form that hospitals use."""
    seeds: dict[str, Json] = {file.stem: json.loads(file.read_bytes()) for file in sorted(FOLDER.glob("*.json"))}
    seeds["benchmark"] = json.loads(benchmark.bundle(1, 6))
    seeds |= {form: builders.spine_report(form, None, *_context()) for form in builders.FORMS}
    seeds["bare"] = builders.report(builders.observation(id="o1"), contained=True)
    seeds["parameters"] = builders.parameters(builders.spine_report("flat"), 0.3)
    return {name: json.loads(builders.body(seed), parse_float=Decimal) for name, seed in seeds.items()}  # no element shared


def _context() -> tuple[Json, ...]:
    """Return one resource of every other type that is read, and numbers in every form."""
    loose = builders.observation(builders.question("spinal-pain"), builders.answer("spinal-pain", "mechanical"), id="pain")
    numbers = builders.observation(
        builders.question("alignment"),
        id="numbers",
        component=[
            builders.component(builders.question("vertebral-collapse-percent"), builders.quantity(Decimal("40.50"))),
            builders.component(builders.question("in-phase-signal"), builders.quantity(200, "1")),
            builders.component(builders.question("opposed-phase-signal"), builders.quantity(150, "1", comparator="<")),
            builders.component(
                builders.question("lesion-diameter"), {"low": builders.quantity(2, "cm"), "high": builders.quantity(3, "cm")}
            ),
        ],
        bodySite=builders.level_site("T12"),
    )
    return loose, numbers, builders.condition(), builders.procedure(), builders.imaging_study(), builders.body_structure()


SEEDS: Final = _seeds()

NUMBERS: Final[tuple[Any, ...]] = (
    0,
    -1,
    Decimal("-0"),
    Decimal("1.50"),
    Decimal("1e-400"),
    Decimal("9e308"),
    Decimal("-9e308"),
    10**60,
    -(10**60),
    2**53,
    1.5e300,
)
TEXTS: Final = (
    "",
    " ",
    "x" * 70,
    "x" * 5000,
    "true",
    "null",
    "2026-02-30",
    "2026-01-10T09:30:00",
    "0000",
    "9999-12-31T23:59:60Z",
    "<div>&amp;</div>",
    "Ω≈ç√∫\u202e",
    "\U0001f9b4",
    "%00",
    "' OR 1=1 --",
    "urn:uuid:1",
    "#",
    "#gone",
    "Patient/p1",
    "Patient/p2",
    "Observation/o1",
    "DiagnosticReport/r1",
    "https://other.example/fhir/Observation/1",
    "http://127.0.0.1:1/Observation/1",
    "Observation/../Patient/1",
    "Observation",
    "entered-in-error",
    "cancelled",
    "registered",
    "final",
    "bogus",
    "Bundle",
    "Parameters",
    "Rocket",
    "http://snomed.info/sct",
    "52101004",
    "RID29209",
    "%",
    "cm",
)
OTHERS: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": {}},
    [[[[[]]]]],
    {"coding": []},
    {"coding": [{"code": "x"}]},
    {"reference": "#"},
    {"reference": "Observation/o1"},
    {"value": 3},
    {"extension": [{"url": "urn:x", "valueCode": "y"}]},
    {"resourceType": "Observation"},
)
ADDED: Final[tuple[tuple[str, Any], ...]] = (
    ("colour", "red"),
    ("modifierExtension", [{"url": "urn:x", "valueBoolean": True}]),
    ("implicitRules", "urn:x"),
    ("valueBoolean", "true"),
    ("valueString", "x"),
    ("valueInteger", 1),
    ("valueQuantity", {"value": Decimal("1.50"), "unit": "cm"}),
    ("dataAbsentReason", {"text": "x"}),
    ("interpretation", [{"coding": [{"code": "NEG"}]}]),
    ("status", "entered-in-error"),
    ("effectivePeriod", {"start": "2026", "end": "2025"}),
    ("bodySite", {"text": "spine"}),
    ("hasMember", [{"reference": "Observation/o1"}]),
    ("focus", [{"reference": "Patient/p2"}]),
    ("contained", [{}]),
    ("subject", {"reference": "Patient/p2"}),
    ("meta", {"versionId": "9" * 64, "security": [{"code": "R"}]}),
    ("fullUrl", 7),
    ("id", "o1"),
    ("request", {"method": "DELETE", "url": "DiagnosticReport/r1"}),
    ("entry", []),
    ("component", [{}]),
    ("method", []),
    ("_status", {"id": "x"}),
    ("identifier", [{"system": "urn:x", "value": "x" * 5000}]),
    ("valueSampledData", {"origin": {"value": 1}, "period": 1, "dimensions": 1}),
)


@dataclass(frozen=True, kw_only=True)
class Spoilt:
    """A seed with what was done to it.

    Attributes:
        seed: name of the seed.
        body: the bytes to send.
        done: every step, for whoever reads a failure.
        without: the bytes without the Observation that was spoilt; empty where others were.
    """

    seed: str
    body: bytes
    done: tuple[str, ...]
    without: bytes = b""


def places(node: Any, trail: Trail = ()) -> Iterator[Trail]:  # noqa: ANN401 - any JSON
    """Yield the place of every element of a document, the outermost first."""
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, each in steps:
        yield (*trail, step)
        yield from places(each, (*trail, step))


def observations(node: Any, trail: Trail = ()) -> Iterator[Trail]:  # noqa: ANN401 - any JSON
    """Yield the place of every Observation of a document."""
    if isinstance(node, dict) and node.get("resourceType") == "Observation":
        yield trail
    for step, each in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from observations(each, (*trail, step))


OBSERVATIONS: Final = {name: tuple(observations(seed)) for name, seed in SEEDS.items()}
STANDING_ALONE: Final = tuple(
    name for name, roots in OBSERVATIONS.items() if SEEDS[name].get("entry") and all(len(root) == 3 for root in roots)
)
"""Seeds in which every Observation is an entry of the Bundle."""


def _change(draw: st.DrawFn, spoilt: Json, trail: Trail) -> str:
    """Do one thing to the element at a place; return what was done."""
    *above, last = trail
    parent: Any = spoilt
    for step in above:
        parent = parent[step]
    act = draw(st.sampled_from((_replace, _replace, _replace, _drop, _double, _move, _rename, _add)))
    act(draw, spoilt, parent, last)
    return f"{act.__name__} {'.'.join(map(str, trail))}"


def _replace(draw: st.DrawFn, _: Json, parent: Any, last: Any) -> None:  # noqa: ANN401 - any JSON
    parent[last] = copy.deepcopy(draw(st.sampled_from(draw(st.sampled_from((TEXTS, NUMBERS, OTHERS))))))


def _drop(_: st.DrawFn, __: Json, parent: Any, last: Any) -> None:  # noqa: ANN401 - any JSON
    del parent[last]


def _double(_: st.DrawFn, __: Json, parent: Any, last: Any) -> None:  # noqa: ANN401 - any JSON
    if isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    else:
        parent[last] = [parent[last], copy.deepcopy(parent[last])]


def _move(draw: st.DrawFn, spoilt: Json, parent: Any, last: Any) -> None:  # noqa: ANN401 - any JSON
    _put(spoilt, draw(st.sampled_from(list(places(spoilt)))), copy.deepcopy(parent[last]))


def _rename(draw: st.DrawFn, _: Json, parent: Any, last: Any) -> None:  # noqa: ANN401 - any JSON
    if isinstance(parent, dict):
        parent[draw(st.sampled_from((f"_{last}", str(last).title(), "")))] = parent.pop(last)


def _add(draw: st.DrawFn, _: Json, parent: Any, last: Any) -> None:  # noqa: ANN401 - any JSON
    holder = parent[last] if isinstance(parent[last], dict) else parent
    if isinstance(holder, dict):
        name, value = draw(st.sampled_from(ADDED))
        holder[name] = copy.deepcopy(value)


def _put(node: Any, trail: Trail, value: Any) -> None:  # noqa: ANN401 - any JSON
    *above, last = trail
    for step in above:
        node = node[step]
    node[last] = value


@st.composite
def spoilt_reports(draw: st.DrawFn) -> Spoilt:
    """Draw a report to which one to three things were done, wherever."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    spoilt = copy.deepcopy(SEEDS[name])
    done = [_change(draw, spoilt, draw(st.sampled_from(list(places(spoilt))))) for _ in range(draw(st.integers(1, 3)))]
    return Spoilt(seed=name, body=builders.body(spoilt), done=tuple(done))


@st.composite
def reports_with_one_bad_observation(draw: st.DrawFn) -> Spoilt:
    """Draw a report of several Observations to one of which something was done; what it is called and that it is one stays."""
    name = draw(st.sampled_from(STANDING_ALONE))
    spoilt = copy.deepcopy(SEEDS[name])
    root = draw(st.sampled_from(OBSERVATIONS[name]))
    own: Any = spoilt
    for step in root:
        own = own[step]
    named = {key: own[key] for key in ("resourceType", "id")}
    inner = [trail for trail in places(own) if trail[0] not in {"resourceType", "id"}]
    done = _change(draw, own, draw(st.sampled_from(inner)))
    own |= named
    rest = copy.deepcopy(SEEDS[name])
    del rest["entry"][root[1]]
    return Spoilt(seed=name, body=builders.body(spoilt), done=(done,), without=builders.body(rest))
