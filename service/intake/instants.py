"""FHIR dates of any precision as spans of time.

A partial date stands for every instant it allows: `2026-01` is the span from the first to the last microsecond of that month.
Dates without a zone are read as UTC. Where one instant is asked for (`said_at`), it is the first of the span.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_PARTIAL: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_FULL: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})")
_LEAP_SECOND: Final = re.compile(r"(T[0-9]{2}:[0-9]{2}:)60")
_FRACTION: Final = re.compile(r"(\.[0-9]{6})[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """First and last instant that a date, an instant or a Period allows, in UTC; None = open on that side."""

    first: datetime | None
    last: datetime | None

    def is_near(self, other: "Span", window: timedelta) -> bool:
        """Tell whether the two spans, widened by the window, touch."""
        return _not_after(self.first, other.last, window) and _not_after(other.first, self.last, window)

    def may_precede(self, other: "Span") -> bool:
        """Tell whether this span begins before the other has ended."""
        return _not_after(self.first, other.last, timedelta(0))


def _not_after(first: datetime | None, last: datetime | None, window: timedelta) -> bool:
    return first is None or last is None or first - last <= window


@lru_cache(maxsize=4096)
def read_date(text: str) -> Span | None:
    """Read date, dateTime or instant; None = it is none of them. A report says the same date many times."""
    try:
        if _FULL.fullmatch(text):
            instant = _read_instant(text)
            return Span(first=instant, last=instant)
        if matched := _PARTIAL.fullmatch(text):
            return _read_partial(*(None if part is None else int(part) for part in matched.groups()))
    except (ValueError, OverflowError):
        return None
    return None


def _read_instant(text: str) -> datetime:
    """Read an instant; a leap second is the second before it, digits below a microsecond are cut off."""
    plain = _FRACTION.sub(r"\1", _LEAP_SECOND.sub(r"\g<1>59", text))
    return datetime.fromisoformat(plain).astimezone(UTC)


def _read_partial(year: int | None, month: int | None, day: int | None) -> Span:
    last_month = month or 12
    first = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
    last_day = day or calendar.monthrange(first.year, last_month)[1]
    last = datetime(first.year, last_month, last_day, 23, 59, 59, 999_999, tzinfo=UTC)
    return Span(first=first, last=last)


def read_period(start: str | None, end: str | None) -> Span:
    """Read a Period from its first to its last instant; a side that is missing (None) or no date is open."""
    opening, closing = read_date(start or ""), read_date(end or "")
    return Span(first=opening.first if opening else None, last=closing.last if closing else None)
