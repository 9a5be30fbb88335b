"""Numbers that are known as intervals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.findings.intervals import hull, is_above, is_at_most, is_below, is_exactly, overlap
from service.model.coded import Interval

_N = Decimal
_OVER_50 = Interval(low=_N(50), high=None, low_open=True)
_UNDER_20 = Interval(low=None, high=_N(20), high_open=True)


def _between(low: int, high: int) -> Interval:
    return Interval(low=_N(low), high=_N(high))


@pytest.mark.parametrize(
    ("intervals", "common"),
    [
        ((_OVER_50, Interval.exactly(_N(60))), Interval.exactly(_N(60))),
        ((_OVER_50, Interval.exactly(_N(50))), None),
        ((_OVER_50, _UNDER_20), None),
        ((_between(10, 40), _between(30, 60)), _between(30, 40)),
        ((_between(10, 40), _between(40, 60)), Interval.exactly(_N(40))),
        ((_between(0, 100), _OVER_50), Interval(low=_N(50), high=_N(100), low_open=True)),
        ((_UNDER_20,), _UNDER_20),
    ],
)
def test_what_intervals_have_in_common(intervals: tuple[Interval, ...], common: Interval | None) -> None:
    assert overlap(intervals) == common


def test_the_hull_holds_everything_that_was_said() -> None:
    assert hull((Interval.exactly(_N(40)), Interval.exactly(_N(60)))) == _between(40, 60)
    assert hull((_OVER_50, _UNDER_20)) == Interval(low=None, high=None)
    assert hull((_OVER_50, _between(50, 60))) == Interval(low=_N(50), high=None)
    assert hull((_UNDER_20, Interval.exactly(_N(20)))) == Interval(low=None, high=_N(20))


def test_bounds_are_read_strictly() -> None:
    assert is_above(_OVER_50, _N(50))
    assert not is_above(Interval.exactly(_N(50)), _N(50))
    assert not is_above(_UNDER_20, _N(0))
    assert is_below(_UNDER_20, _N(20))
    assert not is_below(Interval.exactly(_N(20)), _N(20))
    assert not is_below(_OVER_50, _N(60))
    assert is_at_most(Interval.exactly(_N(50)), _N(50))
    assert not is_at_most(_OVER_50, _N(50))
    assert is_exactly(Interval.exactly(_N(0)), _N(0))
    assert not is_exactly(_between(0, 1), _N(0))


_BOUNDS = st.integers(0, 20).map(_N)
_INTERVALS = st.builds(
    lambda low, width, low_open, high_open: Interval(
        low=low, high=low + width, low_open=low_open and width > 0, high_open=high_open and width > 0
    ),
    _BOUNDS,
    st.integers(0, 10),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(_INTERVALS, min_size=1, max_size=4), st.integers(0, 60).map(lambda number: _N(number) / 2))
def test_a_number_is_in_the_overlap_when_it_is_in_all_and_in_the_hull_when_in_any(
    intervals: list[Interval], number: Decimal
) -> None:
    common = overlap(intervals)
    inside = [each.contains(number) for each in intervals]
    if all(inside):
        assert common is not None
        assert common.contains(number)
    elif common is not None:
        assert not common.contains(number)
    if any(inside):
        assert hull(intervals).contains(number)
