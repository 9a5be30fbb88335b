"""Cord astrocytoma: high grade and any abnormality of bone, in every combination; no scan excludes anything."""

from itertools import product

import pytest

from service.evidence.load import load
from service.instruments.cord_astrocytoma import CORD_ASTROCYTOMA
from service.model.case import Case
from service.model.lesion import Known, Lesion
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import at, by_finding, denied, disputed, stated, unknown, yes

TABLES = load()
SCRUTINISE, OUTSIDE = "scrutinise-for-bone-metastasis", "outside-rule"
GRADE, BONE = "cord-astrocytoma-grade", "bone-abnormality"
HIGH = stated(GRADE, "high")


def assess(*patient: Known, bone: Known | None = None, lesions: tuple[tuple[Known, ...], ...] = (), **others: object) -> Outcome:
    placed = tuple(
        Lesion(id=f"lesion-{n}", site=at(f"T{n}"), findings=by_finding(knowns)) for n, knowns in enumerate(lesions, start=1)
    )
    study = by_finding([] if bone is None else [bone])
    case = Case(lesions=placed, study=study, patient=by_finding(patient), **others)  # type: ignore[arg-type]  # fields of Case
    return CORD_ASTROCYTOMA.assess(case, TABLES)


GRADES = {
    "high": HIGH,
    "low": stated(GRADE, "low"),
    "ungraded": stated(GRADE, "grade-not-stated"),
    "disputed": disputed(GRADE, "high", "low"),
}
BONES = {"seen": yes(BONE), "denied": denied(BONE), "one modality": disputed(BONE, "present", "absent"), "unknown": None}
BOTH = (SCRUTINISE, OUTSIDE)


def expected(grade: str, bone: str) -> tuple[str, ...]:
    if grade == "low" or bone == "denied":
        return (OUTSIDE,)
    return (SCRUTINISE,) if grade == "high" and bone != "unknown" else BOTH


@pytest.mark.parametrize(("grade", "bone"), list(product(GRADES, BONES)))
def test_the_rule_needs_both_and_an_unknown_part_leaves_it_open(grade: str, bone: str) -> None:
    outcome = assess(GRADES[grade], bone=BONES[bone])
    assert (outcome.applicability, outcome.verdicts) == (Applicability.APPLICABLE, expected(grade, bone))
    asked = grade == "ungraded" and bone != "denied"
    assert outcome.requests == (("missing-grade",) if asked else ())
    assert (GRADE in outcome.missing) is asked
    assert (BONE in outcome.missing) is (bone == "unknown" and grade != "low")
    settled = grade in {"high", "disputed"} and bone in {"seen", "one modality"}
    assert outcome.recommendations == (("mri-spine", "consider-bone-biopsy") if settled else ())
    assert "pet-not-routine" in outcome.flags


def test_reasons_name_both_parts_and_where_they_are_printed() -> None:
    outcome = assess(HIGH, bone=denied(BONE))
    assert [(reason.finding, reason.value, reason.direction, reason.evidence) for reason in outcome.reasons] == [
        (GRADE, "high", f"for {SCRUTINISE}", f"case-cord-astrocytoma: rule {GRADE}"),
        (BONE, "absent", f"against {SCRUTINISE}", f"case-cord-astrocytoma: rule {BONE}"),
    ]


@pytest.mark.parametrize("scan", ["bone-scan-uptake", "fdg-uptake"])
def test_a_negative_scan_at_any_lesion_excludes_nothing(scan: str) -> None:
    outcome = assess(HIGH, bone=yes(BONE), lesions=((yes(scan),), (denied(scan),)))
    assert outcome.verdicts == (SCRUTINISE,)
    assert "negative-scan-does-not-exclude" in outcome.flags
    assert ("does not exclude", "absent") in [(reason.direction, reason.value) for reason in outcome.reasons]
    assert "negative-scan-does-not-exclude" not in assess(HIGH, bone=yes(BONE), lesions=((yes(scan),),)).flags


@pytest.mark.parametrize(
    ("results", "recommendations"),
    [
        (("insufficient",), ("mri-spine", "consider-bone-biopsy", "repeat-or-open-biopsy")),
        (("no-malignancy",), ("mri-spine", "consider-bone-biopsy")),
        (("malignant",), ("mri-spine",)),
        (("insufficient", "malignant"), ("mri-spine",)),
    ],
)
def test_biopsies_of_all_lesions_tell_whether_another_is_needed(results: tuple[str, ...], recommendations: tuple[str, ...]) -> None:
    outcome = assess(HIGH, bone=yes(BONE), lesions=tuple((stated("biopsy-result", result),) for result in results))
    assert outcome.recommendations == recommendations
    assert [reason.value for reason in outcome.reasons if reason.finding == "biopsy-result"] == list(results)


def test_a_biopsy_that_was_not_done_is_shown_and_changes_nothing() -> None:
    outcome = assess(HIGH, bone=yes(BONE), lesions=((denied("biopsy-result"), unknown("fdg-uptake")), (unknown("biopsy-result"),)))
    assert outcome.recommendations == ("mri-spine", "consider-bone-biopsy")
    assert [reason.value for reason in outcome.reasons if reason.finding == "biopsy-result"] == ["absent"]


def test_no_astrocytoma_is_not_applicable_and_says_nothing_else() -> None:
    outcome = assess(denied(GRADE), bone=yes(BONE), lesions=((denied("fdg-uptake"),),))
    assert (outcome.applicability, outcome.verdicts) == (Applicability.NOT_APPLICABLE, ())
    assert (outcome.flags, outcome.recommendations, outcome.requests, outcome.missing) == ((), (), (), ())


def test_a_disputed_astrocytoma_leaves_its_applicability_unknown() -> None:
    outcome = assess(disputed(GRADE, "high", "absent"), bone=yes(BONE))
    assert (outcome.applicability, outcome.verdicts) == (Applicability.UNKNOWN, BOTH)
    assert "conflicting-input" in outcome.flags


def test_who_has_no_stated_astrocytoma_is_asked_nothing() -> None:
    outcome = assess(bone=yes(BONE), lesions=((denied("bone-scan-uptake"), stated("biopsy-result", "insufficient")),))
    assert outcome.is_silent
    assert (outcome.applicability, outcome.verdicts) == (Applicability.UNKNOWN, BOTH)
    assert (outcome.requests, outcome.flags, outcome.recommendations) == ((), (), ())
    assert outcome == assess()


def test_flags_of_the_inputs_are_said_of_every_lesion() -> None:
    assert assess(unknown(GRADE, "uncertain-input")).flags == ("uncertain-input",)
    assert assess(invalid=frozenset({(None, GRADE)})).flags == ("invalid-input",)
    two = (disputed("biopsy-result", "malignant", "insufficient"),)
    assert "conflicting-input" in assess(HIGH, bone=yes(BONE), lesions=((yes("fdg-uptake"),), two)).flags


def test_the_order_of_lesions_changes_the_order_of_reasons_only() -> None:
    lesions = ((denied("fdg-uptake"),), (stated("biopsy-result", "insufficient"),))
    one, other = (assess(HIGH, bone=yes(BONE), lesions=placed) for placed in (lesions, lesions[::-1]))
    assert (one.verdicts, one.flags, one.recommendations) == (other.verdicts, other.flags, other.recommendations)


def test_both_misprints_and_the_size_of_the_evidence_stand_with_every_result() -> None:
    text = " ".join(assess().caveats)
    assert "One case report; 3 cases are known" in text
    assert "3 of 4 reported bone scans" in text
    assert "T11 only (SUV 2.19)" in text
    assert text.count("Printed (") == 2
