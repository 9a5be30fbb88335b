"""Bad input over real HTTP: the status and OperationOutcome of interfaces section 12, nothing lost, never a 500."""

import gzip
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests import builders
from tests.e2e.conftest import SECRET
from tests.running import FHIR_JSON, RunningService

Json = dict[str, Any]
SECONDS = 30.0
"""Far more than it takes, far less than a quadratic walk would."""


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


# limits, over the wire


def _chunks(body: bytes) -> Iterator[bytes]:
    """Yield a body in pieces: it is sent chunked, without a length."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


TOO_LARGE = 10 * 1024 * 1024 + 1


def _hold_limits(service: RunningService) -> None:
    """Hold a process to the limits of a body, sent with and without a length; it answers on."""
    report = builders.body(builders.spine_report())
    headers = {"Content-Type": FHIR_JSON}
    address = f"{service.base}/assessments?store=false"
    assert requests.post(address, data=_chunks(report), headers=headers, timeout=30).status_code == 200
    padded = report + b" " * (TOO_LARGE - len(report))
    assert requests.post(address, data=_chunks(padded[:-1]), headers=headers, timeout=60).status_code == 200
    for data in (padded, _chunks(padded)):
        refused(requests.post(address, data=data, headers=headers, timeout=60), 413)
    refused(requests.post(address, data=gzip.compress(report), headers={**headers, "Content-Encoding": "gzip"}, timeout=30), 415)
    assert service.post("/assessments?store=false", builders.spine_report()).status_code == 200


def test_a_body_is_bounded_whether_or_not_it_says_how_long_it_is(service: RunningService) -> None:
    _hold_limits(service)


def test_bodies_are_held_to_the_same_under_the_production_server(tmp_path: Path) -> None:
    with RunningService(tmp_path, arguments=("--workers", "1")) as service:
        _hold_limits(service)
        for rest, status in ILL_SENT.values():
            _hold_refused(service, rest, status)


def _raw(service: RunningService, request: bytes) -> bytes:
    """Send bytes as they are, and return the first line of the answer and what it says."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return answer


_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
ILL_SENT = {
    "no length": (b"\r\n", b"411"),
    "cut off": (b"Content-Length: 500\r\n\r\n{", b"400"),
    "no chunks": (_CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n", b"400"),
    "cut off in a chunk": (_CHUNKED + b"5\r\n{", b"400"),
    "a chunk without its end": (_CHUNKED + b"2\r\n{}zz\r\n0\r\n\r\n", b"400"),
    "a trailer that is none": (_CHUNKED + b"2\r\n{}\r\n0\r\nno trailer\r\n\r\n", b"400"),
}
"""What follows the first headers of a post, and the status that answers it."""


def _hold_refused(service: RunningService, rest: bytes, status: bytes) -> None:
    head = b"POST /assessments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/fhir+json\r\n"
    answer = _raw(service, head + rest)
    assert answer.split(b" ")[1] == status, answer
    OperationOutcome.model_validate_json(answer.rpartition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(("rest", "status"), ILL_SENT.values(), ids=ILL_SENT)
def test_a_body_that_does_not_come_as_announced_is_refused(service: RunningService, rest: bytes, status: bytes) -> None:
    _hold_refused(service, rest, status)


def test_a_body_of_many_small_things_is_answered_in_time(service: RunningService) -> None:
    """Chains, rings and stars of Observations within the limits: no input may keep a thread for long."""
    member = [{"reference": f"Observation/o{n}"} for n in range(2000)]
    star = builders.observation(id="star", hasMember=member)
    ring = [builders.observation(id=f"o{n}", hasMember=[{"reference": f"Observation/o{n + 1}"}]) for n in range(2000)]
    posted = builders.bundle(builders.patient(), star, *ring, builders.report(star, result=[{"reference": "Observation/o1999"}]))
    started = time.monotonic()
    assert service.post("/assessments?store=false", posted, Prefer="handling=lenient").status_code == 200
    assert time.monotonic() - started < SECONDS
