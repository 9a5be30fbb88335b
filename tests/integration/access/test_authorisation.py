"""Who may: tokens, scopes and hospitals at every route, in this process on a real database."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import create_app
from service.errors import BrokenReleaseError, IssuerUnavailableError
from service.parts import Parts
from service.tokens.keys import Keys
from service.tokens.verify import Tokens
from service.web import guard
from tests import builders
from tests.integration.access.conftest import SECRET
from tests.issuer import CREATE, EVERYTHING, READ, READ_TASK, Token, bearer

Json = dict[str, Any]
Headers = dict[str, str]
FHIR = {"Content-Type": "application/fhir+json"}
PROTECTED = [
    ("POST", "/assessments", CREATE),
    ("POST", "/assessments?store=false", CREATE),
    ("POST", "/fhir/$assess", CREATE),
    ("POST", "/fhir/$assess?store=false", CREATE),
    ("GET", "/assessments/a", READ),
    ("HEAD", "/assessments/a", READ),
    ("GET", "/fhir/RiskAssessment/a", READ),
    ("GET", "/fhir/Task/a", READ_TASK),
]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def identified(identifier: str = "report-1") -> bytes:
    own = builders.observation(id="o1")
    return builders.body(builders.bundle(builders.patient(), own, builders.report(own, id=identifier)))


def post(client: FlaskClient, headers: Headers, query: str = "", path: str = "/assessments") -> TestResponse:
    return client.post(f"{path}{query}", data=identified(), headers={**FHIR, **headers})


def notify(client: FlaskClient, slug: str, headers: Headers) -> TestResponse:
    report = builders.body(builders.report(id="r9"))
    return client.put(f"/webhooks/{slug}/DiagnosticReport/r9", data=report, headers={**FHIR, **headers})


# tokens


@pytest.mark.parametrize(("method", "path", "scope"), PROTECTED)
def test_without_a_token_nothing_is_answered(client: FlaskClient, method: str, path: str, scope: str) -> None:
    answer = client.open(path, method=method, data=identified(), headers=FHIR)
    assert scope
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_the_answer_is_the_same_whatever_is_wrong_with_the_token(client: FlaskClient) -> None:
    good = bearer()["Authorization"]
    wrong = [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic ZW5naW5lOnNlY3JldA=="},
        {"Authorization": good.removeprefix("Bearer ")},
        {"Authorization": good + "x"},
        {"Authorization": f"{good}, {good}"},
        {"Authorization": f"Bearer {SECRET}"},
        bearer("nobody"),
        bearer(exp=1),
        bearer(aud="https://other.example"),
        bearer(iss="https://other.example"),
        {"Authorization": f"Bearer {Token(header={'kid': 'rsa-9'}).text()}"},
    ]
    answers = [client.get("/assessments/a", headers=headers) for headers in wrong]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_good_token_is_admitted_however_the_scheme_is_written(client: FlaskClient, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {Token().text()}"}
    assert client.get("/assessments/a", headers=headers).status_code == 404


def test_a_token_in_the_address_is_none(client: FlaskClient) -> None:
    assert client.get(f"/assessments/a?access_token={Token().text()}").status_code == 401


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_needs_no_token_and_does_not_look_at_one(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.get(path, headers={"Authorization": "Bearer nonsense"}).status_code == 200


def test_an_unknown_address_and_a_wrong_method_are_told_without_a_token(client: FlaskClient) -> None:
    assert client.get("/nothing").status_code == 404
    assert client.delete("/assessments/a").status_code == 405


def test_an_issuer_that_cannot_be_asked_is_503_with_the_time_to_come_back(parts: Parts) -> None:
    tokens = parts.tokens
    assert tokens is not None
    keys = {iss: Keys(_down) for iss in tokens._clients.issuers}
    client = create_app(replace(parts, tokens=Tokens(tokens._clients, keys))).test_client()
    answer = client.get("/assessments/a", headers=bearer())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def _down() -> Any:  # noqa: ANN401 - never returns
    raise IssuerUnavailableError("down")


# scopes


@pytest.mark.parametrize(("method", "path", "scope"), PROTECTED)
def test_every_other_scope_is_403(client: FlaskClient, method: str, path: str, scope: str) -> None:
    others = " ".join({CREATE, READ, READ_TASK, "system/RiskAssessment.uds", "system/Task.c", "user/*.cruds"} - {scope})
    answer = client.open(path, method=method, data=identified(), headers={**FHIR, **bearer(scope=others)})
    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer.headers
    assert method == "HEAD" or scope in answer.text


@pytest.mark.parametrize(("method", "path", "scope"), PROTECTED)
@pytest.mark.parametrize("every_type", [False, True])
def test_the_scope_of_the_route_opens_it(client: FlaskClient, method: str, path: str, scope: str, *, every_type: bool) -> None:
    granted = f"system/*.{scope[-1]}" if every_type else scope
    answer = client.open(path, method=method, data=identified(), headers={**FHIR, **bearer(scope=granted)})
    assert answer.status_code in {200, 201, 404}


def test_a_registration_below_the_token_is_403(client: FlaskClient) -> None:
    assert post(client, bearer("reader", EVERYTHING)).status_code == 403
    assert client.get("/assessments/a", headers=bearer("reader", EVERYTHING)).status_code == 404
    assert client.get("/fhir/Task/a", headers=bearer("reader", EVERYTHING)).status_code == 403


# hospitals


def test_a_client_of_one_hospital_posts_for_it(client: FlaskClient) -> None:
    assert post(client, bearer("engine")).json["hospital"] == "north"  # type: ignore[index]
    assert post(client, bearer("engine"), "?hospital=north").status_code == 200


@pytest.mark.parametrize("path", ["/assessments", "/fhir/$assess"])
def test_a_client_of_several_hospitals_names_one(client: FlaskClient, path: str) -> None:
    assert post(client, bearer("both"), path=path).status_code == 400
    assert post(client, bearer("both"), "?hospital=south", path).status_code in {200, 201}


def test_for_another_hospital_nothing_is_posted_whether_or_not_there_is_one(client: FlaskClient) -> None:
    answers = [post(client, bearer("engine"), f"?hospital={slug}&store=false") for slug in ("south", "local", "nowhere", "")]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.data for answer in answers}) == 1


def test_the_records_of_another_hospital_are_not_there(client: FlaskClient) -> None:
    made = post(client, bearer("engine"))
    location, identifier = made.headers["Location"], made.headers["Location"].rpartition("/")[2]
    series = client.get(f"/fhir/RiskAssessment/{identifier}", headers=bearer("engine")).json["id"]  # type: ignore[index]
    task = notify(client, "north", {"Authorization": f"Bearer {SECRET}"}).headers["Location"]
    for path in (location, f"/fhir/RiskAssessment/{identifier}", f"/fhir/RiskAssessment/{series}", task):
        assert client.get(path, headers=bearer("engine")).status_code == 200
        assert client.get(path, headers=bearer("both")).status_code == 200
        foreign = client.get(path, headers=bearer("south-only"))
        unknown = client.get(f"{path.rpartition('/')[0]}/unknown", headers=bearer("south-only"))
        assert (foreign.status_code, foreign.data) == (404, unknown.data)


def test_the_same_report_at_two_hospitals_is_two(client: FlaskClient) -> None:
    north, south = post(client, bearer("engine")), post(client, bearer("south-only"))
    assert (north.status_code, south.status_code) == (201, 201)
    assert north.headers["Location"] != south.headers["Location"]


# webhooks


def test_a_webhook_keeps_its_secret_and_takes_no_token(client: FlaskClient) -> None:
    assert notify(client, "north", {"Authorization": f"Bearer {SECRET}"}).status_code == 202
    assert notify(client, "north", bearer("engine")).status_code == 401
    assert notify(client, "north", {}).status_code == 401
    assert notify(client, "nowhere", {}).status_code == 404


def test_a_hospital_without_a_secret_is_open_only_while_authentication_is_off(client: FlaskClient, open_app: Flask) -> None:
    assert notify(client, "south", {}).status_code == 401
    off = open_app.test_client()
    assert notify(off, "south", {}).status_code == 202
    assert off.put("/webhooks/south", environ_base={"REMOTE_ADDR": "10.0.0.1"}).status_code == 401


# authentication off


def test_without_authentication_anybody_may_everything(open_app: Flask) -> None:
    client = open_app.test_client()
    made = post(client, {}, "?hospital=south")
    assert (made.status_code, made.json["hospital"]) == (201, "south")  # type: ignore[index]
    assert client.get(made.headers["Location"]).status_code == 200
    assert post(client, {}).json["hospital"] == "local"  # type: ignore[index]
    assert post(client, {}, "?hospital=nowhere").status_code == 404


# the guard itself


def test_a_route_without_a_rule_does_not_start(app: Flask) -> None:
    app.view_functions["forgotten"] = lambda: ""
    with pytest.raises(BrokenReleaseError, match="No access rule: forgotten"):
        guard.register(app)
