"""Pointers, next imaging above all: what calls for which examination, what is urgent, and the words in which it is said."""

from dataclasses import replace

import pytest

from service.assessment.assess import assess
from service.assessment.assessed import Assessed
from service.assessment.catalogue import CATALOGUE, POINTERS
from service.assessment.pointers.next_imaging import NEXT_IMAGING
from service.assessment.statements import say
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known, Lesion
from service.model.outcome import Applicability, Outcome
from tests.unit.assessment.pointed import LOW_AND_STABLE, TABLES, sentence, whole
from tests.unit.instruments.known import at, by_finding, case_of, denied, disputed, exactly, stated, yes


def imaging(case: Case, *of_patient: Outcome) -> Outcome:
    return NEXT_IMAGING.point(case, Assessed(lesion_outcomes={}, patient_outcomes=of_patient), TABLES)


def test_suspected_leptomeningeal_disease_asks_for_the_whole_neuraxis() -> None:
    suspected = Outcome(
        instrument="leptomeningeal", version="1", applicability=Applicability.APPLICABLE, verdicts=("leptomeningeal-suspected",)
    )
    case = whole(patient=(yes("known-malignancy"),))
    assert imaging(case, suspected).recommendations == ("mri", "whole-neuraxis-mri-gd")
    other = replace(suspected, verdicts=("leptomeningeal-not-excluded",))
    assert imaging(case, other).recommendations == ("mri",)


TREATED = (
    stated("disease-extent", "diffuse"),
    stated("treatment-intent", "palliative"),
    denied("new-symptoms"),
)


@pytest.mark.parametrize(
    "flag",
    [
        yes("cauda-equina-syndrome"),
        stated("neurological-deficit", "severe-or-progressive"),
        stated("clinical-suspicion", "compression-of-cord"),
        stated("pain-red-flag", "severe-progressive"),
    ],
    ids=lambda known: known.finding,
)
def test_no_course_is_quiet_beside_a_red_flag(flag: Known) -> None:
    cemented = stated("lesion-treatment", "cement-augmentation")
    assert imaging(whole(cemented, patient=TREATED)).recommendations == ("no-follow-up-imaging",)
    assert "no-follow-up-imaging" not in imaging(whole(cemented, patient=(*TREATED, flag))).recommendations


def test_imaging_that_only_a_suspicion_of_the_leptomeninges_calls_for_is_said() -> None:
    case = case_of(study=[stated("leptomeningeal-enhancement", "diffuse")], tumour=False)
    said = sentence(Case(lesions=case.lesions, study=case.study, patient=case.patient), "next-imaging")
    assert said is not None
    assert said.startswith("Patient: next imaging: MRI of the whole neuraxis with gadolinium")


def test_what_every_report_says_calls_for_no_imaging_by_itself() -> None:
    case = case_of(study=[stated("modality", "mri"), yes("bone-abnormality")], tumour=False)
    assert imaging(Case(lesions=case.lesions, study=case.study, patient=case.patient)).is_silent


def test_the_diagram_is_not_claimed_and_none_stated_is_not_none_present() -> None:
    caveats = imaging(whole(patient=(denied("clinical-suspicion"),))).caveats
    assert caveats == (
        "From the text of two reviews: the diagram of Montoya-Bordón's Figure 1 is not implemented.",
        "None of the red flags stated is not the same as none present.",
    )


def test_figures_of_the_reviews_stand_with_what_they_are_about() -> None:
    acute = imaging(whole(patient=(stated("symptom-duration", "acute"),)))
    assert "An X-ray never excludes a metastasis: up to 40 % false negatives (Shah 2011, 2.1)." in acute.caveats
    case = case_of(study=[exactly("bone-scan-foci", 1)])
    single = imaging(Case(lesions=(), study=case.study, patient=case.patient))
    assert "Of solitary foci of a bone scan 50 % are metastases (Shah 2011, 2.2)." in single.caveats


def test_what_examinations_find_and_miss_stands_with_those_wanted_or_done() -> None:
    scanned = case_of(patient=(yes("known-malignancy"),), study=[stated("modality", "bone-scan"), yes("bone-abnormality")])
    wanted = imaging(Case(lesions=(), study=scanned.study, patient=scanned.patient))
    assert wanted.recommendations == ("mri", "ct")
    compared, earlier, missed = wanted.caveats[-3:]
    assert compared.startswith(
        "Metastases of bone: MRI sensitivity 98.5 %, specificity 98.9 %, accuracy 98.7 %; CT sensitivity 66.2 %,"
    )
    assert compared.endswith("specificity 99.3 %, accuracy 88.8 % (Shah 2011, 2.3).")
    assert earlier == "CT may show a metastasis up to 6 months before an X-ray (Shah 2011, 2.3)."
    assert missed == "A bone scan misses up to 25 % of myelomas (Shah 2011, 2.2)."
    case = case_of(patient=(denied("clinical-suspicion"),), study=[stated("modality", "fdg-pet")], tumour=False)
    done = imaging(Case(lesions=(), study=case.study, patient=case.patient))
    assert done.caveats[-1] == "Sensitivity for spinal metastasis: FDG-PET 74 %, with CT 98 % (Shah 2011, 2.2)."


