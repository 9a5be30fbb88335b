"""ESCC against an enumeration written here by hand, in all combinations of the five signs."""

from itertools import product

import pytest

from service.assessment.assess import assess as whole_assessment
from service.evidence.load import load
from service.instruments.escc import ESCC, is_wholly_below_conus
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known, Lesion, Site
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import answered, at, case_of, denied, disputed, stated, unknown, yes

TABLES = load()

E, D, A, C, V = "epidural-involvement", "thecal-sac-deformation", "cord-abutment", "cord-compression", "csf-visible"
SIGNS = (E, D, A, C, V)
GRADES = ("0", "1a", "1b", "1c", "2", "3")
LEAST_GRADE = {E: 1, D: 2, A: 3, C: 4}
"""Index of the least severe grade that has the sign."""
EFFACED_NEEDS = 3
"""Index of the least severe grade beside effaced CSF."""

Answers = dict[str, bool]


def expected(said: Answers) -> tuple[set[str], bool]:
    """Grades by arithmetic on their order, and whether denials had to give way."""
    floor = max((LEAST_GRADE[sign] for sign in LEAST_GRADE if said.get(sign)), default=0)
    floor = max(floor, EFFACED_NEEDS if said.get(V) is False else 0)
    denials = [LEAST_GRADE[sign] for sign in LEAST_GRADE if said.get(sign) is False]
    contradictory = any(least <= floor for least in denials)
    ceiling = min((least - 1 for least in denials if least > floor), default=5)
    found = {grade for place, grade in enumerate(GRADES) if floor <= place <= ceiling}
    return found - ({"3"} if said.get(V) else {"2"} if said.get(V) is False else set()), contradictory


def expected_bands(grades: set[str], said: Answers) -> set[str]:
    low = bool(grades & {"0", "1a", "1b", "1c"})
    high = bool(grades & {"2", "3"}) or ("1c" in grades and said.get(V) is False)
    return ({"low-grade"} if low else set()) | ({"high-grade"} if high else set())


def assess(*knowns: Known, site: Site | None = None, **others: object) -> Outcome:
    return ESCC.assess(case_of(*knowns, site=site or at("T7"), **others), TABLES)  # type: ignore[arg-type]  # keywords of case_of


def of(said: Answers) -> list[Known]:
    return [answered(sign, present=present) for sign, present in said.items()]


def grades(outcome: Outcome) -> list[str]:
    return [verdict.removeprefix("grade-") for verdict in outcome.verdicts if verdict.startswith("grade-")]


def bands(outcome: Outcome) -> list[str]:
    return [verdict for verdict in outcome.verdicts if not verdict.startswith("grade-")]


def every_answer() -> list[Answers]:
    return [
        {sign: answer for sign, answer in zip(SIGNS, answers, strict=True) if answer is not None}
        for answers in product((True, False, None), repeat=5)
    ]


def test_all_243_combinations_give_the_grades_of_the_enumeration_in_order_of_severity() -> None:
    for said in every_answer():
        wanted, contradictory = expected(said)
        outcome = assess(*of(said))
        assert grades(outcome) == [grade for grade in GRADES if grade in wanted], said
        assert bands(outcome) == [band for band in ("low-grade", "high-grade") if band in expected_bands(wanted, said)], said
        assert ("contradictory" in outcome.flags) is contradictory, said


def test_all_combinations_are_urgent_when_every_grade_is_high_or_effaced_csf_meets_unstated_compression() -> None:
    for said in every_answer():
        wanted, _ = expected(said)
        urgent = wanted <= {"2", "3"} or (said.get(V) is False and C not in said)
        outcome = assess(*of(said))
        assert ("urgent" in outcome.flags) is urgent, said
        assert ("csf-effaced-without-compression" in outcome.flags) is (said.get(V) is False and not said.get(C)), said


def test_all_combinations_miss_the_unstated_signs_that_could_leave_fewer_grades() -> None:
    for said in every_answer():
        here, _ = expected(said)
        missing = []
        for sign in SIGNS:
            if sign not in said:
                after = [expected({**said, sign: answer}) for answer in (True, False)]
                consistent = [found & here for found, _ in after]
                if any(found and found < here for found in consistent):
                    missing.append(sign)
        if not expected(said)[1]:
            assert list(assess(*of(said)).missing) == missing, said


def test_two_readers_are_two_readings_and_nothing_is_lost_of_either() -> None:
    for said in every_answer():
        for sign in said:
            readings = [expected({**said, sign: answer}) for answer in (True, False)]
            both = readings[0][0] | readings[1][0]
            knowns = [disputed(each, "present", "absent") if each == sign else answered(each, present=said[each]) for each in said]
            outcome = assess(*knowns)
            assert set(grades(outcome)) == both, (said, sign)
            assert "conflicting-input" in outcome.flags
            assert ("contradictory" in outcome.flags) is any(contradictory for _, contradictory in readings)


