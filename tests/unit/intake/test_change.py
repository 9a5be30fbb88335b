"""Posted changes: their form, every problem named with its path."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from service.errors import InvalidInputError, InvalidJsonError
from service.intake.change import read_answered, read_change, write_answered
from service.intake.parse import Limits
from service.model.change import Anchor, Change
from service.model.coded import Interval
from service.model.dossier import Document, Origin

SIGNED = {"who": "Practitioner/7", "when": "2026-03-01T11:00:00+01:00"}


def change(body: Any, *, is_signed: bool = False) -> Change:  # noqa: ANN401 - any JSON
    return read_change(orjson.dumps(body), Limits(), is_signed=is_signed)


def faults(body: Any, *, is_signed: bool = False) -> dict[str | None, str]:  # noqa: ANN401 - any JSON
    with pytest.raises(InvalidInputError) as refused:
        change(body, is_signed=is_signed)
    return {fault.path: fault.text for fault in refused.value.faults}


def test_words_truth_values_and_numbers_are_answers() -> None:
    told = change(
        {
            "set": {
                "lesion-1": {"spinal-pain": "mechanical", "expansile": False, "attenuation-mean": 654},
                "patient": {"a": [True, "b"]},
            }
        }
    ).told
    assert [(each.place, each.finding, each.answers) for each in told] == [
        ("lesion-1", "spinal-pain", ("mechanical",)),
        ("lesion-1", "expansile", (False,)),
        ("lesion-1", "attenuation-mean", (Interval.exactly(Decimal(654)),)),
        ("patient", "a", (True, "b")),
    ]
    assert told[0].path == "set.lesion-1.spinal-pain"


@pytest.mark.parametrize(
    ("comparator", "interval"),
    [
        ("<", Interval(low=None, high=Decimal(50), high_open=True)),
        ("<=", Interval(low=None, high=Decimal(50))),
        (">=", Interval(low=Decimal(50), high=None)),
        (">", Interval(low=Decimal(50), high=None, low_open=True)),
    ],
)
def test_a_comparator_is_an_interval(comparator: str, interval: Interval) -> None:
    told = change({"set": {"lesion-1": {"x": {"value": 50, "comparator": comparator}}}}).told
    assert told[0].answers == (interval,)


def test_a_number_keeps_its_digits() -> None:
    assert read_change(b'{"set":{"lesion-1":{"x":1.50}}}', Limits(), is_signed=False).told[0].answers == (
        Interval.exactly(Decimal("1.50")),
    )


def test_what_is_unset_is_named_once() -> None:
    taken = change({"unset": {"lesion-2": ["alignment", "alignment"], "study": []}}).taken
    assert [(each.place, each.finding) for each in taken] == [("lesion-2", "alignment")]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"set": {"lesion-0": {"x": "a"}}}, "set"),
        ({"set": {"vertebra": {"x": "a"}}}, "set"),
        ({"set": []}, "set"),
        ({"unset": "lesion-1"}, "unset"),
        ({"set": {"lesion-1": "a"}}, "set.lesion-1"),
        ({"set": {"lesion-1": {"x": None}}}, "set.lesion-1.x"),
        ({"set": {"lesion-1": {"x": []}}}, "set.lesion-1.x"),
        ({"set": {"lesion-1": {"x": ["a", None]}}}, "set.lesion-1.x"),
        ({"set": {"lesion-1": {"x": {"value": 1}}}}, "set.lesion-1.x"),
        ({"set": {"lesion-1": {"x": {"value": True, "comparator": "<"}}}}, "set.lesion-1.x"),
        ({"set": {"lesion-1": {"x": {"value": 1, "comparator": "~"}}}}, "set.lesion-1.x"),
        ({"set": {"lesion-1": {"x": {"value": 1, "comparator": "<", "unit": "%"}}}}, "set.lesion-1.x"),
        ({"unset": {"lesion-1": {"x": 1}}}, "unset.lesion-1"),
        ({"unset": {"lesion-1": [1]}}, "unset.lesion-1"),
        ({"set": {"lesion-1": {"x": "a"}}, "unset": {"lesion-1": ["x"]}}, "unset.lesion-1"),
        ({"sets": {}}, "sets"),
        ({"set": {"lesion-1": {"x": "a"}}, **SIGNED}, "who"),
        ({}, "set"),
        ({"set": {}}, "set"),
    ],
)
def test_another_form_is_refused_at_its_path(body: Any, path: str) -> None:  # noqa: ANN401 - any JSON
    assert path in faults(body)


def test_an_answer_is_signed() -> None:
    made = change({"set": {"lesion-1": {"x": "a"}}, **SIGNED}, is_signed=True)
    assert (made.who, made.at) == ("Practitioner/7", datetime(2026, 3, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("who", "when", "paths"),
    [
        (None, None, {"who", "when"}),
        ("", "2026-03-01T10:00:00", {"who", "when"}),
        (7, 7, {"who", "when"}),
        ("x" * 201, "yesterday", {"who", "when"}),
        ("Practitioner/7", "2026-03-01", {"when"}),
        ("Practitioner/7", "0001-01-01T00:00:00+14:00", {"when"}),
        ("Practitioner/7", "9999-12-31T23:59:59-12:00", {"when"}),
    ],
)
def test_an_answer_says_who_and_when(who: object, when: object, paths: set[str]) -> None:
    assert set(faults({"set": {"lesion-1": {"x": "a"}}, "who": who, "when": when}, is_signed=True)) == paths


def test_a_body_that_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidJsonError):
        read_change(b"{", Limits(), is_signed=False)


def test_a_kept_answer_reads_as_it_was_given() -> None:
    body = orjson.dumps({"set": {"lesion-1": {"x": "a"}}, **SIGNED})
    anchors = {"lesion-1": Anchor(site="T12", lesion="lesion-1", identities=frozenset({"structure:b"}), report_version="2")}
    document = Document(origin=Origin.ANSWERED, request="assessments/1/answers/2", status=200, body=write_answered(body, anchors))
    kept = read_answered(document, Limits())
    assert (kept.name, kept.anchors) == ("assessments/1/answers/2", anchors)
    assert kept.change == change({"set": {"lesion-1": {"x": "a"}}, **SIGNED}, is_signed=True)
