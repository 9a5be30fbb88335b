import pytest

from service.errors import Fault
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
from tests.unit.intake.forbidden import FORBIDDEN, observed


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


@pytest.mark.parametrize(("element", "path"), FORBIDDEN)
def test_what_fhir_resources_takes_and_fhir_forbids_is_a_fault(element: Json, path: str) -> None:
    assert path in _paths(observed(element))


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


def test_an_element_of_the_same_name_and_another_class_is_validated_by_its_own() -> None:
    assert _faults(procedure(performer=[{"actor": {"reference": "Practitioner/1"}}])) == ()
    assert _paths(procedure(performer=[{"reference": "Practitioner/1"}])) >= {"performer[0].actor"}


def test_nesting_that_exhausts_the_stack_of_the_library_is_a_fault_of_the_resource() -> None:
    extension: Json = {"url": "http://x", "valueCode": "y"}
    for _ in range(400):
        extension = {"url": "http://x", "extension": [extension]}
    opened = open_dossier(dossier(observation(extension=[extension])), Limits(max_depth=900))
    assert [fault.path for fault in opened.faults_of(opened.entries[0])] == ["Observation"]