def test_silence_is_all_six_grades_and_a_request_and_never_grade_zero() -> None:
    outcome = assess()
    assert grades(outcome) == list(GRADES)
    assert outcome.requests == ("no-statement", "missing-cord-status")
    assert outcome.missing == SIGNS
    assert outcome.flags == ()


@pytest.mark.parametrize("sign", SIGNS)
def test_a_denied_sign_is_not_an_unstated_one(sign: str) -> None:
    assert grades(assess(denied(sign))) != grades(assess())
    assert assess(denied(sign)).requests != assess().requests


def test_an_uncertain_sign_is_not_assessed_and_said_to_be_uncertain() -> None:
    outcome = assess(unknown(C, "uncertain-input"))
    assert grades(outcome) == list(GRADES)
    assert "uncertain-input" in outcome.flags


# The reported grade.


@pytest.mark.parametrize("grade", GRADES)
def test_a_reported_grade_alone_is_the_grade(grade: str) -> None:
    outcome = assess(stated("escc-grade", grade))
    assert grades(outcome) == [grade]
    assert bands(outcome) == ["high-grade" if grade in {"2", "3"} else "low-grade"]
    assert outcome.missing == outcome.requests == ()
    assert "reported-grade-disagrees" not in outcome.flags


def test_a_reported_grade_beside_all_signs_never_downgrades() -> None:
    for said in every_answer():
        here, _ = expected(said)
        worst = max(GRADES.index(grade) for grade in here)
        for grade in GRADES:
            outcome = assess(*of(said), stated("escc-grade", grade))
            beside = {grade} if GRADES.index(grade) > worst else set()
            wanted = {grade} if grade in here else here | beside
            assert set(grades(outcome)) == wanted, (said, grade)
            assert ("reported-grade-disagrees" in outcome.flags) is (grade not in here)


def test_signs_derived_from_the_grade_or_from_one_another_count_as_unstated() -> None:
    derived = [stated(sign, "present", derived_by="D33") for sign in (E, D)]
    assert grades(assess(*derived, answered(C, present=False), stated("escc-grade", "1a"))) == ["1a"]
    chain = [stated(sign, "present", derived_by="D32") for sign in (E, D, A)]
    assert grades(assess(*chain, yes(C))) == ["2", "3"]


def test_two_reported_grades_both_stay() -> None:
    outcome = assess(disputed("escc-grade", "1b", "2"))
    assert grades(outcome) == ["1b", "2"]
    assert bands(outcome) == ["low-grade", "high-grade"]


def test_an_excluded_grade_is_left_out() -> None:
    assert grades(assess(denied("escc-grade", "3"), yes(C))) == ["2"]


def test_excluding_the_only_grade_left_excludes_nothing_and_is_said() -> None:
    outcome = assess(denied("escc-grade", "2"), yes(C), yes(V))
    assert grades(outcome) == ["2"]
    assert "reported-grade-disagrees" in outcome.flags
    assert "reported-grade-disagrees" not in assess(denied("escc-grade", "3"), yes(C)).flags


def test_a_reported_1c_beside_effaced_csf_keeps_the_band_open() -> None:
    outcome = assess(stated("escc-grade", "1c"), denied(V))
    assert grades(outcome) == ["1c"]
    assert bands(outcome) == ["low-grade", "high-grade"]
    assert "urgent" not in outcome.flags
    assert "csf-effaced-without-compression" in outcome.flags


def test_grade_1a_is_not_read_as_the_number_one() -> None:
    assert grades(assess(stated("escc-grade", "1a"))) == ["1a"]


# Basis, place, applicability.


def test_the_basis_is_flagged_unless_axial_t2_at_the_worst_level_is_stated() -> None:
    assert "not-axial-t2" in assess(yes(C)).flags
    assert "not-axial-t2" in assess(yes(C), study=[denied("axial-t2-at-worst-level")]).flags
    outcome = assess(yes(C), study=[yes("axial-t2-at-worst-level")])
    assert "not-axial-t2" not in outcome.flags
    assert outcome.reasons[-1].finding == "axial-t2-at-worst-level"


def test_the_convention_for_1c_goes_with_every_statement() -> None:
    assert "convention-1c-low" in assess(yes(E)).flags
    assert any("1c" in caveat and caveat.startswith("ext:") for caveat in assess(yes(E)).caveats)


@pytest.mark.parametrize(
    ("site", "flagged", "wholly"),
    [
        (at("T12"), False, False),
        (at("L1"), False, False),
        (at("L2"), True, True),
        (at("S1"), True, True),
        (at("Co"), True, True),
        (at("L1", "L2"), True, False),
        (Site(regions=("sacral",), text="sacral spine"), True, True),
        (Site(regions=("lumbar",), text="lumbar spine"), False, False),
        (Site(regions=("lumbar", "sacral"), text="lumbosacral spine"), True, False),
        (Site(), False, False),
    ],
)
def test_below_the_conus_the_scale_speaks_of_the_thecal_sac(*, site: Site, flagged: bool, wholly: bool) -> None:
    case = case_of(yes(E), site=site)
    assert ("below-conus" in ESCC.assess(case, TABLES).flags) is flagged
    assert is_wholly_below_conus(case) is wholly


