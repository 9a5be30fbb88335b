"""What this EHR accepts: what fhir.resources accepts as R4B, and the rules of RiskAssessment that it does not check."""

from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from tests.stand_in_ehr.message import FhirError

_OBSERVATION_STATUS = {
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
}


def refuse_unknown_type(kind: str, unknown: frozenset[str] = frozenset()) -> None:
    """Raise 404 for what is not a resource type of R4, and for those that this server does not know."""
    if kind in unknown:
        raise FhirError(404, "not-supported", f"{kind} is not served here")
    try:
        get_fhir_model_class(kind)
    except (KeyError, ValueError):
        raise FhirError(404, "not-supported", f"unknown resource type {kind}") from None


def refuse_invalid(content: dict[str, Any]) -> None:
    """Raise 422 for a resource that breaks R4, naming the first element."""
    try:
        get_fhir_model_class(content["resourceType"]).model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FhirError(422, "invalid", f"{content['resourceType']}.{where}: {first['msg']}") from None
    if content["resourceType"] == "RiskAssessment":
        _refuse_unruly(content)


def _refuse_unruly(risk: dict[str, Any]) -> None:
    if risk["status"] not in _OBSERVATION_STATUS:
        raise FhirError(422, "code-invalid", "RiskAssessment.status is not an observation-status")
    for prediction in risk.get("prediction", []):
        if prediction.get("probabilityDecimal", 0) > 100:
            raise FhirError(422, "invariant", "ras-2: probabilityDecimal must be <= 100")
        sides = prediction.get("probabilityRange", {}).values()
        if any(side.get("code", "%") != "%" for side in sides):
            raise FhirError(422, "invariant", "ras-1: low and high must be percentages")


def references(element: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a resource
    """Give out every literal reference in a resource."""
    match element:
        case {"reference": str(reference), **rest}:
            yield reference
            yield from references(list(rest.values()))
        case dict():
            yield from references(list(element.values()))
        case list():
            for each in element:
                yield from references(each)
