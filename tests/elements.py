"""How synthetic FHIR elements are put together: plain dictionaries, without what is None."""

from typing import Any

Json = dict[str, Any]


def resource(kind: str, usual_id: str, usual: Json, elements: Json) -> Json:
    """Return a resource of a type with its usual elements, replaced or left out (None) as the test says."""
    return without_none({"resourceType": kind, "id": usual_id, **usual, **elements})


def contain(element: Any) -> Any:  # noqa: ANN401 - any JSON
    """Rewrite references to Observations as references to contained ones."""
    if isinstance(element, dict):
        return {name: contain(each) for name, each in element.items()}
    if isinstance(element, list):
        return [contain(each) for each in element]
    return (
        f"#{element.removeprefix('Observation/')}" if isinstance(element, str) and element.startswith("Observation/") else element
    )


def valued(value: object) -> Json:
    """Return the value[x] of a value's own type; nothing for None."""
    return {} if value is None else {f"value{_type_of(value)}": value}


def _type_of(value: object) -> str:
    match value:
        case bool():
            return "Boolean"
        case int():
            return "Integer"
        case str():
            return "String"
        case {"numerator": _} | {"denominator": _}:
            name = "Ratio"
        case {"low": _} | {"high": _}:
            name = "Range"
        case {"coding": _} | {"text": _}:
            name = "CodeableConcept"
        case _:
            name = "Quantity"
    return name


def without_none(elements: Json) -> Json:
    """Leave out what is None."""
    return {name: element for name, element in elements.items() if element is not None}
