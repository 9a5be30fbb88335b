"""The main job over real HTTP: a report's webhook in, one RiskAssessment in the EHR, whatever goes wrong on the way."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.riskassessment import RiskAssessment
from fhir.resources.R4B.task import Task

from tests.demo_patient import PAIN, REPORT_ID, resources
from tests.running import RunningService, write_hospital
from tests.stand_in_ehr import Fault, StandInEhr

Json = dict[str, Any]
SLUG = "south"


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    with StandInEhr() as running:
        for resource in resources():
            running.put(resource)
        yield running


@pytest.fixture
def service(tmp_path: Path, ehr: StandInEhr) -> Iterator[RunningService]:
    running = RunningService(tmp_path)
    write_hospital(running.hospitals, SLUG, ehr_base=ehr.base)
    yield running
    running.kill()


def report(ehr: StandInEhr) -> Json:
    return ehr.get(f"DiagnosticReport/{REPORT_ID}")


def held(ehr: StandInEhr) -> list[Json]:
    return ehr.all("RiskAssessment")


def wait_for(ehr: StandInEhr, version: int, seconds: float = 20.0) -> Json:
    """Return the one RiskAssessment of the EHR once it has this version."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (found := held(ehr)) and int(found[0]["meta"]["versionId"]) >= version:
            assert len(found) == 1
            return found[0]
        time.sleep(0.05)
    pytest.fail(f"the EHR did not receive version {version}")


def sins(resource: Json) -> tuple[int, int]:
    for prediction in resource["prediction"]:
        for extension in prediction["extension"]:
            if extension["url"].endswith("/score"):
                return int(extension["valueRange"]["low"]["value"]), int(extension["valueRange"]["high"]["value"])
    pytest.fail("no score")


def test_a_webhook_becomes_a_risk_assessment_in_the_ehr(service: RunningService, ehr: StandInEhr) -> None:
    with service:
        answer = service.webhook(SLUG, report(ehr))
        assert answer.status_code == 202
        OperationOutcome.model_validate_json(answer.content)
        task = service.follow(answer.headers["Location"])
        Task.model_validate(task)
        assert task["status"] == "completed"
        assert any(
            part["valueReference"]["reference"].startswith("RiskAssessment/") for part in task["output"] if "valueReference" in part
        )
        resource = wait_for(ehr, 1)
        RiskAssessment.model_validate(resource)
        assert sins(resource) == (6, 9)
        assert {basis["reference"].split("/_history")[0] for basis in resource["basis"] if "reference" in basis} >= {
            f"DiagnosticReport/{REPORT_ID}",
            "Observation/demo-rdes21",
        }


def test_a_pain_observation_updates_the_same_risk_assessment(service: RunningService, ehr: StandInEhr) -> None:
    with service:
        service.follow(service.webhook(SLUG, report(ehr)).headers["Location"])
        first = wait_for(ehr, 1)
        ehr.put(PAIN)
        service.follow(service.webhook(SLUG, ehr.get(f"Observation/{PAIN['id']}")).headers["Location"])
        second = wait_for(ehr, 2)
        assert second["id"] == first["id"]
        assert sins(second) == (9, 9)


def test_the_same_event_a_hundred_times_is_one_assessment(service: RunningService, ehr: StandInEhr) -> None:
    with service:
        locations = {service.webhook(SLUG, report(ehr)).headers["Location"] for _ in range(100)}
        assert len(locations) == 1
        service.follow(locations.pop())
        assert wait_for(ehr, 1)["meta"]["versionId"] == "1"


def test_an_ehr_that_is_down_is_waited_for(service: RunningService, ehr: StandInEhr) -> None:
    with service:
        ehr.strike(Fault(status=503))
        location = service.webhook(SLUG, _as_sent()).headers["Location"]
        time.sleep(1)
        assert service.get(location).json()["status"] == "requested"
        ehr.clear()
        assert service.follow(location)["status"] == "completed"
        wait_for(ehr, 1)


def _as_sent() -> Json:
    """Return the report as the EHR's subscription would send it, without asking the EHR for it."""
    return resources()[-1]


def test_an_ehr_that_refuses_makes_a_dead_letter_and_loses_nothing(service: RunningService, ehr: StandInEhr) -> None:
    with service:
        ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422))
        task = service.follow(service.webhook(SLUG, _as_sent()).headers["Location"])
        assert task["status"] == "failed"
        assert task["businessStatus"]["text"] == "dead-letter"
        series = next(part["valueReference"]["reference"] for part in task["output"] if "valueReference" in part)
        assert service.get(f"/fhir/{series}").status_code == 200


