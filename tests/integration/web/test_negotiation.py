"""Which representation is asked for, and addresses and methods that there are not: JSON everywhere, from one renderer."""

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests import builders
from tests.integration.scene import NORTH, Scene

FHIR = "application/fhir+json"
PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    "accept",
    [
        None, "", "*/*", "application/*", "application/json", FHIR, "application/fhir+json; fhirVersion=4.0", "text/json",
        "application/fhir+json;charset=utf-8;q=0.8, application/fhir+xml;q=0.9", "text/html, */*;q=0.1", "APPLICATION/FHIR+JSON",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/fhir/metadata", "/fhir/Task/1", "/assessments/1"])
def test_json_is_given_to_who_takes_it(shared: Scene, path: str, accept: str | None) -> None:
    answer = shared.client.get(path, headers={} if accept is None else {"Accept": accept})
    assert answer.status_code in {200, 404}


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+xml", "application/xml", "text/html", "text/turtle", "image/*", "application/fhir+json;q=0", "*/*;q=0",
        "application/fhir+json; fhirVersion=5.0", "application/json;q=0, application/fhir+json;q=0, text/*;q=0, application/*;q=0",
    ],
)  # fmt: skip
def test_what_is_no_json_is_406(shared: Scene, accept: str) -> None:
    answer = shared.client.get("/fhir/metadata", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (406, FHIR)
    assert "Accept" in answer.get_json(force=True)["issue"][0]["details"]["text"]
    assert shared.client.get("/assessments/1", headers={"Accept": accept}).mimetype == PROBLEM


def test_nothing_is_stored_for_who_cannot_read_the_answer(shared: Scene) -> None:
    posted = builders.spine_report()
    posted["entry"][1]["resource"]["identifier"] = [{"system": "urn:x", "value": "1"}]
    assert shared.post("/assessments", posted, Accept="text/html").status_code == 406
    assert shared.post("/assessments", posted).status_code == 201


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("json", 200),
        ("application/json", 200),
        ("application/fhir%2Bjson", 200),
        ("application/fhir+json", 200),
        ("xml", 406),
        ("", 406),
    ],
)
def test_format_stands_above_accept(shared: Scene, named: str, status: int) -> None:
    for accept in ("application/fhir+xml", "*/*"):
        assert shared.client.get(f"/fhir/metadata?_format={named}", headers={"Accept": accept}).status_code == status


def test_probes_scrapers_and_notifiers_are_answered_whatever_they_accept(shared: Scene) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert shared.client.get(path, headers={"Accept": "image/png"}).status_code == 200
    address = f"/webhooks/{NORTH}/DiagnosticReport/r1"
    sent = shared.client.put(address, json=builders.report(), headers={"Content-Type": FHIR, "Accept": "application/fhir+xml"})
    assert sent.status_code == 202


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/nothing", PROBLEM), ("/", PROBLEM), ("/fhirs", PROBLEM), ("/assessments/", PROBLEM), ("/assessments//what-if", PROBLEM),
        ("/fhir", FHIR), ("/fhir/", FHIR), ("/fhir/Patient/1", FHIR), ("/fhir/RiskAssessment", FHIR), ("/fhir//metadata", FHIR),
        ("/webhooks", FHIR), ("/webhooks/north/DiagnosticReport", FHIR),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_an_address_that_is_not_there_is_404_in_the_language_of_its_place(shared: Scene, method: str, path: str, form: str) -> None:
    answer = shared.client.open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (404, form)


@pytest.mark.parametrize("wrong", ["a%00b", "%ff", "a b", "%F0%9F%A6%B4", "x" * 65, "..%2f..", "a;b", "a%0ab"])
def test_an_id_that_cannot_be_one_is_404_and_stands_in_no_audit_row(shared: Scene, wrong: str) -> None:
    before = shared.facts()
    for path in ("/assessments/", "/fhir/RiskAssessment/", "/fhir/Task/", "/fhir/OperationDefinition/"):
        assert shared.client.get(f"{path}{wrong}").status_code == 404
    assert shared.facts() == before


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/assessments", {"POST", "OPTIONS"}),
        ("PUT", "/assessments/1", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/assessments/1/what-if", {"POST", "OPTIONS"}),
        ("GET", "/fhir/$assess", {"POST", "OPTIONS"}),
        ("TRACE", "/fhir/Task/1", {"GET", "HEAD", "OPTIONS"}),
        ("PATCH", "/fhir/RiskAssessment/1", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/webhooks/north", {"POST", "PUT", "OPTIONS"}),
        ("POST", "/health/live", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_method_that_is_not_taken_is_405_with_those_that_are(shared: Scene, method: str, path: str, allowed: set[str]) -> None:
    answer = shared.client.open(path, method=method)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert answer.mimetype == (FHIR if path.startswith(("/fhir", "/webhooks")) else PROBLEM)


def test_head_is_get_without_a_body(shared: Scene) -> None:
    for path in ("/fhir/metadata", "/health/live", "/assessments/1"):
        head, whole = shared.client.head(path), shared.client.get(path)
        assert (head.status_code, head.data, head.mimetype) == (whole.status_code, b"", whole.mimetype)
        assert head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_options_names_the_methods(shared: Scene) -> None:
    answer = shared.client.options("/assessments")
    assert (answer.status_code, answer.data) == (200, b"")
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_an_answer_of_a_fhir_route_is_a_valid_outcome(shared: Scene) -> None:
    for answer in (shared.client.get("/fhir/nothing"), shared.client.delete("/fhir/metadata"), shared.client.get("/fhir/Task/1")):
        OperationOutcome.model_validate_json(answer.data)
