from decimal import Decimal

import pytest
from fhir.resources.R4B.codeableconcept import CodeableConcept
from fhir.resources.R4B.quantity import Quantity

from service.errors import Fault
from service.intake import models
from service.intake.opened import open_dossier
from service.intake.parse import Limits
from service.intake.resource_types import READ_TYPES, RESOURCE_TYPES
from tests.builders import (
    CLINICAL,
    FORMS,
    VERIFICATION,
    Form,
    Json,
    body_structure,
    bundle,
    coding,
    component,
    concept,
    condition,
    dossier,
    imaging_study,
    observation,
    patient,
    procedure,
    quantity,
    question,
    report,
    spine_report,
)


def _faults(resource: Json) -> tuple[Fault, ...]:
    opened = open_dossier(dossier(bundle(resource)), Limits())
    return tuple(fault for entry in opened.entries for fault in opened.faults_of(entry))


def _paths(resource: Json) -> set[str]:
    return {(fault.path or "").removeprefix("Bundle.entry[0].resource.") for fault in _faults(resource)}


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_of_the_builders_are_valid(form: Form) -> None:
    opened = open_dossier(dossier(spine_report(form)), Limits())
    assert [fault for entry in opened.entries for fault in opened.faults_of(entry)] == []


@pytest.mark.parametrize(
    "resource",
    [observation(), report(), patient(), condition(), procedure(), imaging_study(), body_structure()],
    ids=lambda each: each["resourceType"],
)
def test_every_type_that_is_read_is_valid_by_default_and_not_with_an_unknown_element(resource: Json) -> None:
    assert _faults(resource) == ()
    fault = _faults({**resource, "colour": "red"})[0]
    assert fault.path == "Bundle.entry[0].resource.colour"
    assert fault.code == "structure"


def test_the_types_that_are_read_are_types_of_fhir() -> None:
    assert READ_TYPES < RESOURCE_TYPES
    assert len(RESOURCE_TYPES) == 159


@pytest.mark.parametrize("status", ["bogus", "Final", "", None, 3, ["final"], True])
def test_a_status_outside_its_required_binding_is_a_fault(status: object) -> None:
    assert _paths({**observation(), "status": status}) == {"status"}
    assert _paths({**report(), "status": status}) == {"status"}
    assert _paths({**procedure(), "status": status}) == {"status"}


def test_required_elements_are_required() -> None:
    assert _paths(observation(status=None)) == {"status"}
    without_code = observation()
    del without_code["code"]
    assert _paths(without_code) == {"code"}
    assert _paths(condition(subject=None)) == {"subject"}
    assert _paths(observation(component=[{"valueInteger": 1}])) == {"component[0].code"}


def test_a_value_together_with_its_absence_is_a_fault() -> None:
    absent = concept(coding("unknown"))
    assert _paths(observation(dataAbsentReason=absent)) == {"dataAbsentReason"}
    assert _paths(observation(component=[component(dataAbsentReason=absent)], code=question("alignment"), value=True)) == {
        "component[0].dataAbsentReason"
    }


def test_a_component_with_the_code_of_an_observation_that_has_a_value_is_a_fault() -> None:
    assert _paths(observation(component=[component()])) == {"value"}
    assert _paths(observation(question("bone-lesion"), component=[component()])) == set()


def test_two_values_are_a_fault() -> None:
    assert "value" in _paths(observation(valueString="x"))
    assert "effective" in _paths(observation(effectivePeriod={"start": "2026-01-01"}))


