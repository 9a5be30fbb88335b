"""SINS against a table written here by hand, in every complete and every partial combination."""

from dataclasses import replace
from itertools import product

import pytest

from service.evidence.load import load
from service.instruments.sins import SINS
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known, Lesion, Site
from service.model.outcome import Applicability, Outcome, Score
from tests.unit.instruments.known import (
    answered,
    at,
    case_of,
    denied,
    disputed,
    exactly,
    measured,
    stated,
    unknown,
    yes,
)

TABLES = load()

BANDS = {
    3: "C0 C1 C2 C7 T1 T2 T11 T12 L1 L5 S1",
    2: "C3 C4 C5 C6 L2 L3 L4",
    1: "T3 T4 T5 T6 T7 T8 T9 T10",
    0: "S2 S3 S4 S5",
}
LEVELS = {level: points for points, levels in BANDS.items() for level in levels.split()}
POINTS = {
    "sins-location": {"junctional": 3, "mobile": 2, "semi-rigid": 1, "rigid": 0},
    "spinal-pain": {"mechanical": 3, "occasional-non-mechanical": 1, "none": 0},
    "bone-lesion": {"lytic": 2, "mixed": 1, "blastic": 0},
    "alignment": {"subluxation-translation": 4, "de-novo-deformity": 2, "normal": 0},
    "vertebral-collapse": {"over-50": 3, "under-50": 2, "no-collapse-over-50-involved": 1, "none": 0},
    "posterolateral-involvement": {"bilateral": 3, "unilateral": 1, "none": 0},
}
MISSING_ORDER = (
    "vertebral-level",
    "spinal-pain",
    "bone-lesion",
    "alignment",
    "posterolateral-involvement",
    "vertebral-collapse",
)
REST = {
    "spinal-pain": "none",
    "bone-lesion": "blastic",
    "alignment": "normal",
    "vertebral-collapse": "none",
    "posterolateral-involvement": "none",
}


def category(total: int) -> str:
    return "stable" if total < 7 else "potentially-unstable" if total < 13 else "unstable"


def assess(*knowns: Known, site: Site | None = None, **others: object) -> Outcome:
    return SINS.assess(case_of(*knowns, site=site, **others), TABLES)  # type: ignore[arg-type]  # keywords of case_of


def totals(*knowns: Known, site: Site | None = None, **others: object) -> tuple[int, ...]:
    outcome = assess(*knowns, site=site, **others)
    assert outcome.score is not None
    return outcome.score.attainable


def painless_blastic(*but: Known) -> tuple[Known, ...]:
    """Everything stated as 0 points, but for what is given; with S3 as level the totals are those of what is given."""
    named = {known.finding for known in but}
    return (*but, *(stated(finding, value) for finding, value in REST.items() if finding not in named))


def points_of(*knowns: Known, finding: str) -> tuple[int, ...]:
    """Totals at S3 (0 points) where the component of the finding rests on what is given alone."""
    rest = (stated(other, value) for other, value in REST.items() if other != finding)
    return totals(*knowns, *rest, site=at("S3"))


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


# Location.


def test_an_unknown_level_is_all_bands_and_never_zero() -> None:
    outcome = assess(*painless_blastic())
    assert outcome.score is not None
    assert outcome.score.attainable == (0, 1, 2, 3)
    assert outcome.missing == ("vertebral-level",)
    assert outcome.requests == ("missing-location",)


@pytest.mark.parametrize("level", ["T13", "L6", "Co"])
def test_a_level_outside_the_table_leaves_all_bands_and_is_flagged_but_not_missing(level: str) -> None:
    outcome = assess(*painless_blastic(), site=at(level))
    assert outcome.score is not None
    assert outcome.score.attainable == (0, 1, 2, 3)
    assert "level-not-in-table" in outcome.flags
    assert outcome.missing == ()


def test_a_disc_alone_is_no_vertebra() -> None:
    outcome = assess(*painless_blastic(), site=Site(discs=("L4-L5",), text="L4-L5"))
    assert outcome.score is not None
    assert outcome.score.attainable == (0, 1, 2, 3)
    assert "level-not-in-table" in outcome.flags
    assert outcome.missing == ()


def test_a_span_takes_its_highest_band_and_says_so_when_bands_differ() -> None:
    outcome = assess(*painless_blastic(), site=at("T10", "T11"))
    assert outcome.score == Score(low=3, high=3, attainable=(3,), of=18)
    assert "spans-location-bins" in outcome.flags
    assert outcome.reasons[0].value == "T10, T11"


def test_a_span_within_one_band_is_not_flagged() -> None:
    assert "spans-location-bins" not in assess(*painless_blastic(), site=at("T9", "T10")).flags


