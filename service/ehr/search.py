"""Reading what may come in pages: every page of a search, or the one body of a read.

A page is FHIR JSON of the kind that was asked for; anything else under a status of success (a login page, an OperationOutcome, an
empty body) is a passing failure and never an empty result.
Source: FHIR R4 search (paging); specifications, failure modes (paging repeats rows, upstream error turned into empty 200).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from service.ehr.answer import Answer
from service.ehr.body import children, json_object, text
from service.ehr.client import EhrClient
from service.errors import EhrUnavailableError

MAX_PAGES: Final = 20
"""Pages of one search that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer.

    Attributes:
        request: what was asked, relative to the base.
        answer: as received.
        content: the parsed body; empty when the status is not 200.
        next: the page after this one, relative to the base; None = this is the last. When the last page that is given out still has
            one, the search was not read to its end.
        unapplied: names of the search parameters asked for that the self link does not show; empty where there is no self link.
    """

    request: str
    answer: Answer
    content: dict[str, Any] = field(default_factory=dict)
    next: str | None = None
    unapplied: frozenset[str] = frozenset()


def pages(client: EhrClient, request: str, *, max_pages: int = MAX_PAGES, accepted: frozenset[int] = frozenset()) -> Iterator[Page]:
    """Read one request and everything its next links lead to, each address once.

    Args:
        client: the EHR.
        request: read or search, relative to the base.
        max_pages: where to stop.
        accepted: statuses of the first answer that the caller takes as an answer.

    Yields:
        The pages in order. A first answer that is not 200 is the only one.

    Raises:
        EhrUnavailableError: no answer, a body that is not what was asked for, or a later page that cannot be had.
        EhrRefusedError: a redirect, or a body over the limit.
        ForeignAddressError: a next link leads elsewhere.
    """
    asked: set[str] = set()
    following: str | None = request
    while following is not None and following not in asked and len(asked) < max_pages:
        page = _page(client, following, request, accepted)
        if asked and page.answer.status != HTTPStatus.OK:
            raise EhrUnavailableError(f"The EHR does not serve the further pages of a search ({page.answer.status}).")
        yield page
        asked.add(following)
        following = page.next


def _page(client: EhrClient, request: str, first: str, accepted: frozenset[int]) -> Page:
    answer = client.get(request, accepted=accepted)
    if answer.status != HTTPStatus.OK:
        return Page(request=request, answer=answer)
    content = json_object(answer.body)
    kind, expected = text(content, "resourceType"), _expected_type(first)
    if kind is None or expected not in {None, kind}:
        raise EhrUnavailableError(f"The EHR answered 200 without the {expected or 'resource'} that was asked for.")
    return Page(
        request=request, answer=answer, content=content, next=_next(client, content), unapplied=_unapplied(request, content)
    )


def _expected_type(request: str) -> str | None:
    """Return the resource type that answers a request; None = it is an operation (`$..`), whose answer may be of any type."""
    if "?" in request or request.endswith("/_history"):
        return "Bundle"
    return None if "$" in request else request.split("/", 1)[0]


def _unapplied(request: str, content: dict[str, Any]) -> frozenset[str]:
    """Return the parameters of a search that its answer does not say to have used; result parameters (`_count`) do not matter.

    A self link that only names a stored page (`?_getpages=..`) says nothing.
    """
    link = next((each for each in children(content, "link") if each.get("relation") == "self"), {})
    if "?" not in request or (address := text(link, "url")) is None:
        return frozenset()
    asked, used = _names(request), _names(address)
    if used and asked.isdisjoint(used):
        return frozenset()
    return frozenset(name for name in asked if not name.startswith("_")) - used


def _names(address: str) -> frozenset[str]:
    return frozenset(name.partition(":")[0] for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True))


def _next(client: EhrClient, content: dict[str, Any]) -> str | None:
    if content.get("resourceType") != "Bundle":
        return None
    links = (text(link, "url") for link in children(content, "link") if link.get("relation") == "next")
    return next((client.relative(link) for link in links if link is not None), None)
