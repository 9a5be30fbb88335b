"""Bad input over real HTTP: the status and OperationOutcome of interfaces section 12, nothing lost, never a 500."""

import json
from typing import Any

import pytest
import requests
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests import builders
from tests.e2e.conftest import SECRET
from tests.running import FHIR_JSON, RunningService

Json = dict[str, Any]


def refused(answer: requests.Response, status: int) -> Json:
    """Hold an answer against what every refusal must be; return its OperationOutcome."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith(FHIR_JSON)
    OperationOutcome.model_validate_json(answer.content)
    outcome: Json = answer.json()
    assert "Traceback" not in answer.text
    return outcome


def raw_post(service: RunningService, body: bytes, media_type: str = FHIR_JSON, path: str = "/assessments") -> requests.Response:
    return requests.post(f"{service.base}{path}", data=body, headers={"Content-Type": media_type}, timeout=30)


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"{", b"[]", b'"text"', b"null", b'{"resourceType": NaN}', b"\xff\xfe", b'{"a": 1}{"b": 2}'],
    ids=["empty", "words", "cut off", "a list", "a text", "null", "NaN", "not UTF-8", "two values"],
)
def test_what_is_not_a_json_object_is_400_or_422(service: RunningService, body: bytes) -> None:
    answer = raw_post(service, body)
    assert answer.status_code in {400, 422}
    refused(answer, answer.status_code)


def test_a_wrong_media_type_is_415(service: RunningService) -> None:
    refused(raw_post(service, builders.body(builders.spine_report()), "text/xml"), 415)


def test_duplicate_keys_are_refused(service: RunningService) -> None:
    refused(raw_post(service, b'{"resourceType": "Bundle", "type": "collection", "type": "searchset"}'), 400)


def test_deep_nesting_is_refused(service: RunningService) -> None:
    body = b'{"resourceType":"Bundle","type":"collection","x":' + b"[" * 5000 + b"]" * 5000 + b"}"
    refused(raw_post(service, body), 400)


def test_an_unknown_resource_type_is_422(service: RunningService) -> None:
    refused(raw_post(service, b'{"resourceType": "Rocket", "id": "1"}'), 422)


def test_a_bundle_without_a_report_is_422(service: RunningService) -> None:
    refused(raw_post(service, builders.body(builders.bundle(builders.patient()))), 422)


def test_two_subjects_are_422_with_an_expression_in_strict_handling(service: RunningService) -> None:
    stranger = builders.observation(id="o2", subject={"reference": "Patient/p2"})
    posted = builders.bundle(
        builders.patient(), stranger, builders.report(builders.observation(id="o1"), stranger), builders.observation(id="o1")
    )
    outcome = refused(service.post("/assessments?store=false", posted), 422)
    assert any("entry[1]" in path for issue in outcome["issue"] for path in issue.get("expression", []))


def test_two_subjects_are_dropped_and_listed_in_lenient_handling(service: RunningService) -> None:
    stranger = builders.observation(id="o2", subject={"reference": "Patient/p2"})
    own = builders.observation(id="o1")
    posted = builders.bundle(builders.patient(), stranger, own, builders.report(own, stranger))
    answer = service.post("/assessments?store=false", posted, Prefer="handling=lenient")
    assert answer.status_code == 200, answer.text
    assert "not-for-this-patient" in {row["reason"] for row in answer.json()["unmapped"]}


def test_a_dangling_reference_is_said_and_the_rest_is_assessed(service: RunningService) -> None:
    own = builders.observation(id="o1")
    posted = builders.bundle(
        builders.patient(), own, builders.report(own, result=[{"reference": "Observation/o1"}, {"reference": "Observation/gone"}])
    )
    answer = service.post("/assessments?store=false", posted)
    assert answer.status_code == 200, answer.text
    assert any(issue["code"] == "not-found" for issue in answer.json()["issues"])
    assert answer.json()["lesions"]


def test_one_broken_observation_is_422_naming_it_in_strict_handling(service: RunningService) -> None:
    good, broken = builders.observation(id="o1"), builders.observation(id="o2", status="bogus")
    outcome = refused(
        service.post("/assessments?store=false", builders.bundle(builders.patient(), good, broken, builders.report(good, broken))),
        422,
    )
    assert any("entry[2]" in path and "status" in path for issue in outcome["issue"] for path in issue["expression"])


def test_one_broken_observation_is_left_out_and_listed_in_lenient_handling(service: RunningService) -> None:
    good, broken = builders.observation(id="o1"), builders.observation(id="o2", status="bogus")
    posted = builders.bundle(builders.patient(), good, broken, builders.report(good, broken))
    answer = service.post("/assessments?store=false", posted, Prefer="handling=lenient")
    assert answer.status_code == 200, answer.text
    assert any("entry[2]" in (issue["path"] or "") for issue in answer.json()["issues"])
    assert answer.json()["lesions"]


def test_an_unknown_hospital_is_404(service: RunningService) -> None:
    answer = requests.put(
        f"{service.base}/webhooks/nowhere/DiagnosticReport/1", data=b"{}", headers={"Content-Type": FHIR_JSON}, timeout=30
    )
    refused(answer, 404)


@pytest.mark.parametrize("secret", [None, "wrong", SECRET + "x", ""], ids=["none", "wrong", "longer", "empty"])
def test_a_wrong_webhook_secret_is_401_without_effect(service: RunningService, secret: str | None) -> None:
    answer = service.webhook("north", builders.report(id="r-unauthorised"), secret)
    refused(answer, 401)
    assert "Location" not in answer.headers


def test_a_webhook_whose_body_contradicts_its_address_is_422(service: RunningService) -> None:
    body = json.dumps(builders.report(id="other"))
    headers = {"Content-Type": FHIR_JSON, "Authorization": f"Bearer {SECRET}"}
    refused(requests.put(f"{service.base}/webhooks/north/DiagnosticReport/1", data=body, headers=headers, timeout=30), 422)


def test_an_unknown_path_and_a_wrong_method_are_404_and_405(service: RunningService) -> None:
    refused(service.get("/fhir/Nothing/1"), 404)
    refused(requests.delete(f"{service.base}/fhir/Task/1", timeout=30), 405)
    refused(service.get("/fhir/Task/unknown"), 404)
    refused(service.get("/fhir/RiskAssessment/unknown"), 404)


def test_other_routes_answer_problem_json(service: RunningService) -> None:
    answer = service.get("/assessments/unknown")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_report_without_identity_is_422_unless_it_is_a_dry_run(service: RunningService) -> None:
    own = builders.observation(id="o1")
    nameless = builders.report(own, id=None)
    refused(service.post("/assessments", builders.bundle(builders.patient(), own, nameless)), 422)
    assert service.post("/assessments?store=false", builders.bundle(builders.patient(), own, nameless)).status_code == 200


@pytest.mark.parametrize("prior", ["2", "-0.1", "many", "nan"])
def test_a_prior_outside_0_to_1_is_400(service: RunningService, prior: str) -> None:
    refused(service.post(f"/assessments?store=false&prior={prior}", builders.spine_report()), 400)
