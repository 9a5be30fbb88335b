"""Elements of an Observation that FHIR forbids and fhir.resources takes in part, each with the path of its fault."""

from tests.builders import Json, coding, observation, question

FORBIDDEN: list[tuple[Json, str]] = [
    ({"valueBoolean": "true"}, "value"),
    ({"valueBoolean": 1}, "value"),
    ({"valueInteger": "12"}, "value"),
    ({"valueInteger": True}, "value"),
    ({"valueInteger": 1.5}, "value"),
    ({"valueString": ""}, "value"),
    ({"valueString": 7}, "value"),
    ({"valueQuantity": {"value": "12"}}, "value.value"),
    ({"valueQuantity": {"value": 12, "comparator": "about"}}, "value.comparator"),
    ({"valueQuantity": {"value": 12, "code": "%"}}, "value.system"),
    ({"valueQuantity": '{"value": 12}'}, "value"),
    ({"valueRange": {"low": {"value": 5}, "high": {"value": 3}}}, "value"),
    ({"valueRange": {"low": {"value": 5, "comparator": "<"}}}, "value.low.comparator"),
    ({"valueRatio": {"numerator": {"value": 5}}}, "value"),
    ({"valuePeriod": {"start": "2026-02-01", "end": "2026-01-01"}}, "value"),
    ({"valueDateTime": 20260110}, "value"),
    ({"effectiveDateTime": 1_700_000_000}, "effective"),
    ({"effectiveDateTime": "2026-01-10T09:30:00"}, "effective"),
    ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-02-01", "end": "2026-01-31"}}, "effective"),
    ({"code": '{"text": "x"}'}, "code"),
    ({"code": {"coding": coding("1")}}, "code.coding"),
    ({"code": {"coding": ["1"]}}, "code.coding[0]"),
    ({"code": {"coding": [{"code": 1}]}}, "code.coding[0].code"),
    ({"subject": {"reference": "p1"}}, "subject.reference"),
    ({"subject": {"reference": ["Patient/p1"]}}, "subject.reference"),
    ({"hasMember": {"reference": "Observation/o2"}}, "hasMember"),
    ({"component": [3]}, "component[0]"),
    ({"meta": {"lastUpdated": "yesterday"}}, "meta.lastUpdated"),
    ({"extension": [{"url": "http://x", "valueReference": "Patient/1"}]}, "extension[0].value"),
    ({"id": "a b"}, "id"),
    ({"identifier": [{"value": 7}]}, "identifier[0].value"),
]


def observed(element: Json) -> Json:
    """Return an Observation with this element in the place of its own; None = without it."""
    resource = {**observation(question("alignment")), **element}
    return {name: each for name, each in resource.items() if each is not None}
