"""Numbers known as intervals: what two of them have in common, and the smallest that holds both."""

from collections.abc import Sequence
from decimal import Decimal

from service.model.coded import Interval


def overlap(intervals: Sequence[Interval]) -> Interval | None:
    """Return what all intervals have in common; None = at least two exclude each other."""
    if len(intervals) == 1:
        return intervals[0]
    low, low_open = max((_lower(each) for each in intervals), key=_tightest_low)
    high, high_open = min((_upper(each) for each in intervals), key=_tightest_high)
    if low is not None and high is not None and (low > high or (low == high and (low_open or high_open))):
        return None
    return Interval(low=low, high=high, low_open=low_open, high_open=high_open)


def hull(intervals: Sequence[Interval]) -> Interval:
    """Return the smallest interval that holds all."""
    low, low_open = min((_lower(each) for each in intervals), key=_tightest_low)
    high, high_open = max((_upper(each) for each in intervals), key=_tightest_high)
    return Interval(low=low, high=high, low_open=low_open, high_open=high_open)


def is_above(interval: Interval, bound: Decimal) -> bool:
    """Tell whether every number of the interval is greater than the bound."""
    return interval.low is not None and (interval.low > bound or (interval.low == bound and interval.low_open))


def is_below(interval: Interval, bound: Decimal) -> bool:
    """Tell whether every number of the interval is smaller than the bound."""
    return interval.high is not None and (interval.high < bound or (interval.high == bound and interval.high_open))


def is_at_most(interval: Interval, bound: Decimal) -> bool:
    """Tell whether no number of the interval is greater than the bound."""
    return interval.high is not None and interval.high <= bound


def is_exactly(interval: Interval, number: Decimal) -> bool:
    """Tell whether the interval holds this number alone."""
    return interval.is_exact and interval.low == number


def _lower(interval: Interval) -> tuple[Decimal | None, bool]:
    return interval.low, interval.low_open


def _upper(interval: Interval) -> tuple[Decimal | None, bool]:
    return interval.high, interval.high_open


def _tightest_low(bound: tuple[Decimal | None, bool]) -> tuple[bool, Decimal, bool]:
    """Order lower bounds: unbounded first, then by number, an open bound after the closed one."""
    number, is_open = bound
    return (number is not None, number or Decimal(0), is_open)


def _tightest_high(bound: tuple[Decimal | None, bool]) -> tuple[bool, Decimal, bool]:
    """Order upper bounds: by number, the open bound before the closed one, unbounded last."""
    number, is_open = bound
    return (number is None, number or Decimal(0), not is_open)
