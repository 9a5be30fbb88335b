"""Definitions that we publish: the operation `$assess`.

Source: FHIR R4 OperationDefinition (opd-0, opd-1), Executing an Operation; interfaces section 2.
"""

from typing import Final

import orjson

from service.resources.element import Element
from service.resources.identity import CANON, DEVICE

ASSESS: Final = "assess"
ASSESS_URL: Final = f"{CANON}/OperationDefinition/{ASSESS}"

_COMMENT: Final = """\
A Bundle, or a DiagnosticReport with contained Observations, may be the body itself: it is `bundle` then. The parameters `prior`,
`store` and `writeBack` may stand in the address instead; what stands in both places must agree. `hospital` (on whose behalf) and
`Prefer: handling=strict|lenient` stand outside the body only. What is wrong is answered with an OperationOutcome whose
`expression` names the element: strict handling (the default) refuses the input with 422, lenient handling leaves it out and lists
it.

    POST [base]/$assess?store=false
    Content-Type: application/fhir+json

"""


def assess_operation(*, version: str, released_on: str) -> Element:
    """Return the OperationDefinition of `$assess`.

    Args:
        version: of the service.
        released_on: its date (`2026-11-20`).
    """
    return {
        "resourceType": "OperationDefinition",
        "id": ASSESS,
        "url": ASSESS_URL,
        "version": version,
        "name": "Assess",
        "title": "Assess spinal lesions",
        "status": "active",
        "kind": "operation",
        "date": released_on,
        "publisher": DEVICE,
        "description": "Computes published assessments of every spinal lesion from the coded findings of one report.",
        "affectsState": True,
        "code": ASSESS,
        "comment": _COMMENT + "\n".join(f"    {line}" for line in example_text().splitlines()),
        "system": True,
        "type": False,
        "instance": False,
        "parameter": [
            _parameter(
                "bundle",
                "Bundle",
                "One DiagnosticReport with everything that it refers to, in a Bundle of any type.",
                required=True,
            ),
            _parameter("prior", "decimal", "The caller's prior probability (0-1) for the IESL probability; none is assumed."),
            _parameter("store", "boolean", "false = a dry run: nothing is stored. Not stated = true."),
            _parameter("writeBack", "boolean", "true = also deliver to the hospital's EHR. Not stated = false."),
            _parameter("return", "Bundle", _RETURN, use="out", required=True),
        ],
    }


_RETURN: Final = "A collection: RiskAssessment, Provenance, and an OperationOutcome with what must be said about the input."


def _parameter(name: str, kind: str, documentation: str, *, use: str = "in", required: bool = False) -> Element:
    return {"name": name, "use": use, "min": int(required), "max": "1", "documentation": documentation, "type": kind}


def example_text() -> str:
    """Return the body of the example as printed in the definition: it can be sent as it is."""
    return orjson.dumps(_EXAMPLE, option=orjson.OPT_INDENT_2).decode()


_EXAMPLE: Final[Element] = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "bundle",
            "resource": {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [
                    {
                        "fullUrl": "urn:uuid:2d3e8b6c-2f0e-4f4e-8a53-6f1f6a3c1c11",
                        "resource": {
                            "resourceType": "DiagnosticReport",
                            "status": "final",
                            "code": {"coding": [{"system": "http://loinc.org", "code": "24980-5"}]},
                            "subject": {"reference": "Patient/example"},
                            "effectiveDateTime": "2026-03-10T09:30:00Z",
                            "result": [{"reference": "urn:uuid:0b7d8b0e-51a3-4d0a-9a35-0d1f2c3b4a22"}],
                        },
                    },
                    {
                        "fullUrl": "urn:uuid:0b7d8b0e-51a3-4d0a-9a35-0d1f2c3b4a22",
                        "resource": {
                            "resourceType": "Observation",
                            "status": "final",
                            "code": {
                                "coding": [{"system": "https://radelement.org", "code": "RDE153", "display": "Lesion quality"}]
                            },
                            "subject": {"reference": "Patient/example"},
                            "bodySite": {"coding": [{"system": "http://radlex.org", "code": "RID29209"}]},
                            "valueCodeableConcept": {
                                "coding": [{"system": "https://radelement.org", "code": "RDE153.2", "display": "lytic"}]
                            },
                        },
                    },
                ],
            },
        },
        {"name": "prior", "valueDecimal": 0.3},
    ],
}
"""A lytic lesion of T12, and nothing else said about it."""
