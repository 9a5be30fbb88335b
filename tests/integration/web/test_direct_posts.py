"""Direct posts in this process: stored once, read back, refused with the right status, audited."""

from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome

from service.errors import StorageDownError
from service.storage.terms import AuditAction, AuditOutcome
from service.web.errors import render
from tests import builders
from tests.integration.scene import NORTH, Scene, sins

Json = dict[str, Any]


def named(identifier: str = "A-1", **elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    own = builders.observation(id="o1", bodySite=builders.level_site("T7"))
    given = [{"system": "https://hospital.example/reports", "value": identifier}]
    return builders.bundle(builders.patient(), own, builders.report(own, identifier=given, **elements))


def test_a_new_report_is_201_and_the_same_again_is_200_and_audited(scene: Scene) -> None:
    first = scene.post("/assessments", named())
    assert first.status_code == 201
    again = scene.post("/assessments", named())
    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert again.headers["Location"] == first.headers["Location"]
    reads = [each for each in scene.facts() if each.action == AuditAction.READ]
    assert [(each.patient, each.outcome) for each in reads] == [("Patient/p1", AuditOutcome.SUCCESS)]


def test_what_was_overtaken_is_assessed_anew_when_it_comes_back(scene: Scene) -> None:
    statuses = [
        scene.post("/assessments", named(meta=None, status=status)).get_json()["status"] for status in ("final", "amended", "final")
    ]
    assert statuses == ["final", "amended", "final"]


def test_unchanged_input_under_other_rules_is_corrected_once(scene: Scene) -> None:
    first = scene.post("/assessments", named()).get_json()
    languages = {
        slug: replace(each, versions=replace(each.versions, ruleset="next")) for slug, each in scene.parts.languages.items()
    }
    object.__setattr__(scene.parts, "languages", languages)
    second = scene.post("/assessments", named())
    assert (second.get_json()["supersedes"], second.get_json()["status"]) == (first["id"], "corrected")
    again = scene.post("/assessments", named())
    assert (again.status_code, again.get_json()["id"]) == (200, second.get_json()["id"])


def test_the_order_of_versions_is_that_of_the_instants_and_not_of_their_texts(scene: Scene) -> None:
    later, earlier = "2026-01-10T10:00:00Z", "2026-01-10T10:30:00+01:00"
    newer = scene.post("/assessments", named(meta={"lastUpdated": later}, status="amended")).get_json()
    late = scene.post("/assessments", named(meta={"lastUpdated": earlier}))
    assert (late.status_code, late.get_json()["id"]) == (200, newer["id"])


def operation(scene: Scene, query: str = "") -> tuple[Any, list[Json]]:
    """Post to $assess and return the answer and the entries of its Bundle: RiskAssessment, Provenance, OperationOutcome."""
    answer = scene.post(f"/fhir/$assess{query}", named())
    assert answer.status_code == 200
    Bundle.model_validate_json(answer.data)
    entries = answer.get_json(force=True)["entry"]
    assert [each["resource"]["resourceType"] for each in entries] == ["RiskAssessment", "Provenance", "OperationOutcome"]
    return answer, entries


def test_the_operation_answers_the_stored_version_and_where_it_comes_from(scene: Scene) -> None:
    answer, (risk, proof, _) = operation(scene)
    assert answer.headers["Location"].startswith("/assessments/")
    own = risk["resource"]
    assert (own["meta"]["versionId"], risk["fullUrl"]) == ("1", f"http://localhost/fhir/RiskAssessment/{own['id']}")
    assert proof["resource"]["target"] == [{"reference": f"RiskAssessment/{own['id']}/_history/1"}]
    assert [each["what"] for each in proof["resource"]["entity"]] == own["basis"]
    assert proof["resource"]["activity"]["coding"][0]["code"] == "CREATE"
    assert scene.client.get(f"/fhir/RiskAssessment/{own['id']}").get_json(force=True) == own


def test_the_same_input_again_is_answered_with_the_same_provenance(scene: Scene) -> None:
    _, (_, first, _) = operation(scene)
    _, (_, again, _) = operation(scene)
    assert again == first


def test_a_dry_run_of_the_operation_has_a_provenance_that_meets_its_risk_assessment(scene: Scene) -> None:
    answer, (risk, proof, _) = operation(scene, "?store=false")
    assert "Location" not in answer.headers
    assert proof["resource"]["target"] == [{"reference": risk["fullUrl"]}]
    assert risk["fullUrl"].startswith("urn:uuid:")
    assert "versionId" not in risk["resource"].get("meta", {})


def test_write_back_delivers_to_the_hospital_that_is_named(scene: Scene) -> None:
    scene.ehr.put(builders.patient())
    answer = scene.post(f"/assessments?writeBack=yes&hospital={NORTH}", named())
    assert answer.status_code == 201, answer.text
    scene.drain()
    assert sins(scene.held()[0])


def test_a_newer_assessment_that_nobody_asked_to_write_is_what_the_ehr_gets(scene: Scene) -> None:
    scene.ehr.put(builders.patient())
    first = scene.post(f"/assessments?writeBack=1&hospital={NORTH}", named(meta={"versionId": "1"})).get_json()
    second = scene.post(f"/assessments?hospital={NORTH}", named(meta={"versionId": "2"}, status="amended")).get_json()
    scene.drain()
    assert scene.held()[0]["status"] == "amended"
    with scene.parts.database.read() as uow:
        states = [found.state for each in (first, second) if (found := uow.deliveries.get(each["id"]))]
    assert states == ["superseded", "delivered"]


def test_reading_by_either_id_and_by_etag(scene: Scene) -> None:
    posted = scene.post("/assessments", named()).get_json()
    newest = scene.client.get(f"/fhir/RiskAssessment/{posted['id']}")
    assert newest.headers["ETag"] == 'W/"1"'
    assert newest.headers["Last-Modified"].endswith("GMT")
    by_series = scene.client.get(f"/fhir/RiskAssessment/{newest.get_json(force=True)['id']}", headers={"If-None-Match": 'W/"1"'})
    assert (by_series.status_code, by_series.data) == (304, b"")
    assert scene.get(f"/assessments/{posted['id']}")["superseded_by"] is None


def test_what_is_not_there_is_404_in_the_language_of_the_route_and_audited(scene: Scene) -> None:
    for path in ("/assessments/unknown", "/fhir/RiskAssessment/unknown", "/fhir/Task/unknown"):
        answer = scene.client.get(path)
        assert answer.status_code == 404
        assert answer.mimetype == ("application/problem+json" if path.startswith("/assessments") else "application/fhir+json")
    assert [each.outcome for each in scene.facts()] == [AuditOutcome.MINOR_FAILURE] * 3


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?store=perhaps", 400), ("?store=0&prior=0.5", 200), ("?store=no&prior=two", 400), ("?store=no&prior=1.5", 400),
        ("?store=no&hospital=nowhere", 404), ("?store=no&hospital=west", 200),
    ],
)  # fmt: skip
def test_parameters_are_understood_or_refused(scene: Scene, query: str, status: int) -> None:
    assert scene.post(f"/assessments{query}", named()).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/fhir+json; charset=utf-8"}, 201),
        ({"Content-Type": "application/fhir+json; charset=latin-1"}, 415),
        ({"Content-Type": "text/xml"}, 415),
        ({"Prefer": "return=representation, handling=lenient"}, 201),
        ({"X-Request-Id": "not a usable id"}, 201),
    ],
)
def test_headers_are_understood_or_refused(scene: Scene, headers: dict[str, str], status: int) -> None:
    assert scene.post("/assessments", named(), **headers).status_code == status


