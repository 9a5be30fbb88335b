"""One assessed report for the tests of what we emit: T12 with an open SINS and ESCC 1b, valid by default."""

from dataclasses import replace
from decimal import Decimal

from service.model.assessment import Assessment, Statement, Versions
from service.model.case import Case
from service.model.coded import Coding, Interval, Report, Source
from service.model.finding import Finding, State
from service.model.lesion import Known, Lesion, Site
from service.model.outcome import Applicability, Citation, Outcome, Reason, Score
from service.resources.emission import Emission
from service.resources.identity import OUTCOME_SYSTEM, RADLEX, SNOMED

OIFM = "https://spinal-lesion-service.github.io/fhir/NamingSystem/oifm"
SERVED = frozenset({"DiagnosticReport/7", "Observation/1", "Observation/2", "Patient/9"})

_OUTCOMES = (
    ("any", "conflicting-input", "", "flag", "Conflicting input"),
    ("sins", "stable", "sins", "verdict", "Stable (SINS 0-6)"),
    ("sins", "potentially-unstable", "sins", "verdict", "Potentially unstable (SINS 7-12)"),
    ("sins", "unstable", "sins", "verdict", "Unstable (SINS 13-18)"),
    ("sins", "category-open", "sins", "open", "Category open"),
    ("sins", "surgical-consultation", "", "recommendation", "Surgical consultation"),
    ("sins", "missing-pain", "", "reason-missing", "Pain missing"),
    ("escc", "grade-1b", "grade", "verdict", "ESCC grade 1b"),
    ("escc", "grade-2", "grade", "verdict", "ESCC grade 2"),
    ("escc", "grade-3", "grade", "verdict", "ESCC grade 3"),
    ("escc", "grade-set", "grade", "open", "ESCC grade not unique"),
    ("escc", "low-grade", "band", "verdict", "Low-grade epidural disease"),
    ("escc", "high-grade", "band", "verdict", "High-grade cord compression"),
    ("escc", "band-undetermined", "band", "open", "Band undetermined"),
    ("escc", "below-conus", "", "flag", "Below the conus"),
    ("fracture-risk", "high-fracture-risk", "fracture-risk", "verdict", "High risk of pathologic fracture"),
    ("iesl", "favours-iesl", "pattern", "verdict", "Pattern favours indolent enhancing lesion"),
    ("iesl", "favours-metastasis", "pattern", "verdict", "Pattern favours metastasis"),
    ("mimics", "haemangioma", "mimics", "verdict", "Haemangioma"),
    ("mimics", "enostosis", "mimics", "verdict", "Enostosis"),
    ("next-imaging", "mri", "", "recommendation", "MRI"),
)
_CORD = (Coding(SNOMED, "71286001", "Spinal cord compression"), Coding(RADLEX, "RID28797", "cord compression"))
_METASTASIS = Coding(SNOMED, "94602001", "Metastatic malignant neoplasm to vertebral column")


def emission() -> Emission:
    return Emission(
        outcome_codings={
            ("sins", "stable"): (Coding(OUTCOME_SYSTEM, "sins-stable", "given twice"),),
            ("escc", "grade-1b"): (Coding(OIFM, "OIFMA_CDE_001998.2", "grade 1b"),),
            ("escc", "grade-2"): (Coding(OIFM, "OIFMA_CDE_001998.4", "grade 2"), *_CORD),
            ("escc", "grade-3"): (Coding(OIFM, "OIFMA_CDE_001998.5", "grade 3"), *_CORD),
            ("escc", "high-grade"): _CORD,
            ("iesl", "favours-metastasis"): (_METASTASIS,),
        },
        outcome_displays={(instrument, outcome): display for instrument, outcome, _, _, display in _OUTCOMES},
        questions={(instrument, outcome): question for instrument, outcome, question, _, _ in _OUTCOMES if question},
        kinds={(instrument, outcome): kind for instrument, outcome, _, kind, _ in _OUTCOMES},
        site_codings={
            ("vertebral-level", "T12"): (
                Coding(SNOMED, "23215003", "Bone structure of T12"),
                Coding(RADLEX, "RID29209", "twelfth thoracic vertebra"),
            ),
            ("spinal-region", "thoracic"): (Coding(RADLEX, "RID34572", "thoracic vertebral column"),),
        },
        words={
            "vertebral-level": "vertebral level",
            "spinal-pain": "spinal pain",
            "bone-lesion": "bone lesion",
            "epidural-involvement": "epidural involvement",
        },
        titles={"sins": "SINS", "escc": "ESCC", "next-imaging": "Next imaging"},
    )


