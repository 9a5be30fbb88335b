"""Working through jobs: retries, dead letters, replay, lost leases, and what a report must be to be assessed."""

from typing import Any

import pytest

from service.app import build_parts
from service.errors import EhrUnavailableError, LostLeaseError
from service.model.caller import OURSELVES
from service.pipeline import compute, work
from service.pipeline.operate import replay_job
from service.storage.terms import DeliveryState, JobState, SeriesId
from service.worker import Worker
from tests import builders
from tests.demo_patient import PATIENT_ID
from tests.integration.scene import NORTH, REPORT, Scene, reason, sins, stage
from tests.integration.storage.rows import let_pass
from tests.stand_in_ehr import Fault

Json = dict[str, Any]


def as_sent(scene: Scene, **elements: object) -> Json:
    """Store a changed report in the EHR and return it as its Subscription would send it."""
    return scene.ehr.put({**scene.ehr.get(REPORT), **elements})


def test_a_report_becomes_one_risk_assessment_in_the_ehr(either: Scene) -> None:
    task = either.settled(either.ehr.get(REPORT))
    assert (task["status"], stage(task)) == ("completed", "delivered")
    [held] = either.held()
    assert sins(held) == (6, 9)
    assert [part["valueInteger"] for part in task["output"] if "valueInteger" in part] == [201]


def test_several_triggers_of_one_report_are_one_run(scene: Scene) -> None:
    locations = [scene.accept(as_sent(scene, conclusion=f"Version {number}.")) for number in range(3)]
    assert scene.drain() == 2, "one assessment, one delivery"
    assert {stage(scene.get(each)) for each in locations} == {"delivered"}
    assert len(scene.ehr.versions(f"RiskAssessment/{scene.held()[0]['id']}")) == 1


def test_an_ehr_that_is_down_is_tried_again_until_it_answers(either: Scene) -> None:
    location = either.accept(either.ehr.get(REPORT))
    either.ehr.strike(Fault(status=503, times=2))
    either.drain()
    assert stage(either.get(location)) == "delivered"


def test_the_ehrs_own_wish_to_wait_is_honoured(scene: Scene) -> None:
    scene.accept(scene.ehr.get(REPORT))
    scene.ehr.strike(Fault(status=429, headers={"Retry-After": "120"}, times=1))
    scene.drain()
    [job] = scene.jobs()
    assert job.attempts == 1
    let_pass(scene.parts.database, 110)
    assert not Worker(scene.parts, "early").step()
    let_pass(scene.parts.database, 11)
    assert Worker(scene.parts, "late").step()


def test_backoff_doubles_to_its_ceiling_and_never_undercuts_the_ehr(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.pipeline.work.random.uniform", lambda _low, high: high)
    changed = scene.parts.settings.model_copy(update={"backoff_seconds": 1.0, "backoff_max_seconds": 5.0})
    object.__setattr__(scene.parts, "settings", changed)
    assert [work._backoff(scene.parts, attempts, None) for attempts in (0, 1, 2, 3, 1000)] == [1, 2, 4, 5, 5]
    assert work._backoff(scene.parts, 0, 60.0) == 60
    assert work._backoff(scene.parts, 0, 1e12) == work.LONGEST_WAIT_SECONDS


def test_an_ehr_that_never_answers_makes_a_dead_letter_and_the_task_fails(either: Scene) -> None:
    location = either.accept(either.ehr.get(REPORT))
    either.ehr.strike(Fault(status=503))
    either.drain()
    [dead] = either.jobs(JobState.DEAD)
    assert (dead.kind, dead.attempts) == ("assess", either.parts.settings.max_attempts - 1)
    task = either.get(location)
    assert task["status"] == "failed"
    assert "503" in (reason(task) or "")


def test_an_ehr_that_never_takes_the_answer_fails_the_task_too(either: Scene) -> None:
    location = either.accept(either.ehr.get(REPORT))
    either.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=503))
    either.drain()
    assert [job.kind for job in either.jobs(JobState.DEAD)] == ["deliver"]
    task = either.get(location)
    assert (task["status"], stage(task)) == ("failed", "dead-letter")


def test_an_ehr_that_refuses_makes_a_dead_delivery_at_once(scene: Scene) -> None:
    location = scene.accept(scene.ehr.get(REPORT))
    scene.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422, body=b"<html>not even FHIR</html>"))
    assert scene.drain() == 2
    task = scene.get(location)
    assert (task["status"], stage(task)) == ("failed", "dead-letter")
    assert [part["valueInteger"] for part in task["output"] if "valueInteger" in part] == [422]
    series = SeriesId(scene.jobs(JobState.DEAD)[0].payload["series"])
    with scene.parts.database.read() as uow:
        current = uow.deliveries.current(series)
    assert current is not None
    assert (current.state, current.answer) == (DeliveryState.DEAD, b"<html>not even FHIR</html>")


