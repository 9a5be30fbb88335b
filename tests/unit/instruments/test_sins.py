"""SINS against a table written by hand, in every complete and every partial combination; what is said with it."""

from dataclasses import replace
from itertools import product

import pytest

from service.instruments.sins import SINS
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome, Score
from tests.unit.instruments.known import answered, at, case_of, disputed, stated, unknown
from tests.unit.instruments.sins_by_hand import (
    LEVELS,
    MISSING_ORDER,
    POINTS,
    TABLES,
    assess,
    category,
    painless_blastic,
    points_of,
    totals,
)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_from_the_occiput_to_s5_has_the_points_of_its_printed_band(level: str) -> None:
    assert totals(*painless_blastic(), site=at(level)) == (LEVELS[level],)


def test_every_complete_combination_gives_one_total_and_its_category() -> None:
    for values in product(*POINTS.values()):
        knowns = [stated(finding, value) for finding, value in zip(POINTS, values, strict=True)]
        total = sum(POINTS[finding][value] for finding, value in zip(POINTS, values, strict=True))
        outcome = assess(*knowns)
        assert outcome.score == Score(low=total, high=total, attainable=(total,), of=18)
        assert outcome.verdicts == (category(total),)
        assert outcome.missing == outcome.requests == ()
        assert outcome.recommendations == (("surgical-consultation",) if total >= 7 else ())


def test_every_partial_combination_keeps_every_total_that_some_completion_reaches() -> None:
    choices = [(*points, None) for points in POINTS.values()]
    for values in product(*choices):
        said = {finding: value for finding, value in zip(POINTS, values, strict=True) if value is not None}
        open_points = [{points[said[finding]]} if finding in said else set(points.values()) for finding, points in POINTS.items()]
        expected = sorted({sum(each) for each in product(*open_points)})
        outcome = assess(*(stated(finding, value) for finding, value in said.items()))
        assert outcome.score is not None
        assert list(outcome.score.attainable) == expected
        assert (outcome.score.low, outcome.score.high) == (expected[0], expected[-1])
        assert list(outcome.verdicts) == list(dict.fromkeys(category(total) for total in expected))
        lacking = {"vertebral-level" if finding == "sins-location" else finding for finding in POINTS if finding not in said}
        assert outcome.missing == tuple(finding for finding in MISSING_ORDER if finding in lacking)


def test_consultation_is_possible_only_when_totals_lie_on_both_sides_of_seven() -> None:
    knowns = painless_blastic(stated("bone-lesion", "lytic"), unknown("alignment"))
    assert assess(*knowns, site=at("T12")).recommendations == ("surgical-consultation-possible",)
    assert assess(*knowns, site=at("S3")).recommendations == ()


def test_without_a_stated_neoplasm_the_score_is_shown_and_nothing_follows() -> None:
    outcome = assess(
        *painless_blastic(stated("spinal-pain", "mechanical"), stated("alignment", "subluxation-translation")), tumour=False
    )
    assert outcome.applicability is Applicability.UNKNOWN
    assert outcome.score is not None
    assert outcome.recommendations == ()
    assert "neoplasm-not-stated" in outcome.flags


def test_a_benign_diagnosis_without_malignancy_gives_neither_score_nor_category() -> None:
    outcome = assess(stated("reported-diagnosis", "haemangioma"), stated("spinal-pain", "mechanical"), tumour=False)
    assert outcome.applicability is Applicability.NOT_APPLICABLE
    assert outcome.flags == ("benign-diagnosis",)
    assert (outcome.verdicts, outcome.score, outcome.missing, outcome.requests) == ((), None, (), ())
    assert [reason.value for reason in outcome.reasons if reason.finding == "spinal-pain"] == ["mechanical"]
    assert any("benign" in caveat for caveat in outcome.caveats)


def test_every_component_is_a_reason_with_its_points_and_its_place_in_the_table() -> None:
    outcome = assess(stated("bone-lesion", "lytic"), site=at("T12"))
    assert [(reason.finding, reason.value, reason.points) for reason in outcome.reasons] == [
        ("vertebral-level", "T12", (3, 3)),
        ("spinal-pain", "not-assessed", (0, 3)),
        ("bone-lesion", "lytic", (2, 2)),
        ("alignment", "not-assessed", (0, 4)),
        ("vertebral-collapse", "not-assessed", (0, 3)),
        ("posterolateral-involvement", "not-assessed", (0, 3)),
    ]
    assert outcome.reasons[2].evidence == "montoya-table-3: bone-lesion"
    assert [source.reference for source in outcome.reasons[2].sources] == ["Observation/bone-lesion-1"]
    assert outcome.reasons[1].sources == ()


def test_flags_of_the_inputs_and_refused_values_are_said() -> None:
    outcome = assess(unknown("spinal-pain", "uncertain-input"), invalid=[("lesion-1", "alignment")])
    assert {"uncertain-input", "invalid-input"} <= set(outcome.flags)
    assert "alignment" in outcome.missing


