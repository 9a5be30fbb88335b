"""Read what is wanted from the EHR; every byte becomes a Document of the dossier.

Nothing is lost and nothing is hidden. An absence (404, 410) is an input and becomes a Document. Context that the EHR refuses
becomes a Document with the refusing status, so that the assessment can say that this context was not available. A search that does
not end within its pages is refused when it is needed. When it is context, the pages that were read are used and a last Document
says that there was more (request = the next link, status 413, no body), because a patient with much data shall not go without an
assessment. When the self link of a context search shows that the EHR did not apply a parameter, the answer is dropped, whoever it
may be about, and a Document says so (status 501, no body). These two statuses are ours and not the EHR's. Rows that an EHR repeats
across pages are kept: the same resource at the same version is one for intake.
Source: FHIR R4 search (servers SHALL return the parameters actually used in the self link).
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from service.ehr.answer import Answer
from service.ehr.client import EhrClient
from service.ehr.search import MAX_PAGES, Page, pages
from service.errors import EhrRefusedError, EhrUnavailableError
from service.model.dossier import UNAPPLIED, UNREAD, Document, Origin, Wanted

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
    asked: dict[str, Wanted] = {}
    for each in wanted:
        before = asked.get(each.request)
        asked[each.request] = each if before is None or each.needed else before
    return tuple(document for each in asked.values() for document in _documents(client, each, max_pages))


def _documents(client: EhrClient, wanted: Wanted, max_pages: int) -> Iterator[Document]:
    need = wanted.needed
    most = max_pages if wanted.pages is None else min(wanted.pages, max_pages)
    last: Page | None = None
    for last in pages(client, wanted.request, max_pages=most, accepted=frozenset() if need else _REFUSALS):
        _check(last.answer, need)
        if not need and last.request == wanted.request and last.unapplied:
            yield Document(origin=Origin.READ, request=last.request, status=UNAPPLIED, body=b"")
            return
        yield Document(origin=Origin.READ, request=last.request, status=last.answer.status, body=last.answer.body)
    if last is None or last.next is None:
        return
    if need:
        raise EhrRefusedError(f"A search that is needed does not end within {most} pages.", http_status=last.answer.status)
    yield Document(origin=Origin.READ, request=last.next, status=UNREAD, body=b"")


def _check(answer: Answer, need: bool) -> None:
    if answer.status in _ANSWERS or (answer.status in _REFUSALS and not need):
        return
    if answer.status < HTTPStatus.BAD_REQUEST:
        raise EhrUnavailableError(f"The EHR answered a read without a resource ({answer.status}).")
    raise EhrRefusedError(f"The EHR refuses a read ({answer.status}).", http_status=answer.status, outcome=answer.body)