def test_a_span_into_a_level_outside_the_table_is_at_least_the_highest_band_stated() -> None:
    assert totals(*painless_blastic(), site=at("L4", "L6")) == (2, 3)


REGIONS = {
    "cervical": (2, 3),
    "thoracic": (1, 3),
    "lumbar": (2, 3),
    "sacral": (0, 3),
    "cervicothoracic": (1, 2, 3),
    "thoracolumbar": (1, 2, 3),
    "lumbosacral": (0, 2, 3),
    "spine": (0, 1, 2, 3),
    "whole-spine": (0, 1, 2, 3),
}


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_leaves_the_bands_that_occur_in_it(region: str) -> None:
    assert totals(*painless_blastic(), site=Site(regions=(region,), text=region)) == REGIONS[region]


def test_a_spine_without_place_counts_as_no_place() -> None:
    outcome = assess(*painless_blastic(stated("spinal-region", "spine")))
    assert outcome.missing == ("vertebral-level",)


def test_a_lesion_across_regions_takes_the_highest_band_it_may_have() -> None:
    outcome = assess(*painless_blastic(), site=Site(regions=("cervical", "thoracic"), text="cervical, thoracic"))
    assert outcome.score is not None
    assert outcome.score.attainable == (2, 3)
    assert "spans-location-bins" in outcome.flags


def test_a_disc_in_a_region_is_as_open_as_the_region() -> None:
    outcome = assess(*painless_blastic(), site=Site(discs=("L4-L5",), regions=("lumbar",), text="L4-L5"))
    assert outcome.score is not None
    assert outcome.score.attainable == (2, 3)
    assert "level-not-in-table" in outcome.flags


def test_a_stated_band_settles_a_level_outside_the_table() -> None:
    assert totals(*painless_blastic(stated("sins-location", "semi-rigid")), site=at("T13")) == (1,)


def test_a_stated_band_that_the_level_excludes_is_a_conflict_of_both() -> None:
    outcome = assess(*painless_blastic(stated("sins-location", "rigid")), site=at("T12"))
    assert outcome.score is not None
    assert outcome.score.attainable == (0, 3)
    assert "conflicting-input" in outcome.flags


def test_two_levels_in_dispute_are_alternatives_not_a_span() -> None:
    outcome = assess(*painless_blastic(disputed("vertebral-level", "T7", "L6")))
    assert outcome.score is not None
    assert outcome.score.attainable == (0, 1, 2, 3)
    assert {"conflicting-input", "level-not-in-table"} <= set(outcome.flags)
    assert outcome.reasons[0].value == "T7 | L6"


def test_without_a_lesion_under_study_the_location_is_missing_like_everything_else() -> None:
    outcome = SINS.assess(case_of().at(Lesion(id="other", site=Site(), findings={})), TABLES)
    assert outcome.missing == MISSING_ORDER
    assert SINS.assess(Case(lesions=(), study={}, patient={}), TABLES).missing == MISSING_ORDER


# Pain.


def test_denied_pain_is_painless() -> None:
    assert points_of(denied("spinal-pain"), finding="spinal-pain") == (0,)


def test_axial_pain_of_an_only_lesion_excludes_painless_and_is_not_missing() -> None:
    knowns = [stated(finding, value) for finding, value in REST.items() if finding != "spinal-pain"]
    outcome = assess(*knowns, site=at("S3"), patient=[yes("axial-pain")])
    assert outcome.score is not None
    assert outcome.score.attainable == (1, 3)
    assert outcome.missing == ()
    assert (outcome.reasons[1].finding, outcome.reasons[1].value) == ("axial-pain", "present")


def test_denied_axial_pain_says_nothing() -> None:
    knowns = [stated(finding, value) for finding, value in REST.items() if finding != "spinal-pain"]
    outcome = assess(*knowns, site=at("S3"), patient=[denied("axial-pain")])
    assert outcome.score is not None
    assert outcome.score.attainable == (0, 1, 3)
    assert outcome.missing == ("spinal-pain",)


def test_axial_pain_with_several_lesions_is_nobodys() -> None:
    knowns = [stated(finding, value) for finding, value in REST.items() if finding != "spinal-pain"]
    other = Lesion(id="lesion-2", site=at("T7"), findings={})
    outcome = assess(*knowns, site=at("S3"), patient=[yes("axial-pain")], others=(other,))
    assert outcome.score is not None
    assert outcome.score.attainable == (0, 1, 3)
    assert outcome.missing == ("spinal-pain",)
    assert "pain-not-localised" in outcome.flags


