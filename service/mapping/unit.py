"""Quantities in the units of the vocabulary: exact ratios for the few UCUM units that reports carry.

Source: UCUM; terminology/vocabulary, "Quantities: UCUM, inclusive range, outside = error, no clamping".
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from service.mapping import codes
from service.model.coded import Interval, QuantityValue

_ONE: Final = Decimal(1)
UNITS: Final[Mapping[str, Mapping[str, Decimal]]] = {
    "cm": {"cm": _ONE, "mm": Decimal(10), "m": Decimal("0.01")},
    "%": {"%": _ONE},
    "[hnsf'U]": {"[hnsf'U]": _ONE},
    "T": {"T": _ONE, "mT": Decimal(1000)},
    "a": {"a": _ONE, "a_j": _ONE, "a_g": _ONE, "mo": Decimal(12), "mo_j": Decimal(12)},
    "1": {"1": _ONE},
}
"""How many of a UCUM code make one of the vocabulary's unit, by the vocabulary's unit.

Numbers are divided, not multiplied: 1/12 has no end in decimals and would make 14.00..0 of 168 months.
"""

_DIVISORS: Final = frozenset({"in-phase-signal"})
"""Findings that a rule divides by. Source: clinical rules 5, opposed phase: in-phase signal of 0 or less is an error."""

_TEXTS: Final[Mapping[str, str]] = {
    "cm": "cm",
    "centimeter": "cm",
    "centimeters": "cm",
    "centimetre": "cm",
    "centimetres": "cm",
    "mm": "mm",
    "millimeter": "mm",
    "millimeters": "mm",
    "millimetre": "mm",
    "millimetres": "mm",
    "m": "m",
    "%": "%",
    "percent": "%",
    "per cent": "%",
    "hu": "[hnsf'U]",
    "hounsfield unit": "[hnsf'U]",
    "hounsfield units": "[hnsf'U]",
    "[hnsf'u]": "[hnsf'U]",
    "t": "T",
    "tesla": "T",
    "a": "a",
    "y": "a",
    "yr": "a",
    "yrs": "a",
    "year": "a",
    "years": "a",
    "mo": "mo",
    "month": "mo",
    "months": "mo",
}
"""UCUM code of unit texts that can mean one thing only."""

_BARE: Final = "1"


def convert(value: QuantityValue, unit: str) -> Interval | None:
    """Return the number in a unit of the vocabulary; None = its unit is not stated, not known or contradicts itself."""
    sent = _unit_of(value)
    divisor = None if sent is None else UNITS[unit].get(sent)
    if divisor is None or divisor == _ONE:
        return None if divisor is None else value.interval
    low, high = value.interval.low, value.interval.high
    return Interval(
        low=None if low is None else low / divisor,
        high=None if high is None else high / divisor,
        low_open=value.interval.low_open,
        high_open=value.interval.high_open,
    )


def is_positive_length(value: QuantityValue) -> bool:
    """Tell whether a quantity is a size: a length above zero, as some senders put beside a finding code."""
    length = convert(value, "cm")
    return length is not None and length.low is not None and length.low > 0


def fits(interval: Interval, low: Decimal | None, high: Decimal | None) -> bool:
    """Tell whether an interval can lie in an inclusive range: no stated bound outside, and something left inside.

    An open side (`> 50`) is no statement that the number may leave the range; a range without a bound (None) has no end there.
    """
    least, most = interval.low, interval.high
    if least is not None and most is not None and least > most:
        return False
    below = low is not None and ((least is not None and least < low) or (most is not None and most < low))
    above = high is not None and ((most is not None and most > high) or (least is not None and least > high))
    empty = (interval.low_open and least is not None and least == high) or (interval.high_open and most is not None and most == low)
    return not (below or above or empty)


def overlaps(one: Interval, other: Interval) -> bool:
    """Tell whether some number may be both."""
    return _reaches(one, other) and _reaches(other, one)


def _reaches(upper: Interval, lower: Interval) -> bool:
    """Tell whether one interval ends at or above the beginning of another."""
    if upper.high is None or lower.low is None or upper.high > lower.low:
        return True
    return upper.high == lower.low and not upper.high_open and not lower.low_open


def is_void_divisor(finding: str, interval: Interval) -> bool:
    """Tell whether a rule would divide by a number that is surely not above zero: an error, though 0 begins its range."""
    return finding in _DIVISORS and interval.high is not None and interval.high <= 0


def is_whole(interval: Interval) -> bool:
    """Tell whether every stated bound is a whole number."""
    return all(bound is None or bound == bound.to_integral_value() for bound in (interval.low, interval.high))


def _unit_of(value: QuantityValue) -> str | None:
    """Return the UCUM code of a quantity; no unit at all is the unit one; a code and a text that differ are nothing."""
    text = value.unit_text.strip().casefold() if value.unit_text else ""
    by_text = _TEXTS.get(text)
    if value.unit_code and (value.unit_system is None or codes.normalise(value.unit_system) == codes.UCUM):
        code = _BARE if value.unit_code.startswith("{") else value.unit_code
        return code if by_text is None or by_text == code or not text else None
    if value.unit_code or text:
        return by_text
    return _BARE
