"""Published assessments of spinal lesions, computed from coded FHIR findings and written back as RiskAssessment."""

__version__ = "0.1.0"
__released__ = "2026-11-20"
