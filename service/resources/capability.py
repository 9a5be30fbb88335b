"""CapabilityStatement: what this server really does, and nothing that it does not do yet.

Source: FHIR R4 CapabilityStatement (cpb-1, cpb-15); interfaces section 2 (`GET /fhir/metadata`).
"""

from typing import Final

from service.resources.definitions import ASSESS, ASSESS_URL
from service.resources.element import Element
from service.resources.identity import DEVICE

FHIR_VERSION: Final = "4.0.1"
_READ: Final = [{"code": "read"}]


def build(*, version: str, released_on: str, needs_token: bool) -> Element:
    """Return the CapabilityStatement of this instance.

    Args:
        version: of the service.
        released_on: its date (`2026-11-20`).
        needs_token: whether callers prove themselves with access tokens.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": released_on,
        "kind": "instance",
        "software": {"name": DEVICE, "version": version},
        "implementation": {"description": "Published assessments of spinal lesions from coded findings; decision support."},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": _security(needs_token=needs_token),
                "resource": [
                    {"type": "OperationDefinition", "interaction": _READ, "versioning": "no-version"},
                    {
                        "type": "RiskAssessment",
                        "interaction": _READ,
                        "versioning": "versioned",
                        "readHistory": False,
                        "conditionalRead": "not-match",
                    },
                    {"type": "Task", "interaction": _READ, "versioning": "no-version"},
                ],
                "operation": [{"name": ASSESS, "definition": ASSESS_URL}],
            }
        ],
    }


def _security(*, needs_token: bool) -> Element:
    if not needs_token:
        return {"description": "No authentication: this instance listens on loopback only."}
    service = {"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}
    return {
        "service": [{"coding": [service]}],
        "description": "Bearer access tokens of registered issuers; SMART v2 system scopes.",
    }