def test_a_value_refused_at_another_lesion_is_not_said_here() -> None:
    assert "invalid-input" not in assess(invalid=[("lesion-2", "alignment")]).flags
    assert "invalid-input" in assess(invalid=[(None, "alignment")]).flags


def test_points_come_from_the_evidence_table() -> None:
    assert {row["value"]: row["points"] for row in TABLES["montoya-table-3"].groups["pain"]} == POINTS["spinal-pain"]
    table = TABLES["montoya-table-3"]
    dearer = tuple({**row, "points": 5} if row["value"] == "mechanical" else row for row in table.groups["pain"])
    changed = replace(table, groups={**table.groups, "pain": dearer})
    case = case_of(*painless_blastic(stated("spinal-pain", "mechanical")), site=at("S3"))
    outcome = SINS.assess(case, {**TABLES, table.name: changed})
    assert outcome.score is not None
    assert outcome.score.attainable == (5,)


# Known wrong public variants.


@pytest.mark.parametrize("level", ["L2", "L3", "L4"])
def test_lower_lumbar_vertebrae_are_mobile_and_not_zero(level: str) -> None:
    assert totals(*painless_blastic(), site=at(level)) == (2,)


def test_pain_is_not_scored_three_two_one() -> None:
    assert [totals(*painless_blastic(stated("spinal-pain", value)), site=at("S3")) for value in POINTS["spinal-pain"]] == [
        (3,),
        (1,),
        (0,),
    ]


def test_an_unknown_density_is_not_one_point() -> None:
    assert points_of(finding="bone-lesion") == (0, 1, 2)


def test_unknown_alignment_and_sides_are_not_zero() -> None:
    assert points_of(finding="alignment") == (0, 2, 4)
    assert points_of(finding="posterolateral-involvement") == (0, 1, 3)


def test_collapse_is_not_capped_at_one_point() -> None:
    assert points_of(stated("vertebral-collapse", "over-50"), finding="vertebral-collapse") == (3,)


def test_a_yes_no_finding_is_not_read_as_a_density() -> None:
    assert points_of(answered("expansile", present=True), finding="bone-lesion") == (0, 1, 2)


def quality(word: str | None, *others: Known) -> tuple[Outcome, bool]:
    knowns = (
        stated("spinal-pain", "none"),
        stated("alignment", "normal"),
        stated("vertebral-collapse", "under-50"),
        stated("posterolateral-involvement", "none"),
    )
    bone = () if word is None else (stated("bone-lesion", word),)
    outcome = SINS.assess(case_of(*{known.finding: known for known in (*knowns, *bone, *others)}.values(), site=at("T12")), TABLES)
    return outcome, "bone-quality-sensitive" in outcome.flags


def test_a_category_that_hangs_on_bone_quality_is_flagged_with_the_reason() -> None:
    outcome, is_flagged = quality("lytic")  # 3 + 0 + 2 + 0 + 2 + 0 = 7; mixed would be 6
    assert (outcome.verdicts, is_flagged) == (("potentially-unstable",), True)
    assert any(caveat.startswith("ext: the category is another when bone quality") for caveat in outcome.caveats)
    outcome, is_flagged = quality("mixed")  # 6; lytic would be 7
    assert (outcome.verdicts, is_flagged) == (("stable",), True)


def test_a_category_that_does_not_hang_on_it_is_not_flagged() -> None:
    assert quality("blastic") == (quality("blastic")[0], False)  # 5; mixed would be 6, lytic is two rows away
    assert not quality("lytic", stated("spinal-pain", "mechanical"))[1]  # 10; mixed would be 9
    assert not quality(None)[1], "wholly open: every row is weighed already"
    assert not quality("lytic", disputed("bone-lesion", "lytic", "mixed", "blastic"))[1]


def test_a_conflict_of_two_rows_is_read_one_row_further() -> None:
    assert quality("lytic", disputed("bone-lesion", "mixed", "blastic"))[1]  # 5 or 6; lytic would be 7


def test_a_score_that_is_not_given_hangs_on_nothing() -> None:
    case = case_of(stated("bone-lesion", "lytic"), stated("reported-diagnosis", "enostosis"), site=at("T12"), tumour=False)
    assert "bone-quality-sensitive" not in SINS.assess(case, TABLES).flags


def test_every_component_carries_the_published_agreement_between_readers() -> None:
    kappas = {reason.evidence.partition(": ")[2]: reason.kappa for reason in quality("lytic")[0].reasons}
    assert kappas == {
        "location": 0.790,
        "pain": 0.841,
        "bone-lesion": 0.244,
        "alignment": 0.456,
        "collapse": 0.462,
        "posterolateral": 0.492,
    }
