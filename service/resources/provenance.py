"""Provenance of a RiskAssessment: made by us, from these versions of these resources.

It is made from the RiskAssessment itself, whose `basis` names every resource that was read: what stands in one stands in the other.

Source: interfaces sections 2 (`$assess`) and 4 (last sentence); FHIR R4 Provenance.
"""

from collections.abc import Mapping
from typing import Any, Final

from service.resources.element import Element, device

_AGENT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_ACTIVITY: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"


def build(risk_assessment: Mapping[str, Any], *, target: str, recorded: str, assessed_at: str, is_first: bool) -> Element:
    """Return the Provenance of one version of a RiskAssessment.

    Args:
        risk_assessment: the version, as it was built.
        target: where that version stands (`RiskAssessment/9/_history/2`).
        recorded: FHIR instant at which it was recorded there.
        assessed_at: FHIR instant at which it was computed.
        is_first: True = there was no version before it.
    """
    activity = "CREATE" if is_first else "UPDATE"
    resource: Element = {"resourceType": "Provenance"}
    if security := risk_assessment.get("meta", {}).get("security"):
        resource["meta"] = {"security": security}
    return resource | {
        "target": [{"reference": target}],
        "occurredDateTime": assessed_at,
        "recorded": recorded,
        "activity": {"coding": [{"system": _ACTIVITY, "code": activity}]},
        "agent": [{"type": {"coding": [{"system": _AGENT_TYPE, "code": "assembler"}]}, "who": device()}],
        "entity": [{"role": "source", "what": what} for what in risk_assessment["basis"]],
    }
