"""Quantities in the units of the vocabulary: exact factors for the few UCUM units that reports carry.

Source: UCUM; terminology/vocabulary, "Quantities: UCUM, inclusive range, outside = error, no clamping".
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from service.mapping import codes
from service.model.coded import Interval, QuantityValue

_ONE: Final = Decimal(1)
UNITS: Final[Mapping[str, Mapping[str, Decimal]]] = {
    "cm": {"cm": _ONE, "mm": Decimal("0.1"), "m": Decimal(100)},
    "%": {"%": _ONE},
    "[hnsf'U]": {"[hnsf'U]": _ONE},
    "T": {"T": _ONE, "mT": Decimal("0.001")},
    "a": {"a": _ONE, "a_j": _ONE, "a_g": _ONE, "mo": _ONE / 12, "mo_j": _ONE / 12},
    "1": {"1": _ONE},
}
"""Factor from a UCUM code to the vocabulary's unit, by the vocabulary's unit."""

_DIVISORS: Final = frozenset({"in-phase-signal"})
"""Findings that a rule divides by. Source: clinical rules 5, opposed phase: in-phase signal of 0 or less is an error."""

_TEXTS: Final[Mapping[str, str]] = {
    "cm": "cm",
    "mm": "mm",
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
    factor = None if sent is None else UNITS[unit].get(sent)
    if factor is None or factor == _ONE:
        return None if factor is None else value.interval
    low, high = value.interval.low, value.interval.high
    return Interval(
        low=None if low is None else low * factor,
        high=None if high is None else high * factor,
        low_open=value.interval.low_open,
        high_open=value.interval.high_open,
    )


def is_positive_length(value: QuantityValue) -> bool:
    """Tell whether a quantity is a size: a length above zero, as some senders put beside a finding code."""
    length = convert(value, "cm")
    return length is not None and length.low is not None and length.low > 0


def fits(interval: Interval, low: Decimal | None, high: Decimal | None) -> bool:
    """Tell whether an interval can lie in an inclusive range: no stated bound outside, and something left inside.

    An open side (`> 50`) is no statement that the number may leave the range.
    """
    least, most = interval.low, interval.high
    if least is not None and most is not None and least > most:
        return False
    below = low is not None and ((least is not None and least < low) or (most is not None and most < low))
    above = high is not None and ((most is not None and most > high) or (least is not None and least > high))
    empty = (interval.low_open and least is not None and least == high) or (interval.high_open and most is not None and most == low)
    return not (below or above or empty)


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
