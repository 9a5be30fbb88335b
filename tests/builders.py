"""Builders of synthetic FHIR: plain dictionaries, valid by default; a test overrides one thing.

Every builder takes FHIR elements as keywords: `observation(status="preliminary")` replaces an element, `observation(status=None)`
leaves it out. One clinical content can be written in every form hospitals use: `spine_report(form)` for each of `FORMS`.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from service.model.dossier import Document, Dossier, Origin
from service.model.hospital import HospitalSlug
from tests.elements import contain, resource, valued, without_none

Json = dict[str, Any]
Form = Literal["flat", "component", "hasMember", "contained"]
FORMS: Final[tuple[Form, ...]] = ("flat", "component", "hasMember", "contained")
BUNDLE_TYPES: Final = ("collection", "searchset", "transaction", "batch", "document", "message", "history")

BASE: Final = "https://ehr.example/fhir"
SNOMED: Final = "http://snomed.info/sct"
RADLEX: Final = "http://radlex.org"
RADELEMENT: Final = "https://radelement.org"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
LOCAL: Final = "https://spinal-lesion-service.github.io/fhir/CodeSystem/finding"
CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
ABSENT_REASON: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
INTERPRETATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

LEVELS: Final[Mapping[str, int]] = {
    **dict(zip(("C1", "C2", "C3", "C4", "C5", "C6", "C7"), (7745, 7747, 29160, 29161, 29224, 29162, 29163), strict=True)),
    **{f"T{n}": 29197 + n for n in range(1, 13)},
    **{f"L{n}": 29192 + n for n in range(1, 6)},
    **{f"S{n}": 29187 + n for n in range(1, 6)},
}
"""RadLex number of each vertebra."""

ELEMENTS: Final[Mapping[str, tuple[str, str, tuple[tuple[str, str], ...]]]] = {
    "bone-lesion": ("RDE153", "Lesion quality", (("blastic", "blastic"), ("mixed", "mixed"), ("lytic", "lytic"))),
    "alignment": (
        "RDE154",
        "Alignment",
        (("normal", "preserved"), ("de-novo-deformity", "deformed"), ("subluxation-translation", "subluxated")),
    ),
    "vertebral-collapse": (
        "RDE155",
        "Collapse",
        (
            ("none", "none"),
            ("under-50", "less than 50 percent collapse"),
            ("over-50", "more than 50 percent collapse"),
            ("no-collapse-over-50-involved", "no collapse with more 50 percent vertebral body involved"),
        ),
    ),
    "posterolateral-involvement": (
        "RDE156",
        "Posterior elements",
        (("none", "absent"), ("unilateral", "unilateral"), ("bilateral", "bilateral")),
    ),
    "escc-grade": ("RDE1998", "Compression grade", tuple((grade, f"grade {grade}") for grade in ("0", "1a", "1b", "1c", "2", "3"))),
}
"""RadElement question, its display and its answers (our value, RadElement display) in the order of their suffixes."""

ANSWERS: Final[Mapping[str, str]] = {
    "bone-lesion": "lytic",
    "alignment": "normal",
    "vertebral-collapse": "under-50",
    "posterolateral-involvement": "unilateral",
}
"""What a radiologist says for SINS; pain is never in a radiology report."""


def coding(code: str, display: str | None = None, *, system: str | None = SNOMED) -> Json:
    """Return a Coding (SNOMED CT unless another system is named)."""
    return without_none({"system": system, "code": code, "display": display})


def concept(*codings: Json, text: str | None = None) -> Json:
    """Return a CodeableConcept of codings and text."""
    return without_none({"coding": list(codings) or None, "text": text})


def quantity(value: float | Decimal, unit: str = "%", **elements: object) -> Json:
    """Return a UCUM Quantity; `comparator=">"` and the like as elements."""
    return without_none({"value": value, "unit": unit, "system": UCUM, "code": unit, **elements})


def reference(resource: Json) -> Json:
    """Return the relative Reference to a resource."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def level_site(level: str) -> Json:
    """Return a vertebra as RadLex bodySite; levels without a RadLex vertebra (C0, T13) in our own codes."""
    return concept(coding(f"RID{LEVELS[level]}", system=RADLEX) if level in LEVELS else coding(level, level, system=LOCAL))


def question(finding: str) -> Json:
    """Return the CodeableConcept that asks for a finding: RadElement where it has the question, else our own code."""
    known = ELEMENTS.get(finding)
    return concept(coding(known[0], known[1], system=RADELEMENT) if known else coding(finding, system=LOCAL))