def test_an_older_version_arriving_late_changes_nothing(service: RunningService, ehr: StandInEhr) -> None:
    old = report(ehr)
    ehr.put({**resources()[-1], "status": "amended"})
    with service:
        service.follow(service.webhook(SLUG, report(ehr)).headers["Location"])
        wait_for(ehr, 1)
        late = service.follow(service.webhook(SLUG, old).headers["Location"])
        assert late["status"] == "completed"
        assert wait_for(ehr, 1)["status"] == "amended"
        assert len(held(ehr)) == 1


def test_a_deleted_report_withdraws_its_risk_assessment(service: RunningService, ehr: StandInEhr) -> None:
    with service:
        service.follow(service.webhook(SLUG, report(ehr)).headers["Location"])
        wait_for(ehr, 1)
        ehr.delete(f"DiagnosticReport/{REPORT_ID}")
        requests.delete(f"{service.base}/webhooks/{SLUG}/DiagnosticReport/{REPORT_ID}", timeout=10).raise_for_status()
        withdrawn = wait_for(ehr, 2)
        assert withdrawn["status"] == "entered-in-error"
        assert "prediction" not in withdrawn


def test_our_own_writes_coming_back_are_ignored(service: RunningService, ehr: StandInEhr) -> None:
    with service:
        service.follow(service.webhook(SLUG, report(ehr)).headers["Location"])
        own = wait_for(ehr, 1)
        task = service.follow(service.webhook(SLUG, own).headers["Location"])
        assert task["status"] == "completed"
        assert len(held(ehr)) == 1


@pytest.mark.parametrize("after_seconds", [0.0, 0.02, 0.06, 0.1, 0.15, 0.25])
def test_killed_at_any_moment_the_report_is_assessed_and_the_ehr_holds_one(
    service: RunningService, ehr: StandInEhr, after_seconds: float
) -> None:
    service.start()
    assert service.webhook(SLUG, _as_sent()).status_code == 202
    time.sleep(after_seconds)
    service.kill()
    service.start()
    assert sins(wait_for(ehr, 1)) == (6, 9)
    service.stop()
    assert len(held(ehr)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="GET", path="Observation", delay_seconds=3, times=1),
        Fault(method="PUT", path="RiskAssessment", delay_seconds=3, times=1),
        Fault(method="PUT", path="RiskAssessment", applied=True, delay_seconds=3, times=1),
        Fault(method="PUT", path="RiskAssessment", applied=True, lost=True, times=1),
    ],
    ids=["while gathering", "before the EHR wrote", "after the EHR wrote", "the EHR's answer is lost"],
)
def test_killed_while_the_ehr_is_spoken_to_leaves_one_risk_assessment(
    service: RunningService, ehr: StandInEhr, fault: Fault
) -> None:
    ehr.strike(fault)
    service.start()
    assert service.webhook(SLUG, _as_sent()).status_code == 202
    time.sleep(1)
    service.kill()
    service.start()
    wait_for(ehr, 1)
    service.stop()
    assert len(held(ehr)) == 1


@pytest.mark.parametrize(
    ("fault", "creates"),
    [
        (Fault(path="Provenance", delay_seconds=3, times=1), True),
        (Fault(method="PUT", path="Provenance", applied=True, delay_seconds=3, times=1), True),
        (Fault(method="POST", path="Provenance", applied=True, delay_seconds=3, times=1), False),
    ],
    ids=["before it is written", "after the EHR wrote it", "after the EHR wrote it under an id of its own"],
)
def test_killed_around_the_provenance_leaves_exactly_one(
    service: RunningService, ehr: StandInEhr, fault: Fault, creates: bool
) -> None:
    ehr.switches.update_create = creates
    write_hospital(service.hospitals, SLUG, ehr_base=ehr.base, provenance=True)
    ehr.strike(fault)
    service.start()
    location = service.webhook(SLUG, _as_sent()).headers["Location"]
    wait_for(ehr, 1)
    time.sleep(1)
    service.kill()
    service.start()
    deadline = time.monotonic() + 30
    while "Provenance in the EHR" not in service.get(location).text:
        assert time.monotonic() < deadline, "the Provenance was not finished"
        time.sleep(0.05)
    service.stop()
    [resource], [proof] = held(ehr), ehr.all("Provenance")
    assert proof["target"] == [{"reference": f"RiskAssessment/{resource['id']}/_history/1"}]
