"""The elements this service reads, with the type each must have: one table for each resource type.

fhir.resources takes "true" for a boolean, "12" for a number, a number for a date and a text of JSON for an object. What is read
here is read as sent, so its types are checked here too. A resource without faults can be read without further guards.

Source: FHIR R4 (4.0.1) resource definitions and required bindings.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from service.intake.addresses import LONGEST_REFERENCE, is_id, is_shaped
from service.intake.instants import read_date

Check = Callable[[Any], str | None]
"""A check of one value: what it must be, None = it is."""

Shape = tuple[type, ...] | Mapping[str, "Shape"] | Sequence[Mapping[str, "Shape"]] | Check
"""Types of a primitive, the elements of an object, the elements of each object of a list, or a check."""

Fields = Mapping[str, Shape]


def _reference(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    return None if value.__class__ is str and is_shaped(value) else _A_REFERENCE


def _date(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    return None if value.__class__ is str and read_date(value) is not None else _A_DATE


def _id(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    return None if is_id(value) else "must be an id: 1 to 64 letters, digits, hyphens and dots"


def _uri(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    return None if value.__class__ is str and _SPACELESS.fullmatch(value) else "must be an address without spaces"


def _one_of(*codes: str) -> Check:
    known = frozenset(codes)
    text = f"must be one of {', '.join(codes)}"
    return lambda value: None if value.__class__ is str and value in known else text


_A_REFERENCE: Final = f"must be a reference (Observation/7, #7, urn:uuid:.., https://..) of at most {LONGEST_REFERENCE} characters"
_A_DATE: Final = "must be a date of FHIR (2026, 2026-01, 2026-01-10), or with time and zone (2026-01-10T09:30:00Z)"
_SPACELESS: Final = re.compile(r"\S+")

TEXT: Final = (str,)
BOOLEAN: Final = (bool,)
INTEGER: Final = (int,)
NUMBER: Final = (int, Decimal)

_CODING: Final[Fields] = {"system": _uri, "code": TEXT, "display": TEXT}
IDENTIFIER: Final[Fields] = {
    "use": _one_of("usual", "official", "temp", "secondary", "old"),
    "system": _uri,
    "value": TEXT,
    "type": {"coding": [_CODING]},
}
REFERENCE: Final[Fields] = {"reference": _reference, "type": TEXT, "identifier": IDENTIFIER, "display": TEXT}
EXTENSION: Final[Fields] = {"url": _uri, "valueReference": REFERENCE, "valueCode": TEXT}
_PRIMITIVE: Final[Fields] = {"extension": [EXTENSION]}
CONCEPT: Final[Fields] = {"coding": [_CODING], "text": TEXT, "extension": [EXTENSION]}
ANNOTATION: Final[Fields] = {"text": TEXT}
QUANTITY: Final[Fields] = {
    "value": NUMBER,
    "comparator": _one_of("<", "<=", ">=", ">"),
    "unit": TEXT,
    "system": _uri,
    "code": TEXT,
    "extension": [EXTENSION],
}
_PERIOD: Final[Fields] = {"start": _date, "end": _date}
META: Final[Fields] = {"versionId": _id, "lastUpdated": _date, "security": [_CODING]}
_RESOURCE: Final[Fields] = {
    "id": _id,
    "meta": META,
    "implicitRules": _uri,
    "text": {"status": _one_of("generated", "extensions", "additional", "empty")},
    "identifier": [IDENTIFIER],
    "extension": [EXTENSION],
    "modifierExtension": [{}],
}
VALUES: Final[Fields] = {
    "valueCodeableConcept": CONCEPT,
    "valueBoolean": BOOLEAN,
    "valueQuantity": QUANTITY,
    "valueRange": {"low": QUANTITY, "high": QUANTITY},
    "valueInteger": INTEGER,
    "valueRatio": {"numerator": QUANTITY, "denominator": QUANTITY},
    "valueString": TEXT,
    "valueSampledData": {},
    "valueTime": TEXT,
    "valueDateTime": _date,
    "valuePeriod": _PERIOD,
}
"""Every value[x] of Observation and its components."""

_PRIMITIVE_VALUES: Final[Fields] = {f"_value{kind}": _PRIMITIVE for kind in ("Boolean", "Integer", "String", "Time", "DateTime")}
_STATEMENT: Final[Fields] = {
    "code": CONCEPT,
    **VALUES,
    **_PRIMITIVE_VALUES,
    "dataAbsentReason": CONCEPT,
    "interpretation": [CONCEPT],
    "modifierExtension": [{}],
}
_EFFECTIVE: Final[Fields] = {
    "effectiveDateTime": _date,
    "effectivePeriod": _PERIOD,
    "effectiveInstant": _date,
    "issued": _date,
}

_NAME: Final[Fields] = {"use": _one_of("usual", "official", "temp", "nickname", "anonymous", "old", "maiden")}
_ADDRESS: Final[Fields] = {
    "use": _one_of("home", "work", "temp", "old", "billing"),
    "type": _one_of("postal", "physical", "both"),
}
_TELECOM: Final[Fields] = {
    "system": _one_of("phone", "fax", "email", "pager", "url", "sms", "other"),
    "use": _one_of("home", "work", "temp", "old", "mobile"),
}
_PERSON: Final[Fields] = {
    "gender": _one_of("male", "female", "other", "unknown"),
    "name": [_NAME],
    "address": [_ADDRESS],
    "telecom": [_TELECOM],
}
"""Of a person only the required bindings are held; nothing of it but gender, birth date and links is read."""

SHAPES: Final[Mapping[str, Fields]] = {
    "Observation": {
        **_RESOURCE,
        **_STATEMENT,
        **_EFFECTIVE,
        "status": _one_of("registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"),
        "category": [CONCEPT],
        "subject": REFERENCE,
        "focus": [REFERENCE],
        "performer": [REFERENCE],
        "basedOn": [REFERENCE],
        "partOf": [REFERENCE],
        "derivedFrom": [REFERENCE],
        "bodySite": CONCEPT,
        "method": CONCEPT,
        "hasMember": [REFERENCE],
        "component": [_STATEMENT],
    },
    "DiagnosticReport": {
        **_RESOURCE,
        **_EFFECTIVE,
        "status": _one_of(
            "registered",
            "partial",
            "preliminary",
            "final",
            "amended",
            "corrected",
            "appended",
            "cancelled",
            "entered-in-error",
            "unknown",
        ),
        "category": [CONCEPT],
        "code": CONCEPT,
        "subject": REFERENCE,
        "encounter": REFERENCE,
        "basedOn": [REFERENCE],
        "result": [REFERENCE],
        "imagingStudy": [REFERENCE],
        "conclusionCode": [CONCEPT],
    },
    "Patient": {
        **_RESOURCE,
        **_PERSON,
        "contact": [{**_PERSON, "name": _NAME, "address": _ADDRESS}],
        "birthDate": _date,
        "link": [{"other": REFERENCE, "type": _one_of("replaced-by", "replaces", "refer", "seealso")}],
    },
    "Condition": {
        **_RESOURCE,
        "clinicalStatus": CONCEPT,
        "verificationStatus": CONCEPT,
        "code": CONCEPT,
        "bodySite": [CONCEPT],
        "subject": REFERENCE,
        "onsetDateTime": _date,
        "onsetPeriod": _PERIOD,
        "recordedDate": _date,
        "recorder": REFERENCE,
        "asserter": REFERENCE,
    },
    "Procedure": {
        **_RESOURCE,
        "status": _one_of(
            "preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"
        ),
        "code": CONCEPT,
        "bodySite": [CONCEPT],
        "subject": REFERENCE,
        "performedDateTime": _date,
        "performedPeriod": _PERIOD,
    },
    "ImagingStudy": {
        **_RESOURCE,
        "status": _one_of("registered", "available", "cancelled", "entered-in-error", "unknown"),
        "subject": REFERENCE,
        "started": _date,
        "modality": [_CODING],
        "procedureCode": [CONCEPT],
        "series": [{"modality": _CODING}],
    },
    "BodyStructure": {
        **_RESOURCE,
        "location": CONCEPT,
        "locationQualifier": [CONCEPT],
        "patient": REFERENCE,
    },
}
"""What is read of each resource type; elements that are not named are not read."""
