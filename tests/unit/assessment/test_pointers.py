"""Management and next imaging: gates, what they rest on, and the words in which they are said."""

from dataclasses import replace

import pytest

from service.assessment.assess import assess
from service.assessment.assessed import Assessed
from service.assessment.catalogue import CATALOGUE, POINTERS
from service.assessment.pointers.management import MANAGEMENT
from service.assessment.pointers.next_imaging import NEXT_IMAGING
from service.assessment.statements import say
from service.evidence.load import load
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known, Lesion
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import at, by_finding, case_of, denied, disputed, exactly, stated, unknown, yes

TABLES = load()
FIT = (denied("very-radiosensitive-tumour"), yes("fit-for-surgery"))
COMPRESSED = (yes("cord-compression"), denied("csf-visible"), yes("axial-t2-at-worst-level"))
LOW_AND_STABLE = (
    stated("bone-lesion", "blastic"),
    stated("alignment", "normal"),
    stated("vertebral-collapse", "none"),
    stated("posterolateral-involvement", "none"),
    stated("spinal-pain", "none"),
    denied("epidural-involvement"),
)


def whole(*knowns: Known, patient: tuple[Known, ...] = (), tumour: bool = True, others: tuple[Lesion, ...] = ()) -> Case:
    case = case_of(*knowns, site=at("T7"), patient=patient, tumour=tumour, others=others)
    return Case(lesions=case.lesions, study=case.study, patient=case.patient)


def management(case: Case, *added: Outcome) -> Outcome:
    assessed = assess(case, TABLES)
    instead = {outcome.instrument for outcome in added}
    kept = (outcome for outcome in assessed.lesion_outcomes["lesion-1"] if outcome.instrument not in instead)
    beside = Assessed(lesion_outcomes={"lesion-1": (*kept, *added)}, patient_outcomes=assessed.patient_outcomes)
    return MANAGEMENT.point(case.at(case.lesions[0]), beside, TABLES)


def mimics(*verdicts: str) -> Outcome:
    return Outcome(instrument="mimics", version="1", applicability=Applicability.APPLICABLE, verdicts=verdicts)


def sentence(case: Case, instrument: str) -> str | None:
    said = say(case, assess(case, TABLES))
    return next((each.text for each in said if each.instrument == instrument), None)


def test_a_fulfilled_benign_or_infective_candidate_closes_the_gate_and_is_named() -> None:
    outcome = management(whole(*COMPRESSED, patient=FIT), mimics("epidural-abscess"))
    assert (outcome.applicability, outcome.recommendations) == (Applicability.UNKNOWN, ())
    assert "No pointer: the signs of epidural-abscess are fulfilled." in outcome.caveats


@pytest.mark.parametrize("verdict", ["metastasis", "no-leading-candidate", "osteoblastic-flare"])
def test_a_candidate_that_is_a_metastasis_leaves_the_gate_open(verdict: str) -> None:
    outcome = management(whole(*COMPRESSED, patient=FIT), mimics(verdict))
    assert outcome.recommendations == ("minimal-decompression",)


def test_where_sins_or_escc_may_not_be_read_nothing_follows() -> None:
    case = whole(*COMPRESSED, patient=FIT)
    assessed = assess(case, TABLES)
    doubted = assessed.with_lesions(
        lambda _, outcomes: tuple(replace(each, applicability=Applicability.UNKNOWN) for each in outcomes)
    )
    outcome = MANAGEMENT.point(case.at(case.lesions[0]), doubted, TABLES)
    assert (outcome.applicability, outcome.recommendations) == (Applicability.UNKNOWN, ())
    assert "No pointer: SINS or ESCC may not be read for this lesion." in outcome.caveats


@pytest.mark.parametrize("metastasis", [disputed("spinal-metastasis", "present", "absent"), unknown("spinal-metastasis")])
def test_a_disputed_metastasis_is_not_an_accepted_one(metastasis: Known) -> None:
    outcome = management(whole(*COMPRESSED, patient=(metastasis, *FIT), tumour=False))
    assert (outcome.applicability, outcome.recommendations) == (Applicability.UNKNOWN, ())


def test_a_malignant_biopsy_outweighs_a_denied_metastasis() -> None:
    outcome = management(
        whole(*COMPRESSED, stated("biopsy-result", "malignant"), patient=(denied("spinal-metastasis"), *FIT), tumour=False)
    )
    assert outcome.recommendations == ("minimal-decompression",)