def test_a_stated_level_counts_where_the_lesion_has_no_other_place() -> None:
    assert "below-conus" in ESCC.assess(case_of(stated("vertebral-level", "L4")), TABLES).flags
    assert "below-conus" in ESCC.assess(case_of(stated("spinal-region", "sacral")), TABLES).flags


def test_without_a_lesion_under_study_only_what_is_known_of_the_patient_counts() -> None:
    assert grades(ESCC.assess(Case(lesions=(), study={}, patient={}), TABLES)) == list(GRADES)


def test_a_benign_diagnosis_gives_no_grade_but_keeps_the_urgency() -> None:
    outcome = assess(yes(C), stated("reported-diagnosis", "epidural-abscess"), tumour=False)
    assert outcome.applicability is Applicability.NOT_APPLICABLE
    assert (outcome.verdicts, outcome.missing, outcome.requests) == ((), (), ())
    assert {"benign-diagnosis", "urgent"} <= set(outcome.flags)
    assert any("benign" in caveat for caveat in outcome.caveats)


def test_a_conflict_about_the_bone_is_no_conflict_about_the_cord() -> None:
    assert "conflicting-input" not in assess(yes(C), disputed("bone-lesion", "lytic", "blastic")).flags


def test_reasons_name_every_sign_stated_or_not() -> None:
    outcome = assess(yes(C), denied(V))
    assert [(reason.finding, reason.value) for reason in outcome.reasons] == [
        (E, "not-assessed"),
        (D, "not-assessed"),
        (A, "not-assessed"),
        (C, "present"),
        (V, "absent"),
    ]
    assert [source.reference for source in outcome.reasons[3].sources] == [f"Observation/{C}-1"]


def test_there_is_no_question_when_the_reported_grade_contradicts_the_signs() -> None:
    assert ESCC.question is not None
    assert ESCC.question(case_of(yes(E), denied(D), stated("escc-grade", "3")), TABLES) is None


def test_a_denial_that_was_dropped_is_open_again_in_the_question() -> None:
    assert ESCC.question is not None
    question = ESCC.question(case_of(denied(A), yes(C)), TABLES)
    assert question is not None
    assert len(question.components[A]) == 2
    assert len(question.components[C]) == 1


def test_every_sum_of_answers_names_at_most_one_grade() -> None:
    assert ESCC.question is not None
    question = ESCC.question(case_of(denied(C)), TABLES)
    assert question is not None
    named = [question.category(total) for total in range(32)]
    assert sorted(each for each in named if each) == ["0", "1a", "1b", "1c"]


def test_what_is_said_to_settle_the_band_or_grade_does_so_or_leaves_it_open_for_good() -> None:
    for said in product((None, True, False, "disputed"), repeat=len(SIGNS)):
        knowns = [
            disputed(sign, "present", "absent") if answer == "disputed" else answered(sign, present=answer is True)
            for sign, answer in zip(SIGNS, said, strict=True)
            if answer is not None
        ]
        before = outcome_with_decisive(*knowns)
        for chosen, answers in ((each, a) for each in before.decisive for a in product((True, False), repeat=len(each))):
            told = [answered(sign, present=answer) for sign, answer in zip(chosen, answers, strict=True)]
            after = assess(*(known for known in knowns if known.finding not in chosen), *told)
            is_band_asked = len(bands(before)) > 1
            left = len(bands(after) if is_band_asked else grades(after))
            assert left == 1 or "contradictory" in after.flags or (is_band_asked and grades(after) == ["1c"]), (
                said,
                chosen,
                answers,
            )


def outcome_with_decisive(*knowns: Known) -> Outcome:
    assessed = whole_assessment(case_of(*knowns), TABLES).lesion_outcomes["lesion-1"]
    return next(outcome for outcome in assessed if outcome.instrument == "escc")


def test_effaced_csf_beside_an_abutted_cord_is_an_answer_only_where_it_is_stated() -> None:
    assert ESCC.question is not None
    question = ESCC.question(case_of(denied(V)), TABLES)
    assert question is not None
    assert {each for each in map(question.category, range(32)) if each} == {"low-grade", "open", "high-grade"}
    other = Lesion(id="lesion-2", site=Site(), findings={V: Known(finding=V, state=State.NOT_ASSESSED)})
    silent = ESCC.question(case_of().at(other), TABLES)
    assert silent is not None
    effaced_abutment = 0b00111
    assert silent.category(effaced_abutment) is None
    assert question.category(effaced_abutment) == "open"
