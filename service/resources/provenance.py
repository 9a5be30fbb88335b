"""Provenance of a written RiskAssessment: made by us, from these versions of these resources.

Source: interfaces section 4 (last sentence); FHIR R4 Provenance.
"""

from collections.abc import Container
from typing import Final

from service.model.assessment import Assessment
from service.resources.element import Element, device
from service.resources.reference import inputs

_AGENT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_ACTIVITY: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"


def build(assessment: Assessment, *, target: str, recorded: str, served: Container[str]) -> Element:
    """Return the Provenance to be written after the RiskAssessment.

    Args:
        assessment: whose inputs became it.
        target: the version that the EHR returned (`RiskAssessment/9/_history/2`).
        recorded: FHIR instant of the write.
        served: version-less references that the EHR serves itself.
    """
    activity = "CREATE" if assessment.supersedes is None else "UPDATE"
    return {
        "resourceType": "Provenance",
        "target": [{"reference": target}],
        "recorded": recorded,
        "activity": {"coding": [{"system": _ACTIVITY, "code": activity}]},
        "agent": [{"type": {"coding": [{"system": _AGENT_TYPE, "code": "assembler"}]}, "who": device()}],
        "entity": [{"role": "source", "what": what} for what in inputs(assessment, served)],
    }
