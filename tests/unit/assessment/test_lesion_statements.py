"""The sayings of fracture cause, fracture risk and lesion nature: they favour, they never diagnose and never reassure."""

import pytest

from service.assessment.assess import assess
from service.assessment.statements import say
from service.evidence.load import load
from service.model.assessment import Statement
from service.model.case import Case
from service.model.lesion import Known, Lesion
from tests.unit.instruments.known import at, by_finding, case_of, denied, disputed, exactly, measured, stated, unknown, yes

TABLES = load()
CAUSE, RISK, NATURE = "fracture-cause", "fracture-risk", "lesion-nature"
FRACTURE = stated("vertebral-fracture", "compression")
TABLE_1 = "(Montoya-Bordón 2023, Table 1)."
SHARE = "cortex-destroyed-percent"
SECTION_2_1 = "(Shah 2011, Section 2.1)."


def statements(case: Case) -> tuple[Statement, ...]:
    return say(case, assess(case, TABLES))


def text(instrument: str, *knowns: Known, study: tuple[Known, ...] = ()) -> str | None:
    found = statements(case_of(*knowns, site=at("T7"), study=study))
    return next((each.text for each in found if each.instrument == instrument), None)


# Fracture cause.


def test_a_settled_cause_favours_a_side_and_says_what_it_rests_on() -> None:
    signs = [yes("cortical-destruction"), yes("paraspinal-soft-tissue"), stated("posterior-wall", "bulging")]
    signs += [stated("diffusion", "restricted"), stated("pedicle-destruction", "bilateral"), yes("cancellous-destruction")]
    assert text(CAUSE, FRACTURE, *signs) == (
        "T7: fracture cause favours a metastatic fracture: 6 metastatic and 0 osteoporotic concepts; soft-tissue mass or posterior "
        f"elements involved, a reliable sign; unweighted tally, not validated {TABLE_1}"
    )


def test_one_sign_is_indeterminate_and_the_gaps_are_counted() -> None:
    assert text(CAUSE, FRACTURE, yes("fluid-sign")) == (
        "T7: fracture cause is indeterminate: 0 metastatic and 1 osteoporotic concept; fewer than two concepts with a sign; 18 "
        f"findings that could change it are not assessed; unweighted tally, not validated {TABLE_1}"
    )


def test_few_gaps_are_named() -> None:
    every = ("jigsaw-sign", "fracture-line", "fluid-sign", "paravertebral-haematoma", "posterior-element-signal")
    signs = [yes(finding) for finding in every]
    signs += [stated("posterior-wall", "bulging"), stated("t1-hypointensity-pattern", "diffuse"), stated("diffusion", "restricted")]
    said = text(CAUSE, FRACTURE, *signs, study=(yes("other-focal-lesions"),))
    assert said is not None
    assert "missing opposed phase appearance, enhancement degree;" in said
    assert "signs on both sides" in said


def test_an_open_cause_names_every_word_and_the_conflict() -> None:
    said = text(CAUSE, FRACTURE, disputed("posterior-wall", "bulging", "retropulsion"), stated("diffusion", "restricted"))
    assert said is not None
    assert "favours a metastatic fracture or is indeterminate: 1 metastatic and 0 osteoporotic concept;" in said
    assert "conflicting statements, all kept" in said


def test_a_concept_whose_signs_disagree_is_said() -> None:
    said = text(CAUSE, FRACTURE, yes("jigsaw-sign"), yes("cortical-destruction"))
    assert said is not None
    assert "signs of one concept disagree, it counts for neither side" in said


def test_signs_without_a_stated_fracture_are_conditional() -> None:
    said = text(CAUSE, yes("paraspinal-soft-tissue"))
    assert said is not None
    assert said.startswith("T7: no fracture is stated beyond dispute, what follows would hold for one; fracture cause favours")


def test_a_denied_fracture_is_said_last_and_has_no_cause() -> None:
    found = statements(case_of(denied("vertebral-fracture"), stated("bone-lesion", "lytic"), site=at("T7")))
    assert found[-1].text == f"T7: no cause to tell: a fracture of the vertebra is denied {TABLE_1}"


# Fracture risk.


@pytest.mark.parametrize(
    ("knowns", "words"),
    [
        ((exactly(SHARE, 75),), "high: cortex destroyed 75 %"),
        ((exactly(SHARE, 30),), "not high by this criterion, which does not mean low: cortex destroyed 30 %"),
        (
            (measured(SHARE, 40, None),),
            "high or not high by this criterion, which does not mean low: cortex destroyed >=40 %",
        ),
        ((exactly(SHARE, 60), FRACTURE), "high: cortex destroyed 60 %; already fractured, see SINS"),
        (
            (yes("cortical-blurring"),),
            "not told: the share of the cortex that is destroyed is not stated; cortex blurred, a very specific sign of tumour",
        ),
        (
            (exactly(SHARE, 10), stated("lesion-treatment", "ablation")),
            "not high by this criterion, which does not mean low: cortex destroyed 10 %; bone weakened by ablation",
        ),
    ],
)
def test_the_risk_is_high_or_not_high_by_this_criterion(knowns: tuple[Known, ...], words: str) -> None:
    assert text(RISK, *knowns) == f"T7: risk of pathologic fracture {words} {SECTION_2_1}"


def test_without_anything_about_the_cortex_no_risk_is_spoken_of() -> None:
    assert text(RISK, FRACTURE, stated("bone-lesion", "lytic")) is None


# Lesion nature.

