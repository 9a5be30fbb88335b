"""Requests and answers inside the stand-in, apart from HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.stand_in_ehr.store import Version

FHIR_JSON = "application/fhir+json"
Resource = dict[str, Any]


class FhirError(Exception):
    """A refusal: HTTP status, FHIR issue code and a sentence."""

    def __init__(self, status: int, code: str, text: str) -> None:
        """Keep the three."""
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One interaction: `path` and `query` below the base, header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Search parameters, decoded, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def target(self) -> str:
        """Path and query together."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def resource(self) -> Resource:
        """Parse the body.

        Raises:
            FhirError: 400, it is not a JSON object with a resourceType.
        """
        try:
            content = json.loads(self.body)
        except ValueError:
            raise FhirError(400, "structure", "the body is not JSON") from None
        if not isinstance(content, dict) or not isinstance(content.get("resourceType"), str):
            raise FhirError(400, "structure", "the body is not a resource")
        return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer; `content` is a resource, None = no body."""

    status: int
    content: Resource | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """Serialise the content."""
        return b"" if self.content is None else json.dumps(self.content, ensure_ascii=False).encode()


def outcome(status: int, code: str, text: str) -> Response:
    """Answer with an OperationOutcome."""
    severity = "error" if status >= 400 else "information"
    issue = {"severity": severity, "code": code, "diagnostics": text}
    return Response(status=status, content={"resourceType": "OperationOutcome", "issue": [issue]})


def version_headers(version: Version, versioned: bool) -> dict[str, str]:
    """Return ETag and Last-Modified of a version."""
    modified = {"Last-Modified": format_datetime(version.at.replace(microsecond=0), usegmt=True)}
    return {"ETag": f'W/"{version.number}"', **modified} if versioned else modified