def outcome_of(instrument: str, *verdicts: str, applicability: Applicability = Applicability.APPLICABLE) -> Outcome:
    return Outcome(instrument=instrument, version="1", applicability=applicability, verdicts=verdicts)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (stated("biopsy-result", "no-malignancy"), "the biopsy of this lesion held no malignancy"),
        (stated("reported-diagnosis", "osteoporotic-fracture"), "the report names this lesion osteoporotic-fracture"),
        (
            stated("reported-diagnosis", "haemangioma", "metastatic-fracture", "enostosis"),
            "the report names this lesion haemangioma or enostosis",
        ),
    ],
)
def test_a_metastasis_of_the_patient_is_not_that_of_a_lesion_said_to_be_benign(known: Known, why: str) -> None:
    outcome = management(whole(*COMPRESSED, known, patient=FIT))
    assert (outcome.applicability, outcome.recommendations, outcome.requests) == (Applicability.UNKNOWN, (), ())
    assert f"No pointer: {why}." in outcome.caveats
    said = sentence(whole(*COMPRESSED, known, patient=FIT), "management")
    assert said is not None
    assert f"no pointer: {why}" in said


@pytest.mark.parametrize(
    "known", [stated("biopsy-result", "insufficient"), stated("reported-diagnosis", "lymphoma"), denied("biopsy-result")]
)
def test_what_says_nothing_benign_of_the_lesion_leaves_the_gate_open(known: Known) -> None:
    assert management(whole(*COMPRESSED, known, patient=FIT)).recommendations == ("minimal-decompression",)


def test_a_biopsy_that_is_disputed_leaves_an_accepted_metastasis_accepted() -> None:
    outcome = management(whole(*COMPRESSED, disputed("biopsy-result", "malignant", "no-malignancy"), patient=FIT))
    assert outcome.recommendations == ("minimal-decompression",)
    assert "conflicting-input" in outcome.flags


def test_a_malignant_biopsy_outweighs_a_benign_name_but_no_fulfilled_signs() -> None:
    malignant = (*COMPRESSED, stated("biopsy-result", "malignant"), stated("reported-diagnosis", "enostosis"))
    assert management(whole(*malignant, patient=FIT)).recommendations == ("minimal-decompression",)
    assert management(whole(*malignant, patient=FIT), mimics("haemangioma")).recommendations == ()


@pytest.mark.parametrize(("instrument", "verdict"), [("fracture-cause", "favours-osteoporotic"), ("iesl", "favours-iesl")])
def test_a_lesion_whose_own_signs_favour_another_nature_gets_no_pointer(instrument: str, verdict: str) -> None:
    case = whole(*COMPRESSED, patient=FIT)
    assert management(case, outcome_of(instrument, verdict)).applicability is Applicability.UNKNOWN
    undecided = (
        outcome_of(instrument, verdict, "indeterminate"),
        outcome_of(instrument, verdict, applicability=Applicability.UNKNOWN),
        outcome_of(instrument, "indeterminate"),
    )
    for outcome in undecided:
        assert management(case, outcome).recommendations == ("minimal-decompression",)


def test_an_exception_that_is_not_known_is_printed_and_no_procedure_follows() -> None:
    said = sentence(whole(*COMPRESSED, patient=(denied("very-radiosensitive-tumour"),)), "management")
    assert said is not None
    assert (
        "no decompression pointer: minimal initial decompression, unless very radiosensitive or unfit, which is not known" in said
    )
    assert "missing" in said
    known = sentence(whole(*COMPRESSED, patient=FIT), "management")
    assert known is not None
    assert "which is not known" not in known


@pytest.mark.parametrize("field", ["partial", "extent-not-stated"])
def test_an_irradiation_whose_field_is_not_known_is_said_and_not_flagged(field: str) -> None:
    outcome = management(whole(*LOW_AND_STABLE, patient=(stated("spinal-irradiation", field),)))
    assert outcome.flags == ()
    assert "Earlier irradiation of the spine is recorded; whether its field held this lesion is not stated." in outcome.caveats
    flagged = management(
        whole(*LOW_AND_STABLE, stated("lesion-treatment", "radiotherapy"), patient=(stated("spinal-irradiation", field),))
    )
    assert flagged.flags == ("earlier-radiotherapy",)
    assert not any("whether its field" in caveat for caveat in flagged.caveats)


