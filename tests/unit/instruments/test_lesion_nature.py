"""Lesion nature: each question for itself, nothing about one on which nothing is stated."""

import pytest

from service.evidence.load import load
from service.instruments.lesion_nature import LESION_NATURE
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import case_of, denied, disputed, exactly, measured, seen, stated, unknown, yes

TABLES = load()
LOSS = "opposed-phase-loss-percent"
MUSCLE, DISC = "t1-vs-muscle", "t1-vs-disc"


def assess(*knowns: Known, study: tuple[Known, ...] = ()) -> Outcome:
    return LESION_NATURE.assess(case_of(*knowns, study=study), TABLES)


def directions(outcome: Outcome) -> dict[str, str | None]:
    return {reason.finding: reason.direction for reason in outcome.reasons}


def test_silence_has_no_verdict_no_request_and_nothing_to_print() -> None:
    outcome = assess()
    assert outcome.applicability is Applicability.APPLICABLE
    assert (outcome.verdicts, outcome.requests, outcome.missing, outcome.flags) == ((), (), (), ())
    assert (outcome.caveats, outcome.citations, outcome.measure) == ((), (), None)
    assert LESION_NATURE.assess(Case(lesions=(), study={}, patient={}), TABLES) == outcome


def test_a_question_brings_its_own_caveats_and_citations_only() -> None:
    outcome = assess(exactly(LOSS, 35))
    assert [citation.locator for citation in outcome.citations] == [
        "Magnetic resonance, fat suppression techniques (references 18-20)"
    ]
    assert any("exactly 20 %" in caveat for caveat in outcome.caveats)
    assert not any("pelvis" in caveat or "HU" in caveat for caveat in outcome.caveats)


def test_nothing_of_an_instrument_is_merged_into_one_word() -> None:
    outcome = assess(exactly(LOSS, 35), yes("halo-sign"))
    assert outcome.verdicts == ("opposed-phase-benign", "halo-supports-metastasis")


def test_a_signal_that_answers_two_questions_is_a_reason_of_each() -> None:
    outcome = assess(stated(MUSCLE, "hypo"), stated("t2-signal", "hypo"))
    assert [(reason.evidence, reason.direction) for reason in outcome.reasons if reason.finding == MUSCLE] == [
        ("montoya-signal-pattern: blastic", "blastic"),
        ("shah-t1-reference: muscle", "abnormal"),
    ]


# Density.


@pytest.mark.parametrize(
    ("known", "verdicts", "direction"),
    [
        (stated("bone-lesion", "lytic"), ("lytic-pattern",), "lytic"),
        (stated("bone-lesion", "blastic"), ("blastic-pattern",), "blastic"),
        (disputed("bone-lesion", "lytic", "mixed", "blastic"), ("lytic-pattern", "blastic-pattern", "mixed-pattern"), None),
    ],
)
def test_the_stated_density_is_the_pattern(known: Known, verdicts: tuple[str, ...], direction: str | None) -> None:
    outcome = assess(known)
    assert outcome.verdicts == verdicts
    assert directions(outcome) == {"bone-lesion": direction}


DARK_T1 = stated("t1-signal", "hypo")
BRIGHT_STIR = stated("stir-signal", "hyper")


@pytest.mark.parametrize(
    ("knowns", "pattern"),
    [
        ((DARK_T1, BRIGHT_STIR, yes("enhancement")), "lytic"),
        ((DARK_T1, stated("t2-signal", "hyper"), yes("enhancement")), "lytic"),
        ((stated(MUSCLE, "hypo"), stated("t2-vs-muscle", "hyper"), yes("enhancement")), "lytic"),
        ((DARK_T1, BRIGHT_STIR), None),
        ((DARK_T1, BRIGHT_STIR, denied("enhancement")), None),
        ((DARK_T1, BRIGHT_STIR, disputed("enhancement", "present", "absent")), None),
        ((BRIGHT_STIR, yes("enhancement")), None),
        ((stated("t1-signal", "hyper"), BRIGHT_STIR, yes("enhancement")), None),
        ((disputed("t1-signal", "iso", "hypo"), BRIGHT_STIR, yes("enhancement")), None),
        ((DARK_T1, BRIGHT_STIR, stated("t2-signal", "hypo"), yes("enhancement")), None),
        ((DARK_T1, disputed("stir-signal", "hyper", "hypo"), yes("enhancement")), None),
        ((DARK_T1, stated("t2-signal", "hypo"), stated("stir-signal", "hypo")), "blastic"),
        ((DARK_T1, stated("t2-signal", "hypo")), "blastic"),
        ((DARK_T1, stated("stir-signal", "hypo")), None),
        ((DARK_T1, stated("t2-signal", "hypo"), BRIGHT_STIR), None),
        ((DARK_T1, stated("t2-signal", "hypo"), stated("stir-signal", "iso")), None),
        ((DARK_T1, stated("t2-signal", "iso")), None),
        ((DARK_T1,), None),
    ],
)
def test_a_pattern_needs_all_its_signals_and_none_against_it(knowns: tuple[Known, ...], pattern: str | None) -> None:
    outcome = assess(*knowns)
    wanted = () if pattern is None else (f"{pattern}-pattern",)
    assert tuple(verdict for verdict in outcome.verdicts if verdict.endswith("-pattern")) == wanted