def answer(finding: str, value: str) -> Json:
    """Return the CodeableConcept that answers it: RadElement where it has the answer, else our own code."""
    known = ELEMENTS.get(finding)
    for suffix, (ours, display) in enumerate(known[2] if known else ()):
        if known and ours == value:
            return concept(coding(f"{known[0]}.{suffix}", display, system=RADELEMENT))
    return concept(coding(value, system=LOCAL))


def patient(**elements: object) -> Json:
    """Return Patient/p1, born 1960."""
    return resource("Patient", "p1", {"gender": "female", "birthDate": "1960-02-03"}, elements)


def observation(code: Json | None = None, value: object = None, **elements: object) -> Json:
    """Return Observation/o1: final, of Patient/p1, an imaging finding; a lytic lesion unless code or value are given.

    Args:
        code: Observation.code; None with no value = "Lesion quality".
        value: goes to the value[x] of its type: CodeableConcept, Quantity, Range or Ratio as dictionary, bool, int, str.
        elements: anything else.
    """
    if code is None and value is None:
        code, value = question("bone-lesion"), answer("bone-lesion", "lytic")
    usual: Json = {
        "status": "final",
        "category": [concept(coding("imaging", system=CATEGORY))],
        "code": code or question("bone-lesion"),
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-01-10T09:30:00Z",
        **valued(value),
    }
    return resource("Observation", "o1", usual, elements)


def component(code: Json | None = None, value: object = None, **elements: object) -> Json:
    """Return an Observation.component; "Lesion quality: lytic" unless code or value are given."""
    if code is None and value is None:
        code, value = question("bone-lesion"), answer("bone-lesion", "lytic")
    return without_none({"code": code or question("bone-lesion"), **valued(value), **elements})


def lesion(
    form: Form = "component",
    level: str | None = "T12",
    answers: Mapping[str, str] = ANSWERS,
    name: str = "lesion",
    **elements: object,
) -> list[Json]:
    """Return the Observations of one lesion, the topmost first.

    Args:
        form: `flat` = one Observation an answer, each with its bodySite; `component` and `contained` = one Observation with a
            component an answer; `hasMember` = a group with bodySite and one member an answer.
        level: bodySite; None = none.
        answers: finding to value, in our vocabulary.
        name: prefix of the ids.
        elements: of the topmost Observation; of every one in the flat form.
    """
    site = {"bodySite": level_site(level)} if level else {}
    said = [(question(finding), answer(finding, value)) for finding, value in answers.items()]
    ids = [f"{name}-{finding}" for finding in answers]
    if form == "flat":
        return [observation(code, value, **{"id": each, **site, **elements}) for each, (code, value) in zip(ids, said, strict=True)]
    group: Json = {"id": name, "code": concept(coding("RDES21", system=RADELEMENT)), **site}
    if form in {"component", "contained"}:
        return [observation(**{**group, "component": [component(code, value) for code, value in said], **elements})]
    members = [observation(code, value, id=each) for each, (code, value) in zip(ids, said, strict=True)]
    return [observation(**{**group, "hasMember": [reference(member) for member in members], **elements}), *members]


def report(*observations: Json, contained: bool = False, **elements: object) -> Json:
    """Return DiagnosticReport/r1: final MRI of the spine of Patient/p1 with the given Observations as its result.

    Observations that are members of another one are not listed in `result`. With `contained` they move into the report.
    """
    members = {member["reference"] for each in observations for member in each.get("hasMember", ())}
    roots = [reference(each) for each in observations if f"Observation/{each['id']}" not in members]
    usual: Json = {
        "meta": {"versionId": "1", "lastUpdated": "2026-01-10T10:00:00Z"},
        "status": "final",
        "category": [concept(coding("RAD", system="http://terminology.hl7.org/CodeSystem/v2-0074"))],
        "code": concept(coding("RID10312", "magnetic resonance imaging", system=RADLEX)),
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-01-10T09:30:00Z",
        "issued": "2026-01-10T10:00:00Z",
    }
    if contained:
        usual["contained"], roots = [contain(each) for each in observations], [contain(each) for each in roots]
    return resource("DiagnosticReport", "r1", {**usual, **({"result": roots} if roots else {})}, elements)


def condition(code: Json | None = None, **elements: object) -> Json:
    """Return Condition/c1: confirmed, active since 2025."""
    usual: Json = {
        "clinicalStatus": concept(coding("active", system=CLINICAL)),
        "verificationStatus": concept(coding("confirmed", system=VERIFICATION)),
        "code": code or concept(coding("161891005", "Backache")),
        "subject": {"reference": "Patient/p1"},
        "onsetDateTime": "2025-06-01",
    }
    return resource("Condition", "c1", usual, elements)