def test_it_rests_on_its_gate_its_findings_and_the_two_scales_with_their_sources() -> None:
    outcome = management(whole(*COMPRESSED, patient=FIT))
    assert [reason.finding for reason in outcome.reasons] == [
        "spinal-metastasis",
        "very-radiosensitive-tumour",
        "fit-for-surgery",
        "sins",
        "escc",
    ]
    escc = outcome.reasons[-1]
    assert escc.value == "grade-3 | high-grade"
    assert {source.reference for source in escc.sources} >= {"Observation/cord-compression-1", "Observation/csf-visible-1"}


def test_pointers_are_no_plan_and_their_gate_is_ours() -> None:
    plan, gate, misprint = management(whole(*LOW_AND_STABLE)).caveats
    assert plan == "Pointers of a review, not a plan: decision by the multidisciplinary team."
    assert "this gate is this service's, not the paper's" in gate
    assert "Used: urgent surgical evaluation." in misprint


def test_without_a_word_of_metastasis_it_is_silent() -> None:
    assert management(whole(*COMPRESSED, patient=FIT, tumour=False)).is_silent


def test_cement_beside_instability_is_named_with_its_condition() -> None:
    unstable = (
        stated("bone-lesion", "lytic"),
        stated("alignment", "subluxation-translation"),
        stated("vertebral-collapse", "over-50"),
        stated("posterolateral-involvement", "bilateral"),
        stated("spinal-pain", "mechanical"),
    )
    unknown_extent = management(whole(*unstable))
    assert "Percutaneous cement only where epidural extension is denied: it is not denied here." in unknown_extent.caveats
    assert "epidural-involvement" in unknown_extent.missing
    extended = management(whole(*unstable, yes("epidural-involvement")))
    assert "Percutaneous cement only where epidural extension is denied: it is stated here." in extended.caveats
    assert extended.recommendations == ("urgent-surgical-evaluation", "stabilisation-or-cement")


def test_pointers_are_said_in_the_words_of_the_review() -> None:
    said = sentence(whole(*LOW_AND_STABLE), "management")
    assert said == (
        "T7: the review points to radiation considered as initial therapy (Montoya-Bordón 2023, SINS; Degree of spinal cord "
        "compression; Percutaneous treatment)."
    )


def test_what_is_asked_for_is_said_instead_of_a_pointer() -> None:
    said = sentence(whole(yes("cord-abutment")), "management")
    assert said is not None
    assert "no pointer from stability while SINS is open" in said
    assert "no pointer from compression while ESCC is open" in said
    assert "missing vertebral" not in said


def test_below_the_conus_no_cord_is_asked_for() -> None:
    case = case_of(yes("epidural-involvement"), site=at("L3"))
    said = sentence(Case(lesions=case.lesions, study=case.study, patient=case.patient), "management")
    assert said is not None
    assert "thecal sac / cauda equina compression" in said
    assert "spinal cord" not in said.partition(" (Montoya")[0]


def test_a_gate_that_nothing_opens_is_not_said() -> None:
    assert sentence(whole(*COMPRESSED, patient=(denied("spinal-metastasis"),), tumour=False), "management") is None
    assert sentence(whole(*COMPRESSED, stated("biopsy-result", "no-malignancy"), tumour=False), "management") is None


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


def test_compression_that_a_report_calls_possible_is_said_first() -> None:
    possible = Known(finding="cord-compression", state=State.NOT_ASSESSED, flags=("uncertain-input",))
    case = whole(possible, tumour=False)
    first = say(case, assess(case, TABLES))[0]
    assert (first.instrument, first.urgent) == ("next-imaging", True)
    assert "time-critical: cord or cauda equina compression is suspected; next imaging: urgent MRI of the whole spine" in first.text


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


def test_time_critical_imaging_is_said_first() -> None:
    case = whole(*LOW_AND_STABLE, patient=(yes("cauda-equina-syndrome"),))
    first = say(case, assess(case, TABLES))[0]
    assert (first.instrument, first.urgent, first.lesion) == ("next-imaging", True, None)
    assert first.text.startswith(
        "Patient: time-critical: cord or cauda equina compression is suspected; red flag: cauda equina syndrome or severe or "
        "progressive deficit; next imaging: MRI"
    )


def test_what_an_xray_can_show_is_said() -> None:
    said = sentence(whole(exactly("lesion-diameter", 0.9), exactly("mineral-loss-percent", 80), tumour=False), "next-imaging")
    assert said is not None
    assert "an X-ray cannot show a lesion of this size or mineral loss" in said


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
