"""The patient of the demo, synthetic: a lung carcinoma metastasis of T7 as in Montoya-Bordón 2023, Figures 2, 3 and 5.

The paper prints level, lytic lesion, pathological wedge fracture, the left pedicle and cord compression. Alignment, the share of
collapse and the visible CSF are not printed; the synthetic reader states them, so that pain alone is missing. No code of our own
is used: RadElement sets with components, SNOMED CT and RadLex.
"""

from typing import Any, Final

PATIENT_ID: Final = "demo-patient"
REPORT_ID: Final = "demo-report"
_EXAMINED: Final = "2026-02-03T09:00:00+01:00"
_SNOMED: Final = "http://snomed.info/sct"
_RADLEX: Final = "http://radlex.org"
_RADELEMENT: Final = "https://radelement.org"


def resources() -> list[dict[str, Any]]:
    """Return patient, Observations and report in the order in which an EHR would store them."""
    observations = [_instability(), _compression(), _fracture(), _unknown_to_us()]
    return [_patient(), *observations, _report([each["id"] for each in observations])]


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


_T7: Final = _concept(_RADLEX, "RID29204", "seventh thoracic vertebra")


def _patient() -> dict[str, Any]:
    return {"resourceType": "Patient", "id": PATIENT_ID, "gender": "male", "birthDate": "1957-06-30"}


def _observation(identifier: str, code: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - FHIR elements
    return {
        "resourceType": "Observation",
        "id": identifier,
        "status": "final",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging")],
        "code": code,
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "effectiveDateTime": _EXAMINED,
        "performer": [{"display": "Reader 1"}],
        **more,
    }


def _element(code: str, display: str, answer: tuple[str, str]) -> dict[str, Any]:
    return {"code": _concept(_RADELEMENT, code, display), "valueCodeableConcept": _concept(_RADELEMENT, *answer)}


def _instability() -> dict[str, Any]:
    """RDES21: five of the six SINS components; the set has no element for pain."""
    return _observation(
        "demo-rdes21",
        _concept(_RADELEMENT, "RDES21", "spine instability neuroplastic score (sins)"),
        bodySite=_T7,
        component=[
            _element("RDE153", "Lesion quality", ("RDE153.2", "lytic")),
            _element("RDE154", "Alignment", ("RDE154.0", "preserved")),
            _element("RDE155", "Collapse", ("RDE155.1", "less than 50 percent  collapse")),
            _element("RDE156", "Posterior elements", ("RDE156.1", "unilateral")),
        ],
    )


def _compression() -> dict[str, Any]:
    """RDES288: the reported Bilsky grade."""
    return _observation(
        "demo-rdes288",
        _concept(_RADELEMENT, "RDES288", "epidural spinal cord compression scale (escc)"),
        bodySite=_T7,
        component=[_element("RDE1998", "Compression grade", ("RDE1998.4", "grade 2"))],
    )


def _fracture() -> dict[str, Any]:
    """An assertion in SNOMED CT: the code alone, with a final status, says that it is there."""
    return _observation("demo-fracture", _concept(_SNOMED, "274146004", "Pathological fracture of vertebra"), bodySite=_T7)


def _unknown_to_us() -> dict[str, Any]:
    """A code of the hospital's own: listed as not understood, never dropped."""
    return _observation("demo-local", _concept("https://hospital.example/codes", "SP-17", "Spine protocol 17"), valueString="done")


def _report(results: list[str]) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": REPORT_ID,
        "status": "final",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology")],
        "code": _concept("http://loinc.org", "36067-7", "MR Spine"),
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "effectiveDateTime": _EXAMINED,
        "issued": "2026-02-03T10:15:00.000+01:00",
        "result": [{"reference": f"Observation/{each}"} for each in results],
        "conclusion": "Metastasis of T7 with pathological fracture and cord compression.",
        "conclusionCode": [_concept(_SNOMED, "94602001", "Metastatic malignant neoplasm to vertebral column")],
    }


PAIN: Final[dict[str, Any]] = {
    "resourceType": "Observation",
    "id": "demo-pain",
    "status": "final",
    "code": _concept(_SNOMED, "425423002", "Pain provoked by movement (finding)"),
    "subject": {"reference": f"Patient/{PATIENT_ID}"},
    "effectiveDateTime": "2026-02-04T08:00:00+01:00",
    "performer": [{"display": "Ward nurse"}],
    "bodySite": _T7,
}
"""The clinical Observation of act two: mechanical pain at T7."""
