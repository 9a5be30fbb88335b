"""Management: its gate, what its pointers rest on, and the words in which they are said."""

from dataclasses import replace

import pytest

from service.assessment.assess import assess
from service.assessment.assessed import Assessed
from service.assessment.pointers.management import MANAGEMENT
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.assessment.pointed import LOW_AND_STABLE, TABLES, sentence, whole
from tests.unit.instruments.known import at, case_of, denied, disputed, stated, unknown, yes

FIT = (denied("very-radiosensitive-tumour"), yes("fit-for-surgery"))
COMPRESSED = (yes("cord-compression"), denied("csf-visible"), yes("axial-t2-at-worst-level"))


def management(case: Case, *added: Outcome) -> Outcome:
    assessed = assess(case, TABLES)
    instead = {outcome.instrument for outcome in added}
    kept = (outcome for outcome in assessed.lesion_outcomes["lesion-1"] if outcome.instrument not in instead)
    beside = Assessed(lesion_outcomes={"lesion-1": (*kept, *added)}, patient_outcomes=assessed.patient_outcomes)
    return MANAGEMENT.point(case.at(case.lesions[0]), beside, TABLES)


def mimics(*verdicts: str) -> Outcome:
    return Outcome(instrument="mimics", version="1", applicability=Applicability.APPLICABLE, verdicts=verdicts)


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