def test_axial_pain_that_follows_from_another_lesions_pain_says_nothing() -> None:
    other = Lesion(id="lesion-2", site=at("T7"), findings={})
    outcome = assess(patient=[stated("axial-pain", "present", derived_by="D14")], others=(other,))
    assert "pain-not-localised" not in outcome.flags


def test_pain_that_may_be_another_lesions_is_a_set_with_painless_in_it() -> None:
    pain = stated("spinal-pain", "none", "mechanical", flags=("pain-not-localised",))
    outcome = assess(*painless_blastic(pain), site=at("S3"))
    assert outcome.score is not None
    assert outcome.score.attainable == (0, 3)
    assert "pain-not-localised" in outcome.flags
    assert "conflicting-input" not in outcome.flags
    assert outcome.missing == ()


def test_a_denied_kind_of_pain_narrows_axial_pain() -> None:
    knowns = [stated(finding, value) for finding, value in REST.items() if finding != "spinal-pain"]
    pain = denied("spinal-pain", "mechanical")
    assert totals(pain, *knowns, site=at("S3"), patient=[yes("axial-pain")]) == (1,)
    assert totals(pain, *knowns, site=at("S3")) == (0, 1)


# Density, alignment, sides.


def test_lytic_against_blastic_may_be_mixed() -> None:
    assert points_of(disputed("bone-lesion", "lytic", "blastic"), finding="bone-lesion") == (0, 1, 2)


def test_lytic_against_mixed_is_not_blastic() -> None:
    assert points_of(disputed("bone-lesion", "lytic", "mixed"), finding="bone-lesion") == (1, 2)


def test_a_denial_that_another_reader_contradicts_excludes_nothing() -> None:
    known = disputed("bone-lesion", "lytic", "mixed", "blastic", denied=("lytic",))
    assert points_of(known, finding="bone-lesion") == (0, 1, 2)


def test_a_denied_value_leaves_the_others() -> None:
    known = denied("bone-lesion", "lytic")
    outcome = assess(known)
    assert points_of(known, finding="bone-lesion") == (0, 1)
    assert "bone-lesion" not in outcome.missing
    assert outcome.reasons[2].value == "not lytic"


def test_the_denial_of_a_density_as_a_whole_says_nothing() -> None:
    assert points_of(denied("bone-lesion"), finding="bone-lesion") == (0, 1, 2)
    assert "bone-lesion" in assess(denied("bone-lesion")).missing


def test_when_every_value_is_denied_nothing_is_excluded() -> None:
    assert points_of(denied("bone-lesion", "lytic", "mixed", "blastic"), finding="bone-lesion") == (0, 1, 2)


def test_a_word_that_the_table_does_not_have_leaves_everything_open() -> None:
    assert points_of(stated("bone-lesion", "unheard-of"), finding="bone-lesion") == (0, 1, 2)


def test_no_deformity_leaves_normal_or_subluxed() -> None:
    assert points_of(denied("spinal-deformity"), finding="alignment") == (0, 4)
    assert "alignment" not in assess(denied("spinal-deformity")).missing


def test_a_deformity_of_unstated_onset_leaves_alignment_open_and_asks_whether_it_is_new() -> None:
    outcome = assess(yes("spinal-deformity"))
    assert points_of(yes("spinal-deformity"), finding="alignment") == (0, 2, 4)
    assert "alignment" in outcome.missing
    assert any("new or old" in caveat for caveat in outcome.caveats)


def test_new_deformity_against_denied_deformity_keeps_all_that_either_allows() -> None:
    outcome = assess(stated("alignment", "de-novo-deformity"), denied("spinal-deformity"))
    assert points_of(stated("alignment", "de-novo-deformity"), denied("spinal-deformity"), finding="alignment") == (0, 2, 4)
    assert "conflicting-input" in outcome.flags


def test_readers_who_differ_on_alignment_are_not_narrowed_by_a_third_statement() -> None:
    known = disputed("alignment", "normal", "de-novo-deformity")
    assert points_of(known, denied("spinal-deformity"), finding="alignment") == (0, 2)


def test_sides_that_are_not_counted_are_one_or_both() -> None:
    assert points_of(stated("posterolateral-involvement", "at-least-unilateral"), finding="posterolateral-involvement") == (1, 3)
    assert points_of(denied("posterolateral-involvement"), finding="posterolateral-involvement") == (0,)
    known = stated("posterolateral-involvement", "at-least-unilateral")
    not_both = Known(finding=known.finding, state=State.PRESENT, values=known.values, denied=("bilateral",))
    assert points_of(not_both, finding="posterolateral-involvement") == (1,)


# Collapse.