def test_time_critical_imaging_is_said_first() -> None:
    case = whole(*LOW_AND_STABLE, patient=(yes("cauda-equina-syndrome"),))
    first = say(case, assess(case, TABLES))[0]
    assert (first.instrument, first.urgent, first.lesion) == ("next-imaging", True, None)
    assert first.text.startswith(
        "Patient: time-critical: cord or cauda equina compression is suspected; red flag: cauda equina syndrome or severe or "
        "progressive deficit; next imaging: urgent MRI of the whole spine (T1, T2 or STIR, axial T2 at the worst level), then MRI"
    )


def test_what_an_xray_can_show_is_said() -> None:
    said = sentence(whole(exactly("lesion-diameter", 0.9), exactly("mineral-loss-percent", 80), tumour=False), "next-imaging")
    assert said is not None
    assert "an X-ray cannot show a lesion of this size or mineral loss" in said


def test_compression_that_a_report_calls_possible_is_said_first() -> None:
    possible = Known(finding="cord-compression", state=State.NOT_ASSESSED, flags=("uncertain-input",))
    case = whole(possible, tumour=False)
    first = say(case, assess(case, TABLES))[0]
    assert (first.instrument, first.urgent) == ("next-imaging", True)
    assert "time-critical: cord or cauda equina compression is suspected; next imaging: urgent MRI of the whole spine" in first.text


@pytest.mark.parametrize(
    "knowns",
    [
        (disputed("cord-compression", "present", "absent"),),
        (disputed("escc-grade", "1b", "2"),),
        (denied("epidural-involvement"), denied("cord-compression"), stated("escc-grade", "3")),
    ],
    ids=["two readers", "two grades", "grade against sign"],
)
def test_compression_that_somebody_states_is_suspected_though_it_is_disputed(knowns: tuple[Known, ...]) -> None:
    first = say(case := whole(*knowns, tumour=False), assess(case, TABLES))[0]
    assert (first.instrument, first.urgent) == ("next-imaging", True)
    assert "compression is suspected; next imaging: urgent MRI of the whole spine" in first.text


def test_the_bone_of_every_report_alone_sends_nobody_to_a_ct() -> None:
    outcome = imaging(Case(lesions=(), study=by_finding([yes("bone-abnormality")]), patient={}))
    assert (outcome.is_silent, outcome.recommendations) == (True, ())


def test_pain_that_is_not_localised_is_a_flag_of_sins_alone() -> None:
    pain = stated("spinal-pain", "none", "mechanical", flags=("pain-not-localised",))
    case = whole(replace(pain, state=State.CONFLICT))
    flagged = {each.instrument for each in assess(case, TABLES).lesion_outcomes["lesion-1"] if "pain-not-localised" in each.flags}
    assert flagged == {"sins"}


@pytest.mark.parametrize(
    "finding",
    [
        "clinical-suspicion",
        "pain-red-flag",
        "cauda-equina-syndrome",
        "neurological-deficit",
        "known-malignancy",
        "axial-pain",
        "symptom-duration",
        "primary-cancer",
        "new-symptoms",
    ],
)
def test_any_suspicion_symptom_or_known_disease_is_a_context(finding: str) -> None:
    assert imaging(whole(tumour=False)).requests == ("missing-clinical-context",)
    assert imaging(whole(patient=(denied(finding),), tumour=False)).requests == ()


def test_that_myelography_is_a_puncture_stands_with_it() -> None:
    impossible = imaging(whole(patient=(yes("known-malignancy"), yes("mri-contraindicated"))))
    puncture = "CT myelography punctures the CSF (Shah 2011, 2.4); ext: what withholds a puncture concerns it too."
    assert impossible.recommendations == ("ct-myelography",)
    assert puncture in impossible.caveats
    assert puncture not in imaging(whole(patient=(yes("known-malignancy"),))).caveats


def test_nothing_to_say_is_not_said() -> None:
    assert sentence(whole(patient=(denied("clinical-suspicion"),), tumour=False), "next-imaging") is None


def test_pointers_name_what_they_follow() -> None:
    known = {each.key for each in POINTERS} | {each.key for each in CATALOGUE}
    assert all(set(each.follows) <= known for each in POINTERS)


def test_the_order_of_lesions_changes_no_pointer_of_the_patient() -> None:
    small = Lesion(
        id="lesion-2", site=at("L3"), findings=by_finding([exactly("lesion-diameter", 0.5), exactly("mineral-loss-percent", 80)])
    )
    case = whole(exactly("lesion-diameter", 2), exactly("mineral-loss-percent", 80), others=(small,))
    turned = replace(case, lesions=tuple(reversed(case.lesions)))
    assert imaging(case).verdicts == imaging(turned).verdicts == ("no-red-flag", "xray-detectable-possible")
