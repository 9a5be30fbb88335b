"""One number as value[x]: units, comparators, ranges and all that means the same."""

from decimal import Decimal
from typing import Final

from service.model.coded import Interval
from tests.builders import UCUM, Json
from tests.elements import valued, without_none
from tests.forms.features import Number
from tests.forms.spelling import Speller

_OTHER_UNITS: Final[dict[str, tuple[tuple[str, Decimal], ...]]] = {
    "cm": (("mm", Decimal(10)), ("m", Decimal("0.01"))),
    "T": (("mT", Decimal(1000)),),
    "a": (("mo", Decimal(12)),),
}
"""UCUM code and factor of other units for a unit of the vocabulary."""

_UNIT_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "cm": ("cm", "centimetres"),
    "%": ("percent", "%"),
    "[hnsf'U]": ("HU", "Hounsfield units"),
    "T": ("Tesla",),
    "a": ("years", "y"),
}


def written(speller: Speller, number: Interval, unit: str) -> Json:
    """Return a number as value[x], in the way that the form asks for where the number allows it.

    Args:
        speller: follows the form.
        number: exact, one-sided (a comparator) or between two closed bounds (a Range).
        unit: of the vocabulary; `1` = none.
    """
    kind = speller.form.count
    if kind is Number.INTEGER and unit == "1" and number.is_exact and number.low == int(number.low or 0):
        speller.used[kind] += 1
        return valued(int(number.low or 0))
    return valued(_numbered(speller, number, unit, kind))


def _numbered(speller: Speller, number: Interval, unit: str, kind: Number) -> Json:
    is_closed = not number.low_open and not number.high_open
    has_two_bounds = number.low is not None and number.high is not None and not number.is_exact
    if (kind is Number.RANGE and is_closed) or has_two_bounds:
        speller.used[Number.RANGE] += 1
        system = speller.system(UCUM)
        sides = {"low": number.low, "high": number.high}
        return {side: _in_unit(each, unit, system) for side, each in sides.items() if each is not None}
    value = number.low if number.low is not None else number.high
    assert value is not None, "a number has a bound"
    if kind is Number.RATIO and number.is_exact:
        speller.used[kind] += 1
        return {"numerator": _in_unit(value, unit, speller.system(UCUM)), "denominator": {"value": 1}}
    return without_none({**_quantity(speller, value, unit, kind), "comparator": _comparator(number)})


def _quantity(speller: Speller, value: Decimal, unit: str, kind: Number) -> Json:
    system = speller.system(UCUM)
    if kind is Number.OTHER_UNIT and unit in _OTHER_UNITS:
        others = _OTHER_UNITS[unit]
        other, factor = others[speller.turn(len(others))]
        speller.used[kind] += 1
        return _in_unit(value * factor, other, system)
    if kind is Number.UNIT_TEXT and unit in _UNIT_TEXTS:
        texts = _UNIT_TEXTS[unit]
        speller.used[kind] += 1
        return {"value": _plain(value), "unit": texts[speller.turn(len(texts))]}
    if kind is Number.LONG:
        speller.used[kind] += 1
        digits = f"{value:f}"
        return {"value": Decimal(digits + ("00" if "." in digits else ".00")), "system": system, "code": unit}
    speller.used[Number.VOCABULARY_UNIT] += 1
    return _in_unit(value, unit, system)


def _in_unit(value: Decimal, unit: str, system: str) -> Json:
    return {"value": _plain(value), "unit": unit, "system": system, "code": unit}


def _comparator(number: Interval) -> str | None:
    if number.is_exact:
        return None
    if number.low is not None:
        return ">" if number.low_open else ">="
    return "<" if number.high_open else "<="


def _plain(value: Decimal) -> Decimal:
    return Decimal(f"{value.normalize():f}")
