"""The model of origin: likelihoods that follow from the printed counts, and exclusive signs."""

import math
from dataclasses import replace
from typing import Final

import pytest

from service.evidence.load import load
from service.instruments.origin.scale import PRIMARIES, Setting, scale_of

TABLES: Final = load()


def test_a_likelihood_counts_lesions_as_patients_and_adds_one_pseudo_patient() -> None:
    margin = scale_of(TABLES).features[0]
    assert margin.finding == "lesion-margin"
    stomach = margin.logs[Setting.MODEL]["well-defined"][0]
    assert math.exp(stomach) == pytest.approx((27 * 3 / 47 + 1 / 2) / (3 + 1))
    breast = margin.logs[Setting.MODEL]["ill-defined"][PRIMARIES.index("breast")]
    assert math.exp(breast) == pytest.approx((5 * 6 / 29 + 1 / 2) / (6 + 1))


def test_enhancement_counts_what_was_seen_with_contrast() -> None:
    enhancement = next(each for each in scale_of(TABLES).features if each.finding == "enhancement-pattern")
    assert enhancement.assessed == (47, 20, 17, 44, 10)
    lung = enhancement.logs[Setting.MODEL]["homogeneous"][PRIMARIES.index("lung")]
    assert math.exp(lung) == pytest.approx((18 * 7 / 44 + 1 / 5) / (7 + 1))


def test_density_counts_what_was_seen_on_ct() -> None:
    density = next(each for each in scale_of(TABLES).features if each.finding == "bone-lesion")
    assert density.assessed == (47, 11, 13, 36, 18)
    assert density.categories == ("blastic", "lytic", "mixed")


@pytest.mark.parametrize("setting", Setting)
def test_the_likelihoods_of_a_feature_add_up_to_one_under_every_primary(setting: Setting) -> None:
    for feature in scale_of(TABLES).features:
        for place in range(len(PRIMARIES)):
            assert math.fsum(math.exp(logs[place]) for logs in feature.logs[setting].values()) == pytest.approx(1)


def test_lesions_never_count_more_than_they_are() -> None:
    cohort = TABLES["an-cohort"]
    few = tuple({**row, "patients": 50} if row["primary"] == "hcc" else row for row in cohort.rows)
    tables = {**TABLES, "an-cohort": replace(cohort, by_key={(row["primary"],): row for row in few})}
    feature = scale_of(tables).features[0]
    place = PRIMARIES.index("hcc")
    assert feature.logs[Setting.MODEL]["well-defined"][place] == feature.logs[Setting.LESIONS]["well-defined"][place]


def test_the_exclusive_signs_are_the_categories_of_one_or_two_primaries() -> None:
    scale = scale_of(TABLES)
    rare = {
        (feature.finding, category)
        for feature in scale.features
        for category, counts in feature.counts.items()
        if sum(count > 0 for count in counts) <= 2
    }
    assert rare == set(scale.signs)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (("enhancement-pattern", "worms-in-a-bag"), "6 of 17 lesions of hcc (4 of 7 patients), in 0 of 121 other lesions"),
        (("enhancement-pattern", "rim"), "28 of 47 lesions of stomach (3 patients), in 0 of 91 other lesions"),
        (("t1-vs-muscle", "high"), "16 of 56 lesions of lung (7 patients), in 0 of 113 other lesions"),
        (("enhancement-pattern", "none"), "8 of 47 lesions of stomach (3 patients), 2 of 20 lesions of colorectal (7 patients)"),
    ],
)
def test_an_exclusive_sign_is_said_with_its_counts(key: tuple[str, str], words: str) -> None:
    assert words in scale_of(TABLES).signs[key].sentence
