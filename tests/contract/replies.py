"""Real replies held against openapi.yaml: status, media type, headers and body of whatever a test was answered."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from flask.testing import FlaskClient
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import TestResponse

from tests.contract import described
from tests.running import RunningService

if TYPE_CHECKING:
    from schemathesis.schemas import APIOperation

CHECKS: Final = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
NO_BODY: Final = frozenset({"HEAD", "OPTIONS"})
FAILURES: Final = {
    "application/fhir+json": {"resourceType", "issue"},
    "application/problem+json": {"type", "title", "status", "detail"},
}


class Replies:
    """Every operation of openapi.yaml, found by method and path."""

    def __init__(self) -> None:
        """Read openapi.yaml."""
        schema = schemathesis.openapi.from_dict(described.read())
        self._operations: list[tuple[str, re.Pattern[str], APIOperation[Any, Any, Any, Any]]] = []
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            operation = result.ok()
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(operation.path))
            self._operations.append((operation.method.upper(), re.compile(pattern), operation))

    def hold(self, method: str, url: str, reply: TestResponse | requests.Response) -> None:
        """Hold one reply against its description; one that no operation describes must be a failure in one of the two forms.

        Raises:
            AssertionError, schemathesis.errors.SchemathesisError: it is not as described.
        """
        path = urlsplit(url).path
        if method.upper() in NO_BODY:
            return
        for verb, pattern, operation in self._operations:
            if verb == method.upper() and (found := pattern.fullmatch(path)):
                operation.Case(path_parameters=found.groupdict()).validate_response(reply, checks=CHECKS)
                return
        assert reply.status_code in {401, 404, 405}, (method, path, reply.status_code)
        kind = reply.headers["Content-Type"].partition(";")[0]
        content = reply.get_json(force=True) if isinstance(reply, TestResponse) else reply.json()
        assert FAILURES[kind] <= content.keys()


@contextmanager
def held() -> Iterator[None]:
    """Hold every reply that the service gives while this lasts: through Flask's test client, and over HTTP."""
    replies, opened, asked = Replies(), FlaskClient.open, requests.Session.request

    def open_and_hold(client: FlaskClient, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 - handed through
        reply = opened(client, *args, **kwargs)
        if client.application.name == "service":
            replies.hold(reply.request.method, reply.request.url, reply)
        return reply

    def ask_and_hold(session: requests.Session, method: str, url: str, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        reply = asked(session, method, url, **kwargs)
        if str(url).startswith(tuple(RunningService.started)):
            replies.hold(method, str(url), reply)
        return reply

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FlaskClient, "open", open_and_hold)
        patch.setattr(requests.Session, "request", ask_and_hold)
        yield
