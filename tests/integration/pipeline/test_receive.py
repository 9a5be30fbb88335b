"""Accepting a trigger: what is acknowledged is on disk, the same event is one, what is not ours to read is said."""

import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from service.storage.database import Database
from service.storage.terms import AuditAction, JobState
from tests import builders
from tests.demo_patient import PAIN, PATIENT_ID
from tests.integration.scene import NORTH, REPORT, WEST, Scene, reason
from tests.running import FHIR_JSON
from tests.stand_in_ehr import Fault

Json = dict[str, Any]


def identified(**elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    """Return a Bundle whose report has an identity of its own, for a hospital without an EHR."""
    own = builders.observation(id="o1")
    identifier = [{"system": "https://hospital.example/reports", "value": "A-1"}]
    return builders.bundle(builders.patient(), own, builders.report(own, identifier=identifier, **elements))


def test_receipt_job_and_audit_fact_are_there_when_the_answer_is(either: Scene) -> None:
    location = either.accept(either.ehr.get(REPORT))
    assert either.get(location)["status"] == "requested"
    [job] = either.jobs()
    assert (job.kind, job.payload["reference"], job.payload["receipt"]) == ("assess", REPORT, location.rpartition("/")[2])
    [fact] = [each for each in either.facts() if each.action == AuditAction.EXECUTE]
    assert (fact.agent, fact.patient, fact.entity) == (NORTH, f"Patient/{PATIENT_ID}", f"Task/{location.rpartition('/')[2]}")


def test_nothing_is_asked_of_the_ehr_before_the_answer(scene: Scene) -> None:
    scene.ehr.forget_requests()
    scene.accept(scene.ehr.get(REPORT))
    assert scene.ehr.asked() == []


def test_a_full_database_acknowledges_nothing_and_stores_nothing(scene: Scene) -> None:
    resource = builders.report(id="big", conclusion=secrets.token_hex(100_000))
    with scene.parts.database._transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    answer = scene.notify(resource)
    assert answer.status_code == 503
    OperationOutcome.model_validate_json(answer.data)
    with scene.parts.database._transaction() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert scene.jobs() == ()
    assert scene.facts() == []
    assert scene.notify(resource).status_code == 202


def test_a_database_that_cannot_be_written_acknowledges_nothing(scene: Scene) -> None:
    with scene.parts.database._transaction() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON job BEGIN SELECT RAISE(ABORT, 'injected'); END")
    answer = scene.notify(scene.ehr.get(REPORT))
    assert answer.status_code in {409, 503}
    assert "Location" not in answer.headers
    with scene.parts.database._transaction() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
        assert connection.exec_driver_sql("SELECT count(*) FROM receipt").scalar_one() == 0
    assert scene.facts() == []


def test_the_same_event_again_is_the_same_task_and_one_job(either: Scene) -> None:
    first = either.accept(either.ehr.get(REPORT))
    assert {either.accept(either.ehr.get(REPORT)) for _ in range(5)} == {first}
    assert len(either.jobs()) == 1
    either.drain()
    assert either.accept(either.ehr.get(REPORT)) == first
    assert either.jobs() == ()
    assert len(either.held()) == 1


def test_a_second_deletion_after_a_restoration_is_a_new_event(scene: Scene) -> None:
    kept = scene.ehr.get(REPORT)
    scene.settled(kept)
    scene.ehr.delete(REPORT)
    first = scene.delete(REPORT)
    assert scene.delete(REPORT) == first, "not settled yet: the same event"
    scene.drain()
    assert scene.held()[0]["status"] == "entered-in-error"
    scene.settled(scene.ehr.put(kept))
    assert scene.held()[0]["status"] == "final"
    scene.ehr.delete(REPORT)
    assert scene.delete(REPORT) != first
    scene.drain()
    assert scene.held()[0]["status"] == "entered-in-error"


def test_bytes_without_a_version_that_come_back_are_a_new_event(scene: Scene) -> None:
    first, second = identified(meta=None), identified(meta=None, status="amended")
    statuses = []
    for body in (first, second, first):
        location = scene.post(f"/webhooks/{WEST}", body).headers["Location"]
        scene.drain()
        statuses.append(_assessed(scene, location)["status"])
    assert statuses == ["final", "amended", "final"]


def _assessed(scene: Scene, location: str) -> Json:
    task = scene.get(location)
    assert task["status"] == "completed", task
    return scene.get(f"/fhir/{task['output'][0]['valueReference']['reference']}")


def test_a_deletion_waits_in_line_with_the_patients_other_work(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    scene.delete(REPORT)
    [job] = scene.jobs()
    assert job.key == f"assess|{NORTH}|Patient/{PATIENT_ID}"


def test_a_deletion_of_what_was_never_assessed_says_so(scene: Scene) -> None:
    scene.ehr.delete(REPORT)
    location = scene.delete(REPORT)
    scene.drain()
    assert reason(scene.get(location)) == "withdrawn-before-assessment"
    assert scene.held() == []


def test_a_deletion_without_an_address_is_refused(scene: Scene) -> None:
    assert scene.client.delete(f"/webhooks/{NORTH}").status_code == 405


def test_our_own_writes_are_ignored_and_say_so(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    task = scene.settled(scene.held()[0])
    assert (task["status"], reason(task)) == ("completed", "own-write-ignored")
    assert scene.jobs() == ()


def test_a_type_that_we_do_not_read_is_accepted_and_said(scene: Scene) -> None:
    task = scene.settled({"resourceType": "Appointment", "id": "a1", "status": "booked", "participant": [{"status": "accepted"}]})
    assert (task["status"], reason(task)) == ("completed", "type-not-read")


def test_a_bundle_is_assessed_from_its_own_bytes(either: Scene) -> None:
    location = either.post(f"/webhooks/{WEST}", identified()).headers["Location"]
    either.drain()
    task = either.get(location)
    assert task["status"] == "completed"
    assert either.get(f"/fhir/{task['output'][0]['valueReference']['reference']}")["prediction"]


def test_an_older_version_in_the_same_burst_does_not_win(scene: Scene) -> None:
    newer, older = (identified(meta={"versionId": each}, status=status) for each, status in (("2", "amended"), ("1", "final")))
    newer["id"] = older["id"] = "b1"
    locations = [scene.post(f"/webhooks/{WEST}", each).headers["Location"] for each in (newer, older)]
    scene.drain()
    assert _assessed(scene, locations[0])["status"] == "amended"
    assert reason(scene.get(locations[1])) == "superseded"


def test_a_report_that_nothing_identifies_is_a_dead_letter_and_not_mixed_with_others(scene: Scene) -> None:
    own = builders.observation(id="o1")
    location = scene.accept(builders.report(own, contained=True, id="only-local"), WEST)
    scene.drain()
    task = scene.get(location)
    assert task["status"] == "failed"
    assert "Nothing says which report" in (reason(task) or "")
    assert len(scene.jobs(JobState.DEAD)) == 1


def test_a_deletion_of_what_was_never_assessed_says_so_without_an_ehr_too(scene: Scene) -> None:
    location = scene.delete("DiagnosticReport/7", WEST)
    scene.drain()
    assert reason(scene.get(location)) == "withdrawn-before-assessment"


def test_a_deletion_without_an_ehr_withdraws_the_report_that_was_assessed_under_this_id(either: Scene) -> None:
    first = either.post(f"/webhooks/{WEST}", identified()).headers["Location"]
    either.drain()
    location = either.delete("DiagnosticReport/r1", WEST)
    [job] = either.jobs()
    assert job.key == f"assess|{WEST}|Patient/p1", "it waits in line with the patient's other work"
    either.drain()
    withdrawn = _assessed(either, location)
    assert (withdrawn["status"], withdrawn["subject"]) == ("entered-in-error", {"reference": "Patient/p1"})
    assert "prediction" not in withdrawn
    assert withdrawn["id"] == _assessed(either, first)["id"], "another version of the same resource"


def test_an_id_that_several_reports_were_sent_under_withdraws_none_of_them(scene: Scene) -> None:
    for number in ("A-1", "A-2"):
        own = builders.observation(id="o1")
        identifier = [{"system": "https://hospital.example/reports", "value": number}]
        sent = builders.bundle(builders.patient(), own, builders.report(own, identifier=identifier))
        scene.post(f"/webhooks/{WEST}", sent)
    scene.drain()
    location = scene.delete("DiagnosticReport/r1", WEST)
    scene.drain()
    task = scene.get(location)
    assert task["status"] == "failed"
    assert "does not say which one is meant" in (reason(task) or "")


def test_a_withdrawn_report_without_an_ehr_needs_no_identifier_to_be_found(scene: Scene) -> None:
    scene.post(f"/webhooks/{WEST}", identified())
    scene.drain()
    bare = builders.report(builders.observation(id="o1"), status="entered-in-error")
    task = scene.settled(bare, WEST)
    assert scene.get(f"/fhir/{task['output'][0]['valueReference']['reference']}")["status"] == "entered-in-error"


@pytest.mark.parametrize("first", ["Parameters", "SubscriptionStatus"])
def test_a_notification_of_the_backport_without_the_report_is_refused(scene: Scene, first: str) -> None:
    status: Json = {"resourceType": first, "id": "s1"}
    body = {"resourceType": "Bundle", "type": "history", "entry": [{"resource": status}]}
    answer = scene.post(f"/webhooks/{NORTH}", body)
    assert answer.status_code == 422
    assert "notification" in answer.text


def test_the_same_report_in_another_envelope_is_unchanged(scene: Scene) -> None:
    known = scene.ehr.get(REPORT)
    first = scene.settled(known)
    entry = {"fullUrl": f"{scene.hospital().ehr_base}/{REPORT}", "resource": known}
    answer = scene.post(f"/webhooks/{NORTH}", {"resourceType": "Bundle", "type": "history", "entry": [entry]})
    assert answer.status_code == 202
    scene.drain()
    task = scene.get(answer.headers["Location"])
    assert reason(task) == "unchanged"
    assert task["output"][0] == first["output"][0]


def test_a_history_bundle_with_a_deletion_is_no_backport_notification(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    deleted = {"resourceType": "Bundle", "type": "history", "entry": [{"request": {"method": "DELETE", "url": REPORT}}]}
    assert scene.post(f"/webhooks/{NORTH}", deleted).status_code == 202
    scene.drain()
    assert scene.held()[0]["status"] == "entered-in-error"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/webhooks/{NORTH}", b"", 422),
        (f"/webhooks/{NORTH}", b"   ", 422),
        (f"/webhooks/{NORTH}", b"{", 400),
        (f"/webhooks/{NORTH}/Observation/o1", json.dumps(builders.report()).encode(), 422),
        (f"/webhooks/{NORTH}/DiagnosticReport/r2", json.dumps(builders.report()).encode(), 422),
    ],
    ids=["empty", "blank", "cut off", "another type", "another id"],
)
def test_what_cannot_be_followed_is_refused_without_a_trace(scene: Scene, path: str, body: bytes, status: int) -> None:
    assert scene.post(path, body).status_code == status
    assert scene.jobs() == ()


def test_the_id_of_the_address_stands_in_for_a_missing_one(scene: Scene) -> None:
    resource = {name: each for name, each in scene.ehr.get(REPORT).items() if name != "id"}
    answer = scene.client.put(f"/webhooks/{NORTH}/{REPORT}", json=resource, headers={"Content-Type": FHIR_JSON})
    scene.drain()
    assert scene.get(answer.headers["Location"])["status"] == "completed"


def test_a_context_trigger_without_patient_has_a_line_of_its_own(scene: Scene) -> None:
    nobody = {name: each for name, each in PAIN.items() if name != "subject"}
    scene.ehr.strike(Fault(status=503))
    scene.accept(nobody)
    assert [job.key for job in scene.jobs()] == [f"assess|{NORTH}|Observation/{PAIN['id']}"]


def test_the_database_answers_again_after_it_was_closed(scene: Scene) -> None:
    scene.parts.database.close()
    again = replace(scene, parts=replace(scene.parts, database=Database.connect(scene.parts.settings.database_url)))
    assert again.jobs() == ()