LOSSES = [
    (exactly("vertebral-collapse-percent", 0), (0, 1)),
    (exactly("vertebral-collapse-percent", 0.1), (2,)),
    (exactly("vertebral-collapse-percent", 49.9), (2,)),
    (exactly("vertebral-collapse-percent", 50), (2, 3)),
    (exactly("vertebral-collapse-percent", 50.1), (3,)),
    (exactly("vertebral-collapse-percent", 100), (3,)),
    (measured("vertebral-collapse-percent", 50, None, low_open=True), (3,)),
    (measured("vertebral-collapse-percent", 50, None), (2, 3)),
    (measured("vertebral-collapse-percent", None, 50, high_open=True), (0, 1, 2)),
    (measured("vertebral-collapse-percent", None, 50), (0, 1, 2, 3)),
    (measured("vertebral-collapse-percent", None, 20, high_open=True), (0, 1, 2)),
    (measured("vertebral-collapse-percent", 0, None, low_open=True), (2, 3)),
    (measured("vertebral-collapse-percent", 20, 40), (2,)),
    (measured("vertebral-collapse-percent", 40, 60), (2, 3)),
    (measured("vertebral-collapse-percent", 0, 10), (0, 1, 2)),
    (measured("vertebral-collapse-percent", 10, 50, high_open=True), (2,)),
]


@pytest.mark.parametrize(("known", "points"), LOSSES, ids=[known.interval.text for known, _ in LOSSES if known.interval])
def test_a_loss_of_height_gives_the_rows_that_it_meets(known: Known, points: tuple[int, ...]) -> None:
    assert points_of(known, finding="vertebral-collapse") == points


def test_a_loss_that_no_vertebra_has_is_read_as_nothing() -> None:
    assert points_of(exactly("vertebral-collapse-percent", -5), finding="vertebral-collapse") == (0, 1, 2, 3)


def test_exactly_half_is_flagged_and_a_bound_at_half_is_not() -> None:
    assert "collapse-exactly-50" in assess(exactly("vertebral-collapse-percent", 50)).flags
    assert "collapse-exactly-50" not in assess(measured("vertebral-collapse-percent", 50, None)).flags


@pytest.mark.parametrize(
    ("share", "points"),
    [
        (exactly("body-involvement-percent", 0), (0,)),
        (exactly("body-involvement-percent", 50), (0,)),
        (exactly("body-involvement-percent", 51), (1,)),
        (measured("body-involvement-percent", 50, None, low_open=True), (1,)),
        (measured("body-involvement-percent", 50, None), (0, 1)),
        (measured("body-involvement-percent", None, 50, high_open=True), (0,)),
    ],
)
def test_the_share_of_the_body_sorts_no_collapse(share: Known, points: tuple[int, ...]) -> None:
    assert points_of(denied("vertebral-collapse"), share, finding="vertebral-collapse") == points
    assert points_of(exactly("vertebral-collapse-percent", 0), share, finding="vertebral-collapse") == points


def test_the_share_of_the_body_alone_leaves_collapse_missing_but_for_one_row() -> None:
    assert points_of(exactly("body-involvement-percent", 80), finding="vertebral-collapse") == (1, 2, 3)
    assert points_of(exactly("body-involvement-percent", 30), finding="vertebral-collapse") == (0, 2, 3)
    assert "vertebral-collapse" in assess(exactly("body-involvement-percent", 80)).missing


def test_no_collapse_of_any_kind_against_a_body_mostly_involved_is_a_conflict() -> None:
    knowns = (stated("vertebral-collapse", "none"), exactly("body-involvement-percent", 80))
    assert points_of(*knowns, finding="vertebral-collapse") == (0, 1)
    assert "conflicting-input" in assess(*knowns).flags


def test_a_word_and_a_number_narrow_each_other() -> None:
    assert points_of(
        stated("vertebral-collapse", "some"), exactly("vertebral-collapse-percent", 60), finding="vertebral-collapse"
    ) == (3,)


def test_a_word_and_a_number_that_exclude_each_other_both_stay() -> None:
    knowns = (stated("vertebral-collapse", "over-50"), exactly("vertebral-collapse-percent", 30))
    assert points_of(*knowns, finding="vertebral-collapse") == (2, 3)
    assert "conflicting-input" in assess(*knowns).flags


def test_a_word_made_of_the_number_gives_way_to_the_number_in_the_reason() -> None:
    word = stated("vertebral-collapse", "under-50", derived_by="D05")
    outcome = assess(word, exactly("vertebral-collapse-percent", 30))
    assert (outcome.reasons[4].finding, outcome.reasons[4].value) == ("vertebral-collapse-percent", "30")


# Applicability.


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


# What is said with it.


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
