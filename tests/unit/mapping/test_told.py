"""What people tell in the words of the vocabulary: taken where it is allowed, refused with the reason."""

from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from service.errors import Fault
from service.mapping.mapfile import load
from service.mapping.told import findings_of
from service.model.change import Answer, Told
from service.model.coded import Interval, Source
from service.model.finding import Finding, State

_VOCABULARY: Final = load(Path(__file__).parents[3] / "mappings", snomed_affiliate=False).vocabulary
_SOURCE: Final = Source(reference="what-if", version=None, path="set")


def tell(finding: str, *answers: Answer, place: str = "lesion-1") -> tuple[Finding, ...] | Fault:
    told = Told(place=place, finding=finding, answers=answers, path=f"set.{place}.{finding}")
    return findings_of(told, _VOCABULARY, _SOURCE, observer="Practitioner/7")


def exactly(number: str) -> Interval:
    return Interval.exactly(Decimal(number))


@pytest.mark.parametrize(
    ("finding", "answer", "state", "value"),
    [
        ("spinal-pain", "mechanical", State.PRESENT, "mechanical"),
        ("spinal-pain", "absent", State.ABSENT, None),
        ("expansile", True, State.PRESENT, "present"),
        ("expansile", "present", State.PRESENT, "present"),
        ("expansile", False, State.ABSENT, None),
        ("expansile", "absent", State.ABSENT, None),
        ("vertebral-level", "T9", State.PRESENT, "T9"),
    ],
)
def test_a_word_is_a_statement(finding: str, answer: Answer, state: State, value: str | None) -> None:
    found = tell(finding, answer)
    assert isinstance(found, tuple)
    assert [(each.state, each.value, each.observer) for each in found] == [(state, value, "Practitioner/7")]


def test_a_number_is_an_interval() -> None:
    found = tell("attenuation-mean", exactly("654.5"))
    assert isinstance(found, tuple)
    assert [each.interval for each in found] == [exactly("654.5")]


def test_several_values_make_several_statements_of_a_multi_valued_finding() -> None:
    found = tell("vertebral-level", "T9", "T10")
    assert isinstance(found, tuple)
    assert [each.value for each in found] == ["T9", "T10"]


@pytest.mark.parametrize(
    ("finding", "answers", "place", "words"),
    [
        ("colour", ("red",), "lesion-1", "no such finding"),
        ("spinal-pain", ("mechanical", "none"), "lesion-1", "one value"),
        ("spinal-pain", ("severe",), "lesion-1", "not in the list; allowed are"),
        ("spinal-pain", (True,), "lesion-1", "true and false do not answer it"),
        ("spinal-pain", (exactly("3"),), "lesion-1", "A number does not answer it"),
        ("bone-lesion", ("absent",), "lesion-1", "A denial does not answer it"),
        ("attenuation-mean", ("high",), "lesion-1", "A number in [hnsf'U] is needed"),
        ("vertebral-collapse-percent", (exactly("101"),), "lesion-1", "outside its range, 0 to 100 %"),
        ("bone-scan-foci", (exactly("1.5"),), "study", "A whole number is needed"),
        ("spinal-pain", ("mechanical",), "patient", "belongs to a lesion"),
        ("spinal-metastasis", ("present",), "lesion-1", "belongs to the patient"),
        ("contrast-given", ("present",), "patient", "belongs to the study"),
    ],
)
def test_what_is_not_allowed_is_refused_with_the_reason(finding: str, answers: tuple[Answer, ...], place: str, words: str) -> None:
    refused = tell(finding, *answers, place=place)
    assert isinstance(refused, Fault)
    assert words in refused.text
    assert refused.path == f"set.{place}.{finding}"
