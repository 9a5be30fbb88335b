"""Invariants and required bindings of FHIR R4 that our own checks hold, one row each; `test_check` has those of values."""

import pytest

from service.intake.opened import open_dossier
from service.intake.parse import Limits
from tests.builders import (
    CLINICAL,
    CONFIDENTIALITY,
    UCUM,
    Json,
    bundle,
    coding,
    concept,
    condition,
    dossier,
    imaging_study,
    observation,
    patient,
    procedure,
    question,
    report,
)
from tests.unit.intake.readings import read_all

LONG = "x" * 65
ENDED = concept(coding("resolved", system=CLINICAL))


def _faults(resource: Json) -> dict[str, str]:
    """Return text by path, relative to the resource."""
    opened = open_dossier(dossier(bundle(resource)), Limits())
    faults = [fault for entry in opened.entries for fault in opened.faults_of(entry)]
    return {(fault.path or "").removeprefix("Bundle.entry[0].resource").removeprefix("."): fault.text for fault in faults}


@pytest.mark.parametrize(
    ("name", "resource", "path"),
    [
        ("obs-3", observation(referenceRange=[{"type": concept(coding("x"))}]), "referenceRange[0]"),
        ("pat-1", patient(contact=[{"relationship": [concept(coding("x"))]}]), "contact[0]"),
        ("cpt-2", patient(telecom=[{"value": "1"}]), "telecom[0].system"),
        ("cpt-2", patient(contact=[{"telecom": [{"value": "1"}]}]), "contact[0].telecom[0].system"),
        ("con-1", condition(stage=[{"type": concept(coding("x"))}]), "stage[0]"),
        ("con-2", condition(evidence=[{"id": "e"}]), "evidence[0]"),
        ("age-1", condition(onsetDateTime=None, onsetAge={"value": 0, "unit": "a", "system": UCUM, "code": "a"}), "onset"),
        ("age-1", condition(onsetDateTime=None, onsetAge={"value": 4, "system": "urn:x", "code": "a"}), "onset"),
        ("qty-3", condition(onsetDateTime=None, onsetAge={"value": 4, "code": "a"}), "onset.system"),
        ("age-1", procedure(performedDateTime=None, performedAge={"value": -1}), "performed"),
        ("per-1", condition(clinicalStatus=ENDED, abatementPeriod={"start": "2026", "end": "2025"}), "abatement"),
        ("att-1", report(presentedForm=[{"data": "QQ=="}]), "presentedForm[0].contentType"),
        ("ext-1", observation(extension=[{"url": "urn:x"}]), "extension[0]"),
        (
            "ext-1",
            observation(extension=[{"url": "urn:x", "valueCode": "a", "extension": [{"url": "b", "valueCode": "c"}]}]),
            "extension[0]",
        ),
        ("ext-1", observation(code={**question("alignment"), "extension": [{"url": "urn:x"}]}), "code.extension[0]"),
    ],
)
def test_an_invariant_is_named_with_the_element_that_breaks_it(name: str, resource: Json, path: str) -> None:
    assert _faults(resource)[path].startswith(name)


