"""Intervals: what may be the number, and how it is written."""

from decimal import Decimal

import pytest

from service.model.coded import Interval


def interval(low: str | None, high: str | None, *, low_open: bool = False, high_open: bool = False) -> Interval:
    return Interval(
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
        low_open=low_open,
        high_open=high_open,
    )


@pytest.mark.parametrize(
    ("number", "within"),
    [("19.9", False), ("20", True), ("30", True), ("40", False), ("40.1", False)],
)
def test_a_bound_belongs_to_the_interval_unless_it_is_open(number: str, *, within: bool) -> None:
    assert interval("20", "40", high_open=True).contains(Decimal(number)) is within


def test_an_open_lower_bound_is_not_within() -> None:
    above = interval("50", None, low_open=True)
    assert not above.contains(Decimal(50))
    assert above.contains(Decimal("50.01"))
    assert interval(None, "20").contains(Decimal(-5))


@pytest.mark.parametrize(
    ("known", "meets"),
    [
        (interval("50", "50"), False),
        (interval("0", "0"), False),
        (interval("30", "30"), True),
        (interval("50", None, low_open=True), False),
        (interval(None, "20"), True),
        (interval("49", "51"), True),
        (interval(None, None), True),
        (interval("0", "50"), True),
        (interval("60", "70"), False),
        (interval("30", "30", low_open=True), False),
    ],
)
def test_an_interval_meets_what_lies_strictly_between_two_bounds(known: Interval, *, meets: bool) -> None:
    assert known.meets(Decimal(0), Decimal(50)) is meets


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (interval("50", "50"), "50"),
        (interval("1E+2", "100"), "100"),
        (interval("1.50", "1.50"), "1.50"),
        (interval("50", None, low_open=True), ">50"),
        (interval("50", None), ">=50"),
        (interval(None, "20", high_open=True), "<20"),
        (interval(None, "20"), "<=20"),
        (interval("20", "40", high_open=True), ">=20 to <40"),
        (interval(None, None), ""),
    ],
)
def test_a_number_is_written_as_it_was_sent(known: Interval, text: str) -> None:
    assert known.text == text