def test_what_somebody_else_changed_is_not_overwritten(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    scene.ehr.put({**scene.held()[0], "note": [{"text": "seen by the tumour board"}]})
    task = scene.settled(as_sent(scene, status="amended"))
    assert (task["status"], stage(task)) == ("failed", "dead-letter")
    assert scene.held()[0]["note"][0]["text"] == "seen by the tumour board"


def test_an_answer_that_was_no_fhir_does_not_stop_the_next_delivery(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    scene.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422, body=b"<html>"))
    scene.settled(as_sent(scene, status="amended"))
    scene.ehr.clear()
    scene.ehr.put({**scene.held()[0], "note": [{"text": "somebody else"}]})
    task = scene.settled(as_sent(scene, status="corrected"))
    assert (task["status"], stage(task)) == ("failed", "dead-letter")
    assert not (scene.jobs(JobState.DEAD)[-1].last_error or "unexpected").startswith("unexpected")


def test_a_replayed_dead_letter_is_delivered(either: Scene) -> None:
    location = either.accept(either.ehr.get(REPORT))
    either.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422))
    either.drain()
    either.ehr.clear()
    replay_job(either.parts, either.jobs(JobState.DEAD)[0].id, OURSELVES)
    assert (either.get(location)["status"], stage(either.get(location))) == ("in-progress", "assessed")
    either.drain()
    assert stage(either.get(location)) == "delivered"


