"""Components of SINS: pain, density, alignment, sides and collapse from everything that speaks of them."""

import pytest

from service.model.finding import State
from service.model.lesion import Known, Lesion
from tests.unit.instruments.known import at, denied, disputed, exactly, measured, stated, yes
from tests.unit.instruments.sins_by_hand import REST, assess, painless_blastic, points_of, totals

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
