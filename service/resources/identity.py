"""Names that are ours for ever: canonical URLs, identifier systems and extensions.

Source: interfaces, head of the page and section 4.
"""

from typing import Final

CANON: Final = "https://spinal-lesion-service.github.io/fhir"
"""Base of everything that we define."""

FINDING_SYSTEM: Final = f"{CANON}/CodeSystem/finding"
OUTCOME_SYSTEM: Final = f"{CANON}/CodeSystem/outcome"
INSTRUMENT_SYSTEM: Final = f"{CANON}/CodeSystem/instrument"

ASSESSMENT_IDENTIFIER: Final = f"{CANON}/identifier/assessment"
"""System of RiskAssessment.identifier; the value is the series, the same for every version of a report."""

DEVICE_IDENTIFIER: Final = f"{CANON}/identifier/device"
DEVICE: Final = "spinal-lesion-service"

SNOMED: Final = "http://snomed.info/sct"
RADLEX: Final = "http://radlex.org"
RISK_PROBABILITY: Final = "http://terminology.hl7.org/CodeSystem/risk-probability"

LESION: Final = f"{CANON}/StructureDefinition/lesion"
"""Nested `source` (valueReference, 0..1) and `site` (valueCodeableConcept, one for each level)."""

INSTRUMENT: Final = f"{CANON}/StructureDefinition/instrument"
"""valueCode: key of the instrument."""

APPLICABILITY: Final = f"{CANON}/StructureDefinition/applicability"
"""valueCode: applicable, not-applicable or unknown."""

SCORE: Final = f"{CANON}/StructureDefinition/score"
"""valueRange: smallest and largest attainable total, equal when exact; points have no unit."""

POSSIBLE_OUTCOME: Final = f"{CANON}/StructureDefinition/possible-outcome"
"""valueCodeableConcept, repeats: the verdicts that an unsettled question can still have, in the shape of prediction.outcome."""

MISSING_FINDING: Final = f"{CANON}/StructureDefinition/missing-finding"
"""valueCoding in our finding system, repeats: what was not assessed and could change the result."""

EVIDENCE: Final = f"{CANON}/StructureDefinition/evidence"
"""valueRelatedArtifact of type citation, repeats: printed place that the result rests on."""

CONCERNED_REPORT: Final = f"{CANON}/StructureDefinition/concerned-report"
"""valueReference on Task.output: the report that the output speaks of, where a trigger concerns several."""
