"""What is validated once for many: the verdict on each is the one it has alone."""

from decimal import Decimal

import pytest
from fhir.resources.R4B.codeableconcept import CodeableConcept
from fhir.resources.R4B.quantity import Quantity

from service.intake import models
from service.intake.opened import open_dossier
from service.intake.parse import Limits
from tests.builders import Json, bundle, coding, concept, dossier, observation, quantity, question
from tests.unit.intake.forbidden import FORBIDDEN, observed


def test_equal_elements_are_not_taken_for_valid_where_they_are_not() -> None:
    opened = open_dossier(dossier(bundle(observation(), observation(id="o2"), observation(id="o3", code={"text": 3}))), Limits())
    assert [opened.is_sound(entry) for entry in opened.entries] == [True, True, False]


@pytest.mark.parametrize("element", [element for element, _ in FORBIDDEN])
def test_a_resource_is_not_taken_for_valid_because_one_of_its_form_is(element: Json) -> None:
    likeness = {"valueInteger": 1, "valueQuantity": quantity(12), "code": question("alignment")}
    sound = {name: likeness.get(name) for name in element}
    resources = bundle(observed({**sound, "id": "o1"}), observed({**sound, "id": "o2"}), observed({"id": "o3", **element}))
    opened = open_dossier(dossier(resources), Limits())
    *first, last = opened.entries
    assert [opened.faults_of(entry) for entry in first] == [(), ()]
    alone = open_dossier(dossier(resources), Limits())
    assert opened.faults_of(last) == alone.faults_of(alone.entries[-1]) != ()


def test_resources_of_one_form_are_shown_to_their_class_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def model(**resource: object) -> None:
        shown.append(str(resource["id"]))

    monkeypatch.setitem(models._RESOURCES, "Observation", model)
    forms = [observation(id="a"), observation(id="b"), observation(id="c", status="amended"), observation(id="d e")]
    opened = open_dossier(dossier(bundle(*forms)), Limits())
    assert [opened.is_sound(each) for each in opened.entries] == [True, True, True, False]
    assert shown == ["a", "c", "d e"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"value": Decimal("1.5"), "unit": "cm"}, {"value": "1.5", "unit": "cm"}),
        ({"value": Decimal("1.5"), "unit": "cm"}, {"value": "Decimal('1.5')", "unit": "cm"}),
        ({"value": 1, "unit": "cm"}, {"value": True, "unit": "cm"}),
        ({"value": 10**30, "unit": "cm"}, {"value": str(10**30), "unit": "cm"}),
    ],
)
def test_an_element_is_not_taken_for_valid_because_one_that_looks_alike_is(first: Json, second: Json) -> None:
    validator = models.Models()
    prepared = [validator.prepare("Observation", {"valueQuantity": each})["valueQuantity"] for each in (first, second)]
    assert [each.__class__ for each in prepared] == [Quantity, dict]


@pytest.mark.parametrize(
    ("name", "plain", "other"),
    [
        (
            "identifier",
            [{"system": "urn:x", "value": "8"}, {"system": "urn:x", "value": "9"}],
            {"system": "urn:x", "value": "two words"},
        ),
        ("hasMember", [{"reference": "Observation/8"}, {"reference": "Observation/9"}], {"reference": "urn:uuid:9"}),
    ],
)
def test_one_plain_name_is_validated_for_all(name: str, plain: list[Json], other: Json) -> None:
    [first, second, third] = models.Models().prepare("Observation", {name: [*plain, other]})[name]
    assert first is second
    assert third.__class__ is first.__class__
    assert third is not first


def test_what_is_remembered_is_bounded_and_forgotten_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_MOST_REMEMBERED", 1)
    concepts = [concept(coding(code)) for code in ("23416004", "52101004")]
    prepared = [models.Models().prepare("Observation", observation(each)) for each in concepts]
    assert all(isinstance(each["code"], CodeableConcept) for each in prepared)
