"""Write a RiskAssessment so that the EHR ends with one resource whatever happens on the way, and nobody else's work is lost.

Before every write the EHR is asked what it holds: a write whose answer was lost is recognised on the repeat, and what somebody
else changed is not overwritten even where If-Match is ignored. The first write takes the safest method that the EHR promises; after
the first success every write is a PUT by id with If-Match. Methods by search are checked afterwards: two resources with our
identifier are reported, not hidden.
Source: interfaces section 6; FHIR R4 http (update, conditional update, conditional create, managing resource contention);
specifications, failure modes (concurrent conditional create, If-Match ignored or 409).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import orjson

from service.ehr.answer import Answer
from service.ehr.body import child, children
from service.ehr.client import EhrClient
from service.ehr.conformance import Promise
from service.ehr.held import TYPE, Held, by_id, id_and_version, ids_by_identifier, is_identified, search_request
from service.errors import EhrConflictError, EhrError, EhrRefusedError, EhrUnavailableError

ATTEMPTS: Final = 3
"""Writes that are tried while the EHR reports conflicts."""

_NOT_THERE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE})
"""Refusals of a PUT by id that can mean that the resource is gone (405: no ids of the client's choice)."""

_BUSY: Final = "The EHR keeps reporting a conflict although nobody else changed the RiskAssessment."


class Method(StrEnum):
    """How a resource was written."""

    UPDATE = "update"
    UPDATE_CREATE = "update-create"
    CONDITIONAL_UPDATE = "conditional-update"
    CONDITIONAL_CREATE = "conditional-create"
    SEARCH_CREATE = "search-create"
    ALREADY_HELD = "already-held"


def first_method(promise: Promise) -> Method:
    """Return the safest way to write what the EHR does not hold yet, of those that it promises.

    Source: interfaces section 6.
    """
    if promise.update_create:
        return Method.UPDATE_CREATE
    if promise.conditional_update:
        return Method.CONDITIONAL_UPDATE
    return Method.CONDITIONAL_CREATE if promise.conditional_create else Method.SEARCH_CREATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A write that the EHR is known to hold.

    Attributes:
        ehr_id: the EHR's id.
        ehr_version: the EHR's version; None = it keeps none.
        method: one of Method.
        http_status: of the write; of the read that found it when the EHR held it already.
        answer: the EHR's bytes: of the write, or of the read that verified it when the write was answered without a body.
    """

    ehr_id: str
    ehr_version: str | None
    method: str
    http_status: int
    answer: bytes


def deliver(
    client: EhrClient,
    promise: Promise,
    *,
    series: str,
    identifier_system: str,
    resource: dict[str, Any],
    known: tuple[str, str | None] | None,
    ours: Callable[[dict[str, Any]], bool],
) -> Delivered:
    """Write one RiskAssessment; safe to repeat after any failure.

    Args:
        client: the hospital's EHR.
        promise: what it promises of RiskAssessments.
        series: our id of the resource: value of its identifier, and its id where the EHR lets us choose.
        identifier_system: system of that identifier.
        resource: the RiskAssessment; its `id` is set or left out as the method requires.
        known: id and version of the last write that was confirmed; None = there was none.
        ours: tells whether a resource that the EHR holds is a version that we wrote.

    Raises:
        EhrUnavailableError: no answer, a passing failure, or conflicts that nobody else caused (a busy server); the write may have
            taken effect, repeat it.
        EhrRefusedError: refused for good.
        EhrConflictError: somebody else changed the resource, or there are several.
    """
    writing = _Writing(client, promise, series, identifier_system, resource, ours)
    refusal: EhrError = EhrUnavailableError(_BUSY)
    for _ in range(ATTEMPTS):
        held = writing.held(known)
        if held is not None and writing.is_done(held):
            return _already(held)
        try:
            return writing.first() if held is None else writing.update(held)
        except EhrConflictError as error:  # someone wrote in between: read what is held now and decide anew
            refusal = EhrUnavailableError(_BUSY, http_status=error.http_status, outcome=error.outcome)
        except EhrRefusedError as error:
            if held is None or error.http_status not in _NOT_THERE:
                raise
            refusal = error
    raise refusal


@dataclass(frozen=True, slots=True)
class _Writing:
    """One RiskAssessment on its way; the fields are the arguments of `deliver`."""

    client: EhrClient
    promise: Promise
    series: str
    system: str
    resource: dict[str, Any]
    ours: Callable[[dict[str, Any]], bool]

    def held(self, known: tuple[str, str | None] | None) -> Held | None:
        """Return what the EHR holds of this series; None = nothing yet, or no longer.

        Raises:
            EhrConflictError: somebody else was the last to write it, or there are several.
        """
        held = None if known is None else by_id(self.client, known[0])
        if held is None:
            held = by_id(self.client, self.series) if self.promise.update_create else self._found()
        if held is None:
            return None
        is_confirmed = known is not None and held.version is not None and (held.id, held.version) == known
        if not is_confirmed and not self.is_done(held) and not self.ours(held.content):
            sentence = "Somebody else was the last to change the RiskAssessment in the EHR; it is not overwritten."
            raise EhrConflictError(sentence, http_status=HTTPStatus.CONFLICT)
        return held

    def is_done(self, held: Held) -> bool:
        """Tell whether the EHR holds exactly what is to be written (its own id and metadata apart)."""
        return _content(held.content) == _content(self.resource)

    def update(self, held: Held) -> Delivered:
        """PUT by id; with If-Match when the EHR keeps versions."""
        answer = self.client.send("PUT", f"{TYPE}/{held.id}", _bytes(self.resource, held.id), if_match=held.version)
        return self._confirmed(answer, held.id, Method.UPDATE, before=held)

    def first(self) -> Delivered:
        """Write what the EHR does not hold yet, by the safest method that it promises.

        Raises:
            EhrConflictError: the EHR holds several, or came to hold one a moment after it did not.
        """
        search = search_request(self.system, self.series)
        match method := first_method(self.promise):
            case Method.UPDATE_CREATE:
                answer = self.client.send("PUT", f"{TYPE}/{self.series}", _bytes(self.resource, self.series))
                return self._confirmed(answer, self.series, method)
            case Method.CONDITIONAL_UPDATE:
                answer = self.client.send("PUT", f"{TYPE}?{search}", _bytes(self.resource, None))
            case Method.CONDITIONAL_CREATE:
                answer = self.client.send("POST", TYPE, _bytes(self.resource, None), if_none_exist=search)
                if answer.status == HTTPStatus.OK:
                    sentence = "The EHR held the RiskAssessment a moment after it did not; ours was not written."
                    raise EhrConflictError(sentence, http_status=HTTPStatus.PRECONDITION_FAILED)
            case _:
                answer = self.client.send("POST", TYPE, _bytes(self.resource, None))
        return self._only_one(self._confirmed(answer, None, method))

    def _ids(self) -> tuple[str, ...]:
        return ids_by_identifier(self.client, self.system, self.series)

    def _found(self) -> Held | None:
        """Read the one that carries our identifier; None = none does."""
        ids = self._ids()
        _refuse_several(ids)
        return by_id(self.client, ids[0]) if ids else None

    def _only_one(self, delivered: Delivered) -> Delivered:
        """Look again after a write by search: its condition may have raced with a write that the index did not show yet."""
        _refuse_several((*self._ids(), delivered.ehr_id))
        return delivered

    def _confirmed(self, answer: Answer, ehr_id: str | None, method: Method, *, before: Held | None = None) -> Delivered:
        """Find out under which id and version the EHR holds what it acknowledged; ask it when the answer does not say."""
        named, version = id_and_version(answer, TYPE)
        ehr_id, body = ehr_id or named, answer.body
        if ehr_id is None or version is None:
            held = self._found() if ehr_id is None else by_id(self.client, ehr_id)
            if held is None or not self._is_kept(held, before):
                raise EhrUnavailableError("The EHR acknowledged a write and does not hold it.")
            ehr_id, version, body = held.id, held.version, body or held.body
        return Delivered(ehr_id=ehr_id, ehr_version=version, method=method, http_status=answer.status, answer=body)

    def _is_kept(self, held: Held, before: Held | None) -> bool:
        """Tell whether the EHR holds our write: as sent, or new and named as ours, for some EHRs rewrite what they keep."""
        is_changed = before is None or held.content != before.content
        return self.is_done(held) or (is_changed and is_identified(held.content, self.system, self.series))


def _refuse_several(ids: tuple[str, ...]) -> None:
    if (count := len(set(ids))) > 1:
        sentence = f"The EHR holds {count} RiskAssessments with the identifier of this report; remove all but one, then replay."
        raise EhrConflictError(sentence, http_status=HTTPStatus.PRECONDITION_FAILED)


def _already(held: Held) -> Delivered:
    return Delivered(
        ehr_id=held.id, ehr_version=held.version, method=Method.ALREADY_HELD, http_status=HTTPStatus.OK, answer=held.body
    )


def _content(resource: dict[str, Any]) -> dict[str, Any]:
    """Return what was written, without what the EHR decides: id and metadata but the security labels."""
    labels = {(each.get("system"), each.get("code")) for each in children(child(resource, "meta"), "security")}
    return {**{key: value for key, value in resource.items() if key not in {"id", "meta"}}, "meta.security": labels}


def _bytes(resource: dict[str, Any], ehr_id: str | None) -> bytes:
    """Serialise with the id that the method requires; None = without."""
    content = {key: value for key, value in resource.items() if key != "id"}
    return orjson.dumps(content if ehr_id is None else {**content, "id": ehr_id})
