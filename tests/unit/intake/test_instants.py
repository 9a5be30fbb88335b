from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.intake.instants import Span, read_date, read_period


def _span(text: str) -> Span:
    span = read_date(text)
    assert span is not None
    return span


def test_an_instant_is_one_point_in_utc() -> None:
    span = _span("2026-01-10T10:30:00+01:00")
    assert span.first == span.last == datetime(2026, 1, 10, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2026-02", datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_a_partial_date_is_the_span_it_allows(text: str, first: datetime, last: datetime) -> None:
    assert _span(text) == Span(first=first, last=last)


def test_a_leap_second_and_nanoseconds_are_read() -> None:
    assert _span("2016-12-31T23:59:60Z").first == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert _span("2026-01-10T10:30:00.123456789Z").first == datetime(2026, 1, 10, 10, 30, 0, 123_456, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13",
        "2026-02-30",
        "0000",
        "2026-1-1",
        "2026-01-10T10:30:00",
        "2026-01-10T24:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "20260110",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_a_period_is_open_where_nothing_is_stated() -> None:
    assert read_period("2026-01-10", None) == Span(first=datetime(2026, 1, 10, tzinfo=UTC), last=None)
    assert read_period(None, "2025") == Span(first=None, last=datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))


def test_spans_are_near_when_they_touch_within_the_window() -> None:
    report, month = _span("2026-02-10T10:00:00Z"), timedelta(days=30)
    assert _span("2026-01-11T10:00:00Z").is_near(report, month)
    assert not _span("2026-01-11T09:59:59Z").is_near(report, month)
    assert _span("2026-03-12").is_near(report, month)
    assert not _span("2026-03-13").is_near(report, month)
    assert _span("2026").is_near(report, timedelta(0))


def test_a_span_precedes_another_unless_it_begins_after_its_end() -> None:
    assert _span("2026").may_precede(_span("2026-01-10"))
    assert not _span("2027").may_precede(_span("2026-01-10"))
    assert read_period(None, "2027").may_precede(_span("2026"))


@settings(deadline=None)
@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds of a strategy are naive
def test_an_instant_lies_in_the_span_of_its_day_month_and_year(instant: datetime) -> None:
    exact = _span(instant.isoformat(timespec="microseconds"))
    assert exact.first == instant
    for length in (4, 7, 10):
        partial = _span(instant.isoformat()[:length])
        assert partial.first is not None
        assert partial.last is not None
        assert partial.first <= instant <= partial.last
