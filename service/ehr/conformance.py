"""What a hospital's EHR promises in its CapabilityStatement, as far as reading reports and writing results depend on it.

Source: FHIR R4 CapabilityStatement.rest; interfaces section 6 (the write-back method is chosen from it).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from service.ehr.body import child, children, json_object, text
from service.ehr.client import EhrClient
from service.errors import EhrUnavailableError

_WITHOUT: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.NOT_ACCEPTABLE,
        HTTPStatus.GONE,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What an EHR promises of one resource type; every default is "not promised".

    Attributes:
        interactions: codes of restful-interaction (`read`, `search-type`, `create`, ..).
        parameters: names of the search parameters, where the type can be searched.
        update_create: a PUT to an id that we choose creates it.
        conditional_update: PUT by search is understood.
        conditional_create: If-None-Exist is understood.
        version_aware: If-Match is honoured.
    """

    interactions: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    update_create: bool = False
    conditional_update: bool = False
    conditional_create: bool = False
    version_aware: bool = False


_NONE: Final = Promise()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """Promises of one EHR; every default is "not promised".

    Attributes:
        is_stated: it has a CapabilityStatement.
        fhir_version: as stated (`4.0.1`); None = not stated.
        software: name and version of the server; None = not stated.
        resources: promises by resource type.
        security: codes of the security services that it names (`SMART-on-FHIR`).
    """

    is_stated: bool = False
    fhir_version: str | None = None
    software: str | None = None
    resources: Mapping[str, Promise] = field(default_factory=dict)
    security: frozenset[str] = frozenset()

    def of(self, resource_type: str) -> Promise:
        """Return what is promised of a type; of a type that is not named, nothing is."""
        return self.resources.get(resource_type, _NONE)


NOTHING_PROMISED: Final = Conformance()
"""What is assumed of an EHR without CapabilityStatement: every write is searched for first and checked afterwards."""


def read_conformance(client: EhrClient) -> Conformance:
    """Ask the EHR what it can do.

    Returns:
        Its promises; NOTHING_PROMISED when it has no `metadata`.

    Raises:
        EhrUnavailableError: no answer, a passing failure, or something else than a CapabilityStatement under 200: the question
            must be asked again, not answered by guessing.
        EhrRefusedError: a redirect.
    """
    answer = client.get("metadata", accepted=_WITHOUT)
    if answer.status in _WITHOUT:
        return NOTHING_PROMISED
    content = json_object(answer.body)
    if content.get("resourceType") != "CapabilityStatement":
        raise EhrUnavailableError(f"The EHR answered metadata without a CapabilityStatement ({answer.status}).")
    return Conformance(
        is_stated=True,
        fhir_version=text(content, "fhirVersion"),
        software=_software(child(content, "software")),
        resources={kind: _promise(each) for each in _resources(content) if (kind := text(each, "type"))},
        security=frozenset(_security(content)),
    )


def _promise(resource: dict[str, Any]) -> Promise:
    interactions = frozenset(code for each in children(resource, "interaction") if (code := text(each, "code")))
    updates, is_searched = "update" in interactions, "search-type" in interactions
    named = (name for each in children(resource, "searchParam") if (name := text(each, "name")))
    return Promise(
        interactions=interactions,
        parameters=frozenset(named) if is_searched else frozenset(),
        update_create=updates and resource.get("updateCreate") is True,
        conditional_update=updates and resource.get("conditionalUpdate") is True,
        conditional_create=resource.get("conditionalCreate") is True,
        version_aware=resource.get("versioning") == "versioned-update",
    )


def _software(software: dict[str, Any]) -> str | None:
    return " ".join(found for name in ("name", "version") if (found := text(software, name))) or None


def _rests(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (rest for rest in children(content, "rest") if rest.get("mode") == "server")


def _resources(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for rest in _rests(content):
        yield from children(rest, "resource")


def _security(content: dict[str, Any]) -> Iterator[str]:
    for rest in _rests(content):
        for service in children(child(rest, "security"), "service"):
            yield from (code for coding in children(service, "coding") if (code := text(coding, "code")))
