"""Write one Provenance for one version of a RiskAssessment: exactly one, whatever happens on the way.

R4 gives a Provenance no identifier. Where the EHR lets us choose ids, ours follows from what the Provenance is about, and a repeat
meets the first. Elsewhere the EHR is asked which Provenances it holds for the RiskAssessment: ours about this version is known by
its target, agent and instant (some servers keep no version in a reference). A conditional create closes the gap between look and
write where it is promised. An EHR that offers none of the three gets no Provenance.
Source: interfaces section 4; FHIR R4 Provenance, http (conditional create).
"""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import orjson

from service.ehr.answer import Answer
from service.ehr.body import child, children, matches, text
from service.ehr.client import EhrClient
from service.ehr.conformance import Conformance, Promise
from service.ehr.deliver import Delivered, Method
from service.ehr.held import by_id, id_and_version
from service.ehr.search import pages
from service.errors import EhrConflictError, EhrRefusedError, EhrUnavailableError, ForeignAddressError

TYPE: Final = "Provenance"
_VERSION: Final = "/_history/"


def is_offered(conformance: Conformance) -> bool:
    """Tell whether it makes sense to send a Provenance: it is promised, or nothing at all is stated."""
    promise = conformance.of(TYPE)
    return not conformance.is_stated or "create" in promise.interactions or promise.update_create


def write_provenance(client: EhrClient, promise: Promise, resource: dict[str, Any], *, own_id: str) -> Delivered:
    """Write one Provenance; safe to repeat after any failure.

    Args:
        client: the hospital's EHR.
        promise: what it promises of Provenances.
        resource: the Provenance without id; its first target is what it is about.
        own_id: its id where the EHR lets us choose: the same for every repeat.

    Raises:
        EhrUnavailableError: no answer or a passing failure; the write may have taken effect, repeat it.
        EhrRefusedError: refused for good, or there is no way to write it once.
        EhrConflictError: there are several.
    """
    if promise.update_create:
        return _by_own_id(client, resource, own_id)
    held = _held(client, resource)
    if held:
        return held[0]
    search = _search(resource, exactly=True) if promise.conditional_create else None
    if held is None and search is None:
        sentence = (
            "The EHR offers no way to write a Provenance once: no id of our choice, no search by target, no conditional create."
        )
        raise EhrRefusedError(sentence)
    answer = client.send("POST", TYPE, orjson.dumps(resource), if_none_exist=search)
    return _confirmed(client, resource, answer, Method.SEARCH_CREATE if search is None else Method.CONDITIONAL_CREATE)


def _by_own_id(client: EhrClient, resource: dict[str, Any], own_id: str) -> Delivered:
    held = by_id(client, own_id, resource_type=TYPE)
    if held is not None:
        return _already(own_id, held.version, held.body)
    answer = client.send("PUT", f"{TYPE}/{own_id}", orjson.dumps({**resource, "id": own_id}))
    return Delivered(
        ehr_id=own_id,
        ehr_version=id_and_version(answer, TYPE)[1],
        method=Method.UPDATE_CREATE,
        http_status=answer.status,
        answer=answer.body,
    )


def _confirmed(client: EhrClient, resource: dict[str, Any], answer: Answer, method: Method) -> Delivered:
    """Look again after a create: it may have raced with one whose answer was lost, or say nothing of what it made."""
    named, version = id_and_version(answer, TYPE)
    ids = {each.ehr_id for each in _held(client, resource) or ()} | ({named} if named is not None else set())
    if len(ids) > 1:
        sentence = f"The EHR holds {len(ids)} Provenances of ours for one version; remove all but one, then replay."
        raise EhrConflictError(sentence, http_status=HTTPStatus.PRECONDITION_FAILED)
    if not ids:
        raise EhrUnavailableError("The EHR acknowledged a Provenance and does not show it.", http_status=answer.status)
    return Delivered(ehr_id=ids.pop(), ehr_version=version, method=method, http_status=answer.status, answer=answer.body)


def _already(ehr_id: str, version: str | None, body: bytes) -> Delivered:
    return Delivered(ehr_id=ehr_id, ehr_version=version, method=Method.ALREADY_HELD, http_status=HTTPStatus.OK, answer=body)


def _held(client: EhrClient, resource: dict[str, Any]) -> tuple[Delivered, ...] | None:
    """Return what the EHR holds of this Provenance; None = it cannot be asked."""
    found: dict[str, Delivered] = {}
    for page in pages(client, f"{TYPE}?{_search(resource, exactly=False)}"):
        if page.answer.status != HTTPStatus.OK:
            return None
        for each in matches(page.content):
            if (ehr_id := text(each, "id")) and _is_same(client, each, resource):
                found[ehr_id] = _already(ehr_id, text(child(each, "meta"), "versionId"), orjson.dumps(each))
    return tuple(found.values())


def _search(resource: dict[str, Any], *, exactly: bool) -> str:
    """Return the search for Provenances of the RiskAssessment in any version, or exactly for this one by its instant."""
    about = f"target={quote(_target(resource).partition(_VERSION)[0], safe='/')}"
    return f"{about}&recorded={quote(str(text(resource, 'recorded')), safe='')}" if exactly else about


def _is_same(client: EhrClient, found: dict[str, Any], sent: dict[str, Any]) -> bool:
    """Tell whether a Provenance is ours about this version: by the version in its target, or else by its instant."""
    if not set(_agents(found)) & set(_agents(sent)):
        return False
    target, targets = _target(sent), set(_targets(client, found))
    if _VERSION in target and target in targets:
        return True
    return target.partition(_VERSION)[0] in targets and _instant(found) == _instant(sent) is not None


def _target(resource: dict[str, Any]) -> str:
    return next((reference for each in children(resource, "target") if (reference := text(each, "reference"))), "")


def _targets(client: EhrClient, resource: dict[str, Any]) -> Iterator[str]:
    for each in children(resource, "target"):
        try:
            yield client.relative(text(each, "reference") or "")
        except ForeignAddressError:
            continue  # about something on another server


def _agents(resource: dict[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    for agent in children(resource, "agent"):
        identifier = child(child(agent, "who"), "identifier")
        if identifier:
            yield text(identifier, "system"), text(identifier, "value")


def _instant(resource: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(text(resource, "recorded") or "")
    except ValueError:
        return None