FORBIDDEN: list[tuple[Json, str]] = [
    ({"valueBoolean": "true"}, "value"),
    ({"valueBoolean": 1}, "value"),
    ({"valueInteger": "12"}, "value"),
    ({"valueInteger": True}, "value"),
    ({"valueInteger": 1.5}, "value"),
    ({"valueString": ""}, "value"),
    ({"valueString": 7}, "value"),
    ({"valueQuantity": {"value": "12"}}, "value.value"),
    ({"valueQuantity": {"value": 12, "comparator": "about"}}, "value.comparator"),
    ({"valueQuantity": {"value": 12, "code": "%"}}, "value.system"),
    ({"valueQuantity": '{"value": 12}'}, "value"),
    ({"valueRange": {"low": {"value": 5}, "high": {"value": 3}}}, "value"),
    ({"valueRange": {"low": {"value": 5, "comparator": "<"}}}, "value.low.comparator"),
    ({"valueRatio": {"numerator": {"value": 5}}}, "value"),
    ({"valuePeriod": {"start": "2026-02-01", "end": "2026-01-01"}}, "value"),
    ({"valueDateTime": 20260110}, "value"),
    ({"effectiveDateTime": 1_700_000_000}, "effective"),
    ({"effectiveDateTime": "2026-01-10T09:30:00"}, "effective"),
    ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-02-01", "end": "2026-01-31"}}, "effective"),
    ({"code": '{"text": "x"}'}, "code"),
    ({"code": {"coding": coding("1")}}, "code.coding"),
    ({"code": {"coding": ["1"]}}, "code.coding[0]"),
    ({"code": {"coding": [{"code": 1}]}}, "code.coding[0].code"),
    ({"subject": {"reference": "p1"}}, "subject.reference"),
    ({"subject": {"reference": ["Patient/p1"]}}, "subject.reference"),
    ({"hasMember": {"reference": "Observation/o2"}}, "hasMember"),
    ({"component": [3]}, "component[0]"),
    ({"meta": {"lastUpdated": "yesterday"}}, "meta.lastUpdated"),
    ({"extension": [{"url": "http://x", "valueReference": "Patient/1"}]}, "extension[0].value"),
    ({"id": "a b"}, "id"),
    ({"identifier": [{"value": 7}]}, "identifier[0].value"),
]
"""Elements of an Observation that fhir.resources takes in part, and the path of the fault."""


@pytest.mark.parametrize(("element", "path"), FORBIDDEN)
def test_what_fhir_resources_takes_and_fhir_forbids_is_a_fault(element: Json, path: str) -> None:
    assert path in _paths(_with(element))


def _with(element: Json) -> Json:
    resource = {**observation(question("alignment")), **element}
    return {name: each for name, each in resource.items() if each is not None}


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (observation(note=[]), "note"),
        (observation(note=[{}]), "note[0]"),
        (observation(code={"coding": []}), "code.coding"),
        (observation(valueString="x", referenceRange=[{"low": {}}]), "referenceRange[0].low"),
        (patient(name=[]), "name"),
    ],
)
def test_empty_objects_and_arrays_are_faults_wherever_they_are(resource: Json, path: str) -> None:
    assert path in _paths(resource)


@pytest.mark.parametrize(
    ("elements", "path"),
    [
        ({"verificationStatus": concept(coding("sure", system=VERIFICATION))}, "verificationStatus"),
        ({"verificationStatus": concept(text="confirmed")}, "verificationStatus"),
        ({"clinicalStatus": concept(coding("active"))}, "clinicalStatus"),
        ({"verificationStatus": concept(coding("entered-in-error", system=VERIFICATION))}, "clinicalStatus"),
        ({"abatementDateTime": "2025-12-01"}, "abatement"),
        ({"onsetPeriod": {"start": "2026", "end": "2025"}, "onsetDateTime": None}, "onset"),
        ({"onsetString": "last year"}, "onset"),
    ],
)
def test_the_rules_of_a_condition_are_held(elements: Json, path: str) -> None:
    assert path in _paths(condition(**elements))


def test_a_condition_that_has_ended_is_valid() -> None:
    ended = condition(clinicalStatus=concept(coding("resolved", system=CLINICAL)), abatementDateTime="2025-12-01")
    assert _faults(ended) == ()


def test_periods_of_reports_and_procedures_are_held_too() -> None:
    backwards = {"start": "2026", "end": "2025"}
    assert _paths(report(effectiveDateTime=None, effectivePeriod=backwards)) == {"effective"}
    assert _paths(procedure(performedDateTime=None, performedPeriod=backwards)) == {"performed"}


def test_every_fault_of_a_resource_is_named() -> None:
    resource = observation(status="bogus", colour="red", issued="2026", valueQuantity=quantity("many"))  # type: ignore[arg-type]
    assert _paths(resource) >= {"status", "colour", "issued", "value.value"}


