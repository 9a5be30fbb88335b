"""Next imaging: red flags, and which examination serves what is stated of the patient.

Derived from the text of the two reviews; the diagram of Montoya-Bordón's Figure 1 is lost and is not implemented.
Source: evidence tables montoya-imaging, shah-imaging, shah-modality; clinical rules 6 and 15.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from service.assessment.assessed import Assessed
from service.assessment.pointers import detectability, performance
from service.assessment.pointers.answers import flags_of_inputs, is_yes
from service.assessment.pointers.pointer import Pointer
from service.assessment.pointers.suspicion import compression, leptomeningeal, reasons_of_suspicion
from service.evidence.tables import Tables
from service.instrument import is_stated, reason_of, says_something
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome, Reason

TABLE: Final = "montoya-imaging"
LIMITS: Final = "shah-imaging"
_SOURCES: Final = (TABLE, LIMITS, performance.TABLE)

_RED_FLAGS: Final[Mapping[str, frozenset[tuple[str, str]]]] = {
    "red-flag-1": frozenset({("clinical-suspicion", "tumour")}),
    "red-flag-2": frozenset({("clinical-suspicion", "infection")}),
    "red-flag-3": frozenset({("clinical-suspicion", "spinal-fracture")}),
    "red-flag-4": frozenset({("pain-red-flag", "inflammatory")}),
    "red-flag-5": frozenset({("cauda-equina-syndrome", "present"), ("neurological-deficit", "severe-or-progressive")}),
    "red-flag-6": frozenset({("pain-red-flag", "severe-progressive")}),
    "red-flag-7": frozenset({("pain-red-flag", "refractory-radicular")}),
}
"""Statements behind each red flag of the caption; one of them, disputed or not, raises it."""

_URGENT_FLAG: Final = "red-flag-5"
_URGENT: Final = "urgent"
_READS: Final = (
    "clinical-suspicion",
    "pain-red-flag",
    "cauda-equina-syndrome",
    "neurological-deficit",
    "known-malignancy",
    "symptom-duration",
    "axial-pain",
    "primary-cancer",
    "mri-contraindicated",
    "spinal-metalwork",
    "bone-scan-foci",
    "bone-abnormality",
    "modality",
    "disease-extent",
    "treatment-intent",
    "new-symptoms",
)
_OF_LESION: Final = ("lesion-treatment", *detectability.FINDINGS)
_CONTEXT: Final = (
    "clinical-suspicion",
    "pain-red-flag",
    "cauda-equina-syndrome",
    "neurological-deficit",
    "known-malignancy",
    "axial-pain",
    "symptom-duration",
    "primary-cancer",
    "new-symptoms",
)
"""Suspicion, symptoms and known disease: without any of them nobody can say what the imaging is for."""

_SILENT: Final = frozenset({"modality", "bone-abnormality"})
"""What every report of the spine says: it asks for no further imaging by itself."""

_ORDER: Final = (
    "mri",
    "urgent-whole-spine-mri",
    "ct-myelography",
    "whole-neuraxis-mri-gd",
    "x-ray",
    "ct",
    "full-body-ct",
    "radiograph-correlation-or-mri",
    "dual-energy-ct",
    "follow-up-imaging",
    "no-follow-up-imaging",
)
_NEEDS_MRI: Final = frozenset({"mri", "urgent-whole-spine-mri", "whole-neuraxis-mri-gd"})
_CT: Final = frozenset({"ct", "dual-energy-ct", "ct-myelography", "spect-ct", "pet-ct", "fdg-pet-ct"})
_AFTER: Final = frozenset({"ablation", "cement-augmentation"})


def _point(case: Case, assessed: Assessed, tables: Tables) -> Outcome:
    """Point for the patient as a whole."""
    raised = [flag for flag, statements in _RED_FLAGS.items() if _said(case, statements)]
    is_urgent = _URGENT_FLAG in raised or _suspects(case, "compression-of-cord") or any(compression(case, assessed))
    reasons = tuple(_reasons(case, assessed, tables))  # nobody is sent to an examination by an outcome that is said nowhere
    wanted = set(_wanted(case, assessed, raised, is_urgent=is_urgent)) if reasons else set[str]()
    seen = detectability.verdicts(case, tables)
    return Outcome(
        instrument=NEXT_IMAGING.key,
        version=NEXT_IMAGING.version,
        applicability=Applicability.APPLICABLE,
        verdicts=("red-flag-present" if raised else "no-red-flag", *seen),
        reasons=reasons,
        missing=() if _has_context(case) else ("clinical-suspicion",),
        flags=tuple(sorted({*raised, *_flags(case, wanted, is_urgent=is_urgent), *_input_flags(case)})),
        recommendations=tuple(code for code in _ORDER if code in wanted),
        requests=() if _has_context(case) else ("missing-clinical-context",),
        citations=tuple(tables[name].citation for name in _SOURCES),
        caveats=(*_caveats(tables, wanted), *performance.figures(tables, wanted, case.known("modality").values)),
    )


def _said(case: Case, statements: Iterable[tuple[str, str]]) -> bool:
    return any(value in case.known(finding).values for finding, value in statements)


def _suspects(case: Case, suspicion: str) -> bool:
    return suspicion in case.known("clinical-suspicion").values


def _wanted(case: Case, assessed: Assessed, raised: list[str], *, is_urgent: bool) -> Iterator[str]:
    """Yield every examination that something calls for; where MRI is impossible CT myelography takes its place."""
    follow_up = _follow_up(case, is_flagged=bool(raised) or is_urgent)
    found = set(_of_the_patient(case, raised, is_urgent=is_urgent, is_followed=follow_up == "no-follow-up-imaging"))
    if _suspects(case, "leptomeningeal-disease") or leptomeningeal(assessed) is not None:
        found.add("whole-neuraxis-mri-gd")
    impossible = case.known("mri-contraindicated")
    if found & _NEEDS_MRI and is_stated(impossible):
        found.add("ct-myelography")
        if is_yes(impossible):
            found -= _NEEDS_MRI
    yield from found
    if follow_up is not None:
        yield follow_up


def _of_the_patient(case: Case, raised: list[str], *, is_urgent: bool, is_followed: bool) -> Iterator[str]:
    """Yield what suspicion, symptoms and history call for."""
    malignancy = is_stated(case.known("known-malignancy"))
    if raised or (malignancy and not is_followed):
        yield "mri"
    if is_urgent:
        yield "urgent-whole-spine-mri"
    if case.known("symptom-duration").value == "acute" or "red-flag-3" in raised:
        yield "x-ray"
    if is_stated(case.known("bone-abnormality")) and _CT.isdisjoint(case.known("modality").values):
        yield "ct"
    if "unknown" in case.known("primary-cancer").values:
        yield "full-body-ct"
    foci = case.known("bone-scan-foci").interval
    if foci is not None and foci.is_exact and foci.low == 1:
        yield "radiograph-correlation-or-mri"
    if is_yes(case.known("spinal-metalwork")):
        yield "dual-energy-ct"


def _follow_up(case: Case, *, is_flagged: bool) -> str | None:
    """Return what the text says of follow-up after ablation or cement; None = it says nothing of this patient.

    A red flag or suspected compression is a symptom or a suspicion: beside it nobody is told that no imaging is needed (ours).
    """
    treated = any(_AFTER.intersection(case.at(lesion).known("lesion-treatment").values) for lesion in case.lesions)
    extent, intent = case.known("disease-extent").value, case.known("treatment-intent").value
    if not treated:
        return None
    if extent == "oligometastatic" and intent == "curative":
        return "follow-up-imaging"
    no_symptoms = case.known("new-symptoms").state is State.ABSENT
    is_quiet = no_symptoms and not is_flagged
    return "no-follow-up-imaging" if extent == "diffuse" and intent == "palliative" and is_quiet else None


def _flags(case: Case, wanted: set[str], *, is_urgent: bool) -> Iterator[str]:
    if is_urgent:
        yield _URGENT
    if is_yes(case.known("spinal-metalwork")) and not is_yes(case.known("mri-contraindicated")):
        yield "prefer-stir"
    negative_film = is_yes(case.known("bone-abnormality")) is False and "x-ray" in case.known("modality").values
    if negative_film or "x-ray" in wanted:
        yield "negative-film-never-excludes"


def _input_flags(case: Case) -> frozenset[str]:
    of_lesions = (flags_of_inputs(case.at(lesion), _OF_LESION) for lesion in case.lesions)
    return flags_of_inputs(case, _READS).union(*of_lesions)


def _has_context(case: Case) -> bool:
    """Tell whether a suspicion, a symptom or a known disease is stated or denied."""
    return any(says_something(case.known(finding)) for finding in _CONTEXT)


def _reasons(case: Case, assessed: Assessed, tables: Tables) -> Iterator[Reason]:
    """Yield what it rests on; what every report says alone calls for nothing."""
    spoken = [known for known in map(case.known, _READS) if says_something(known)]
    of_lesions = [known for lesion in case.lesions for known in map(case.at(lesion).known, _OF_LESION) if says_something(known)]
    suspected = tuple(reasons_of_suspicion(case, assessed, tables[TABLE].name))
    if of_lesions or suspected or any(known.finding not in _SILENT for known in spoken):
        yield from (reason_of(known, f"{tables[TABLE].name}: {known.finding}") for known in (*spoken, *of_lesions))
    yield from suspected


def _caveats(tables: Tables, wanted: set[str]) -> Iterator[str]:
    yield "From the text of two reviews: the diagram of Montoya-Bordón's Figure 1 is not implemented."
    yield "None of the red flags stated is not the same as none present."
    if "urgent-whole-spine-mri" in wanted:
        yield "ext: that the whole spine is imaged. Contrast is no precondition (Shah 2011, 3.1)."
    if "ct-myelography" in wanted:
        yield "CT myelography punctures the CSF (Shah 2011, 2.4); ext: what withholds a puncture concerns it too."
    if "x-ray" in wanted:
        percent = tables[LIMITS].row("x-ray-false-negatives")["percent"]
        yield f"An X-ray never excludes a metastasis: up to {percent} % false negatives (Shah 2011, 2.1)."
    if "radiograph-correlation-or-mri" in wanted:
        percent = tables[LIMITS].row("bone-scan-solitary-focus")["percent"]
        yield f"Of solitary foci of a bone scan {percent} % are metastases (Shah 2011, 2.2)."


NEXT_IMAGING: Final = Pointer(
    key="next-imaging",
    version="3",
    title="Next imaging",
    scope="patient",
    sources=_SOURCES,
    reads=(*_READS, *_OF_LESION, "cord-compression", "escc-grade"),
    follows=("escc", "leptomeningeal"),
    point=_point,
)