def test_a_pattern_lists_the_signals_that_make_it_and_asks_for_the_density() -> None:
    derived = stated("t1-signal", "hypo", derived_by="D37")
    outcome = assess(stated(MUSCLE, "hypo"), derived, BRIGHT_STIR, stated("t2-signal", "iso"), yes("enhancement"))
    listed = [reason.finding for reason in outcome.reasons if reason.direction == "lytic"]
    assert listed == [MUSCLE, "stir-signal", "enhancement"]
    assert "missing-density" in outcome.requests
    assert "bone-lesion" in outcome.missing


def test_a_t2_signal_that_makes_pattern_and_hint_is_listed_once() -> None:
    outcome = assess(DARK_T1, stated("t2-vs-muscle", "hyper"), yes("enhancement"))
    assert [reason.finding for reason in outcome.reasons] == ["t1-signal", "enhancement", "t2-vs-muscle"]
    assert outcome.flags == ("t2-hint-lytic",)


def test_a_denied_density_takes_its_pattern_away() -> None:
    assert assess(DARK_T1, BRIGHT_STIR, yes("enhancement"), denied("bone-lesion", "lytic")).verdicts == ()


# Attenuation, beside what the case file holds.


def test_the_hint_of_t2_does_not_make_a_lesion_sclerotic() -> None:
    outcome = assess(exactly("attenuation-mean", 1200), denied("lesion-treatment"), stated("t2-vs-muscle", "hypo"))
    assert outcome.verdicts == ()
    assert outcome.requests == ("missing-density",)


def test_withheld_values_are_shown_with_everything_that_withholds_them() -> None:
    outcome = assess(exactly("attenuation-mean", 700))
    assert [(reason.finding, reason.value, reason.direction) for reason in outcome.reasons] == [("attenuation-mean", "700", None)]
    assert outcome.requests == ("attenuation-treatment-unknown", "missing-density")
    assert outcome.missing == ("lesion-treatment", "bone-lesion", "attenuation-max")


def test_the_reasons_of_a_label_name_gate_and_values() -> None:
    outcome = assess(exactly("attenuation-mean", 1200), stated("bone-lesion", "blastic"), denied("lesion-treatment"))
    assert outcome.verdicts == ("blastic-pattern", "attenuation-favours-enostosis")
    assert [(reason.finding, reason.direction) for reason in outcome.reasons] == [
        ("bone-lesion", "blastic"),
        ("attenuation-mean", "enostosis"),
        ("lesion-treatment", None),
    ]


def test_a_treatment_denied_and_stated_without_a_density_gives_no_label() -> None:
    outcome = assess(exactly("attenuation-mean", 700), disputed("lesion-treatment", "ablation", "absent"))
    assert outcome.verdicts == ()
    assert "conflicting-input" in outcome.flags


def test_ulano_and_azar_are_printed_as_beyond_the_papers() -> None:
    outcome = assess(exactly("attenuation-mean", 700))
    beyond = [caveat for caveat in outcome.caveats if caveat.startswith("ext:")]
    assert any("279 lesions of 62 patients" in caveat for caveat in beyond)
    assert any("Azar 2021" in caveat for caveat in beyond)


def test_the_t2_hint_says_what_its_table_leaves_open() -> None:
    outcome = assess(stated("t2-vs-muscle", "hyper"))
    assert any("LR bright to lytic 5.7, not bright to blastic 6.1; 76 lesions" in caveat for caveat in outcome.caveats)
    assert any("five lesions of Table 2 stand in neither row" in caveat for caveat in outcome.caveats)
    assert any("T2 with an echo time of 8-10 ms at 3 T" in caveat for caveat in outcome.caveats)