@pytest.mark.parametrize(
    "resource",
    [
        observation(referenceRange=[{"text": "none"}]),
        patient(contact=[{"name": {"family": "x"}, "telecom": [{"system": "phone", "value": "1"}]}]),
        condition(stage=[{"summary": concept(coding("x"))}], evidence=[{"code": [concept(coding("x"))]}]),
        condition(onsetDateTime=None, onsetAge={"value": 61, "unit": "a", "system": UCUM, "code": "a"}),
        report(presentedForm=[{"contentType": "text/plain", "data": "QQ=="}]),
        observation(extension=[{"url": "urn:x", "extension": [{"url": "b", "valueCode": "c"}]}]),
    ],
)
def test_what_keeps_the_rules_is_no_fault(resource: Json) -> None:
    assert _faults(resource) == {}


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (observation(identifier=[{"use": "bogus", "value": "1"}]), "identifier[0].use"),
        (observation(text={"status": "bogus", "div": "<div>x</div>"}), "text.status"),
        (patient(name=[{"use": "bogus", "family": "x"}]), "name[0].use"),
        (patient(address=[{"use": "bogus"}]), "address[0].use"),
        (patient(address=[{"type": "bogus"}]), "address[0].type"),
        (patient(telecom=[{"system": "telegraph", "value": "1"}]), "telecom[0].system"),
        (patient(telecom=[{"system": "fax", "use": "bogus"}]), "telecom[0].use"),
        (patient(contact=[{"name": {"use": "bogus"}, "gender": "bogus"}]), "contact[0].name.use"),
        (patient(contact=[{"name": {"family": "x"}, "gender": "bogus"}]), "contact[0].gender"),
        (patient(link=[{"other": {"reference": "Patient/2"}, "type": "bogus"}]), "link[0].type"),
        (patient(gender="F"), "gender"),
        (imaging_study(status="bogus"), "status"),
        (procedure(status="done"), "status"),
        (condition(clinicalStatus=concept(coding("bogus", system=CLINICAL))), "clinicalStatus"),
    ],
)
def test_a_code_outside_its_required_value_set_is_a_fault(resource: Json, path: str) -> None:
    assert "must" in _faults(resource)[path]


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (observation(id=LONG), "id"),
        (observation(meta={"versionId": LONG}), "meta.versionId"),
        (observation(concept({"system": "http://a b", "code": "x"})), "code.coding[0].system"),
        (observation(subject={"reference": f"https://h.example/{LONG * 8}"}), "subject.reference"),
        (observation(effectiveDateTime="2026-01-10T09:30Z"), "effective"),
        (patient(deceasedBoolean=True, deceasedDateTime="2026"), "deceased"),
        (patient(multipleBirthBoolean=True, multipleBirthInteger=2), "multipleBirth"),
        (condition(clinicalStatus=ENDED, abatementDateTime="2025-12-01", abatementString="x"), "abatement"),
    ],
)
def test_what_has_not_the_form_of_its_type_is_a_fault(resource: Json, path: str) -> None:
    assert path in _faults(resource)


@pytest.mark.parametrize(
    ("element", "path"),
    [
        ({"note": None}, "note"),
        ({"bodySite": None}, "bodySite"),
        ({"code": {"text": "x", "coding": None}}, "code.coding"),
        ({"note": [None]}, "note"),
    ],
)
def test_null_is_no_value(element: Json, path: str) -> None:
    assert path in _faults({**observation(), **element})


def test_null_keeps_the_place_of_a_primitive_that_has_extensions_alone() -> None:
    given: Json = {"given": [None, "Ada"], "_given": [{"id": "a"}, None]}
    assert _faults(patient(name=[given])) == {}
    assert set(_faults(patient(name=[{"given": [None, "Ada"]}]))) == {"name[0].given"}


def test_the_word_null_in_a_text_is_a_text() -> None:
    assert _faults(observation(note=[{"text": "null"}])) == {}


def test_rules_that_are_not_ours_to_judge_are_not_faults() -> None:
    labelled = {**observation(id="z"), "meta": {"versionId": "1", "security": [coding("R", system=CONFIDENTIALITY)]}}
    resource = {**report(result=[{"reference": "#z"}]), "contained": [labelled]}
    assert _faults(resource) == {}
    assert [label.code for label in read_all(bundle(resource)).report.security] == ["R"]


def test_an_implicit_rule_is_a_modifier_that_is_not_understood() -> None:
    own = observation(implicitRules="https://h.example/rules")
    reading = read_all(bundle(report(own), own))
    assert reading.items == () or all(item.kind.value == "exam" for item in reading.items)
    assert [(issue.code, issue.path) for issue in reading.issues] == [("not-supported", "Bundle.entry[1].resource.implicitRules")]
