"""Mimics: reasons with their printed places, reference tissues of T1, attenuation by mean and maximum, what stands beside."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from service.instruments.mimics import MIMICS
from service.instruments.mimics.rules import CANDIDATES, rules_of
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability
from tests.unit.instruments.known import at, case_of, denied, disputed, exactly, measured, said, stated, unknown, yes
from tests.unit.instruments.mimics_by_hand import ORDER, TABLES, assess

UNTREATED = denied("lesion-treatment")
TRABECULAE = yes("coarse-trabeculae")
BRIGHT = stated("t1-signal", "hyper")


def test_the_candidates_stand_in_the_order_of_the_verdicts() -> None:
    assert [verdict for verdict in ORDER if verdict in CANDIDATES] == list(CANDIDATES)


def test_it_reads_what_its_rules_read() -> None:
    rules = rules_of(TABLES)
    beside = {"attenuation-max", "signal-reference", "t1-vs-disc", "chemotherapy", "spinal-irradiation", "intramedullary-lesion"}
    assert set(MIMICS.reads) == rules.findings | rules.spoken | beside


def test_within_the_cord_nothing_is_missing_that_would_not_be_read() -> None:
    double_line = yes("double-line-sign")
    assert "expansile" in assess(double_line).missing
    within = assess(double_line, yes("intramedullary-lesion"))
    assert within.missing == ("epidural-soft-tissue", "paraspinal-soft-tissue")


def test_silence_is_no_leading_candidate_with_a_citation_and_no_reason() -> None:
    outcome = assess()
    assert outcome.is_silent
    assert (outcome.applicability, outcome.verdicts) == (Applicability.APPLICABLE, ("no-leading-candidate",))
    assert (outcome.missing, outcome.requests, outcome.flags) == ((), (), ())
    assert [citation.locator for citation in outcome.citations] == ["Section 3.2"]


def test_without_a_lesion_under_study_the_study_still_speaks() -> None:
    case = Case(lesions=(), study={"new-sclerotic-lesions": yes("new-sclerotic-lesions")}, patient={})
    assert MIMICS.assess(case, TABLES).flags == ("supporting-only",)


def test_reasons_name_the_finding_its_value_its_side_and_the_row() -> None:
    outcome = assess(BRIGHT, stated("lesion-margin", "ill-defined"))
    assert [(reason.finding, reason.value, reason.direction, reason.evidence) for reason in outcome.reasons][:2] == [
        ("t1-signal", "hyper", "for haemangioma", "shah-mimics: haemangioma t1-signal"),
        ("lesion-margin", "ill-defined", "against haemangioma", "shah-mimics: haemangioma lesion-margin"),
    ]
    assert [source.reference for source in outcome.reasons[0].sources] == ["Observation/t1-signal-1"]


def test_a_disputed_sign_stands_for_and_against() -> None:
    outcome = assess(disputed("t1-signal", "hyper", "hypo"), TRABECULAE)
    about = [(reason.value, reason.direction) for reason in outcome.reasons if "haemangioma" in str(reason.direction)]
    assert about == [
        ("hyper | hypo", "for haemangioma"),
        ("present", "for haemangioma"),
        ("hyper | hypo", "against haemangioma"),
    ]


def test_what_supports_is_named_only_beside_a_part_of_the_rule() -> None:
    assert assess(yes("enhancement"), BRIGHT).reasons[1].finding == "enhancement"
    assert assess(yes("enhancement")).is_silent


def test_what_excludes_is_named_only_beside_a_part_of_the_rule() -> None:
    outcome = assess(TRABECULAE, yes("cortical-destruction"))
    assert ("cortical-destruction", "against haemangioma") in [(each.finding, each.direction) for each in outcome.reasons]
    assert assess(yes("cortical-destruction")).is_silent


# T1 and its reference tissue.


def bright(*numbers: int) -> Known:
    sources = tuple(replace(said("t1-signal", number=number), value="hyper") for number in numbers)
    return Known(finding="t1-signal", state=State.PRESENT, values=("hyper",), sources=sources)


def against(tissue: str, signal: Known) -> Known:
    """What D34 and D35 derive from a bright signal with a reference."""
    return Known(finding=f"t1-vs-{tissue}", state=State.PRESENT, values=("hyper",), sources=signal.sources[:1], derived_by="D34")


def test_bright_against_muscle_alone_is_no_part_of_the_rule_and_asks_for_the_signal() -> None:
    signal = bright(1)
    outcome = assess(signal, stated("signal-reference", "muscle"), against("muscle", signal), TRABECULAE)
    assert outcome.verdicts == ("no-leading-candidate",)
    assert outcome.missing[0] == "t1-signal"
    assert "atypical-haemangioma" not in outcome.flags


def test_a_reference_that_belongs_to_another_signal_leaves_t1_without_one() -> None:
    assert assess(bright(1), stated("signal-reference", "muscle"), TRABECULAE).verdicts == ("haemangioma",)


def test_bright_against_marrow_beside_bright_against_muscle_is_bright() -> None:
    both = bright(1, 2)
    reference = stated("signal-reference", "muscle", "marrow")
    assert assess(both, reference, against("muscle", both), TRABECULAE).verdicts == ("haemangioma",)


def test_a_reference_to_marrow_that_belongs_to_t2_does_not_make_t1_bright() -> None:
    signal = bright(1)
    reference = disputed("signal-reference", "muscle", "marrow")
    assert assess(signal, reference, against("muscle", signal), TRABECULAE).verdicts == ("no-leading-candidate",)


def test_dark_against_muscle_is_dark() -> None:
    dark = replace(bright(1), values=("hypo",))
    outcome = assess(dark, stated("signal-reference", "muscle"), stated("lesion-margin", "well-defined"))
    assert "atypical-haemangioma" in outcome.flags


def test_bright_against_the_disc_is_not_bright_and_not_dark_either() -> None:
    signal = bright(1)
    outcome = assess(signal, stated("signal-reference", "disc"), against("disc", signal))
    directions = {reason.direction for reason in outcome.reasons}
    assert directions == {"against discogenic-endplate-change", "against schmorl-node"}


# Attenuation.


@pytest.mark.parametrize(
    ("mean", "maximum", "verdicts", "missing"),
    [
        ((884.9, 884.9), None, ["no-leading-candidate"], ()),
        ((885, 885), None, ["no-leading-candidate"], ("attenuation-max",)),
        ((1059.9, 1059.9), None, ["no-leading-candidate"], ("attenuation-max",)),
        ((1060, 1060), None, ["enostosis"], ()),
        ((800, 1100), None, ["enostosis", "no-leading-candidate"], ()),
        ((885, 885), (1060, 1060), ["enostosis"], ()),
        ((885, 885), (1059, 1059), ["no-leading-candidate"], ()),
        ((884, 884), (1060, 1060), ["no-leading-candidate"], ()),
        ((884, 884), (1059, 1059), ["no-leading-candidate"], ()),
        ((900, 900), (1000, 1100), ["enostosis", "no-leading-candidate"], ()),
        ((800, 900), (1100, 1100), ["enostosis", "no-leading-candidate"], ()),
        (None, (1300, 1300), ["no-leading-candidate"], ("attenuation-mean",)),
    ],
)
def test_attenuation_is_read_by_the_mean_and_by_both(
    mean: tuple[float, float] | None, maximum: tuple[float, float] | None, verdicts: list[str], missing: tuple[str, ...]
) -> None:
    given = {"attenuation-mean": mean, "attenuation-max": maximum}
    outcome = assess(*(measured(finding, *bounds) for finding, bounds in given.items() if bounds is not None), UNTREATED)
    assert list(outcome.verdicts) == verdicts
    assert outcome.missing == missing


def test_a_value_that_decides_nothing_is_shown_without_a_side() -> None:
    outcome = assess(exactly("attenuation-mean", 900), exactly("attenuation-max", 1000), UNTREATED)
    assert [(reason.finding, reason.value, reason.direction) for reason in outcome.reasons] == [
        ("attenuation-mean", "900", None),
        ("attenuation-max", "1000", None),
    ]


def test_mean_and_maximum_speak_together() -> None:
    outcome = assess(exactly("attenuation-mean", 900), exactly("attenuation-max", 1200), UNTREATED)
    assert [(reason.finding, reason.direction) for reason in outcome.reasons] == [
        ("attenuation-mean", "for enostosis"),
        ("attenuation-max", "for enostosis"),
        ("lesion-treatment", "for enostosis"),
    ]


def test_the_attenuation_cites_the_paper_and_the_study_behind_its_cut_offs() -> None:
    outcome = assess(exactly("attenuation-mean", 1100), UNTREATED)
    assert [citation.paper for citation in outcome.citations] == ["Montoya-Bordón 2023", "Ulano 2016"]
    assert any("885 HU" in caveat for caveat in outcome.caveats)
    assert not any("treatment is" in caveat for caveat in outcome.caveats)


@pytest.mark.parametrize(
    ("treatment", "words"), [(stated("lesion-treatment", "radiotherapy"), "is stated"), (None, "is not stated")], ids=["yes", "?"]
)
def test_why_an_attenuation_decides_nothing_is_said(treatment: Known | None, words: str) -> None:
    outcome = assess(exactly("attenuation-mean", 1100), *([] if treatment is None else [treatment]))
    assert any(f"treatment {words}, so the value is shown and decides nothing" in caveat for caveat in outcome.caveats)


# What stands beside.


def caveat_of(*knowns: Known, **others: object) -> str:
    return " ".join(assess(*knowns, **others).caveats)


def test_the_figures_of_halo_and_bulls_eye_are_context_and_of_the_pelvis() -> None:
    text = caveat_of(yes("halo-sign"))
    assert "sensitivity 75 %, specificity 99.5 %" in text
    assert "pelvis of 17 and 30 patients (Schweitzer 1993)" in text
    assert "pelvis" not in caveat_of(BRIGHT)


def test_a_loss_of_exactly_twenty_per_cent_says_that_it_is_open() -> None:
    assert "exactly 20 % lies on neither side" in caveat_of(exactly("opposed-phase-loss-percent", 20))
    assert "exactly 20 %" not in caveat_of(exactly("opposed-phase-loss-percent", 25))


DARK = (stated("t1-signal", "hypo"), stated("t2-signal", "hypo"))


@pytest.mark.parametrize(
    "treatment", [stated("lesion-treatment", "radiotherapy"), yes("chemotherapy"), stated("spinal-irradiation", "whole-spine")]
)
def test_dark_foci_after_treatment_may_be_red_marrow_again(treatment: Known) -> None:
    assert "3 to 6 weeks" in caveat_of(*DARK, patient=[treatment])
    assert "3 to 6 weeks" not in caveat_of(*DARK)
    assert "3 to 6 weeks" not in caveat_of(DARK[0], patient=[treatment])


def test_an_ivory_vertebra_is_undecidable_on_x_ray() -> None:
    assert "X-ray cannot decide" in caveat_of(yes("ivory-vertebra"))
    assert "X-ray cannot decide" not in caveat_of(denied("ivory-vertebra"))


def test_a_collection_that_is_denied_and_described_is_said_to_be_disputed() -> None:
    outcome = assess(denied("epidural-collection"), stated("collection-enhancement", "focal"))
    assert {"conflicting-input", "urgent", "active-extravasation"} <= set(outcome.flags)
    assert any("denied and described" in caveat for caveat in outcome.caveats)
    assert "denied and described" not in caveat_of(denied("epidural-collection"), stated("collection-enhancement", "none"))


@pytest.mark.parametrize("name", ["discitis-osteomyelitis", "epidural-haematoma", "epidural-abscess"])
def test_a_named_infection_or_bleeding_cannot_wait(name: str) -> None:
    outcome = assess(stated("reported-diagnosis", name))
    assert outcome.verdicts == ("no-leading-candidate",)
    assert {"urgent", "supporting-only"} <= set(outcome.flags)


def test_a_named_abscess_supports_abscess_and_phlegmon() -> None:
    directions = {reason.direction for reason in assess(stated("reported-diagnosis", "epidural-abscess")).reasons}
    assert directions == {"for epidural-abscess", "for epidural-phlegmon"}


def test_a_named_metastatic_fracture_is_shown_and_favours_nothing() -> None:
    outcome = assess(stated("reported-diagnosis", "metastatic-fracture"))
    assert outcome.verdicts == ("no-leading-candidate",)
    assert [reason.direction for reason in outcome.reasons] == ["for metastasis"]
    assert "supporting-only" not in outcome.flags


def test_the_signal_of_a_lesion_within_the_cord_is_none_of_bone() -> None:
    knowns = (BRIGHT, stated("lesion-margin", "well-defined"))
    outcome = assess(*knowns, yes("intramedullary-lesion"))
    assert outcome.verdicts == ("no-leading-candidate",)
    assert outcome.is_silent
    assert any("within the cord" in caveat for caveat in outcome.caveats)
    assert assess(*knowns, denied("intramedullary-lesion")).verdicts == ("haemangioma",)
    assert assess(TRABECULAE, yes("intramedullary-lesion")).reasons


def test_a_name_that_is_no_mimic_is_silent() -> None:
    assert assess(stated("reported-diagnosis", "demyelination")).is_silent


def test_the_place_of_the_leading_candidate_is_cited_first() -> None:
    outcome = assess(BRIGHT, yes("ivory-vertebra"))
    assert [citation.paper for citation in outcome.citations] == ["Montoya-Bordón 2023", "Shah 2011"]


def test_a_history_that_decides_nothing_brings_no_flag_along() -> None:
    history = [stated("primary-cancer", "breast", flags=("from-other-report",))]
    assert assess(BRIGHT, TRABECULAE, patient=history).flags == ()
    melanoma = [stated("primary-cancer", "melanoma", flags=("from-other-report",))]
    assert "from-other-report" in assess(BRIGHT, TRABECULAE, patient=melanoma).flags


def test_a_refused_value_is_said_even_where_nothing_else_is_stated() -> None:
    assert assess(invalid=[("lesion-1", "attenuation-mean")]).flags == ("invalid-input",)
    assert assess(invalid=[("lesion-1", "spinal-pain")]).flags == ()


def test_rules_are_made_once_for_a_set_of_tables() -> None:
    other = dict(TABLES)
    assert rules_of(TABLES) is rules_of(TABLES)
    assert rules_of(other) is not rules_of(TABLES)
    assert MIMICS.assess(case_of(BRIGHT, TRABECULAE, site=at("T7")), other).verdicts == ("haemangioma",)


def test_a_sign_of_which_only_single_answers_are_denied_is_not_shown() -> None:
    assert assess(denied("halo-sign", "present"), denied("bulls-eye-sign", "present")).verdicts == ("no-leading-candidate",)


UNKNOWNS: Mapping[str, Known] = {finding: unknown(finding) for finding in ("t1-signal", "attenuation-mean", "clinical-suspicion")}


def test_findings_that_were_asked_without_an_answer_change_nothing() -> None:
    assert assess(*UNKNOWNS.values(), BRIGHT) == assess(BRIGHT)
    assert assess(*UNKNOWNS.values()) == assess()