def test_an_unknown_contained_type_is_a_fault_of_the_container() -> None:
    for kind in ("Foo", ["Patient"], None, 3):
        assert _paths({**report(), "contained": [{"resourceType": kind, "id": "x"}]}) == {"contained[0].resourceType"}
    assert _paths({**report(), "contained": [{"resourceType": "Practitioner"}]}) == {"contained[0].id"}
    assert _paths({**report(), "contained": ["x"]}) == {"contained[0]"}
    assert _paths({**report(), "contained": {"id": "x"}}) == {"contained"}


def test_a_contained_resource_is_checked_on_its_own() -> None:
    opened = open_dossier(dossier(bundle(report(observation(status="bogus"), contained=True))), Limits())
    container, inner = opened.entries
    assert opened.is_sound(container)
    assert [fault.path for fault in opened.faults_of(inner)] == ["Bundle.entry[0].resource.contained[0].status"]


def test_a_contained_resource_contains_no_others() -> None:
    inner = observation(contained=[patient(id="x")])
    assert "contained[0].contained" in _paths(report(inner, contained=True))


def test_names_that_are_no_element_names_are_not_repeated() -> None:
    faults = _faults({**observation(), "Ada Lovelace, 7 High St": 1, "code": {"Ada Lovelace": []}})
    assert {fault.path for fault in faults} >= {"Bundle.entry[0].resource", "Bundle.entry[0].resource.code"}
    assert all("Ada" not in f"{fault.path} {fault.text}" for fault in faults)


def test_no_fault_repeats_a_value() -> None:
    secret = "Ada-Lovelace"
    spoiled = observation(
        status=secret, code={"coding": [{"code": f" {secret}"}], "text": [secret]}, subject={"reference": f"{secret} {secret}"}
    )
    spoiled |= {"issued": secret, "valueQuantity": {"value": secret}, "performer": secret, "contained": [{"resourceType": secret}]}
    faults = _faults(spoiled)
    assert len(faults) >= 7
    assert all(secret not in f"{fault.path} {fault.text}" for fault in faults)


def test_equal_elements_are_not_taken_for_valid_where_they_are_not() -> None:
    opened = open_dossier(dossier(bundle(observation(), observation(id="o2"), observation(id="o3", code={"text": 3}))), Limits())
    assert [opened.is_sound(entry) for entry in opened.entries] == [True, True, False]


@pytest.mark.parametrize("element", [element for element, _ in FORBIDDEN])
def test_a_resource_is_not_taken_for_valid_because_one_of_its_form_is(element: Json) -> None:
    likeness = {"valueInteger": 1, "valueQuantity": quantity(12), "code": question("alignment")}
    sound = {name: likeness.get(name) for name in element}
    resources = bundle(_with({**sound, "id": "o1"}), _with({**sound, "id": "o2"}), _with({"id": "o3", **element}))
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
    assert [opened.is_sound(each) for each in opened.entries] == [True, True, True, True]
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


def test_an_element_of_the_same_name_and_another_class_is_validated_by_its_own() -> None:
    assert _faults(procedure(performer=[{"actor": {"reference": "Practitioner/1"}}])) == ()
    assert _paths(procedure(performer=[{"reference": "Practitioner/1"}])) >= {"performer[0].actor"}


def test_nesting_that_exhausts_the_stack_of_the_library_is_a_fault_of_the_resource() -> None:
    extension: Json = {"url": "http://x", "valueCode": "y"}
    for _ in range(400):
        extension = {"url": "http://x", "extension": [extension]}
    opened = open_dossier(dossier(observation(extension=[extension])), Limits(max_depth=900))
    assert [fault.path for fault in opened.faults_of(opened.entries[0])] == ["Observation"]


def test_what_is_remembered_is_bounded_and_forgotten_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_MOST_REMEMBERED", 1)
    concepts = [concept(coding(code)) for code in ("23416004", "52101004")]
    prepared = [models.Models().prepare("Observation", observation(each)) for each in concepts]
    assert all(isinstance(each["code"], CodeableConcept) for each in prepared)
