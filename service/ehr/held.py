"""What the EHR holds of a resource that we write: by the EHR's own id, or by our identifier."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from service.ehr.answer import Answer
from service.ehr.body import child, children, json_object, matches, text
from service.ehr.client import EhrClient
from service.ehr.search import MAX_PAGES, pages
from service.errors import EhrRefusedError, EhrUnavailableError

TYPE: Final = "RiskAssessment"
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_LOCATION: Final = re.compile(r"(?:.*/)?[A-Z][A-Za-z]*/([^/]+?)(?:/_history/([^/]+))?/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A resource as the EHR holds it now.

    Attributes:
        id: the EHR's id.
        version: from the ETag, else meta.versionId; None = this EHR keeps no versions.
        content: the resource.
        body: the bytes it was read from.
    """

    id: str
    version: str | None
    content: dict[str, Any]
    body: bytes


def version_of(answer: Answer) -> str | None:
    """Return the version that an answer speaks of: from its ETag, else its body; None = it names none."""
    return answer.etag or text(child(json_object(answer.body), "meta"), "versionId")


def id_and_version(answer: Answer, resource_type: str) -> tuple[str | None, str | None]:
    """Return id and version as the answer names them in body, ETag and Location; None = it does not."""
    content = json_object(answer.body)
    stored = content if content.get("resourceType") == resource_type else {}
    place = _LOCATION.fullmatch(answer.location or "")
    ehr_id, version = place.groups() if place else (None, None)
    return text(stored, "id") or ehr_id, answer.etag or text(child(stored, "meta"), "versionId") or version


def by_id(client: EhrClient, ehr_id: str, *, resource_type: str = TYPE) -> Held | None:
    """Read one resource; None = there is none, or no longer.

    Raises:
        EhrUnavailableError: no answer, or 200 without a resource of this type.
        EhrRefusedError: the read is refused for good.
    """
    answer = client.get(f"{resource_type}/{ehr_id}")
    if answer.status in _GONE:
        return None
    _refuse_unless_ok(answer)
    content = json_object(answer.body)
    if content.get("resourceType") != resource_type:
        raise EhrUnavailableError(f"The EHR answered 200 without the {resource_type} that was asked for.")
    return Held(id=ehr_id, version=version_of(answer), content=content, body=answer.body)


def search_request(system: str, value: str) -> str:
    """Return the search for an identifier, with the characters escaped that separate alternatives in a search."""
    return f"identifier={_escaped(system)}%7C{_escaped(value)}"


def ids_by_identifier(client: EhrClient, system: str, value: str) -> tuple[str, ...]:
    """Return the ids of all RiskAssessments with our identifier, each once.

    The identifier is looked for in what comes back as well: an EHR that ignores the search parameter answers with everybody's.

    Raises:
        EhrUnavailableError: no answer.
        EhrRefusedError: the EHR cannot search by identifier, or its answer has no end.
    """
    found: dict[str, None] = {}
    page = None
    for page in pages(client, f"{TYPE}?{search_request(system, value)}"):
        _refuse_unless_ok(page.answer)
        ours = (each for each in matches(page.content) if is_identified(each, system, value))
        found |= dict.fromkeys(ehr_id for each in ours if (ehr_id := text(each, "id")))
    if page is not None and page.next is not None:
        raise EhrRefusedError(f"A search by identifier does not end within {MAX_PAGES} pages.", http_status=page.answer.status)
    return tuple(found)


def is_identified(resource: dict[str, Any], system: str, value: str) -> bool:
    """Tell whether a resource is a RiskAssessment that carries our identifier."""
    named = any(each.get("system") == system and each.get("value") == value for each in children(resource, "identifier"))
    return named and resource.get("resourceType") == TYPE


def _refuse_unless_ok(answer: Answer) -> None:
    if answer.status != HTTPStatus.OK:
        sentence = f"The EHR does not let us look what it holds ({answer.status})."
        raise EhrRefusedError(sentence, http_status=answer.status, outcome=answer.body)


def _escaped(word: str) -> str:
    for separator in "\\$,|":
        word = word.replace(separator, f"\\{separator}")
    return quote(word, safe="")