def test_a_worker_that_lost_its_lease_changes_nothing(either: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    either.accept(either.ehr.get(REPORT))
    real = compute.compute

    def overtaken(*arguments: Any) -> Any:  # noqa: ANN401
        let_pass(either.parts.database, either.parts.settings.lease_seconds + 1)
        with either.parts.database.write() as uow:
            assert uow.jobs.claim("another", 60.0) is not None
        return real(*arguments)

    monkeypatch.setattr("service.pipeline.work.compute", overtaken)
    assert Worker(either.parts, "slow").step()
    [job] = either.jobs()
    assert (job.kind, job.attempts) == ("assess", 1)
    assert either.held() == []
    with either.parts.database.read() as uow:
        assert uow.assessments.latest(SeriesId(compute.series_of(NORTH, REPORT))) is None


def test_a_failure_after_the_lease_was_lost_is_left_to_the_new_owner(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.accept(scene.ehr.get(REPORT))

    def fail(*_: object) -> None:
        let_pass(scene.parts.database, scene.parts.settings.lease_seconds + 1)
        with scene.parts.database.write() as uow:
            assert uow.jobs.claim("another", 60.0) is not None
        raise EhrUnavailableError("The EHR did not answer.")

    monkeypatch.setitem(work._RUNS, "assess", fail)
    assert Worker(scene.parts, "slow").step()
    [job] = scene.jobs()
    assert (job.attempts, job.last_error) == (1, "the worker's lease ran out")


def test_work_that_kills_its_workers_is_buried_in_the_end(either: Scene) -> None:
    location = either.accept(either.ehr.get(REPORT))
    for number in range(either.parts.settings.max_attempts + 1):
        assert work.next_claim(either.parts, f"dies-{number}") is not None
        let_pass(either.parts.database, either.parts.settings.lease_seconds + 1)
    either.drain()
    assert [job.kind for job in either.jobs(JobState.DEAD)] == ["assess"]
    assert either.get(location)["status"] == "failed"


def test_a_delivery_that_kills_its_workers_fails_its_task(scene: Scene) -> None:
    location = scene.accept(scene.ehr.get(REPORT))
    assert Worker(scene.parts, "once").step()
    for number in range(scene.parts.settings.max_attempts):
        assert work.next_claim(scene.parts, f"dies-{number}") is not None
        let_pass(scene.parts.database, scene.parts.settings.lease_seconds + 1)
    scene.drain()
    assert (scene.get(location)["status"], stage(scene.get(location))) == ("failed", "dead-letter")


def test_an_unexpected_failure_is_retried_and_named_by_a_reference_only(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Mrs Example")

    monkeypatch.setitem(work._RUNS, "assess", fail)
    location = scene.accept(scene.ehr.get(REPORT))
    scene.drain()
    [dead] = scene.jobs(JobState.DEAD)
    assert (dead.last_error or "").startswith("unexpected RuntimeError, reference ")
    assert "Example" not in str(scene.get(location))


def test_a_claim_whose_jobs_an_operator_took_away_is_given_up(scene: Scene) -> None:
    scene.accept(scene.ehr.get(REPORT))
    claimed = work.next_claim(scene.parts, "worker")
    assert claimed is not None
    empty = work.Claimed(key=claimed.key, fence=claimed.fence, owner=claimed.owner, jobs=())
    work.perform(scene.parts, empty)
    with pytest.raises(LostLeaseError):
        work.keep_alive(scene.parts, claimed)
    work.perform(scene.parts, empty)
    assert len(scene.jobs()) == 1


def test_a_report_of_another_kind_leaves_nothing(scene: Scene) -> None:
    chest = builders.observation(builders.concept(builders.coding("36813-4", system=builders.LOINC)), "clear", id="chest")
    scene.ehr.put(builders.patient())
    scene.ehr.put(chest)
    task = scene.settled(scene.ehr.put(builders.report(chest, id="chest-report", code=builders.concept(text="CT of the chest"))))
    assert (task["status"], reason(task)) == ("completed", "nothing-of-the-spine")
    assert scene.held() == []


def test_findings_that_were_taken_out_of_a_report_are_taken_back(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    assert scene.held()[0]["prediction"]
    bare = {name: each for name, each in scene.ehr.get(REPORT).items() if name not in {"result", "conclusionCode", "code"}}
    task = scene.settled(scene.ehr.put({**bare, "status": "amended", "code": {"text": "Wrong patient's images"}}))
    assert stage(task) == "delivered"
    assert "prediction" not in scene.held()[0]
    assert scene.held()[0]["status"] == "amended"


def test_a_registered_report_is_not_assessed(scene: Scene) -> None:
    task = scene.settled(as_sent(scene, status="registered"))
    assert (task["status"], reason(task)) == ("completed", "registered-without-result")
    assert scene.held() == []


def test_an_unchanged_input_is_not_stored_again(scene: Scene) -> None:
    first = scene.ehr.get(REPORT)
    scene.settled(first)
    task = scene.settled({**first, "meta": {"versionId": "77"}})
    assert reason(task) == "unchanged"
    assert len(scene.ehr.versions(f"RiskAssessment/{scene.held()[0]['id']}")) == 1


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_withdrawn_report_withdraws_and_its_return_restores(scene: Scene, status: str) -> None:
    scene.settled(scene.ehr.get(REPORT))
    scene.settled(as_sent(scene, status=status))
    [held] = scene.held()
    assert held["status"] == "entered-in-error"
    assert "prediction" not in held
    scene.settled(as_sent(scene, status="corrected"))
    assert sins(scene.held()[0]) == (6, 9)


def test_a_report_that_is_gone_on_the_second_look_withdraws_for_the_same_patient(scene: Scene) -> None:
    kept = scene.ehr.get(REPORT)
    scene.settled(kept)
    scene.ehr.delete(REPORT)
    scene.settled({**kept, "meta": {"versionId": "9"}})
    [held] = scene.held()
    assert (held["status"], held["subject"]) == ("entered-in-error", {"reference": f"Patient/{PATIENT_ID}"})
    assert scene.facts()[-1].patient == f"Patient/{PATIENT_ID}"


def test_a_report_that_the_ehr_announces_and_does_not_have_is_waited_for_and_never_withdrawn(scene: Scene) -> None:
    kept = scene.ehr.get(REPORT)
    scene.settled(kept)
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport", status=404))
    task = scene.settled({**kept, "meta": {"versionId": "9"}})
    assert task["status"] == "failed"
    assert scene.held()[0]["status"] == "final"


def test_work_of_a_hospital_that_is_no_longer_registered_is_a_dead_letter(scene: Scene) -> None:
    location = scene.accept(scene.ehr.get(REPORT))
    object.__setattr__(scene.parts, "hospitals", {"local": scene.parts.hospital("local")})
    scene.drain()
    assert len(scene.jobs(JobState.DEAD)) == 1
    assert scene.get(location)["status"] == "failed"


def test_a_receipt_that_retention_removed_is_a_dead_letter(scene: Scene) -> None:
    own = builders.observation(id="o1")
    body = builders.bundle(builders.patient(), own, builders.report(own))
    scene.post(f"/webhooks/{NORTH}", body)
    with scene.parts.database._transaction() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("DELETE FROM receipt")
    scene.drain()
    assert "retention" in (scene.jobs(JobState.DEAD)[0].last_error or "")


def test_what_the_ehr_has_is_not_sent_again(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    [done] = [job for job in scene.jobs(JobState.DONE) if job.kind == "deliver"]
    with scene.parts.database.write() as uow:
        uow.jobs.enqueue(done.key, done.kind, done.payload, "again")
    scene.ehr.forget_requests()
    assert scene.drain() == 1
    assert scene.ehr.asked() == []


def test_the_parts_hand_out_one_client_for_each_thread_and_ask_once_what_an_ehr_can_do(scene: Scene) -> None:
    parts = build_parts(scene.parts.settings)
    assert parts.ehr(scene.hospital()) is parts.ehr(scene.hospital())
    scene.ehr.forget_requests()
    assert parts.conformance(scene.hospital()) is parts.conformance(scene.hospital())
    assert scene.ehr.asked() == [("GET", "metadata")]
    parts.ehr(scene.hospital()).close()
    parts.database.close()
