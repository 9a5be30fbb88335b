"""Schemathesis holds openapi.yaml against the application: every operation, with what it describes and with what it forbids."""

import itertools
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.core.failures import FailureGroup

from tests.contract import described
from tests.issuer import bearer

AnyCase = Case[Any]
TOKEN: Final = bearer()
REPORT: Final[described.Json] = described.read()["components"]["examples"]["report"]["value"]
NUMBERS: Final = itertools.count()
SEEN: Final[list[str]] = []
STATEFUL: Final = settings(
    max_examples=25,
    stateful_step_count=5,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


OPEN_DOOR: Final = described.Door()
GUARDED_DOOR: Final = described.Door()
OPEN: Final = described.load(described.read(), described.CONFIG, OPEN_DOOR)
GUARDED: Final = described.load(described.with_authentication(described.read()), described.GUARDED, GUARDED_DOOR)


@pytest.fixture(scope="module", autouse=True)
def applications(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Put the two applications behind their descriptions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORTH_SECRET", described.SECRET)
        OPEN_DOOR.app = described.open_app(tmp_path_factory.mktemp("open"))
        GUARDED_DOOR.app = described.open_app(tmp_path_factory.mktemp("guarded"), auth=True)
    yield
    for door in (OPEN_DOOR, GUARDED_DOOR):
        door.app.extensions["parts"].database.close()


@OPEN.parametrize()
def test_every_operation_is_as_described(case: AnyCase) -> None:
    case.call_and_validate()


@GUARDED.parametrize()
def test_every_operation_is_as_described_where_callers_prove_themselves(case: AnyCase) -> None:
    is_webhook = case.operation.path.startswith("/webhooks")
    case.call_and_validate(headers={"Authorization": f"Bearer {described.SECRET}"} if is_webhook else TOKEN)


class Story(OPEN.as_state_machine()):  # type: ignore[misc] # made at run time
    """What was stored is read, asked about and answered."""

    def before_call(self, case: AnyCase) -> None:
        """Post the report of the example, so that there is something for the links to lead to; what is wrong stays wrong."""
        if case.operation.label == "POST /assessments" and case.meta is not None and case.meta.generation.mode.is_positive:
            named: Any = [{"system": "https://hospital.example/reports", "value": f"story-{next(NUMBERS)}"}]
            case.body, case.media_type = {**REPORT, "identifier": named}, "application/fhir+json"
            case.query = {}
            case.headers.clear()
        SEEN.append(case.operation.label)


def test_what_was_stored_is_read_asked_and_answered() -> None:
    Story.run(settings=STATEFUL)
    assert {"POST /assessments", "GET /assessments/{assessment_id}", "POST /assessments/{assessment_id}/what-if"} <= set(SEEN)


def test_a_description_that_is_not_true_is_found() -> None:
    untrue = described.read()
    untrue["paths"]["/health/live"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {"required": ["colour"]}
    with pytest.raises(FailureGroup, match="colour"):
        described.load(untrue, described.CONFIG, OPEN_DOOR)["/health/live"]["GET"].Case().call_and_validate()


def test_a_door_that_is_open_and_should_not_be_is_found() -> None:
    untrue = described.with_authentication(described.read())
    untrue["paths"]["/fhir/metadata"]["get"]["security"] = [{"accessToken": []}]
    with pytest.raises(FailureGroup, match="authentication"):
        described.load(untrue, described.GUARDED, GUARDED_DOOR)["/fhir/metadata"]["GET"].Case().call_and_validate(headers=TOKEN)
