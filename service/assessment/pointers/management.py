"""Management: what the review says follows for a lesion, only through its gates, and never where a finding is missing.

Source: evidence table montoya-management; clinical rules 16. The gate is ours, not the paper's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from service.assessment.assessed import Assessed
from service.assessment.pointers.answers import Spine, flags_of_inputs, is_yes, reason_of_outcome, spine_of
from service.assessment.pointers.gate import FINDINGS as GATE
from service.assessment.pointers.gate import OF_ANOTHER_NATURE, STATED, gate
from service.assessment.pointers.pointer import Pointer
from service.evidence.tables import Table, Tables
from service.instrument import made_once, reason_of, says_something
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome, Reason

TABLE: Final = "montoya-management"
_IRRADIATION: Final = "spinal-irradiation"
_ASKED: Final = (
    "spinal-pain",
    "axial-pain",
    "very-radiosensitive-tumour",
    "fit-for-surgery",
    "hypervascular-lesion",
    "disease-extent",
    "treatment-intent",
    "lesion-treatment",
    _IRRADIATION,
)
_READS: Final = (*GATE, *_ASKED, "epidural-involvement", "escc-grade")
_PAIN: Final = frozenset({"mechanical", "occasional-non-mechanical"})
_UNLESS: Final = (
    "High-grade compression asks for minimal initial surgical decompression, unless the tumour is very radiosensitive or the "
    "patient cannot tolerate surgery."
)
_FIELD_UNKNOWN: Final = "Earlier irradiation of the spine is recorded; whether its field held this lesion is not stated."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a rule gives.

    Attributes:
        recommendations, flags, requests: codes.
        missing: findings that the rule lacks.
        caveats: sentences that must stand with it.
    """

    recommendations: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()


def _point(case: Case, assessed: Assessed, tables: Tables) -> Outcome:
    """Point for the lesion under study."""
    assert case.focus is not None, "a pointer of scope lesion has a lesion"  # noqa: S101 - narrows the type
    spine = spine_of(case, assessed, case.focus.id)
    applicability, doubts = gate(case, assessed, spine)
    told = tuple(_rules(case, spine)) if applicability is Applicability.APPLICABLE else ()
    order, caveats = _printed(tables)
    recommended = {code for each in told for code in each.recommendations}
    return Outcome(
        instrument=MANAGEMENT.key,
        version=MANAGEMENT.version,
        applicability=applicability,
        reasons=tuple(_reasons(case, spine)),
        missing=_unique(finding for each in told for finding in each.missing),
        flags=tuple(sorted(flags_of_inputs(case, _READS).union(*(each.flags for each in told)))),
        recommendations=tuple(code for code in order if code in recommended),
        requests=_unique(code for each in told for code in each.requests),
        citations=(tables[TABLE].citation,),
        caveats=(*caveats, *doubts, *_unique(text for each in told for text in each.caveats)),
    )


def _rules(case: Case, spine: Spine) -> Iterator[_Told]:
    """Yield what each rule gives."""
    yield _of_stability(spine)
    yield _of_compression(case, spine)
    yield _of_cement(case, spine)
    yield _of_ablation(case, spine)
    yield _of_embolisation(case)
    yield _of_earlier_radiotherapy(case)


def _of_earlier_radiotherapy(case: Case) -> _Told:
    """Flag radiotherapy of this lesion; say of an irradiation of the spine that its field is not known to hold it."""
    if "radiotherapy" in case.known("lesion-treatment").values:
        return _Told(flags=("earlier-radiotherapy",))
    return _Told(caveats=(_FIELD_UNKNOWN,) if case.known(_IRRADIATION).values else ())


def _of_stability(spine: Spine) -> _Told:
    match spine.category:
        case "potentially-unstable":
            return _Told(recommendations=("surgical-consultation-soon",))
        case "unstable":
            return _Told(
                recommendations=("urgent-surgical-evaluation", "stabilisation-or-cement"),
                missing=() if spine.extends is not None else ("epidural-involvement",),
                caveats=_cement_caveat(spine),
            )
        case "stable":
            return _Told()
        case _:
            return _Told(requests=("complete-sins",), missing=spine.sins.missing if spine.sins is not None else ())


def _cement_caveat(spine: Spine) -> tuple[str, ...]:
    if spine.extends is False:
        return ()
    said = "is stated" if spine.extends else "is not denied"
    return (f"Percutaneous cement only where epidural extension is denied: it {said} here.",)