BLASTIC = stated("bone-lesion", "blastic")
UNTREATED = denied("lesion-treatment")
HOUNSFIELD = exactly("attenuation-mean", 1190)


@pytest.mark.parametrize(
    ("knowns", "words"),
    [
        ((BLASTIC,), "blastic lesion ("),
        (
            (disputed("bone-lesion", "lytic", "mixed", "blastic"),),
            "lytic, blastic or mixed lesion; conflicting statements, all kept",
        ),
        (
            (stated("t1-signal", "hypo"), stated("stir-signal", "hyper"), yes("enhancement")),
            "lytic pattern by MR signal, CT density not stated; missing bone lesion",
        ),
        ((stated("t2-vs-muscle", "hyper"),), "bright T2 hints at a lytic lesion, CT density not stated; missing bone lesion"),
        (
            (BLASTIC, UNTREATED, HOUNSFIELD, exactly("attenuation-max", 1323)),
            "CT attenuation favours enostosis: mean 1190 HU, maximum 1323 HU (",
        ),
        (
            (BLASTIC, HOUNSFIELD),
            "CT attenuation no label, not stated whether the lesion was treated: mean 1190 HU; missing lesion treatment",
        ),
        ((UNTREATED, HOUNSFIELD), "CT attenuation no label, not stated whether it is sclerotic: mean 1190 HU; missing bone lesion"),
        (
            (stated("bone-lesion", "lytic"), UNTREATED, HOUNSFIELD),
            "CT attenuation no label, not known to be an untreated sclerotic lesion: mean 1190 HU (",
        ),
        (
            (BLASTIC, stated("lesion-treatment", "ablation"), HOUNSFIELD),
            "CT attenuation says nothing of a treated lesion: mean 1190 HU",
        ),
        ((exactly("opposed-phase-loss-percent", 20),), "opposed phase is indeterminate: signal loss 20 %"),
        (
            (stated("opposed-phase-appearance", "signal-drop"),),
            "opposed phase favours a benign lesion; missing opposed phase loss percent",
        ),
        ((exactly("in-phase-signal", 400),), "no label from opposed phase; missing opposed phase signal"),
        (
            (stated("t1-vs-muscle", "hypo"),),
            "T1 signal darker than muscle, abnormal; missing T1 signal against disc, field strength",
        ),
        ((yes("halo-sign"),), "halo sign supports metastasis; figures of the sign are from the pelvis"),
        (
            (yes("halo-sign"), yes("bulls-eye-sign")),
            "halo sign supports metastasis or bull's-eye sign favours normal marrow; the two signs contradict each other",
        ),
        ((denied("halo-sign"),), "halo sign not seen, which excludes nothing"),
        ((yes("diffuse-t2-hyperintensity"),), "diffuse T2 hyperintensity alone gives no label"),
        ((yes("low-fat-fraction"),), "low fat fraction supports malignancy"),
        ((stated("t1-fat-sat-signal", "mixed"),), "fat-suppressed T1 signal supports metastasis"),
    ],
)
def test_each_question_is_said_in_its_own_words(knowns: tuple[Known, ...], words: str) -> None:
    said = text(NATURE, *knowns)
    assert said is not None
    assert words in said


def test_every_printed_place_of_a_saying_is_cited_and_what_lies_beyond_is_not() -> None:
    said = text(NATURE, exactly("opposed-phase-loss-percent", 35), yes("halo-sign"))
    assert said is not None
    assert said.endswith(
        "(Montoya-Bordón 2023, Magnetic resonance, fat suppression techniques (references 18-20); Shah 2011, Section 2.8)."
    )


def test_a_lesion_of_which_nothing_is_known_is_not_spoken_of() -> None:
    assert text(NATURE, unknown("halo-sign", "uncertain-input")) is None


def test_the_order_is_fracture_before_nature_and_the_worst_first() -> None:
    metastatic = by_finding([FRACTURE, yes("paraspinal-soft-tissue"), yes("halo-sign")])
    osteoporotic = by_finding([FRACTURE, yes("fluid-sign"), yes("jigsaw-sign"), yes("bulls-eye-sign")])
    unstated = by_finding([yes("paraspinal-soft-tissue")])
    at_risk = by_finding([exactly(SHARE, 70)])
    others = tuple(
        Lesion(id=f"lesion-{number}", site=at(level), findings=findings)
        for number, level, findings in ((2, "T9", metastatic), (3, "T11", unstated), (4, "L3", at_risk))
    )
    found = statements(case_of(*osteoporotic.values(), site=at("T3"), others=others))
    said = [(each.lesion, each.instrument) for each in found if each.instrument in {CAUSE, RISK, NATURE}]
    assert said == [
        ("lesion-2", CAUSE),
        ("lesion-4", RISK),
        ("lesion-1", CAUSE),
        ("lesion-3", CAUSE),
        ("lesion-2", NATURE),
        ("lesion-1", NATURE),
    ]
    assert not any(each.urgent for each in found if each.instrument in {CAUSE, RISK, NATURE})


@pytest.mark.parametrize("word", ["diagnos", "exclud", "no metastasis", "low risk", "benign fracture"])
def test_no_saying_diagnoses_or_reassures(word: str) -> None:
    knowns = (
        FRACTURE,
        yes("fluid-sign"),
        yes("jigsaw-sign"),
        exactly(SHARE, 0),
        yes("bulls-eye-sign"),
        stated("t1-vs-muscle", "iso"),
    )
    for instrument in (CAUSE, RISK, NATURE):
        said = text(instrument, *knowns)
        assert said is not None
        assert word not in said
