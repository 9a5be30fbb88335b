"""Every denied request leaves an audit fact: who, what, why, and the token's id where its signature held."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from structlog.testing import capture_logs

from service.app import create_app
from service.errors import StorageDownError
from service.parts import Parts
from service.storage.tables import audit_fact
from tests import builders
from tests.integration.access.conftest import SECRET
from tests.issuer import READ, bearer

Facts = Callable[[], list[dict[str, Any]]]
FHIR = {"Content-Type": "application/fhir+json"}


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(second=1)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(parts: Parts, clock: Clock) -> FlaskClient:
    return create_app(replace(parts, clock=clock)).test_client()


@pytest.fixture
def facts(parts: Parts) -> Facts:
    def read() -> list[dict[str, Any]]:
        with parts.database._transaction() as connection:
            return [dict(row._mapping) for row in connection.execute(select(audit_fact).order_by(audit_fact.c.id))]

    return read


def created(client: FlaskClient) -> str:
    own = builders.observation(id="o1")
    body = builders.body(builders.bundle(builders.patient(), own, builders.report(own, id="audited")))
    return client.post("/assessments", data=body, headers={**FHIR, **bearer("engine")}).headers["Location"].rpartition("/")[2]


def test_the_audit_names_the_client(client: FlaskClient, facts: Facts) -> None:
    identifier = created(client)
    client.get(f"/assessments/{identifier}", headers={**bearer("both"), "X-Request-Id": "abc-1"})
    made, read = facts()
    assert (made["agent"], made["action"], made["outcome"]) == ("engine", "C", "0")
    assert (read["agent"], read["entity"], read["outcome"]) == ("both", f"Assessment/{identifier}", "0")
    assert (read["hospital"], read["patient"], read["request_id"], read["detail"]) == ("north", "Patient/p1", "abc-1", None)


def test_every_missing_scope_is_a_fact_with_the_id_of_the_token(client: FlaskClient, facts: Facts) -> None:
    for number in range(3):
        client.post("/fhir/$assess", data=b"{}", headers={**FHIR, **bearer("engine", READ, jti=f"token-{number}")})
    assert [
        (each["agent"], each["action"], each["entity"], each["outcome"], each["outcome_desc"], each["detail"]) for each in facts()
    ] == [("engine", "E", "$assess", "8", "403 scope", f"token-{number}") for number in range(3)]


def test_a_post_for_another_hospital_is_a_fact(client: FlaskClient, facts: Facts) -> None:
    client.post("/assessments?hospital=south", data=b"{}", headers={**FHIR, **bearer("engine")})
    (fact,) = facts()
    assert (fact["agent"], fact["outcome"], fact["outcome_desc"], fact["detail"]) == ("engine", "8", "403 hospital", "token-1")


def test_a_read_across_hospitals_is_a_fact_of_the_hospital_it_was_about(client: FlaskClient, facts: Facts) -> None:
    identifier = created(client)
    client.get(f"/assessments/{identifier}", headers=bearer("south-only"))
    client.get("/assessments/unknown", headers=bearer("south-only"))
    _, foreign, unknown = facts()
    assert (foreign["agent"], foreign["hospital"], foreign["patient"]) == ("south-only", "north", "Patient/p1")
    assert (foreign["outcome"], foreign["outcome_desc"], foreign["detail"]) == ("8", "other-hospital", "token-1")
    assert (unknown["outcome"], unknown["outcome_desc"], unknown["hospital"], unknown["detail"]) == ("4", "not-found", None, None)


def test_a_task_that_is_not_assessed_yet_is_a_successful_read(client: FlaskClient, facts: Facts) -> None:
    sent = client.put(
        "/webhooks/north/DiagnosticReport/r1",
        data=builders.body(builders.report()),
        headers={**FHIR, "Authorization": f"Bearer {SECRET}"},
    )
    assert client.get(sent.headers["Location"], headers=bearer("engine")).status_code == 200
    received, read = facts()
    assert (received["agent"], received["outcome"]) == ("north", "0")
    assert (read["agent"], read["hospital"], read["outcome"]) == ("engine", "north", "0")


def test_unauthenticated_requests_are_one_fact_for_each_source_and_minute(client: FlaskClient, clock: Clock, facts: Facts) -> None:
    begun = clock.now
    for seconds in (0, 1, 57, 60, 61):
        clock.now = begun + timedelta(seconds=seconds)
        for source in ("10.0.0.1", "10.0.0.2"):
            answer = client.get("/assessments/a", environ_base={"REMOTE_ADDR": source})
            assert answer.status_code == 401
    written = facts()
    assert [each["agent_address"] for each in written] == ["10.0.0.1", "10.0.0.2"] * 2
    assert {(each["agent"], each["outcome"], each["outcome_desc"]) for each in written} == {("unauthenticated", "8", "401 missing")}


@pytest.mark.parametrize(
    ("claims", "why", "detail"),
    [
        ({"exp": 1}, "401 expired", "token-1"),
        ({"aud": "https://other.example"}, "401 audience", "token-1"),
        ({"client_id": "nobody"}, "401 client", "token-1"),
        ({"iss": "https://other.example"}, "401 issuer", None),
    ],
)
def test_why_a_token_was_refused_stands_in_the_audit_only(
    client: FlaskClient, facts: Facts, claims: dict[str, Any], why: str, detail: str | None
) -> None:
    answer = client.get("/fhir/RiskAssessment/a", headers=bearer(**claims))
    (fact,) = facts()
    assert (fact["entity"], fact["outcome_desc"], fact["detail"]) == ("RiskAssessment/a", why, detail)
    assert why.removeprefix("401 ") not in answer.text


def test_a_wrong_webhook_secret_is_a_fact_of_its_hospital(client: FlaskClient, facts: Facts) -> None:
    client.put("/webhooks/north/DiagnosticReport/r1", data=b"{}", headers={**FHIR, "Authorization": "Bearer wrong"})
    (fact,) = facts()
    assert (fact["agent"], fact["hospital"], fact["action"], fact["entity"], fact["outcome_desc"]) == (
        "unauthenticated", "north", "E", "webhooks/north/DiagnosticReport/r1", "401 secret",
    )  # fmt: skip


def test_an_address_that_cannot_be_stored_is_bounded_and_plain(client: FlaskClient, facts: Facts) -> None:
    client.get("/assessments/%00%0a\u00e9" + "x" * 500)
    (fact,) = facts()
    assert fact["entity"] == ("assessments/???" + "x" * 500)[:200]


def test_what_cannot_be_audited_is_not_answered(
    client: FlaskClient, parts: Parts, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_database: object) -> Any:  # noqa: ANN401 - never returns
        raise StorageDownError("down")

    with monkeypatch.context() as patched:
        patched.setattr(type(parts.database), "write", down)
        assert client.get("/assessments/a").status_code == 503
        assert client.get("/assessments/a", headers=bearer(scope="")).status_code == 503
        assert client.get("/health/live").status_code == 200
    assert client.get("/assessments/a").status_code == 401
    assert len(facts()) == 1


def test_no_token_is_ever_logged_or_stored(client: FlaskClient, facts: Facts) -> None:
    sent = [bearer("engine"), bearer("nobody"), bearer(exp=1), bearer("engine", "openid"), {"Authorization": "Bearer a.hidden.b"}]
    with capture_logs() as events:
        for headers in sent:
            client.get("/assessments/a", headers=headers)
    assert [event["reason"] for event in events if event["event"] == "request_denied"] == [
        "client",
        "expired",
        "scope",
        "malformed",
    ]
    for headers in sent:
        for part in headers["Authorization"].removeprefix("Bearer ").split("."):
            assert len(part) == 1 or part not in f"{events}{facts()}"
