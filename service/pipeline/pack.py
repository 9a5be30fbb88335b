"""A dossier as bytes and back: a JSON head, then the documents' bytes; equal dossiers have equal bytes."""

from decimal import Decimal
from typing import Any

import orjson

from service.errors import BrokenReleaseError
from service.model.dossier import Document, Dossier, Origin
from service.model.hospital import HospitalSlug


def pack(dossier: Dossier) -> bytes:
    """Write a dossier as bytes from which `unpack` makes the same dossier."""
    head: dict[str, Any] = {
        "hospital": dossier.hospital,
        "ehr_base": dossier.ehr_base,
        "report": dossier.report,
        "context_days": dossier.context_days,
        "strict": dossier.strict,
        "documents": [[each.origin, each.request, each.status, len(each.body)] for each in dossier.documents],
    }
    if dossier.prior is not None:
        head["prior"] = str(dossier.prior)
    first = orjson.dumps(head, option=orjson.OPT_SORT_KEYS)
    return b"%d\n" % len(first) + first + b"".join(each.body for each in dossier.documents)


def unpack(content: bytes) -> Dossier:
    """Read a packed dossier.

    Raises:
        BrokenReleaseError: these are no bytes of `pack`.
    """
    try:
        size, _, rest = content.partition(b"\n")
        head = orjson.loads(rest[: int(size)])
        bodies = rest[int(size) :]
        prior = head.get("prior")
        return Dossier(
            hospital=HospitalSlug(head["hospital"]),
            ehr_base=head["ehr_base"],
            report=head["report"],
            context_days=head["context_days"],
            strict=head["strict"],
            documents=_documents(head["documents"], bodies),
            prior=None if prior is None else Decimal(prior),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenReleaseError(f"A stored dossier cannot be read ({type(error).__name__}).") from None


def _documents(listed: list[list[Any]], bodies: bytes) -> tuple[Document, ...]:
    found: list[Document] = []
    start = 0
    for origin, request, status, length in listed:
        found.append(Document(origin=Origin(origin), request=request, status=status, body=bodies[start : start + length]))
        start += length
    if start != len(bodies):
        raise ValueError("the lengths do not add up")
    return tuple(found)
