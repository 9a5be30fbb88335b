"""Whatever is done to a report, the answer is a result or an OperationOutcome; one Observation never loses the report."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings

from service.worker import Worker
from tests import builders
from tests.contract import described
from tests.contract.mutations import OBSERVATIONS, SEEDS, Spoilt, reports_with_one_bad_observation, spoilt_reports
from tests.running import FHIR_JSON

Json = dict[str, Any]
BOUNDED: Final = settings(max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
LENIENT: Final = {"Prefer": "handling=lenient"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORTH_SECRET", described.SECRET)
        app = described.open_app(tmp_path_factory.mktemp("hostile"))
    yield app.test_client()
    app.extensions["parts"].database.close()


def post(client: FlaskClient, path: str, body: bytes, **headers: str) -> tuple[int, Json]:
    """Post, and hold the answer against what every answer must be."""
    answer = client.post(path, data=body, headers={"Content-Type": FHIR_JSON, **headers})
    assert answer.status_code < 500, answer.text
    content: Json = json.loads(answer.data)
    if answer.status_code >= 400:
        OperationOutcome.model_validate_json(answer.data)
        assert all(issue["details"]["text"] for issue in content["issue"])
    return answer.status_code, content


@BOUNDED
@given(spoilt=spoilt_reports())
def test_a_spoilt_report_is_assessed_or_refused(client: FlaskClient, spoilt: Spoilt) -> None:
    strict, _ = post(client, "/assessments?store=false", spoilt.body)
    lenient, _ = post(client, "/assessments", spoilt.body, **LENIENT)
    assert (strict, lenient) not in {(200, code) for code in (400, 413, 415)}
    assert post(client, "/fhir/$assess?store=false", spoilt.body, **LENIENT)[0] in {lenient, 200} or lenient == 422


@BOUNDED
@given(spoilt=reports_with_one_bad_observation())
def test_one_bad_observation_never_loses_the_report(client: FlaskClient, spoilt: Spoilt) -> None:
    status, content = post(client, "/assessments?store=false", spoilt.body, **LENIENT)
    assert status == 200, content
    _, without = post(client, "/assessments?store=false", spoilt.without, **LENIENT)
    assert content["report"] == without["report"]
    assert bool(content["lesions"]) >= bool(without["lesions"]), (spoilt.seed, spoilt.done, content["issues"], content["unmapped"])
    strict, refused = post(client, "/assessments?store=false", spoilt.body)
    if strict == 422:
        assert all(issue["expression"] for issue in refused["issue"])
        assert content["issues"] or content["unmapped"]


@settings(BOUNDED, max_examples=40)
@given(spoilt=spoilt_reports())
def test_a_spoilt_notification_is_refused_or_comes_to_an_end(client: FlaskClient, spoilt: Spoilt) -> None:
    status, _ = post(client, "/webhooks/local", spoilt.body)
    assert status in {202, 400, 422}
    parts = client.application.extensions["parts"]
    worker = Worker(parts, "fuzz")
    while worker.step():
        pass
    with parts.database.read() as uow:
        for job in uow.jobs.listing("dead"):
            assert "unexpected" not in (job.last_error or ""), spoilt


def test_the_seeds_are_assessed_as_they_are(client: FlaskClient) -> None:
    for name, seed in SEEDS.items():
        assert OBSERVATIONS[name]
        assert post(client, "/assessments?store=false", builders.body(seed))[0] == 200, name
