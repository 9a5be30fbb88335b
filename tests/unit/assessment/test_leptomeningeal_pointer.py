"""Whether the CSF may be punctured: only where nothing may block it, at any lesion."""

from collections.abc import Iterable

import pytest

from service.assessment.assessed import Assessed
from service.assessment.pointers.leptomeningeal import qualify
from service.model.case import Case
from service.model.lesion import Known, Lesion
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import at, by_finding, denied, disputed, exactly, measured, yes

MRI, FLOW = "whole-neuraxis-mri-gd", "csf-flow-study"
CYTOLOGY, REPEAT = "csf-cytology", "repeat-lumbar-puncture"


def suspected(verdict: str = "leptomeningeal-suspected") -> Outcome:
    return Outcome(
        instrument="leptomeningeal",
        version="1",
        applicability=Applicability.APPLICABLE,
        verdicts=(verdict,),
        recommendations=(MRI, FLOW) if verdict == "leptomeningeal-suspected" else (),
        caveats=("one",),
    )


def escc(*verdicts: str, applicability: Applicability = Applicability.APPLICABLE) -> Outcome:
    return Outcome(instrument="escc", version="1", applicability=applicability, verdicts=verdicts)


FREE = escc("grade-1b", "low-grade")


def qualified(*of_lesions: Outcome, patient: Iterable[Known] = (), outcome: Outcome | None = None) -> Outcome:
    lesions = tuple(Lesion(id=f"lesion-{n}", site=at(f"T{n}"), findings={}) for n, _ in enumerate(of_lesions, start=1))
    case = Case(lesions=lesions, study={}, patient=by_finding(patient))
    by_lesion = {lesion.id: (each,) for lesion, each in zip(lesions, of_lesions, strict=True)}
    assessed = Assessed(lesion_outcomes=by_lesion, patient_outcomes=(outcome or suspected(),))
    [found] = qualify(case, assessed).patient_outcomes
    return found


@pytest.mark.parametrize("grades", [("grade-0",), ("grade-1a",), ("grade-1b",), ("grade-0", "grade-1a", "grade-1b")])
def test_cytology_is_recommended_where_the_canal_is_free(grades: tuple[str, ...]) -> None:
    outcome = qualified(escc(*grades, "low-grade"))
    assert outcome.recommendations == (MRI, CYTOLOGY, FLOW)
    assert outcome.caveats[-1].startswith("ext: CSF cytology only after imaging has excluded obstruction")


def test_that_mri_is_impossible_stands_beside_the_mri_that_is_recommended() -> None:
    words = "MRI is stated to be impossible: the next imaging names what takes its place."
    assert words in qualified(FREE, patient=(yes("mri-contraindicated"),)).caveats
    assert words not in qualified(FREE, patient=(denied("mri-contraindicated"),)).caveats
    not_excluded = suspected("leptomeningeal-not-excluded")
    assert words not in qualified(FREE, patient=(yes("mri-contraindicated"),), outcome=not_excluded).caveats


def test_an_escc_of_unknown_applicability_still_tells_whether_the_canal_is_free() -> None:
    assert CYTOLOGY in qualified(escc("grade-0", "low-grade", applicability=Applicability.UNKNOWN)).recommendations


@pytest.mark.parametrize(
    "grades",
    [
        ("grade-1c", "low-grade"),
        ("grade-2", "high-grade"),
        ("grade-3", "high-grade"),
        ("grade-1b", "grade-1c", "low-grade"),
        ("grade-0", "grade-1a", "grade-1b", "grade-1c", "grade-2", "grade-3", "low-grade", "high-grade"),
        (),
    ],
    ids=["1c", "2", "3", "1c possible", "not stated", "not graded"],
)
def test_it_is_withheld_and_said_why_where_1c_or_more_is_not_excluded(grades: tuple[str, ...]) -> None:
    outcome = qualified(escc(*grades))
    assert outcome.recommendations == (MRI, FLOW)
    assert "Puncture of the CSF is not recommended here: ESCC 1c or more is not excluded (T1)." in outcome.caveats


def test_one_free_level_does_not_free_another() -> None:
    outcome = qualified(FREE, escc("grade-3", "high-grade"), escc())
    assert CYTOLOGY not in outcome.recommendations
    assert any("(T2, T3)" in caveat for caveat in outcome.caveats)


def test_without_a_lesion_the_canal_is_not_known() -> None:
    outcome = qualified()
    assert CYTOLOGY not in outcome.recommendations
    assert any("no lesion is reported" in caveat for caveat in outcome.caveats)


HYDROCEPHALUS = "unexplained-hydrocephalus"


@pytest.mark.parametrize("known", [yes(HYDROCEPHALUS), disputed(HYDROCEPHALUS, "present", "absent")])
def test_hydrocephalus_without_a_cause_withholds_it(known: Known) -> None:
    outcome = qualified(FREE, patient=[known])
    assert CYTOLOGY not in outcome.recommendations
    assert any("hydrocephalus" in caveat for caveat in outcome.caveats)


def test_a_denied_hydrocephalus_withholds_nothing() -> None:
    assert CYTOLOGY in qualified(FREE, patient=[denied(HYDROCEPHALUS)]).recommendations


@pytest.mark.parametrize(("number", "repeated"), [(0, False), (1, True), (2, True), (3, False), (7, False)])
def test_a_puncture_is_repeated_while_fewer_than_three_were_negative(number: int, *, repeated: bool) -> None:
    outcome = qualified(FREE, patient=[exactly("negative-lumbar-punctures", number)])
    assert outcome.recommendations == ((MRI, CYTOLOGY, REPEAT, FLOW) if repeated else (MRI, CYTOLOGY, FLOW))


def test_at_least_one_negative_puncture_may_be_fewer_than_three() -> None:
    assert REPEAT in qualified(FREE, patient=[measured("negative-lumbar-punctures", 1, None)]).recommendations
    assert REPEAT not in qualified(FREE, patient=[measured("negative-lumbar-punctures", 3, None)]).recommendations


def test_one_negative_puncture_excludes_nothing_even_without_a_sign() -> None:
    outcome = qualified(FREE, patient=[exactly("negative-lumbar-punctures", 1)], outcome=suspected("leptomeningeal-not-excluded"))
    assert outcome.recommendations == (REPEAT,)


def test_a_puncture_is_not_repeated_where_it_is_withheld() -> None:
    outcome = qualified(escc("grade-2", "high-grade"), patient=[exactly("negative-lumbar-punctures", 1)])
    assert outcome.recommendations == (MRI, FLOW)


def test_where_nothing_is_suspected_nothing_is_added() -> None:
    unsuspected = suspected("leptomeningeal-not-excluded")
    assert qualified(FREE, outcome=unsuspected) == unsuspected


def test_other_outcomes_are_left_alone() -> None:
    other = Assessed(lesion_outcomes={}, patient_outcomes=(escc("grade-2", "high-grade"),))
    assert qualify(Case(lesions=(), study={}, patient={}), other) == other


def test_a_lesion_without_an_escc_is_not_known_to_be_free() -> None:
    lesion = Lesion(id="lesion-1", site=at("T1"), findings={})
    assessed = Assessed(lesion_outcomes={"lesion-1": ()}, patient_outcomes=(suspected(),))
    [found] = qualify(Case(lesions=(lesion,), study={}, patient={}), assessed).patient_outcomes
    assert CYTOLOGY not in found.recommendations
