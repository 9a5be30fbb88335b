"""Lesions as public imaging FHIR carries them.

Source: terminology/README, "How public imaging FHIR carries lesion findings", "How real FHIR carries these codes".
"""

from typing import Any

from tests.builders import (
    LOCAL,
    LOINC,
    RADELEMENT,
    RADLEX,
    Json,
    body_structure,
    bundle,
    coding,
    component,
    concept,
    imaging_study,
    level_site,
    observation,
    patient,
    quantity,
    reference,
    report,
)
from tests.forms.conftest import Services

_WWW = "http://www.radlex.org"


def _assessed(services: Services, *resources: Json) -> Json:
    answer = services.licensed.post("/assessments?store=false", bundle(patient(), *resources))
    assert answer.status_code == 200, answer.text
    content: Json = answer.get_json()
    return content


def _lesion(content: Json) -> tuple[str, dict[str, Any]]:
    """Return site and findings of the only lesion."""
    [lesion] = content["lesions"]
    return lesion["site"]["text"], {
        each["finding"]: each["values"] or each["interval"] or each["state"] for each in lesion["findings"]
    }


def test_an_imaging_problem_list_has_contained_findings_with_a_size_beside_the_code(services: Services) -> None:
    t7 = concept(coding("RID29204", "seventh thoracic vertebra", system=_WWW))
    lytic = observation(concept(coding("RID6297", "osteolytic", system=_WWW)), {"value": 2, "unit": "cm"}, id="lytic", bodySite=t7)
    cord = observation(concept(coding("71286001")), concept(coding("2667000", "Absent")), id="cord", bodySite=t7)
    site, findings = _lesion(_assessed(services, report(lytic, cord, contained=True)))
    assert site == "T7"
    assert findings["bone-lesion"] == ["lytic"]
    assert findings["cord-compression"] == "absent"


def test_a_radelement_set_has_its_elements_as_components(services: Services) -> None:
    said = observation(
        concept(coding("RDES21", system="https://www.radelement.org")),
        bodySite=level_site("T7"),
        component=[
            component(concept(coding("RDE153", system=RADELEMENT)), concept(coding("RDE153.2", "lytic", system=RADELEMENT))),
            component(concept(coding("RDE154", system=RADELEMENT)), concept(coding("RDE154.0", "preserved", system=RADELEMENT))),
        ],
    )
    site, findings = _lesion(_assessed(services, report(said), said))
    assert (site, findings["bone-lesion"], findings["alignment"]) == ("T7", ["lytic"], ["normal"])


def test_a_german_core_data_set_has_snomed_finding_site_and_value_and_a_body_structure(services: Services) -> None:
    structure, study = body_structure(location=None), imaging_study()
    url = "https://www.medizininformatik-initiative.de/fhir/ext/modul-bildgebung/StructureDefinition/bodyStructure"
    said = observation(
        concept(coding("84138006", "Wirbelkörperkompression")),
        concept(coding("52101004", "Vorhanden")),
        bodySite={**concept(coding("62487009")), "extension": [{"url": url, "valueReference": reference(structure)}]},
        derivedFrom=[reference(study)],
    )
    made = report(said, conclusionCode=[concept(coding("94602001"))], imagingStudy=[reference(study)])
    content = _assessed(services, made, said, structure, study)
    site, findings = _lesion(content)
    assert (site, findings["vertebral-collapse"]) == ("T7", ["some"])
    assert "spinal-metastasis" in {each["finding"] for each in content["patient_findings"]}


def test_an_imaging_diagnostic_report_lists_a_score_that_is_derived_from_its_elements(services: Services) -> None:
    lytic = observation(
        concept(coding("RDE153", system=RADELEMENT)), concept(coding("RDE153.2", "lytic", system=RADELEMENT)), id="lytic"
    )
    group = observation(
        concept(coding("RDES21", system=RADELEMENT)), id="group", bodySite=level_site("T7"), hasMember=[reference(lytic)]
    )
    grade = observation(
        concept(coding("escc-grade", system=LOCAL)),
        concept(coding("1b", system=LOCAL)),
        id="grade",
        bodySite=level_site("T7"),
        derivedFrom=[reference(group)],
    )
    content = _assessed(services, report(grade), grade, group, lytic)
    site, findings = _lesion(content)
    assert (site, findings["escc-grade"], findings["bone-lesion"]) == ("T7", ["1b"], ["lytic"])
    assert not any(
        source["from_other_report"] for lesion in content["lesions"] for each in lesion["findings"] for source in each["sources"]
    )


def test_a_tumour_size_has_its_dimension_as_component_and_the_lesion_as_focus(services: Services) -> None:
    structure = body_structure("T7")
    lytic = observation(
        concept(coding("bone-lesion", system=LOCAL)),
        concept(coding("lytic", system=LOCAL)),
        id="lytic",
        focus=[reference(structure)],
    )
    size = observation(
        concept(coding("21889-1", system=LOINC)),
        id="size",
        focus=[reference(structure)],
        component=[component(concept(coding("33728-7", system=LOINC)), quantity(15, "mm"))],
    )
    site, findings = _lesion(_assessed(services, report(lytic, size), lytic, size, structure))
    assert (site, findings["lesion-diameter"]) == ("T7", [1.5, 1.5])


def test_a_clinical_finding_with_every_fact_as_component_is_used_or_listed(services: Services) -> None:
    said = observation(
        concept(coding("404684003", "Clinical finding")),
        bodySite=level_site("T7"),
        component=[
            component(concept(coding("404684003")), concept(coding("71286001", "SPINAL CORD COMPRESSION"))),
            component(concept(coding("722871000000108", "ANATOMY")), concept(coding("RID29204", "T7", system=RADLEX))),
        ],
    )
    content = _assessed(services, report(said), said)
    site, findings = _lesion(content)
    assert (site, findings["cord-compression"]) == ("T7", ["present"])
    assert [(row["code"], row["reason"]) for row in content["unmapped"]] == [("722871000000108", "unknown-code")]


def test_a_component_may_be_the_word_for_absent(services: Services) -> None:
    said = observation(
        concept(coding("71286001")),
        bodySite=concept(coding("62487009"), coding("RID29204", system=RADLEX)),
        component=[component(concept(coding("RID28473", "absent", system=RADLEX)))],
    )
    site, findings = _lesion(_assessed(services, report(said, contained=True)))
    assert (site, findings["cord-compression"]) == ("T7", "absent")
