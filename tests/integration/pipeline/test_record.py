"""The record of the patient in the EHR: what is asked, what it adds to a report, and what is said when it cannot be had."""

from typing import Any, Final

import pytest

from service.pipeline.gather import MAX_ROUNDS
from tests import builders
from tests.demo_patient import PAIN, PATIENT_ID, REPORT_ID
from tests.integration.scene import NORTH, REPORT, Scene, sins
from tests.stand_in_ehr import Fault

Json = dict[str, Any]
PATIENT: Final = f"Patient/{PATIENT_ID}"
SUBJECT: Final = {"reference": PATIENT}


def assessed(scene: Scene) -> Json:
    """Return the report of the EHR assessed with the record of its patient, nothing stored."""
    answer = scene.post(f"/assessments?hospital={NORTH}&store=false", scene.ehr.get(REPORT), Prefer="handling=lenient")
    assert answer.status_code == 200, answer.text
    content: Json = answer.get_json()
    return content


def score(content: Json) -> tuple[int, int]:
    [lesion] = content["lesions"]
    [found] = [each for each in lesion["outcomes"] if each["instrument"] == "sins"]
    return found["score"]["low"], found["score"]["high"]


def sources(content: Json, finding: str) -> list[Json]:
    """Return where a finding of the lesion, or of the patient, is said."""
    every = [*content["lesions"][0]["findings"], *content["patient_findings"]]
    return [source for each in every if each["finding"] == finding for source in each["sources"]]


def searched(scene: Scene) -> list[str]:
    return [request.partition("?")[0] for _, request in scene.ehr.asked() if "?" in request]


def test_the_record_is_searched_once_and_by_a_handful_of_requests(scene: Scene) -> None:
    assert score(assessed(scene)) == (6, 9)
    assert sorted(searched(scene)) == ["Condition", "DiagnosticReport", "Observation", "Observation", "Patient", "Procedure"]


def test_a_report_that_says_nothing_of_the_spine_costs_no_search(scene: Scene) -> None:
    chest = builders.report(subject=SUBJECT, id=REPORT_ID, code=builders.concept(text="Chest"))
    assert scene.post(f"/assessments?hospital={NORTH}&store=false", chest).status_code == 200
    assert searched(scene) == []


def test_a_recent_condition_narrows_the_pain_and_an_old_one_does_not(scene: Scene) -> None:
    backache = builders.condition(subject=SUBJECT, onsetDateTime="2026-01-20", recordedDate="2026-01-21")
    scene.ehr.put(backache)
    content = assessed(scene)
    assert score(content) == (7, 9)
    [said] = sources(content, "axial-pain")
    assert (said["reference"], said["from_other_report"], said["said_on"]) == ("Condition/c1", True, "2026-01-21")
    scene.ehr.put({**backache, "onsetDateTime": "2024-01-20", "recordedDate": "2024-01-21"})
    old = assessed(scene)
    assert score(old) == (6, 9)
    assert [row["reason"] for row in old["unmapped"] if row["code"] == "161891005"] == ["condition-not-met"]


def test_an_earlier_report_fills_what_this_one_leaves_open_at_the_same_level(scene: Scene) -> None:
    earlier = {**PAIN, "id": "earlier-pain", "effectiveDateTime": "2026-01-20"}
    scene.ehr.put(earlier)
    code = builders.concept(builders.coding("consultation", system="http://hospital.example/exams"))
    scene.ehr.put(builders.report(earlier, id="r-earlier", subject=SUBJECT, effectiveDateTime="2026-01-20", code=code))
    content = assessed(scene)
    assert score(content) == (9, 9)
    [said] = sources(content, "spinal-pain")
    assert (said["reference"], said["said_on"]) == ("Observation/earlier-pain", "2026-01-20")
    elsewhere = builders.level_site("L3")
    scene.ehr.put({**earlier, "bodySite": elsewhere})
    assert score(assessed(scene)) == (6, 9)


def test_an_earlier_report_that_disagrees_is_a_conflict(scene: Scene) -> None:
    said = builders.observation(
        builders.question("alignment"),
        builders.answer("alignment", "subluxation-translation"),
        id="earlier",
        subject=SUBJECT,
        bodySite=builders.level_site("T7"),
        effectiveDateTime="2026-01-20",
    )
    scene.ehr.put(said)
    scene.ehr.put(builders.report(said, id="r-earlier", subject=SUBJECT, effectiveDateTime="2026-01-20"))
    content = assessed(scene)
    [alignment] = [each for each in content["lesions"][0]["findings"] if each["finding"] == "alignment"]
    assert (alignment["state"], set(alignment["values"])) == ("conflict", {"normal", "subluxation-translation"})


