"""Integration engines: post a Bundle, read the assessment (interfaces sections 2 and 3)."""

from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.riskassessment import RiskAssessment

from tests import builders
from tests.running import RunningService

Json = dict[str, Any]
KEYS = {
    "id", "hospital", "status", "report", "subject", "supersedes", "superseded_by", "assessed_at", "versions", "lesions",
    "study_findings", "patient_findings", "patient_outcomes", "statements", "unmapped", "issues",
}  # fmt: skip


def post(service: RunningService, bundle: Json, query: str = "", status: int = 201) -> Json:
    answer = service.post(f"/assessments{query}", bundle)
    assert answer.status_code == status, answer.text
    content: Json = answer.json()
    return content


def identified(identifier: str, **elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    own = builders.observation(id="o1")
    return builders.bundle(builders.patient(), own, builders.report(own, id=identifier, **elements))


def test_a_new_report_is_201_with_a_location_that_answers_the_same(service: RunningService) -> None:
    answer = service.post("/assessments", identified("direct-1"))
    assert answer.status_code == 201
    assert set(answer.json()) == KEYS
    assert service.get(answer.headers["Location"]).json() == answer.json()


def test_the_same_input_again_is_200_and_the_existing_assessment(service: RunningService) -> None:
    first = post(service, identified("direct-2"))
    assert post(service, identified("direct-2"), status=200) == first


def test_a_dry_run_is_200_and_leaves_nothing(service: RunningService) -> None:
    dry = post(service, identified("direct-3"), "?store=false", 200)
    assert service.get(f"/assessments/{dry['id']}").status_code == 404
    assert post(service, identified("direct-3"))["lesions"] == dry["lesions"]


def test_a_new_version_supersedes_and_the_risk_assessment_keeps_its_id(service: RunningService) -> None:
    first = post(service, identified("direct-4", meta={"versionId": "1"}))
    second = post(service, identified("direct-4", meta={"versionId": "2"}, status="amended"))
    assert second["supersedes"] == first["id"]
    assert second["status"] == "amended"
    assert service.get(f"/assessments/{first['id']}").json()["superseded_by"] == second["id"]
    newest = service.get(f"/fhir/RiskAssessment/{first['id']}")
    RiskAssessment.model_validate_json(newest.content)
    assert newest.headers["ETag"] == 'W/"2"'
    assert service.get(f"/fhir/RiskAssessment/{newest.json()['id']}").json() == newest.json()


def test_an_older_version_arriving_late_never_replaces_the_newer(service: RunningService) -> None:
    newer = post(service, identified("direct-5", meta={"versionId": "7"}))
    late = post(service, identified("direct-5", meta={"versionId": "6"}), status=200)
    assert late["id"] == newer["id"]


def test_a_known_etag_is_304(service: RunningService) -> None:
    first = post(service, identified("direct-6"))
    etag = service.get(f"/fhir/RiskAssessment/{first['id']}").headers["ETag"]
    assert service.get(f"/fhir/RiskAssessment/{first['id']}", **{"If-None-Match": etag}).status_code == 304


def test_the_operation_answers_a_collection_with_the_same_outcome(service: RunningService) -> None:
    answer = service.post("/fhir/$assess?store=false", identified("direct-7"))
    assert answer.status_code == 200, answer.text
    Bundle.model_validate_json(answer.content)
    assert answer.json()["type"] == "collection"
    assert "RiskAssessment" in {entry["resource"]["resourceType"] for entry in answer.json()["entry"]}


def test_a_withdrawn_report_withdraws_its_assessment(service: RunningService) -> None:
    post(service, identified("direct-8", meta={"versionId": "1"}))
    withdrawn = post(service, identified("direct-8", meta={"versionId": "2"}, status="entered-in-error"))
    assert withdrawn["status"] == "entered-in-error"
    assert withdrawn["lesions"] == []
    resource = service.get(f"/fhir/RiskAssessment/{withdrawn['id']}").json()
    assert resource["status"] == "entered-in-error"
    assert "prediction" not in resource
    assert "Withdrawn" in resource["text"]["div"]


@pytest.mark.parametrize(
    ("status", "expected"), [("partial", "preliminary"), ("final", "final"), ("appended", "amended"), ("corrected", "corrected")]
)
def test_the_status_of_the_report_decides_the_status_of_the_assessment(service: RunningService, status: str, expected: str) -> None:
    assert post(service, identified(f"direct-{status}", status=status), "?store=false", 200)["status"] == expected


def test_health_answers(service: RunningService) -> None:
    assert service.get("/health/live").status_code == 200
    assert service.get("/health/ready").json()["status"] == "ready"
