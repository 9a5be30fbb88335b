"""A piece of context has changed: which reports are assessed again."""

from typing import Any

from service.storage.terms import JobState
from tests import builders
from tests.demo_patient import PAIN, PATIENT_ID
from tests.integration.scene import REPORT, Scene, reason, sins, stage
from tests.stand_in_ehr import Fault

Json = dict[str, Any]
PAIN_REFERENCE = f"Observation/{PAIN['id']}"


def assessed(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    assert sins(scene.held()[0]) == (6, 9)


def test_pain_within_the_window_changes_the_patients_assessment(either: Scene) -> None:
    assessed(either)
    task = either.settled(either.ehr.put(PAIN))
    assert stage(task) == "delivered"
    assert sins(either.held()[0]) == (9, 9)


def test_pain_outside_the_window_concerns_no_report(scene: Scene) -> None:
    assessed(scene)
    task = scene.settled(scene.ehr.put({**PAIN, "effectiveDateTime": "2025-06-01"}))
    assert reason(task) == "no-report-known"
    assert sins(scene.held()[0]) == (6, 9)


def test_an_undated_finding_is_looked_at_and_changes_what_it_changes(scene: Scene) -> None:
    assessed(scene)
    undated = {name: each for name, each in PAIN.items() if name != "effectiveDateTime"}
    task = scene.settled(scene.ehr.put(undated))
    assert task["status"] == "completed"
    assert reason(task) in {"unchanged", None}


def test_a_date_that_is_none_counts_as_undated(scene: Scene) -> None:
    assessed(scene)
    task = scene.settled({**PAIN, "effectiveDateTime": "yesterday"})
    assert reason(task) == "unchanged"


def test_a_period_is_looked_at_whenever_it_was_issued(scene: Scene) -> None:
    assessed(scene)
    lasting = {name: each for name, each in PAIN.items() if name != "effectiveDateTime"}
    period = {"start": "2026-02-01T00:00:00Z", "end": "2026-02-04T00:00:00Z"}
    scene.settled(scene.ehr.put({**lasting, "effectivePeriod": period, "issued": "2026-08-01T00:00:00Z"}))
    assert sins(scene.held()[0]) == (9, 9)


def test_an_observation_of_a_report_that_was_never_sent_finds_it_through_the_ehr(scene: Scene) -> None:
    task = scene.settled(scene.ehr.get("Observation/demo-rdes21"))
    assert stage(task) == "delivered"
    assert sins(scene.held()[0]) == (6, 9)


def test_a_member_two_groups_below_the_result_finds_the_report(scene: Scene) -> None:
    inner = scene.ehr.get("Observation/demo-rdes21")
    group: Json = {"status": "final", "code": {"text": "group"}, "subject": {"reference": f"Patient/{PATIENT_ID}"}}
    for name, member in (("middle", "demo-rdes21"), ("top", "middle")):
        reference = {"reference": f"Observation/{member}"}
        scene.ehr.put({"resourceType": "Observation", "id": name, **group, "hasMember": [reference]})
    scene.ehr.put({**scene.ehr.get(REPORT), "result": [{"reference": "Observation/top"}]})
    task = scene.settled(inner)
    assert stage(task) == "delivered"


def test_groups_that_hold_each_other_end_the_search(scene: Scene) -> None:
    subject = {"reference": f"Patient/{PATIENT_ID}"}
    for name, member in (("a", "b"), ("b", "a")):
        reference = {"reference": f"Observation/{member}"}
        one = {"resourceType": "Observation", "id": name, "status": "final", "code": {"text": "x"}, "subject": subject}
        scene.ehr.put({**one, "hasMember": [reference]})
    assert reason(scene.settled(scene.ehr.get("Observation/a"))) == "no-report-known"


def test_a_condition_of_the_patient_is_context_of_every_report(scene: Scene) -> None:
    assessed(scene)
    task = scene.settled(builders.condition(subject={"reference": f"Patient/{PATIENT_ID}"}))
    assert reason(task) == "unchanged"


def test_context_of_a_patient_without_assessment_says_so(scene: Scene) -> None:
    assert reason(scene.settled(builders.condition(subject={"reference": "Patient/nobody"}))) == "no-report-known"


def test_context_that_names_nobody_says_so(scene: Scene) -> None:
    assert reason(scene.settled(builders.imaging_study(subject=None))) == "no-report-known"


def test_an_ehr_that_is_down_is_asked_again(scene: Scene) -> None:
    assessed(scene)
    pain = scene.ehr.put(PAIN)
    location = scene.accept(pain)
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport?result", status=503, times=1))
    scene.drain()
    assert stage(scene.get(location)) == "delivered"


def test_an_ehr_without_the_search_leaves_the_reports_that_we_assessed(scene: Scene) -> None:
    assessed(scene)
    pain = scene.ehr.put(PAIN)
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport?result", status=400))
    scene.ehr.strike(Fault(method="GET", path="Observation?has-member", status=400))
    assert stage(scene.settled(pain)) == "delivered"


def test_a_deleted_member_is_followed_to_its_report(scene: Scene) -> None:
    assessed(scene)
    location = scene.delete("Observation/demo-rdes21")
    scene.ehr.delete("Observation/demo-rdes21")
    scene.drain()
    assert scene.get(location)["status"] == "completed"
    assert scene.jobs(JobState.DEAD) == ()
    assert sins(scene.held()[0])[1] > 9, "what the deleted Observation said is not known any more"


def test_pain_that_is_deleted_is_taken_out_of_the_assessment_that_used_it(either: Scene) -> None:
    assessed(either)
    either.settled(either.ehr.put(PAIN))
    assert sins(either.held()[0]) == (9, 9)
    either.ehr.delete(PAIN_REFERENCE)
    either.delete(PAIN_REFERENCE)
    either.drain()
    assert sins(either.held()[0]) == (6, 9)


def test_the_deletion_of_something_that_no_assessment_used_changes_nothing(scene: Scene) -> None:
    assessed(scene)
    task = scene.get(scene.delete("Observation/unknown"))
    scene.drain()
    assert task["status"] in {"requested", "completed"}
    assert scene.held()[0]["meta"]["versionId"] == "1"