def _of_compression(case: Case, spine: Spine) -> _Told:
    match spine.band:
        case "low-grade":
            return _Told(recommendations=("radiation-initial-therapy",) if spine.category == "stable" else ())
        case "high-grade":
            return _decompression(is_yes(case.known("very-radiosensitive-tumour")), is_yes(case.known("fit-for-surgery")))
        case _:
            return _Told(requests=("axial-t2",), missing=spine.escc.missing if spine.escc is not None else ())


def _decompression(radiosensitive: bool | None, fit: bool | None) -> _Told:
    """Weigh the two exceptions; where one of them is not known, the sentence is printed and no procedure follows."""
    flags = ("radiosensitive-exception",) * (radiosensitive is True) + ("unfit-exception",) * (fit is False)
    asked = (("very-radiosensitive-tumour", radiosensitive), ("fit-for-surgery", fit))
    missing = () if flags else tuple(finding for finding, answer in asked if answer is None)
    recommendations = () if flags or missing else ("minimal-decompression",)
    return _Told(recommendations=recommendations, flags=flags, missing=missing, caveats=(_UNLESS,))


def _of_cement(case: Case, spine: Spine) -> _Told:
    """Point to cement for pain of a vertebra whose tumour does not reach the epidural space."""
    if not _hurts(case):
        return _Told()
    if spine.extends is None:
        return _Told(missing=("epidural-involvement",))
    if spine.extends:
        return _Told(flags=("cementoplasty-not-indicated",))
    return _Told(recommendations=("cementoplasty",))


def _hurts(case: Case) -> bool:
    """Tell whether this lesion hurts: its own pain, else neck or back pain of a patient whose only lesion it is."""
    pain = case.known("spinal-pain")
    if pain.state is not State.NOT_ASSESSED:
        return pain.state is State.PRESENT and _PAIN.issuperset(pain.values)
    return len(case.lesions) == 1 and is_yes(case.known("axial-pain")) is True


def _of_ablation(case: Case, spine: Spine) -> _Told:
    extent, intent = case.known("disease-extent").value, case.known("treatment-intent").value
    if extent != "oligometastatic" or intent != "curative" or spine.extends:
        return _Told()
    return _Told(recommendations=("ablation-with-cement",), caveats=_cement_caveat(spine))


def _of_embolisation(case: Case) -> _Told:
    before_resection = is_yes(case.known("hypervascular-lesion")) is True
    without_surgery = _hurts(case) and is_yes(case.known("fit-for-surgery")) is False
    if not before_resection and not without_surgery:
        return _Told()
    why = "before a resection" if before_resection else "for pain of a patient who is no candidate for surgery"
    return _Told(recommendations=("embolisation",), caveats=(f"Embolisation is named {why}.",))


def _reasons(case: Case, spine: Spine) -> Iterator[Reason]:
    """Yield what the pointers rest on; nothing where nobody speaks of a metastasis or of what only pointers read."""
    spoken = [known for known in map(case.known, (*STATED, *_ASKED)) if says_something(known)]
    if not any(known.finding in STATED for known in spoken):
        return
    yield from (reason_of(known, f"{TABLE}: {known.finding}") for known in spoken)
    yield from (reason_of_outcome(each, f"{TABLE}: {each.instrument}") for each in (spine.sins, spine.escc) if each is not None)


@made_once
def _printed(tables: Tables) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of all pointers in the order of the table, and the sentences that stand with every outcome."""
    return tuple(str(row["pointer"]) for row in tables[TABLE].rows), tuple(_caveats(tables[TABLE]))


def _caveats(table: Table) -> Iterator[str]:
    yield "Pointers of a review, not a plan: decision by the multidisciplinary team."
    yield (
        "Only for an accepted metastasis or malignant biopsy, without a fulfilled benign or infective candidate, where SINS and "
        "ESCC may be read: this gate is this service's, not the paper's."
    )
    yield from (each.sentence for each in table.errata)


def _unique(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))


MANAGEMENT: Final = Pointer(
    key="management",
    version="2",
    title="Management",
    scope="lesion",
    sources=(TABLE,),
    reads=_READS,
    follows=("sins", "escc", "mimics", *OF_ANOTHER_NATURE),
    point=_point,
)
