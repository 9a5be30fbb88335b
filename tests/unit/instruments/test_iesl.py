"""IESL: what a reason says, the criteria, odd statements, and what is printed with a result."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

import pytest

from service.evidence.load import load
from service.instruments.iesl import IESL
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome, Reason
from tests.unit.instruments.known import at, case_of, denied, disputed, exactly, measured, stated, unknown, yes

TABLES: Final = load()


def assess(*knowns: Known, patient: tuple[Known, ...] = (), prior: str | None = None) -> Outcome:
    case = case_of(*knowns, site=at("T10"), patient=patient, tumour=False)
    return IESL.assess(replace(case, prior=None if prior is None else Decimal(prior)), TABLES)


PATIENT: Final = (yes("malignant-primary-brain-tumour"), stated("spinal-irradiation", "whole-spine"), exactly("age-at-lesion", 14))
LESION: Final = (
    denied("lesion-at-baseline"),
    stated("lesion-shape", "round-ovoid"),
    yes("target-enhancement"),
    denied("expansile"),
    denied("basivertebral-vein-obliterated"),
    stated("t2-vs-muscle", "hypo"),
)


def reason(outcome: Outcome, finding: str) -> Reason:
    return next(each for each in outcome.reasons if each.finding == finding)


# Reasons.


def test_a_reason_carries_the_log_ratio_the_side_and_the_printed_cell() -> None:
    outcome = assess(*LESION, patient=PATIENT)
    shape = reason(outcome, "lesion-shape")
    assert (shape.value, shape.direction, shape.evidence) == ("round-ovoid", "IESL", "wu-table-2: lesion-shape irregular")
    assert shape.weight == pytest.approx(2.862, abs=1e-3)
    assert [source.reference for source in shape.sources] == ["Observation/lesion-shape-1"]
    dark = reason(outcome, "t2-vs-muscle")
    assert dark.evidence == "wu-table-2: t2-vs-muscle hypo"


def test_a_finding_against_says_metastasis() -> None:
    outcome = assess(yes("expansile"))
    assert reason(outcome, "expansile").direction == "metastasis"
    assert reason(outcome, "expansile").weight == pytest.approx(-2.028, abs=1e-3)


def test_a_disputed_finding_has_no_weight_of_its_own() -> None:
    outcome = assess(disputed("expansile", "present", "absent"))
    found = reason(outcome, "expansile")
    assert (found.value, found.weight, found.direction) == ("present | absent", None, "either side")
    assert any("smallest of all readings" in caveat for caveat in outcome.caveats)


@pytest.mark.parametrize(
    "known",
    [
        stated("t1-vs-muscle", "hypo"),
        yes("endplate-abutment"),
        stated("change-from-prior", "increased"),
        yes("double-line-sign"),
        stated("enhancement-pattern", "rim"),
        stated("biopsy-result", "no-malignancy"),
    ],
    ids=lambda known: known.finding,
)
def test_what_has_no_weight_is_shown_beside_what_has(known: Known) -> None:
    found = reason(assess(yes("expansile"), known), known.finding)
    assert (found.weight, found.direction) == (0.0, "no weight")


def test_a_pattern_that_is_no_ring_is_not_shown_as_osteonecrosis() -> None:
    outcome = assess(yes("expansile"), stated("enhancement-pattern", "heterogeneous"), denied("double-line-sign"))
    assert {each.finding for each in outcome.reasons} == {"expansile"}


def test_the_criteria_are_reasons_and_say_how_they_stand() -> None:
    outcome = assess(*LESION, patient=(yes("malignant-primary-brain-tumour"), yes("chemotherapy"), exactly("age-at-lesion", 30)))
    stands = {each.finding: (each.direction, each.evidence) for each in outcome.reasons}
    assert stands["malignant-primary-brain-tumour"] == ("criterion met", "wu-table-1: primary-tumour brain")
    assert stands["chemotherapy"] == ("criterion met", "wu-table-1: chemotherapy yes")
    assert stands["lesion-at-baseline"] == ("criterion met", "wu-cohort: lesion-at-baseline")
    assert stands["age-at-lesion"] == ("criterion not met", "wu-cohort: age-at-lesion")


def test_nobody_asks_where_neither_a_weighed_finding_nor_the_brain_tumour_is_stated() -> None:
    outcome = assess(stated("t1-vs-muscle", "hypo"), patient=(exactly("age-at-lesion", 14), yes("chemotherapy")))
    assert outcome.is_silent
    assert outcome.verdicts == ("indeterminate",)
    assert not assess(patient=(yes("malignant-primary-brain-tumour"),)).is_silent


def test_density_beside_a_medulloblastoma_is_shown_and_cites_why_it_adds_nothing() -> None:
    outcome = assess(*LESION, stated("bone-lesion", "blastic"), patient=(*PATIENT, stated("primary-cancer", "medulloblastoma")))
    assert (reason(outcome, "bone-lesion").weight, reason(outcome, "bone-lesion").direction) == (0.0, "no weight")
    assert reason(outcome, "primary-cancer").evidence == "shah-density: blastic"
    assert "Shah 2011" in {citation.paper for citation in outcome.citations}
    assert "Shah 2011" not in {citation.paper for citation in assess(*LESION, patient=PATIENT).citations}


def test_every_reason_names_a_table_that_the_instrument_reads_and_a_cell_that_is_there() -> None:
    every = (
        *LESION,
        stated("bone-lesion", "blastic"),
        yes("enhancement"),
        yes("double-line-sign"),
        stated("biopsy-result", "malignant"),
    )
    treated = (denied("cord-astrocytoma-grade"), yes("chemotherapy"), yes("leptomeningeal-seeding"))
    outcome = assess(*every, patient=(*PATIENT, *treated, stated("primary-cancer", "medulloblastoma")))
    for each in outcome.reasons:
        name, _, cell = each.evidence.partition(": ")
        assert name in IESL.sources
        row = cell.split(" ")[0]
        assert any(row in map(str, printed.values()) for printed in TABLES[name].rows), each.evidence


# Criteria that written cases cannot say.


@pytest.mark.parametrize(
    ("known", "applicability"),
    [
        (disputed("malignant-primary-brain-tumour", "present", "absent"), Applicability.UNKNOWN),
        (disputed("spinal-irradiation", "whole-spine", "absent"), Applicability.UNKNOWN),
        (disputed("spinal-irradiation", "whole-spine", "partial"), Applicability.APPLICABLE),
        (denied("spinal-irradiation", "whole-spine"), Applicability.UNKNOWN),
        (disputed("cord-astrocytoma-grade", "high", "low"), Applicability.NOT_APPLICABLE),
        (disputed("cord-astrocytoma-grade", "high", "absent"), Applicability.UNKNOWN),
        (unknown("cord-astrocytoma-grade", "uncertain-input"), Applicability.APPLICABLE),
        (measured("age-at-lesion", 29, 30, high_open=True), Applicability.APPLICABLE),
        (measured("age-at-lesion", 29, 30), Applicability.UNKNOWN),
        (measured("age-at-lesion", 30, None, low_open=True), Applicability.NOT_APPLICABLE),
    ],
)
def test_a_criterion_is_met_only_by_what_is_not_disputed(known: Known, applicability: Applicability) -> None:
    patient = {each.finding: each for each in PATIENT} | {known.finding: known}
    assert assess(*LESION, patient=tuple(patient.values())).applicability is applicability


def test_disputed_extent_of_irradiation_is_not_the_treatment_of_the_cohort() -> None:
    patient = {each.finding: each for each in PATIENT}
    patient["spinal-irradiation"] = disputed("spinal-irradiation", "whole-spine", "partial")
    assert "outside-cohort-treatment" in assess(*LESION, patient=tuple(patient.values())).flags


def test_a_denied_extent_asks_for_the_treatment_that_nobody_stated() -> None:
    patient = {each.finding: each for each in PATIENT}
    patient["spinal-irradiation"] = denied("spinal-irradiation", "whole-spine")
    outcome = assess(*LESION, patient=tuple(patient.values()))
    assert outcome.missing[-1:] == ("chemotherapy",)
    assert "outside-cohort-treatment" in outcome.flags


# Odd statements.


def test_a_word_that_the_table_does_not_have_adds_nothing() -> None:
    outcome = assess(stated("t2-vs-muscle", "speckled"), denied("bone-lesion"))
    assert outcome.likelihood_ratio == assess().likelihood_ratio
    assert {"t2-vs-muscle", "bone-lesion"} <= set(outcome.missing)


def test_all_values_denied_is_nothing_stated() -> None:
    assert "lesion-shape" in assess(denied("lesion-shape", "round-ovoid", "irregular")).missing


# What is printed with it.


@pytest.mark.parametrize(
    "words",
    [
        "n = 12: 3 patients with an indolent enhancing spinal lesion, 9 with spinal metastasis; retrospective, 1 hospital.",
        "gives a ratio of 10, everything for metastasis 0.24.",
        "9 of 9 fractured, 9 of 9 expansile): small metastases were not studied",
        "1 of 3 patients with an indolent lesion survived",
        "0 patients had a brain tumour with spinal metastasis",
        "1 of 3 had a fracture, 1 of 3 had an ill-defined margin, 2 of 3 had involved posterior elements, 1 of 3 had uptake",
        "3 of 3 indolent lesions grew, 6 of 8 metastases",
        "never excludes metastasis",
        "against paraspinal muscle",
        "Ours, not the paper's",
    ],
)
def test_every_result_carries_the_caveats(words: str) -> None:
    for outcome in (assess(), assess(*LESION, patient=PATIENT)):
        assert any(words in caveat for caveat in outcome.caveats)


def test_a_comparison_that_does_not_apply_says_why() -> None:
    patient = (
        denied("malignant-primary-brain-tumour"),
        denied("chemotherapy"),
        denied("spinal-irradiation"),
        exactly("age-at-lesion", 50),
    )
    outcome = assess(yes("lesion-at-baseline"), patient=(*patient, stated("cord-astrocytoma-grade", "high")))
    [said] = [caveat for caveat in outcome.caveats if caveat.startswith("Not applicable: ")]
    assert said == (
        "Not applicable: no treated malignant primary brain tumour; an astrocytoma of the spinal cord; neither spinal irradiation "
        "nor chemotherapy before; the lesion was there on the initial imaging; older than the patients of the comparison. "
        "No conclusion follows."
    )


def test_a_prior_that_is_not_used_is_said() -> None:
    withheld = "A prior was stated; the probability is withheld because the criteria are not all known to be met."
    assert withheld in assess(*LESION, prior="0.3").caveats
    assert withheld not in assess(*LESION, patient=PATIENT, prior="0.3").caveats


def test_density_without_the_kind_of_brain_tumour_says_what_a_medulloblastoma_would_change() -> None:
    words = "The kind of brain tumour is not stated: for a medulloblastoma the density would add nothing."
    density = stated("bone-lesion", "blastic")
    assert words in assess(*LESION, density, patient=PATIENT).caveats
    assert words not in assess(*LESION, density, patient=(*PATIENT, stated("primary-cancer", "malignant-brain-tumour"))).caveats
    assert words not in assess(*LESION, patient=PATIENT).caveats
    assert words not in assess(density).caveats


def test_a_density_of_radiographs_and_a_biopsy_are_said() -> None:
    density = stated("bone-lesion", "blastic")
    on_film = replace(density, sources=(replace(density.sources[0], modality=("x-ray",)),))
    caveats = assess(on_film, stated("biopsy-result", "malignant")).caveats
    assert "Density was read on radiographs alone and adds nothing: the paper counted CT." in caveats
    assert "A biopsy result is stated: it is the reference, not this pattern." in caveats


def test_pattern_and_ratio_are_given_without_a_lesion_under_study() -> None:
    outcome = IESL.assess(Case(lesions=(), study={}, patient={}), TABLES)
    assert (outcome.verdicts, outcome.applicability) == (("indeterminate",), Applicability.UNKNOWN)
