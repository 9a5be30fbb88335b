"""The report that benchmarks assess: synthetic, three lesions in 30 Observations, about 48 KB, as a FHIR server sends it."""

import json
from typing import Any

VALIDATION = "fhir.resources.R4B Bundle.model_validate_json of the same bytes alone"
"""What most rows are measured against: the least that taking the report seriously as FHIR costs."""

SNOMED = "http://snomed.info/sct"
RADLEX = "http://radlex.org"
RADELEMENT = "https://radelement.org"
LOCAL = "https://spinal-lesion-service.github.io/fhir/CodeSystem/finding"

PRESENT = (SNOMED, "52101004", "Present")
ABSENT = (SNOMED, "2667000", "Absent")

_FEATURES: tuple[tuple[tuple[str, str, str], tuple[str, str, str]], ...] = (
    ((RADELEMENT, "RDE153", "Lesion quality"), (RADELEMENT, "RDE153.2", "lytic")),
    ((RADELEMENT, "RDE154", "Alignment"), (RADELEMENT, "RDE154.0", "preserved")),
    ((RADELEMENT, "RDE155", "Collapse"), (RADELEMENT, "RDE155.2", "more than 50 percent collapse")),
    ((RADELEMENT, "RDE156", "Posterior elements"), (RADELEMENT, "RDE156.1", "unilateral")),
    ((SNOMED, "274146004", "Pathological fracture of vertebra"), PRESENT),
    ((LOCAL, "epidural-involvement", "epidural involvement"), PRESENT),
    ((LOCAL, "thecal-sac-deformation", "thecal sac deformation"), PRESENT),
    ((LOCAL, "cord-abutment", "cord abutment"), ABSENT),
    ((SNOMED, "71286001", "Spinal cord compression"), ABSENT),
    ((SNOMED, "94602001", "Metastatic malignant neoplasm to vertebral column"), PRESENT),
)
"""Ten findings of one lesion: what SINS and ESCC read of a report, pain apart."""

_LEVELS = (
    ("RID29204", "seventh thoracic vertebra"),
    ("RID29209", "twelfth thoracic vertebra"),
    ("RID29196", "fourth lumbar vertebra"),
)

SPINE = (
    ("RID29160", "third cervical vertebra"),
    ("RID29161", "fourth cervical vertebra"),
    ("RID29224", "fifth cervical vertebra"),
    ("RID29162", "sixth cervical vertebra"),
    ("RID29163", "seventh cervical vertebra"),
    ("RID29198", "first thoracic vertebra"),
    ("RID29199", "second thoracic vertebra"),
    ("RID29200", "third thoracic vertebra"),
    ("RID29201", "fourth thoracic vertebra"),
    ("RID29202", "fifth thoracic vertebra"),
    ("RID29203", "sixth thoracic vertebra"),
    ("RID29204", "seventh thoracic vertebra"),
    ("RID31704", "eighth thoracic vertebra"),
    ("RID29206", "ninth thoracic vertebra"),
    ("RID29207", "tenth thoracic vertebra"),
    ("RID29208", "eleventh thoracic vertebra"),
    ("RID29209", "twelfth thoracic vertebra"),
    ("RID29193", "first lumbar vertebra"),
    ("RID29194", "second lumbar vertebra"),
    ("RID29195", "third lumbar vertebra"),
    ("RID29196", "fourth lumbar vertebra"),
    ("RID29197", "fifth lumbar vertebra"),
    ("RID29188", "first sacral vertebra"),
)
"""RadLex codes of the vertebrae from C3 to S1: as many lesions as a spine with metastases everywhere has."""


def bundle(number: int, observations: int = 30, levels: tuple[tuple[str, str], ...] = ()) -> bytes:
    """Return one Bundle (collection): patient, report and Observations; `number` makes report and content distinct.

    Args:
        number: distinguishes reports.
        observations: how many Observations.
        levels: (RadLex code, display) of each lesion; empty = three lesions.
    """
    places = levels or _LEVELS
    entries = [
        _entry(
            "Patient",
            f"p{number}",
            {"gender": "male", "birthDate": "1961-04-02", "name": [{"family": "Synthetic", "given": ["Test"]}]},
        )
    ]
    report = {
        "status": "final",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD", "Radiology")],
        "code": _concept("http://loinc.org", "24980-5", "MR Thoracic spine"),
        "subject": {"reference": f"Patient/p{number}"},
        "effectiveDateTime": "2026-03-10T09:30:00+01:00",
        "issued": "2026-03-10T10:15:00.000+01:00",
        "result": [{"reference": f"Observation/o{number}-{i}"} for i in range(observations)],
    }
    entries.append(_entry("DiagnosticReport", f"r{number}", report))
    entries += [_entry("Observation", f"o{number}-{i}", _observation(number, i, places)) for i in range(observations)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def _observation(number: int, i: int, places: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    question, answer = _FEATURES[i % len(_FEATURES)]
    site = (RADLEX, *places[(i // len(_FEATURES)) % len(places)])
    return {
        "identifier": [{"system": "https://hospital.example/observations", "value": f"{number}-{i}"}],
        "status": "final",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging")],
        "code": {"coding": [_coding(question)], "text": question[2]},
        "subject": {"reference": f"Patient/p{number}"},
        "encounter": {"reference": "Encounter/e1"},
        "effectiveDateTime": "2026-03-10T09:30:00+01:00",
        "issued": "2026-03-10T10:15:00.000+01:00",
        "performer": [{"reference": "Practitioner/reader-1", "display": "Reader 1"}],
        "valueCodeableConcept": {"coding": [_coding(answer)], "text": answer[2]},
        "bodySite": {"coding": [_coding(site)]},
        "method": _concept(SNOMED, "113091000", "Magnetic resonance imaging"),
        "note": [
            {"text": "Read on the sagittal and axial sequences of the examination; compared with the study of the year before."}
        ],
        "derivedFrom": [{"reference": f"ImagingStudy/s{number}", "display": "MR of the spine"}],
        "device": {"reference": "Device/scanner-1", "display": "Scanner 1"},
    }


def _entry(resource_type: str, identifier: str, content: dict[str, Any]) -> dict[str, Any]:
    meta = {"versionId": "1", "lastUpdated": "2026-03-10T10:15:00.000+01:00"}
    resource = {"resourceType": resource_type, "id": identifier, "meta": meta, **content}
    return {"fullUrl": f"https://ehr.example/fhir/{resource_type}/{identifier}", "resource": resource}


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [_coding((system, code, display))]}


def _coding(coding: tuple[str, str, str]) -> dict[str, str]:
    system, code, display = coding
    return {"system": system, "code": code, "display": display}
