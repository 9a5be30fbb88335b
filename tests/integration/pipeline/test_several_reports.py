"""A trigger that names no report concerns any number of them: its Task tells what became of each."""

from typing import Any

from service.model.caller import OURSELVES
from service.pipeline.operate import replay_job
from service.storage.terms import JobState
from service.worker import Worker
from tests import builders
from tests.demo_patient import PAIN
from tests.integration.scene import REPORT, WEST, Scene, reason, sins, stage
from tests.stand_in_ehr import Fault

Json = dict[str, Any]
SECOND = "DiagnosticReport/demo-report-2"


def two_reports(scene: Scene) -> None:
    """Let the EHR hold a second report of the same patient, and both be assessed."""
    first = scene.ehr.get(REPORT)
    scene.ehr.put({**scene.ehr.get("Observation/demo-rdes21"), "id": "demo-rdes21-2"})
    scene.ehr.put({**first, "id": SECOND.rpartition("/")[2], "result": [{"reference": "Observation/demo-rdes21-2"}]})
    for reference in (REPORT, SECOND):
        assert stage(scene.settled(scene.ehr.get(reference))) == "delivered"
    assert {sins(each) for each in scene.held()} == {(6, 9)}


def told(scene: Scene, task: Json, name: str) -> dict[str, object]:
    """Return what outputs of one name say, by the report they name."""
    found: dict[str, object] = {}
    for output in task["output"]:
        if output["type"]["text"] == name:
            report = output["extension"][0]["valueReference"]["reference"].removeprefix(f"{scene.ehr.base}/")
            found[report] = next(value for key, value in output.items() if key.startswith("value"))
    return found


def test_a_finding_that_concerns_two_reports_tells_of_both(either: Scene) -> None:
    two_reports(either)
    task = either.settled(either.ehr.put(PAIN))
    assert task["status"] == "completed"
    assert told(either, task, "Stage") == {REPORT: "delivered", SECOND: "delivered"}
    assert told(either, task, "HTTP status of the EHR") == {REPORT: 200, SECOND: 200}
    held = told(either, task, "Resource in the EHR")
    assert {str(each) for each in held.values()} == {
        str({"reference": f"{either.ehr.base}/RiskAssessment/{each['id']}/_history/2"}) for each in either.held()
    }
    assert {sins(each) for each in either.held()} == {(9, 9)}


def test_it_is_completed_only_when_the_last_report_is(scene: Scene) -> None:
    two_reports(scene)
    location = scene.accept(scene.ehr.put(PAIN))
    worker, seen = Worker(scene.parts, "step by step"), []
    while worker.step():
        task = scene.get(location)
        seen.append((task["status"], sorted(map(str, told(scene, task, "Stage").values()))))
    assert [status for status, _ in seen] == ["requested", "in-progress", "in-progress", "in-progress", "completed"]
    assert [stages.count("delivered") for _, stages in seen] == [0, 0, 0, 1, 2]


def test_one_dead_letter_fails_it_and_a_replay_mends_it(scene: Scene) -> None:
    two_reports(scene)
    [second] = [each["id"] for each in scene.held() if each["basis"][0]["reference"].startswith(SECOND)]
    scene.ehr.strike(Fault(method="PUT", path=f"RiskAssessment/{second}", status=422, body=b"The encounter is closed."))
    location = scene.accept(scene.ehr.put(PAIN))
    scene.drain()
    task = scene.get(location)
    assert task["status"] == "failed"
    assert told(scene, task, "Stage") == {REPORT: "delivered", SECOND: "dead-letter"}
    assert told(scene, task, "HTTP status of the EHR") == {REPORT: 200, SECOND: 422}
    assert told(scene, task, "Answer of the EHR") == {SECOND: {"reference": f"#{task['contained'][0]['id']}"}}
    assert task["contained"][0]["issue"][0]["diagnostics"] == "The encounter is closed."
    scene.ehr.clear()
    replay_job(scene.parts, scene.jobs(JobState.DEAD)[0].id, OURSELVES)
    assert scene.get(location)["status"] == "in-progress"
    scene.drain()
    assert scene.get(location)["status"] == "completed"
    assert "contained" not in scene.get(location)


def test_a_report_that_the_ehr_refuses_to_show_fails_its_part_with_what_the_ehr_said(either: Scene) -> None:
    two_reports(either)
    refusal = (
        b'{"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "suppressed", "diagnostics": "sealed"}]}'
    )
    either.ehr.strike(Fault(method="GET", path=SECOND, status=422, body=refusal))
    location = either.accept(either.ehr.put(PAIN))
    either.drain()
    task = either.get(location)
    assert (task["status"], "422" in (reason(task) or "")) == ("failed", True)
    assert told(either, task, "Stage") == {REPORT: "delivered", SECOND: "failed"}
    assert [each["issue"][0]["code"] for each in task["contained"]] == ["suppressed"]
    either.ehr.clear()
    replay_job(either.parts, either.jobs(JobState.DEAD)[0].id, OURSELVES)
    assert told(either, either.get(location), "Stage") == {REPORT: "delivered", SECOND: "requested"}
    either.drain()
    assert either.get(location)["status"] == "completed"


def test_a_report_and_its_observations_in_one_burst_are_one_run(either: Scene) -> None:
    first = either.accept(either.ehr.get(REPORT))
    others = [either.accept(either.ehr.get(f"Observation/{each}")) for each in ("demo-rdes21", "demo-rdes288", "demo-fracture")]
    either.drain()
    assert stage(either.get(first)) == "delivered"
    assert {stage(either.get(each)) for each in others} == {"delivered"}
    runs = [job for job in either.jobs(JobState.DONE) if job.kind == "assess"]
    assert len(runs) == 1, "the Observations were read by the run of the report"
    assert [len(either.ehr.versions(f"RiskAssessment/{each['id']}")) for each in either.held()] == [1]


def test_an_observation_that_changed_after_it_was_read_is_read_again(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    changed = scene.ehr.get("Observation/demo-rdes21")
    changed["component"] = changed["component"][:2]
    task = scene.settled(scene.ehr.put(changed))
    assert stage(task) == "delivered"
    assert sins(scene.held()[0])[1] > 9


def test_a_finding_at_a_hospital_without_an_ehr_says_that_there_is_nothing_to_read_from(scene: Scene) -> None:
    own = builders.observation(id="o1")
    identifier = [{"system": "https://hospital.example/reports", "value": "A-1"}]
    scene.post(f"/webhooks/{WEST}", builders.bundle(builders.patient(), own, builders.report(own, identifier=identifier)))
    scene.drain()
    task = scene.settled(own, WEST)
    assert (task["status"], reason(task)) == ("completed", "no-ehr-to-read-from")
    assert scene.jobs(JobState.DEAD) == ()


def test_a_search_for_reports_that_fails_for_good_fails_the_trigger(scene: Scene) -> None:
    location = scene.accept(scene.ehr.put(PAIN))
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport?result", status=301))
    scene.drain()
    task = scene.get(location)
    assert (task["status"], "redirects" in (reason(task) or "")) == ("failed", True)
    scene.ehr.clear()
    replay_job(scene.parts, scene.jobs(JobState.DEAD)[0].id, OURSELVES)
    scene.drain()
    assert scene.get(location)["status"] == "completed"
