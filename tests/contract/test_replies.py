"""The check of replies can fail, and says what is wrong."""

import pytest
from schemathesis.core.failures import FailureGroup
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app
from werkzeug.wrappers import Response

from tests.contract.replies import Replies

JSON = "application/json"


def reply(method: str, path: str, response: Response) -> TestResponse:
    """Return a reply as Flask's test client gives it."""
    request = EnvironBuilder(path=path, method=method).get_request()
    return TestResponse(*run_wsgi_app(response, request.environ), request=request)


@pytest.fixture(scope="module")
def replies() -> Replies:
    return Replies()


@pytest.mark.parametrize(
    "response",
    [
        Response('{"status":"live"}', mimetype=JSON, status=201),
        Response('{"status":"live"}', mimetype="text/html"),
        Response('{"status":"dead"}', mimetype=JSON),
        Response('{"status":"live","patient":"x"}', mimetype=JSON),
        Response("{}", mimetype=JSON),
        Response("live", mimetype=JSON),
    ],
    ids=["status", "media type", "value", "more than described", "less than described", "no JSON"],
)
def test_a_reply_that_is_not_as_described_is_found(replies: Replies, response: Response) -> None:
    with pytest.raises(FailureGroup):
        replies.hold("GET", "/health/live", reply("GET", "/health/live", response))


def test_a_missing_header_is_found(replies: Replies) -> None:
    accepted = Response('{"resourceType":"OperationOutcome","issue":[]}', mimetype="application/fhir+json", status=202)
    with pytest.raises(FailureGroup, match="Location"):
        replies.hold("POST", "/webhooks/north", reply("POST", "/webhooks/north", accepted))


def test_a_success_that_nobody_described_is_found(replies: Replies) -> None:
    with pytest.raises(AssertionError):
        replies.hold("GET", "/fhir/Patient/1", reply("GET", "/fhir/Patient/1", Response("{}", mimetype=JSON)))


def test_a_reply_as_described_passes(replies: Replies) -> None:
    replies.hold("GET", "/health/live", reply("GET", "/health/live", Response('{"status":"live"}', mimetype=JSON)))