def test_treatment_and_cancer_have_no_limit_of_time(scene: Scene) -> None:
    scene.ehr.put(builders.condition(builders.concept(builders.coding("93880001")), subject=SUBJECT, onsetDateTime="2001"))
    chemotherapy = builders.concept(builders.coding("367336001"))
    scene.ehr.put(builders.procedure(chemotherapy, subject=SUBJECT, performedDateTime="2002"))
    scene.ehr.put(builders.procedure(chemotherapy, id="x2", subject=SUBJECT, performedDateTime="2026-06-01"))
    found = {each["finding"]: each for each in assessed(scene)["patient_findings"]}
    assert found["primary-cancer"]["values"] == ["lung"]
    assert [each["reference"] for each in found["chemotherapy"]["sources"]] == ["Procedure/x1"]


@pytest.mark.parametrize("kind", ["Condition", "Procedure", "DiagnosticReport", "Observation", "Patient"])
def test_what_the_ehr_refuses_is_said_and_the_report_is_assessed_all_the_same(scene: Scene, kind: str) -> None:
    scene.ehr.strike(Fault(path=f"{kind}?", status=403))
    content = assessed(scene)
    assert score(content) == (6, 9)
    assert [each["text"] for each in content["issues"] if "refuses" in each["text"]] == [
        f"The EHR refuses the search for {kind} of this patient (403): context from there is not used."
    ]


def test_an_ehr_that_ignores_the_patient_brings_nobody_elses_record(scene: Scene) -> None:
    scene.ehr.put(builders.patient(id="somebody"))
    scene.ehr.put(builders.condition(subject={"reference": "Patient/somebody"}, recordedDate="2026-01-21"))
    scene.ehr.switches.ignored_parameters = frozenset({"patient"})
    content = assessed(scene)
    assert score(content) == (6, 9)
    assert "Condition/c1" not in str(content)
    assert any("Condition" in each["text"] and "501" in each["text"] for each in content["issues"])


def test_a_long_record_is_counted_and_not_listed(scene: Scene) -> None:
    for number in range(150):
        code = builders.concept(builders.coding(f"problem-{number}", system="http://hospital.example/problems"))
        scene.ehr.put(builders.condition(code, id=f"c{number}", subject=SUBJECT))
    content = assessed(scene)
    assert "150 coded item(s) of the patient's record are in no table: counted, not listed." in str(content["issues"])
    assert "problem-7" not in str(content)
    scene.settled(scene.ehr.get(REPORT))
    assert not any("Condition/" in str(each) for each in scene.held()[0]["basis"])


def test_a_broken_report_is_refused_without_a_look_at_the_record(scene: Scene) -> None:
    broken = {**scene.ehr.get(REPORT), "status": "bogus"}
    assert scene.post(f"/assessments?hospital={NORTH}&store=false", broken).status_code == 422
    assert searched(scene) == []


def test_a_tree_deeper_than_the_rounds_stays_open_and_is_said(scene: Scene) -> None:
    depth = 2 * MAX_ROUNDS + 2
    for number in range(depth):
        below: Json = {"hasMember": [{"reference": f"Observation/deep-{number + 1}"}]} if number + 1 < depth else {}
        scene.ehr.put(builders.observation(id=f"deep-{number}", subject=SUBJECT, bodySite=builders.level_site("T7"), **below))
    scene.ehr.put({**scene.ehr.get(REPORT), "result": [{"reference": "Observation/deep-0"}]})
    [issue] = [each for each in assessed(scene)["issues"] if "not resolved" in each["text"]]
    assert issue["path"] == f"Observation.where(id='deep-{2 * MAX_ROUNDS - 1}').hasMember[0]"
    assert issue["severity"] == "warning"


# merged patients


def merge(scene: Scene, *, old_knows: bool) -> None:
    """Let Patient/survivor take the place of the demo patient; one of the two says so."""
    old = {"other": SUBJECT, "type": "replaces"}
    new = {"other": {"reference": "Patient/survivor"}, "type": "replaced-by"}
    scene.ehr.put(builders.patient(id="survivor", gender="male", **({} if old_knows else {"link": [old]})))
    if old_knows:
        scene.ehr.put({**scene.ehr.get(PATIENT), "active": False, "link": [new]})


@pytest.mark.parametrize("old_knows", [True, False], ids=["replaced-by", "replaces"])
def test_the_record_of_the_patient_that_took_the_place_counts(scene: Scene, old_knows: bool) -> None:
    merge(scene, old_knows=old_knows)
    scene.ehr.put({**PAIN, "subject": {"reference": "Patient/survivor"}})
    content = assessed(scene)
    assert score(content) == (9, 9)
    assert content["subject"] == "Patient/survivor"
    assert any("both are read as one" in each["text"] for each in content["issues"])


@pytest.mark.parametrize("subject", [PATIENT, "Patient/survivor"])
def test_pain_of_either_patient_finds_the_report_again(scene: Scene, subject: str) -> None:
    merge(scene, old_knows=True)
    scene.settled(scene.ehr.get(REPORT))
    [held] = scene.held()
    assert (sins(held), held["subject"]["reference"]) == ((6, 9), "Patient/survivor")
    scene.settled(scene.ehr.put({**PAIN, "subject": {"reference": subject}}))
    assert sins(scene.held()[0]) == (9, 9)
