"""What a hospital's EHR promises in its CapabilityStatement, as far as reading reports and writing RiskAssessments depend on it.

Source: FHIR R4 CapabilityStatement.rest; interfaces section 6 (the write-back method is chosen from it).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from service.ehr.body import children, json_object, text
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
class Conformance:
    """Promises of one EHR; every default is "not promised".

    Attributes:
        fhir_version: as stated (`4.0.1`); None = not stated.
        reads: resource types that can be read by id.
        creates: resource types that can be created.
        searches: names of the search parameters by resource type that can be searched.
        risk_assessment_update: RiskAssessment can be updated.
        update_create: a PUT to an id that we choose creates it.
        conditional_update: PUT by search is understood.
        conditional_create: If-None-Exist is understood.
        version_aware: If-Match is honoured.
    """

    fhir_version: str | None = None
    reads: frozenset[str] = frozenset()
    creates: frozenset[str] = frozenset()
    searches: Mapping[str, frozenset[str]] = field(default_factory=dict)
    risk_assessment_update: bool = False
    update_create: bool = False
    conditional_update: bool = False
    conditional_create: bool = False
    version_aware: bool = False


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
    return _promises(content)


def _promises(content: dict[str, Any]) -> Conformance:
    resources = {kind: each for each in _resources(content) if (kind := text(each, "type"))}
    risk = resources.get("RiskAssessment", {})
    updates = "update" in _interactions(risk)
    return Conformance(
        fhir_version=text(content, "fhirVersion"),
        reads=frozenset(name for name, each in resources.items() if "read" in _interactions(each)),
        creates=frozenset(name for name, each in resources.items() if "create" in _interactions(each)),
        searches={name: _parameters(each) for name, each in resources.items() if "search-type" in _interactions(each)},
        risk_assessment_update=updates,
        update_create=updates and risk.get("updateCreate") is True,
        conditional_update=updates and risk.get("conditionalUpdate") is True,
        conditional_create=risk.get("conditionalCreate") is True,
        version_aware=risk.get("versioning") == "versioned-update",
    )


def _resources(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for rest in children(content, "rest"):
        if rest.get("mode") == "server":
            yield from children(rest, "resource")


def _interactions(resource: dict[str, Any]) -> frozenset[str]:
    return frozenset(code for each in children(resource, "interaction") if (code := text(each, "code")))


def _parameters(resource: dict[str, Any]) -> frozenset[str]:
    return frozenset(name for each in children(resource, "searchParam") if (name := text(each, "name")))