def procedure(code: Json | None = None, **elements: object) -> Json:
    """Return Procedure/x1: completed in 2025."""
    usual: Json = {
        "status": "completed",
        "code": code or concept(coding("33195004", "External beam radiation therapy")),
        "subject": {"reference": "Patient/p1"},
        "performedDateTime": "2025-03-01",
    }
    return resource("Procedure", "x1", usual, elements)


def imaging_study(**elements: object) -> Json:
    """Return ImagingStudy/i1: an available MR study."""
    usual: Json = {"status": "available", "subject": {"reference": "Patient/p1"}, "modality": [coding("MR", system=DCM)]}
    return resource("ImagingStudy", "i1", usual, elements)


def body_structure(level: str = "T12", **elements: object) -> Json:
    """Return BodyStructure/b1 at a vertebra."""
    usual: Json = {"location": level_site(level), "patient": {"reference": "Patient/p1"}}
    return resource("BodyStructure", "b1", usual, elements)


def bundle(*resources: Json, kind: str = "collection", **elements: object) -> Json:
    """Return a Bundle of the given type; entries have fullUrl, and request, response or search as the type asks."""
    inner = list(resources)
    if kind == "document":
        inner.insert(0, {"resourceType": "Composition", "id": "composition", "status": "final", "title": "Report"})
    if kind == "message":
        inner.insert(0, {"resourceType": "MessageHeader", "id": "header", "source": {"endpoint": "https://ris.example"}})
    return without_none({"resourceType": "Bundle", "type": kind, "entry": [entry(each, kind) for each in inner], **elements})


def entry(resource: Json, kind: str = "collection", **elements: object) -> Json:
    """Return one Bundle.entry; a resource without id has no fullUrl."""
    usual: Json = {"resource": resource}
    address = f"{resource['resourceType']}/{resource['id']}" if "id" in resource else resource["resourceType"]
    if "id" in resource:
        usual["fullUrl"] = f"{BASE}/{address}"
    if kind in {"transaction", "batch", "history"}:
        usual["request"] = {"method": "PUT", "url": address}
    if kind == "history":
        usual["response"] = {"status": "200"}
    if kind == "searchset":
        usual["search"] = {"mode": "match"}
    return without_none({**usual, **elements})


def parameters(posted: Json, prior: float | Decimal | None = None) -> Json:
    """Return the Parameters of `$assess`: a Bundle and, where given, the caller's prior probability."""
    inner: list[Json] = [{"name": "prior", "valueDecimal": prior}] if prior is not None else []
    return {"resourceType": "Parameters", "parameter": [{"name": "bundle", "resource": posted}, *inner]}


def spine_report(
    form: Form = "component",
    lesions: Mapping[str, Mapping[str, str]] | None = None,
    *others: Json,
    kind: str = "collection",
    **elements: object,
) -> Json:
    """Return a Bundle of patient, report and Observations that say the same whatever the form.

    Args:
        form: how the findings are written.
        lesions: answers by vertebral level; None = one lesion at T12 with `ANSWERS`.
        others: further resources of the Bundle (context).
        kind: Bundle.type.
        elements: of the DiagnosticReport.
    """
    said = {"T12": ANSWERS} if lesions is None else lesions
    observations = [each for level, answers in said.items() for each in lesion(form, level, answers, name=level)]
    inside = form == "contained"
    return bundle(
        patient(), report(*observations, contained=inside, **elements), *(() if inside else observations), *others, kind=kind
    )


def body(resource: Json | list[Any] | bytes) -> bytes:
    """Return the JSON bytes (bytes as they are); a Decimal keeps its digits (`Decimal("1.50")` is written 1.50)."""
    if isinstance(resource, bytes):
        return resource
    text = json.dumps(resource, default=lambda number: f"@decimal {number}@", ensure_ascii=False)
    return re.sub(r'"@decimal (.+?)@"', r"\1", text).encode()


def posted(content: Json | bytes) -> Document:
    """Return a document that was posted to us."""
    return Document(origin=Origin.POSTED, request="", status=200, body=body(content))


def read_document(request: str, content: Json | bytes = b"", status: int = 200) -> Document:
    """Return a document that we read from the EHR: `read_document("Observation/o1", observation())`."""
    return Document(origin=Origin.READ, request=request, status=status, body=body(content))


def dossier(*documents: Json | bytes | Document, **fields: object) -> Dossier:
    """Return a strict dossier of local documents; the first is what started it.

    Args:
        documents: resources, bytes or documents.
        fields: fields of Dossier (`strict=False`, `ehr_base=BASE`, `context_days=30`, `report="DiagnosticReport/r1"`).
    """
    usual: Json = {"hospital": HospitalSlug("local"), "ehr_base": None, "report": None, "context_days": 30, "strict": True}
    read = tuple(each if isinstance(each, Document) else posted(each) for each in documents)
    return Dossier(**{**usual, "documents": read, **fields})
