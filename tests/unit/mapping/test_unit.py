from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.mapping import unit
from service.model.coded import Interval, QuantityValue
from tests.unit.mapping.items import number

D = Decimal


def bare(text: str | None, code: str | None = None, system: str | None = None) -> QuantityValue:
    return QuantityValue(interval=Interval.exactly(D(20)), unit_text=text, unit_code=code, unit_system=system)


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        (number("20", unit="mm"), "cm", D("2.0")),
        (number("20", unit="cm"), "cm", D(20)),
        (number("0.2", unit="m"), "cm", D("20.0")),
        (number("50", unit="%"), "%", D(50)),
        (number("900", unit="[hnsf'U]"), "[hnsf'U]", D(900)),
        (number("1500", unit="mT"), "T", D("1.500")),
        (number("30", unit="a_j"), "a", D(30)),
        (number("3", unit="{foci}"), "1", D(3)),
        (number("3", unit="1"), "1", D(3)),
        (bare("mm"), "cm", D("2.0")),
        (bare("Millimeters"), "cm", D("2.0")),
        (bare("centimetre"), "cm", D(20)),
        (bare("HU"), "[hnsf'U]", D(20)),
        (bare(" Percent "), "%", D(20)),
        (bare("years"), "a", D(20)),
        (bare(None), "1", D(20)),
        (bare("mm", "mm", "http://unitsofmeasure.org"), "cm", D("2.0")),
        (bare("centimetre(s)", "cm", "http://unitsofmeasure.org/"), "cm", D(20)),
        (bare("cm", "258672001", "http://snomed.info/sct"), "cm", D(20)),
    ],
)
def test_units_are_converted_exactly(value: QuantityValue, target: str, expected: Decimal) -> None:
    converted = unit.convert(value, target)
    assert converted is not None
    assert (converted.low, converted.high) == (expected, expected)


@pytest.mark.parametrize(
    ("sent", "of", "target", "written"),
    [
        ("1.50", "cm", "cm", "1.50"),
        ("15", "mm", "cm", "1.5"),
        ("15.0", "mm", "cm", "1.5"),
        ("0.015", "m", "cm", "1.5"),
        ("1500", "mT", "T", "1.5"),
        ("168", "mo", "a", "14"),
        ("18", "mo", "a", "1.5"),
    ],
)
def test_a_number_keeps_the_digits_sent_and_gains_none_by_conversion(sent: str, of: str, target: str, written: str) -> None:
    converted = unit.convert(number(sent, unit=of), target)
    assert converted is not None
    assert converted.text == written


@pytest.mark.parametrize(
    ("value", "target"),
    [
        (number("20", unit="kg"), "cm"),
        (number("0.5", unit="1"), "%"),
        (bare("units"), "cm"),
        (bare(None), "%"),
        (bare("mm", "cm", "http://unitsofmeasure.org"), "cm"),
        (bare(None, "258672001", "http://snomed.info/sct"), "cm"),
    ],
)
def test_a_unit_that_is_unknown_missing_or_contradicts_itself_is_not_understood(value: QuantityValue, target: str) -> None:
    assert unit.convert(value, target) is None


def test_open_sides_stay_open_through_conversion() -> None:
    above = QuantityValue(interval=Interval(low=D(20), high=None, low_open=True), unit_code="mm")
    below = QuantityValue(interval=Interval(low=None, high=D(20), high_open=True), unit_code="mm")
    assert unit.convert(above, "cm") == Interval(low=D("2.0"), high=None, low_open=True)
    assert unit.convert(below, "cm") == Interval(low=None, high=D("2.0"), high_open=True)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (Interval.exactly(D(0)), True),
        (Interval.exactly(D(100)), True),
        (Interval.exactly(D(101)), False),
        (Interval.exactly(D(-1)), False),
        (Interval(low=D(90), high=D(110)), False),
        (Interval(low=D(-5), high=D(5)), False),
        (Interval(low=D(50), high=None, low_open=True), True),
        (Interval(low=None, high=D(20), high_open=True), True),
        (Interval(low=D(100), high=None, low_open=True), False),
        (Interval(low=None, high=D(0), high_open=True), False),
        (Interval(low=D(100), high=None), True),
        (Interval(low=D(101), high=None), False),
        (Interval(low=None, high=D(-1)), False),
        (Interval(low=D(60), high=D(40)), False),
    ],
)
def test_an_interval_fits_its_range_only_with_every_stated_bound(interval: Interval, expected: bool) -> None:
    assert unit.fits(interval, D(0), D(100)) is expected


@given(st.decimals(min_value=-1000, max_value=1000, places=2), st.decimals(min_value=0, max_value=1000, places=2))
def test_without_range_every_ordered_interval_fits(low: Decimal, width: Decimal) -> None:
    assert unit.fits(Interval(low=low, high=low + width), None, None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (number("3", unit="mm"), True),
        (number("0", unit="mm"), False),
        (number(None, "3", unit="mm"), False),
        (number("3", unit="%"), False),
        (bare("mm"), True),
    ],
)
def test_a_size_is_a_length_above_zero(value: QuantityValue, expected: bool) -> None:
    assert unit.is_positive_length(value) is expected


def test_whole_numbers_are_told_from_others() -> None:
    assert unit.is_whole(Interval(low=D("3.0"), high=None))
    assert not unit.is_whole(Interval.exactly(D("2.5")))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Interval.exactly(D(0)), Interval.exactly(D(0)), True),
        (Interval.exactly(D(0)), Interval(low=D(0), high=None, low_open=True), False),
        (Interval(low=None, high=D(20), high_open=True), Interval.exactly(D(0)), True),
        (Interval(low=None, high=D(20), high_open=True), Interval.exactly(D(20)), False),
        (Interval(low=D(40), high=D(60)), Interval(low=D(60), high=None), True),
        (Interval(low=D(40), high=D(60)), Interval(low=D(61), high=None), False),
    ],
)
def test_intervals_overlap_where_some_number_may_be_both(one: Interval, other: Interval, *, expected: bool) -> None:
    assert (unit.overlaps(one, other), unit.overlaps(other, one)) == (expected, expected)
