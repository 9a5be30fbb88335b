"""Read what is wanted from the EHR; every byte becomes a Document of the dossier.

Nothing is lost and nothing is hidden. An absence (404, 410) is an input and becomes a Document. Context that the EHR refuses
becomes a Document with the refusing status, so that the assessment can say that this context was not available. A search that does
not end within its pages is refused when it is needed. When it is context, the pages that were read are used and a last Document
says that there was more (request = the next link, status 413, no body: the only status that is ours and not the EHR's), because a
patient with much data shall not go without an assessment. Rows that an EHR repeats across pages are kept: the same resource at the
same version is one for intake.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from service.ehr.answer import Answer
from service.ehr.client import EhrClient
from service.ehr.search import MAX_PAGES, Page, pages
from service.errors import EhrRefusedError, EhrUnavailableError
from service.model.dossier import Document, Origin, Wanted

UNREAD: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
"""Status of the Document that stands for the pages of a context search beyond the last one read."""

_ANSWERS: Final = frozenset({HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_REFUSALS: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.NOT_ACCEPTABLE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)


def fetch(client: EhrClient, wanted: tuple[Wanted, ...], *, max_pages: int = MAX_PAGES) -> tuple[Document, ...]:
    """Read everything that is wanted, the same request once.

    Args:
        client: the hospital's EHR.
        wanted: reads and searches; a request that is wanted twice counts as needed when one of them does.
        max_pages: pages of one search that are read.

    Returns:
        Documents in the order of `wanted`; the first of a search carries its request as asked, further pages carry the next link
        relative to the base.

    Raises:
        EhrUnavailableError: no answer, a passing failure, or an answer that is not FHIR JSON of the kind asked for.
        EhrRefusedError: something needed is refused for good, or has no end.
        ForeignAddressError: a request or a next link is not below the registered base.
    """
    needed: dict[str, bool] = {}
    for each in wanted:
        needed[each.request] = needed.get(each.request, False) or each.needed
    return tuple(document for request, need in needed.items() for document in _documents(client, request, need, max_pages))


def _documents(client: EhrClient, request: str, need: bool, max_pages: int) -> Iterator[Document]:
    last: Page | None = None
    for last in pages(client, request, max_pages=max_pages, accepted=frozenset() if need else _REFUSALS):
        _check(last.answer, need)
        yield Document(origin=Origin.READ, request=last.request, status=last.answer.status, body=last.answer.body)
    if last is None or last.next is None:
        return
    if need:
        raise EhrRefusedError(f"A search that is needed does not end within {max_pages} pages.", http_status=last.answer.status)
    yield Document(origin=Origin.READ, request=last.next, status=UNREAD, body=b"")


def _check(answer: Answer, need: bool) -> None:
    if answer.status in _ANSWERS or (answer.status in _REFUSALS and not need):
        return
    if answer.status < HTTPStatus.BAD_REQUEST:
        raise EhrUnavailableError(f"The EHR answered a read without a resource ({answer.status}).")
    raise EhrRefusedError(f"The EHR refuses a read ({answer.status}).", http_status=answer.status, outcome=answer.body)
