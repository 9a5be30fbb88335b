"""Quantiles of the log ratio of two counted proportions, against an integration that knows nothing of angles."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats  # type: ignore[import-untyped]  # scipy ships no types

from service.instruments.iesl.posterior import Proportion, log_ratio_quantile


def beta(proportion: Proportion) -> stats.rv_continuous:
    return stats.beta(proportion.twice_a / 2, proportion.twice_b / 2)


def probability_below(value: float, first: Proportion, second: Proportion) -> float:
    """Return P(ln first - ln second <= value) by the quantiles of second."""
    upper, lower = beta(first), beta(second)

    def inner(share: float) -> float:
        return float(upper.cdf(math.exp(value) * lower.ppf(share)))

    edge = float(lower.cdf(math.exp(-value)))
    found = integrate.quad(inner, 0, edge, limit=200)[0] + (integrate.quad(inner, edge, 1, limit=200)[0] if edge < 1 else 0)
    return float(found)


COUNTED = [(3, 3, 0, 9, 2), (0, 3, 9, 9, 2), (2, 3, 0, 9, 2), (3, 3, 1, 9, 2), (1, 3, 6, 9, 3), (0, 3, 1, 9, 3), (1, 3, 8, 8, 2)]


@pytest.mark.parametrize(("count", "of", "other", "other_of", "categories"), COUNTED)
@pytest.mark.parametrize("share", [0.025, 0.5, 0.975])
def test_the_value_has_the_probability_that_was_asked_for(  # noqa: PLR0917 - two counts and their base
    count: int, of: int, other: int, other_of: int, categories: int, share: float
) -> None:
    first, second = Proportion.counted(count, of, categories), Proportion.counted(other, other_of, categories)
    assert probability_below(log_ratio_quantile(share, first, second), first, second) == pytest.approx(share, abs=1e-6)


def test_a_counted_proportion_carries_half_a_patient_for_each_category() -> None:
    assert Proportion.counted(2, 3, 2) == Proportion(twice_a=5, twice_b=3)
    assert Proportion.counted(0, 3, 3) == Proportion(twice_a=1, twice_b=8)
    assert Proportion.counted(2, 3, 2).mean == 2.5 / 4


@pytest.mark.parametrize("twice", [1, 2, 3, 8])
def test_equal_proportions_have_a_symmetric_ratio(twice: int) -> None:
    same = Proportion(twice_a=twice, twice_b=5)
    assert log_ratio_quantile(0.5, same, same) == pytest.approx(0, abs=1e-9)
    assert log_ratio_quantile(0.025, same, same) == pytest.approx(-log_ratio_quantile(0.975, same, same))


parameters = st.integers(1, 20)
proportions = st.builds(Proportion, twice_a=parameters, twice_b=parameters)


@settings(max_examples=60, deadline=None)
@given(proportions, proportions)
def test_quantiles_ascend_and_turn_round_with_the_ratio(first: Proportion, second: Proportion) -> None:
    values = [log_ratio_quantile(share, first, second) for share in (0.025, 0.25, 0.5, 0.75, 0.975)]
    assert all(one < other for one, other in pairwise(values))
    turned = [-log_ratio_quantile(1 - share, second, first) for share in (0.025, 0.25, 0.5, 0.75, 0.975)]
    assert values == pytest.approx(turned, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(proportions, proportions, st.sampled_from([0.025, 0.5, 0.975]))
def test_any_two_proportions_agree_with_the_other_integration(first: Proportion, second: Proportion, share: float) -> None:
    value = log_ratio_quantile(share, first, second)
    assert probability_below(value, first, second) == pytest.approx(share, abs=2e-5)