def test_the_callers_own_request_id_stands_in_the_audit(scene: Scene) -> None:
    scene.post("/assessments", named(), **{"X-Request-Id": "engine-7"})
    assert {each.request_id for each in scene.facts()} == {"engine-7"}


def test_a_body_over_the_limit_is_413_with_and_without_a_length(scene: Scene) -> None:
    answer = scene.post("/assessments", b" " * 200_001)
    assert answer.status_code == 413
    OperationOutcome.model_validate_json(answer.data)


def test_a_registered_report_and_a_nameless_one_are_422(scene: Scene) -> None:
    assert scene.post("/assessments", named(status="registered")).status_code == 422
    own = builders.observation(id="o1")
    assert scene.post("/assessments", builders.bundle(own, builders.report(own, id=None))).status_code == 422


def test_problem_json_is_given_to_who_asks_for_it(scene: Scene) -> None:
    answer = scene.post("/assessments", b"{", Accept="application/problem+json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_a_wrong_method_names_the_right_ones(scene: Scene) -> None:
    answer = scene.client.delete("/assessments/1")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert scene.client.get("/nothing").status_code == 404


def test_an_unexpected_failure_is_500_with_a_reference_and_nothing_else(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Mrs Example")

    monkeypatch.setattr("service.web.assessments.assess", fail)
    answer = scene.post("/assessments", named())
    assert answer.status_code == 500
    assert "Example" not in answer.text
    OperationOutcome.model_validate_json(answer.data)


def test_a_database_that_is_down_is_503_with_no_answer_served(scene: Scene) -> None:
    with scene.parts.database._transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_fact RENAME TO away")
    assert scene.client.get("/fhir/Task/1").status_code == 503
    assert scene.client.get("/health/live").status_code == 200


def test_readiness_tells_a_database_that_is_down_from_one_that_is_behind(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scene.client.get("/health/ready").status_code == 200
    with scene.parts.database._transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    ahead = scene.client.get("/health/ready")
    assert (ahead.status_code, ahead.get_json()["schema"]) == (200, "newer")
    with scene.parts.database._transaction() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    behind = scene.client.get("/health/ready")
    assert (behind.status_code, behind.get_json()["schema"]) == (503, "outdated")

    def down(_: object) -> None:
        raise StorageDownError("down")

    monkeypatch.setattr(type(scene.parts.database), "check", down)
    answer = scene.client.get("/health/ready")
    assert (answer.status_code, answer.get_json()["database"]) == (503, "down")


def test_a_wish_to_wait_is_handed_on(scene: Scene) -> None:
    with scene.client.application.test_request_context("/fhir/Task/1"):
        assert render(StorageDownError("busy", retry_after=2.6)).headers["Retry-After"] == "3"


@pytest.mark.parametrize(
    ("finding", "value", "reason"),
    [
        ("vertebral-collapse-percent", builders.quantity(120), "out-of-range"),
        ("spinal-pain", builders.concept(builders.coding("moderate", system=builders.LOCAL)), "unknown-answer"),
    ],
    ids=["a number outside its range", "an answer outside its list"],
)
def test_a_value_that_is_not_allowed_is_422_in_strict_handling_and_listed_in_lenient(
    scene: Scene, finding: str, value: Json, reason: str
) -> None:
    asked = builders.concept(builders.coding(finding, system=builders.LOCAL))
    wrong = builders.observation(asked, value, id="o2", bodySite=builders.level_site("T7"))
    own = builders.observation(id="o1", bodySite=builders.level_site("T7"))
    posted = builders.bundle(builders.patient(), own, wrong, builders.report(own, wrong))
    refused = scene.post("/assessments?store=false", posted)
    assert refused.status_code == 422
    assert refused.get_json(force=True)["issue"][0]["expression"] == ["Bundle.entry[2].resource"]
    listed = scene.post("/assessments?store=false", posted, Prefer="handling=lenient").get_json()
    assert [row["reason"] for row in listed["unmapped"]] == [reason]
    [lesion] = listed["lesions"]
    assert "invalid-input" in lesion["outcomes"][0]["flags"]
