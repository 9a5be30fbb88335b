"""Location component of SINS: levels, spans, regions, stated bands."""

import pytest

from service.instruments.sins import SINS
from service.model.case import Case
from service.model.lesion import Lesion, Site
from service.model.outcome import Score
from tests.unit.instruments.known import at, case_of, denied, disputed, stated
from tests.unit.instruments.sins_by_hand import MISSING_ORDER, TABLES, assess, painless_blastic, totals


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


def test_the_place_of_the_lesion_counts_where_only_another_level_is_denied() -> None:
    assert totals(*painless_blastic(denied("vertebral-level", "T11")), site=at("T12")) == (3,)


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
