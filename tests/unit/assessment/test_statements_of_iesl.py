"""What is said of the comparison with metastasis: the pattern with ratio and interval, why it does not apply, its place."""

from dataclasses import replace
from decimal import Decimal

from service.assessment.assess import assess
from service.assessment.statements import iesl, say
from service.assessment.statements.saying import Tier
from service.evidence.load import load
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import at, case_of, denied, disputed, exactly, stated, yes

TABLES = load()
SOURCE = "(Wu 2022, Table 2)."
PATIENT = (yes("malignant-primary-brain-tumour"), stated("spinal-irradiation", "whole-spine"), exactly("age-at-lesion", 14))
LESION = (
    denied("lesion-at-baseline"),
    stated("lesion-shape", "round-ovoid"),
    stated("lesion-margin", "well-defined"),
    yes("target-enhancement"),
    denied("expansile"),
    denied("basivertebral-vein-obliterated"),
    denied("pathologic-fracture"),
    denied("epidural-soft-tissue"),
    denied("paraspinal-soft-tissue"),
    stated("t2-vs-muscle", "hypo"),
    stated("bone-lesion", "blastic"),
    denied("bone-scan-uptake"),
)


def text(*knowns: Known, patient: tuple[Known, ...] = PATIENT, prior: str | None = None) -> str:
    case = case_of(*knowns, site=at("T10"), patient=patient, tumour=False)
    return said(replace(case, prior=None if prior is None else Decimal(prior)))


def said(case: Case) -> str:
    return next((each.text for each in say(case, assess(case, TABLES)) if each.instrument == "iesl"), "")


def test_a_settled_pattern_is_said_with_ratio_and_interval() -> None:
    assert text(*LESION) == (
        "T10: IESL comparison: pattern favours an indolent lesion, likelihood ratio 10 (95 % 2 to 3000); 12 patients only; not a "
        f"reason to wait, see the caveats {SOURCE}"
    )


def test_close_follow_up_is_said_where_it_is_pointed_to() -> None:
    calm = (
        denied("epidural-involvement"),
        stated("alignment", "normal"),
        stated("vertebral-collapse", "none"),
        stated("posterolateral-involvement", "none"),
        stated("spinal-pain", "none"),
    )
    assert "; close follow-up rather than aggressive work-up " in text(
        *LESION, *calm, patient=(*PATIENT, denied("neurological-deficit"))
    )


def test_the_probability_names_its_prior() -> None:
    assert "; probability of an indolent lesion 0.91 for the stated prior; " in text(*LESION, prior="0.5")


def test_missing_findings_and_what_limits_the_result_are_said() -> None:
    found = text(*LESION[:-1], yes("double-line-sign"), patient=(*PATIENT[:1], yes("chemotherapy"), PATIENT[2]))
    assert "missing bone scan uptake" in found
    assert "signs of osteonecrosis; whole-spine irradiation not recorded" in found


def test_open_patterns_are_alternatives_and_a_foreign_sign_is_said() -> None:
    found = text(*LESION[:4], disputed("expansile", "present", "absent"), *LESION[5:])
    assert "pattern indeterminate or favours an indolent lesion" in found
    assert "; a sign that no indolent lesion showed; " in found
    assert "; conflicting statements, all kept " in found


def test_a_medulloblastoma_takes_the_density_away() -> None:
    assert "density adds nothing beside a medulloblastoma" in text(
        *LESION, patient=(*PATIENT, stated("primary-cancer", "medulloblastoma"))
    )


def test_without_all_criteria_there_is_no_conclusion() -> None:
    found = text(*LESION, patient=PATIENT[:2])
    assert "no conclusion, because the criteria of applicability are not all known" in found
    assert "missing age at lesion" in found


def test_where_no_brain_tumour_is_stated_that_is_all_that_is_said() -> None:
    assert text(yes("expansile"), patient=()) == (
        "T10: IESL comparison: pattern indeterminate, likelihood ratio 0.9 (95 % 0.65 to 0.97); no conclusion: it is made for "
        f"lesions after a treated malignant primary brain tumour, and none is stated {SOURCE}"
    )


def test_what_does_not_apply_says_why_and_still_shows_the_pattern() -> None:
    assert text(*LESION, patient=(*PATIENT[:2], exactly("age-at-lesion", 61))) == (
        "T10: IESL comparison not applicable: older than the patients of the comparison; pattern favours an indolent lesion, "
        f"likelihood ratio 10 (95 % 2 to 3000) {SOURCE}"
    )


def test_nothing_is_said_where_nobody_asks() -> None:
    assert text(patient=()) == ""


def outcome(*verdicts: str, applicability: Applicability = Applicability.APPLICABLE) -> Outcome:
    return Outcome(instrument="iesl", version="1", applicability=applicability, verdicts=verdicts)


def test_a_pattern_for_metastasis_is_read_before_the_others_and_what_does_not_apply_last() -> None:
    patterns = [("favours-iesl",), ("favours-iesl", "indeterminate"), ("favours-metastasis", "indeterminate")]
    places = [iesl.SAYER.order(outcome(*verdicts)) for verdicts in patterns]
    assert {place[0] for place in places} == {Tier.NATURE}
    assert places == sorted(places, reverse=True)
    closed = iesl.SAYER.order(outcome("favours-metastasis", applicability=Applicability.NOT_APPLICABLE))
    assert closed > max(places)


def test_a_pattern_without_a_ratio_is_said_alone() -> None:
    case = case_of(site=at("T10"), tumour=False)
    assert next(iter(iesl.SAYER.words(case, outcome("indeterminate")))) == "IESL comparison: pattern indeterminate"