def source(number: int, *, from_other_report: bool = False) -> Source:
    return Source(
        reference=f"Observation/{number}",
        version="3",
        path=f"Bundle.entry[{number}].resource",
        from_other_report=from_other_report,
    )


def stated(finding: str, value: str) -> Known:
    said = Finding(finding=finding, state=State.PRESENT, value=value, source=source(1))
    return Known(finding=finding, state=State.PRESENT, values=(value,), sources=(said,))


def measured(finding: str, low: str, high: str | None) -> Known:
    interval = Interval(low=Decimal(low), high=None if high is None else Decimal(high))
    said = Finding(finding=finding, state=State.PRESENT, interval=interval, source=source(2))
    return Known(finding=finding, state=State.PRESENT, interval=interval, sources=(said,))


def lesion(**changes: object) -> Lesion:
    made = Lesion(
        id="lesion-1",
        site=Site(levels=("T12",), text="T12"),
        findings={
            "vertebral-level": stated("vertebral-level", "T12"),
            "bone-lesion": stated("bone-lesion", "lytic"),
            "spinal-pain": Known(finding="spinal-pain", state=State.NOT_ASSESSED),
        },
        source="Observation/1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names the fields it changes


def outcome(instrument: str, *verdicts: str, **changes: object) -> Outcome:
    """Return an outcome that rests on one statement: what rests on none is said nowhere."""
    made = Outcome(
        instrument=instrument,
        version="1",
        applicability=Applicability.APPLICABLE,
        verdicts=verdicts,
        reasons=(Reason(finding="bone-lesion", value="lytic", evidence="montoya-table-3: bone-lesion"),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names the fields it changes


def open_sins() -> Outcome:
    return outcome(
        "sins",
        "potentially-unstable",
        "unstable",
        score=Score(low=11, high=14, attainable=(11, 12, 14)),
        reasons=(
            Reason(finding="bone-lesion", value="lytic", evidence="montoya-table-3: bone", points=(2, 2), sources=(source(1),)),
            Reason(finding="spinal-pain", value="not-assessed", evidence="montoya-table-3: pain", points=(0, 3)),
        ),
        missing=("spinal-pain",),
        decisive=(("spinal-pain",),),
        recommendations=("surgical-consultation",),
        requests=("missing-pain",),
        citations=(Citation(paper="Montoya-Bordon 2023", locator="Table 3"),),
        caveats=("Points are never added over lesions.",),
    )


def low_escc() -> Outcome:
    return outcome(
        "escc",
        "grade-1b",
        "low-grade",
        reasons=(Reason(finding="epidural-involvement", value="present", evidence="montoya-escc: 1b", sources=(source(2),)),),
        citations=(Citation(paper="Montoya-Bordon 2023", locator="Degree of spinal cord compression"),),
    )


def report(**changes: object) -> Report:
    made = Report(
        reference="DiagnosticReport/7",
        identity="DiagnosticReport/7",
        version="2",
        last_updated="2026-03-01T10:00:00Z",
        status="final",
        subject="Patient/9",
        encounter="Encounter/4",
        effective="2026-03-01T09:00:00+01:00",
        said_at=None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names the fields it changes


def assessment(*outcomes: Outcome, **changes: object) -> Assessment:
    """Return an assessment of one lesion; without outcomes the open SINS and ESCC 1b."""
    made = Assessment(
        id="6a1c3c56-5a0f-4c6e-9f8e-0d1f0a6f2b11",
        series="sls-0123456789abcdef",
        hospital="general",
        status="final",
        report=report(),
        supersedes=None,
        assessed_at="2026-03-01T10:00:05.000Z",
        versions=Versions(service="0.1.0", ruleset="3", mappings="abc", instruments={"sins": "1", "escc": "1"}),
        case=Case(lesions=(lesion(),), study={}, patient={}),
        lesion_outcomes={"lesion-1": outcomes or (open_sins(), low_escc())},
        patient_outcomes=(),
        statements=(
            Statement(rank=1, lesion="lesion-1", text="T12: SINS 11 to 14", urgent=False, instrument="sins"),
            Statement(rank=2, lesion="lesion-1", text="T12: ESCC 1b, low grade.", urgent=False, instrument="escc"),
        ),
        unmapped=(),
        issues=(),
        read=(("DiagnosticReport/7", "2"), ("Observation/1", "3"), ("Observation/2", None), ("Patient/9", "1")),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names the fields it changes


def withdrawn() -> Assessment:
    return assessment(status="entered-in-error", case=None, lesion_outcomes={}, statements=())
