"""Every status that openapi.yaml promises is one that the service gives, and every example in it can be sent."""

import dataclasses
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.errors import ConflictError, EhrUnavailableError, StorageDownError
from service.storage.database import Database
from tests import builders
from tests.contract import described
from tests.issuer import READ, bearer

Json = dict[str, Any]
FHIR: Final = "application/fhir+json"
NUMBERS: Final = count(1)
DESCRIBED: Final = described.read()
OPERATIONS: Final = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in DESCRIBED["paths"].items()
    for method, operation in item.items()
    if method in described.METHODS
}
CHANGE: Final[Json] = {"set": {"lesion-1": {"spinal-pain": "mechanical"}}}
NOTHING: Final = {"assessment_id": "1", "resource_id": "1", "task_id": "1", "definition_id": "1"}
"""Ids under which nothing is."""

BODIES: Final[dict[str, Json]] = {
    "askWhatIf": CHANGE,
    "answerAssessment": {**CHANGE, "who": "Practitioner/7", "when": "2026-03-01T10:00:00Z"},
}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    """Return clients of a service that is open, and of one that asks who calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORTH_SECRET", described.SECRET)
        apps = [described.open_app(tmp_path_factory.mktemp("statuses"), auth=auth) for auth in (False, True)]
    yield apps[0].test_client(), apps[1].test_client()
    for app in apps:
        app.extensions["parts"].database.close()


class Caller:
    """Calls one operation so that a certain status comes back."""

    def __init__(self, clients: tuple[FlaskClient, FlaskClient], operation: str) -> None:
        """Name the operation."""
        self.open, self.guarded = clients
        self.name = operation
        self.method, self.path, self.operation = OPERATIONS[operation]

    def call(
        self,
        *,
        client: FlaskClient | None = None,
        query: str = "",
        body: bytes | Json | None = None,
        headers: dict[str, str] | None = None,
        ids: dict[str, str] | None = None,
    ) -> TestResponse:
        """Call with what is usual for the operation unless something else is given."""
        named = ids or {}
        address = self.path.format(**{**self.usual_ids(named), **named})
        sent = self.usual_body() if body is None else body if isinstance(body, bytes) else builders.body(body)
        media = {"Content-Type": "application/json" if self.name in BODIES else FHIR} if sent else {}
        return (client or self.open).open(f"{address}{query}", method=self.method, data=sent, headers={**media, **(headers or {})})

    def usual_ids(self, given: dict[str, str]) -> dict[str, str]:
        """Return ids of things that are there."""
        usual = {"slug": "local", "resource_type": "DiagnosticReport", "resource_id": "r1", "definition_id": "assess"}
        if not given and ("{assessment_id}" in self.path or "/RiskAssessment/" in self.path):
            usual["assessment_id"] = usual["resource_id"] = self.stored().get_json()["id"]
        if not given and "{task_id}" in self.path:
            usual["task_id"] = self.notified().headers["Location"].rpartition("/")[2]
        return usual

    def usual_body(self) -> bytes | None:
        """Return the body that is usual for the operation; None = it takes none."""
        if "requestBody" not in self.operation:
            return None
        if self.name in BODIES:
            return builders.body(BODIES[self.name])
        return builders.body(self.report(id="r1"))

    @staticmethod
    def report(**elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
        """Return a report that was never sent before."""
        identifier = [{"system": "https://hospital.example/reports", "value": f"status-{next(NUMBERS)}"}]
        own = builders.observation(id="o1", bodySite=builders.level_site("T7"))
        return builders.report(own, contained=True, **{"identifier": identifier, **elements})

    def stored(self, **elements: Any) -> TestResponse:  # noqa: ANN401 - FHIR elements
        """Store an assessment."""
        return self.open.post("/assessments", json=self.report(**elements), headers={"Content-Type": FHIR})

    def notified(self) -> TestResponse:
        """Store a receipt."""
        return self.open.post("/webhooks/local", json=self.report(), headers={"Content-Type": FHIR})


def _known(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    """Call twice in the same way."""
    ids = caller.usual_ids({})
    body = caller.usual_body()
    caller.call(body=body, ids=ids)
    return caller.call(body=body, ids=ids)


def _unmodified(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    return caller.call(headers={"If-None-Match": 'W/"1"'})


def _unauthenticated(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    return caller.call(client=caller.guarded, ids={**NOTHING, "slug": "north"})


def _forbidden(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    scope = "system/Task.c" if caller.name in {"readTask", "readAssessment", "readRiskAssessment", "askWhatIf"} else READ
    return caller.call(client=caller.guarded, headers=bearer(scope=scope), ids=NOTHING)


def _not_found(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    if "{slug}" in caller.path:
        return caller.call(ids={"slug": "nowhere"})
    if "{" not in caller.path:
        return caller.call(query="?hospital=nowhere")
    return caller.call(ids=NOTHING)


def _withdrawn(caller: Caller, patch: pytest.MonkeyPatch) -> TestResponse:
    if "{assessment_id}" in caller.path:
        return caller.call(ids={"assessment_id": caller.stored(status="entered-in-error").get_json()["id"]})
    return _failing(ConflictError("Another request changed the same at the same moment; send it again."))(caller, patch)


def _gone(caller: Caller, patch: pytest.MonkeyPatch) -> TestResponse:
    identifier = caller.stored().get_json()["id"]
    patch.setattr("service.storage.dossiers.Dossiers.get", lambda *_: None)
    return caller.call(ids={"assessment_id": identifier})


def _without_length(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    media = "application/json" if caller.name in BODIES else FHIR
    return caller.open.open(caller.path.format(assessment_id="1"), method=caller.method, headers={"Content-Type": media})


def _too_large(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    return caller.call(body=b" " * (10 * 1024 * 1024 + 1))


def _unprocessable(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    return caller.call(body={"resourceType": "Rocket", "id": "r1"})


def _unexpected(caller: Caller, patch: pytest.MonkeyPatch) -> TestResponse:
    return _failing(RuntimeError("Mrs Example"))(caller, patch)


def _failing(error: Exception) -> Callable[[Caller, pytest.MonkeyPatch], TestResponse]:
    """Return a call during which whatever the operation does fails."""

    def call(caller: Caller, patch: pytest.MonkeyPatch) -> TestResponse:
        ids, body = caller.usual_ids({}), caller.usual_body()

        def fail(*_: object, **__: object) -> None:
            raise error

        for name in ("write", "read"):
            patch.setattr(Database, name, fail)
        for name in ("service.query.capabilities", "service.query.operation_definition"):
            patch.setattr(name, fail)
        return caller.call(body=body, ids=ids)

    return call


def _ehr_down(caller: Caller, patch: pytest.MonkeyPatch) -> TestResponse:
    parts = caller.open.application.extensions["parts"]
    hospital = dataclasses.replace(parts.hospital("local"), ehr_base="https://ehr.example/fhir")

    def fail(*_: object) -> None:
        raise EhrUnavailableError("The EHR did not answer.", retry_after=2)

    patch.setitem(parts.hospitals, "local", hospital)
    patch.setattr("service.pipeline.gather.fetch", fail)
    return caller.call()


def _not_ready(caller: Caller, patch: pytest.MonkeyPatch) -> TestResponse:
    def fail(*_: object) -> None:
        raise StorageDownError("down")

    patch.setattr(Database, "check", fail)
    return caller.call()


def _usual(caller: Caller, _: pytest.MonkeyPatch) -> TestResponse:
    return caller.call()


PROVOKED: Final[dict[str, Callable[[Caller, pytest.MonkeyPatch], TestResponse]]] = {
    "200": _usual,
    "201": _usual,
    "202": _usual,
    "304": _unmodified,
    "400": lambda caller, _: caller.call(query="?mode=x") if caller.name == "readCapabilities" else caller.call(body=b"{"),
    "401": _unauthenticated,
    "403": _forbidden,
    "404": _not_found,
    "406": lambda caller, _: caller.call(headers={"Accept": "application/fhir+xml"}),
    "409": _withdrawn,
    "410": _gone,
    "411": _without_length,
    "413": _too_large,
    "415": lambda caller, _: caller.call(headers={"Content-Type": "text/plain"}),
    "422": _unprocessable,
    "500": _unexpected,
    "502": _ehr_down,
    "503": _failing(StorageDownError("The database cannot be used now.", retry_after=2)),
}
SPECIAL: Final[dict[tuple[str, str], Callable[[Caller, pytest.MonkeyPatch], TestResponse]]] = {
    ("createAssessment", "200"): _known,
    ("answerAssessment", "200"): _known,
    ("ready", "503"): _not_ready,
}


@pytest.mark.parametrize(
    ("name", "status"), [(name, status) for name, (_, _, operation) in OPERATIONS.items() for status in operation["responses"]]
)
def test_every_status_of_every_operation_can_be_provoked(
    clients: tuple[FlaskClient, FlaskClient], name: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provoke = SPECIAL.get((name, status), PROVOKED[status])
    answer = provoke(Caller(clients, name), monkeypatch)
    assert str(answer.status_code) == status, answer.text
    assert "Example" not in answer.text


@pytest.mark.parametrize("label", DESCRIBED["components"]["examples"])
@pytest.mark.parametrize("path", ["/assessments", "/fhir/$assess", "/webhooks/local"])
def test_every_example_can_be_sent_as_it_is(clients: tuple[FlaskClient, FlaskClient], path: str, label: str) -> None:
    example = DESCRIBED["components"]["examples"][label]["value"]
    for media in (FHIR, "application/json"):
        answer = clients[0].post(path, json=example, headers={"Content-Type": media})
        assert answer.status_code in {200, 201, 202}, answer.text
        if path == "/assessments":
            assert answer.get_json()["lesions"][0]["site"]["level"] == "T12"
            assert answer.get_json()["unmapped"] == answer.get_json()["issues"] == []


def test_no_example_is_left_out() -> None:
    own = {name for name, (_, _, operation) in OPERATIONS.items() if "content" in operation.get("requestBody", {})}
    assert set(BODIES) == own


@pytest.mark.parametrize("name", BODIES)
def test_the_example_of_a_change_can_be_sent_as_it_is(clients: tuple[FlaskClient, FlaskClient], name: str) -> None:
    caller = Caller(clients, name)
    example = caller.operation["requestBody"]["content"]["application/json"]["example"]
    assert caller.call(body=example).status_code in {200, 201}