def test_an_accuracy_or_threshold_without_a_number_of_patients_says_so() -> None:
    for known in (stated(MUSCLE, "hypo"), exactly(LOSS, 30)):
        assert any(caveat.startswith("No number of patients is printed with") for caveat in assess(known).caveats)


# Opposed phase.


def test_a_refused_pair_is_shown_without_a_loss() -> None:
    loss = Known(finding=LOSS, state=State.NOT_ASSESSED, flags=("invalid-input",))
    outcome = assess(exactly("in-phase-signal", 1), exactly("opposed-phase-signal", 2), loss)
    assert outcome.verdicts == ()
    assert outcome.measure is None
    assert outcome.missing == (LOSS,)
    assert "invalid-input" in outcome.flags


def test_the_measure_is_one_number_or_none() -> None:
    assert assess(exactly(LOSS, 12.5)).measure == {LOSS: 12.5}
    assert assess(measured(LOSS, 12.5, 30)).measure is None


def test_a_look_that_follows_from_the_loss_is_not_listed_beside_it() -> None:
    look = seen("opposed-phase-appearance", ("signal-drop", "mri"), derived_by="D40")
    assert list(directions(assess(exactly(LOSS, 35), look))) == [LOSS]


def test_a_denied_look_gives_no_label() -> None:
    outcome = assess(denied("opposed-phase-appearance", "signal-drop"))
    assert (outcome.verdicts, outcome.missing) == ((), (LOSS,))


@pytest.mark.parametrize("known", [denied("low-fat-fraction"), disputed("low-fat-fraction", "present", "absent")])
def test_a_fat_fraction_that_is_not_surely_low_supports_nothing(known: Known) -> None:
    outcome = assess(known)
    assert outcome.is_silent
    assert "low-fat-fraction-supports-malignancy" not in outcome.flags


# T1.


@pytest.mark.parametrize(
    ("field", "verdicts"),
    [
        (exactly("field-strength", 1.5), ("t1-darker-than-disc",)),
        (exactly("field-strength", 3), ("t1-not-darker",)),
        (exactly("field-strength", 1), ("t1-darker-than-disc", "t1-not-darker")),
        (measured("field-strength", 1.5, 3), ("t1-darker-than-disc", "t1-not-darker")),
        (unknown("field-strength"), ("t1-darker-than-disc", "t1-not-darker")),
    ],
)
def test_the_more_accurate_reference_decides_and_an_unknown_field_reports_both(field: Known, verdicts: tuple[str, ...]) -> None:
    assert assess(stated(DISC, "hypo"), stated(MUSCLE, "iso"), study=(field,)).verdicts == verdicts


def test_the_reference_that_does_not_decide_has_no_direction() -> None:
    outcome = assess(stated(DISC, "hypo"), stated(MUSCLE, "iso"), study=(exactly("field-strength", 3),))
    assert directions(outcome) == {MUSCLE: "not darker", DISC: None, "field-strength": None}


def test_a_field_strength_alone_asks_no_question() -> None:
    assert assess(study=(exactly("field-strength", 3),)).is_silent


def test_denying_every_signal_leaves_none() -> None:
    outcome = assess(denied(MUSCLE, "hyper", "iso", "hypo"))
    assert outcome.verdicts == ()
    assert directions(outcome) == {MUSCLE: None}


def test_a_disputed_signal_has_no_direction() -> None:
    assert directions(assess(disputed(MUSCLE, "iso", "hypo"))) == {MUSCLE: None}


def test_a_denied_fat_suppressed_signal_supports_nothing() -> None:
    assert assess(denied("t1-fat-sat-signal", "hypo")).is_silent


# Marrow signs.


def test_the_figures_of_the_signs_are_context_and_no_ratio() -> None:
    outcome = assess(yes("halo-sign"))
    assert outcome.likelihood_ratio is None
    assert any("never a likelihood ratio" in caveat and "75" in caveat for caveat in outcome.caveats)
    assert any("pelvis" in caveat and "47 patients" in caveat for caveat in outcome.caveats)


def test_denied_signs_are_listed_without_direction() -> None:
    outcome = assess(denied("halo-sign"), yes("diffuse-t2-hyperintensity"))
    assert directions(outcome) == {"halo-sign": None, "diffuse-t2-hyperintensity": None}
    assert outcome.verdicts == ()


def test_a_refused_sign_is_flagged_and_says_nothing() -> None:
    outcome = assess(unknown("halo-sign", "invalid-input"))
    assert outcome.flags == ("invalid-input",)
    assert outcome.is_silent
