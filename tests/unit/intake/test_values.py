from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.intake.shapes import VALUES
from service.intake.values import ABSENT_REASON, read_all_codings, read_codings, read_value
from service.model.coded import BooleanValue, CodedValue, Coding, Interval, QuantityValue, TextValue, Value
from tests.builders import Json, coding, component, concept, quantity, question


def _value(element: object) -> Value | None:
    return read_value(component(question("alignment"), element))[0]


def _interval(element: object) -> Interval:
    value = _value(element)
    assert isinstance(value, QuantityValue)
    return value.interval


def _exactly(number: str) -> Interval:
    return Interval.exactly(Decimal(number))


def test_a_concept_keeps_every_coding_in_order_and_its_text() -> None:
    element = concept(coding("1", "one"), coding("2", system=None), {"display": "no code"}, text="said so")
    assert _value(element) == CodedValue(codings=(Coding("http://snomed.info/sct", "1", "one"), Coding(None, "2")), text="said so")


def test_a_concept_of_text_alone_is_a_value_without_codings() -> None:
    assert _value(concept(text="lytic")) == CodedValue(codings=(), text="lytic")


@pytest.mark.parametrize("said", [True, False])
def test_a_boolean_is_itself(said: bool) -> None:
    assert _value(said) == BooleanValue(value=said)


def test_a_quantity_is_an_exact_interval_in_the_unit_sent() -> None:
    assert _value(quantity(Decimal("12.50"), "%")) == QuantityValue(
        interval=_exactly("12.50"), unit_system="http://unitsofmeasure.org", unit_code="%", unit_text="%"
    )
    assert _value({"value": 3, "unit": "cm"}) == QuantityValue(interval=_exactly("3"), unit_text="cm")


@pytest.mark.parametrize(
    ("comparator", "interval"),
    [
        ("<", Interval(low=None, high=Decimal(50), high_open=True)),
        ("<=", Interval(low=None, high=Decimal(50))),
        (">", Interval(low=Decimal(50), high=None, low_open=True)),
        (">=", Interval(low=Decimal(50), high=None)),
    ],
)
def test_a_comparator_is_an_open_or_closed_bound(comparator: str, interval: Interval) -> None:
    assert _interval(quantity(50, comparator=comparator)) == interval


def test_a_range_has_two_bounds_or_one() -> None:
    assert _interval({"low": quantity(10), "high": quantity(20)}) == Interval(low=Decimal(10), high=Decimal(20))
    assert _interval({"low": quantity(10)}) == Interval(low=Decimal(10), high=None)
    assert _interval({"high": quantity(20)}) == Interval(low=None, high=Decimal(20))


def test_a_range_in_two_units_or_without_numbers_is_no_number() -> None:
    assert _value({"low": quantity(10, "mm"), "high": quantity(2, "cm")}) == TextValue(text="")
    assert _value({"low": {"unit": "mm"}}) == TextValue(text="")


def test_the_sides_of_a_range_may_spell_their_unit_differently() -> None:
    low, high = quantity(10, system="urn:oid:2.16.840.1.113883.6.8"), quantity(20)
    assert _interval({"low": low, "high": high}) == Interval(low=Decimal(10), high=Decimal(20))
    assert _interval({"low": {"value": 10, "unit": "%"}, "high": high}) == Interval(low=Decimal(10), high=Decimal(20))


def test_an_integer_is_a_number_without_unit() -> None:
    assert _value(7) == QuantityValue(interval=_exactly("7"))


def test_a_ratio_to_a_bare_one_is_its_numerator() -> None:
    assert _interval({"numerator": quantity(Decimal("0.8")), "denominator": {"value": 1}}) == _exactly("0.8")
    assert _interval({"numerator": quantity(2, comparator=">"), "denominator": {"value": Decimal("1.0")}}) == Interval(
        low=Decimal(2), high=None, low_open=True
    )


def test_any_other_ratio_is_text() -> None:
    assert _value({"numerator": quantity(1, "mL"), "denominator": quantity(1, "min")}) == TextValue(text="1 mL:1 min")
    assert _value({"numerator": {"value": 1}, "denominator": {"value": 128}}) == TextValue(text="1:128")
    assert _value({"numerator": {"unit": "mL"}, "denominator": {"value": 1}}) == TextValue(text="mL:1")


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ({"valueString": "no lytic lesion"}, "no lytic lesion"),
        ({"valueTime": "10:30:00"}, "10:30:00"),
        ({"valueDateTime": "2026-01"}, "2026-01"),
        ({"valuePeriod": {"start": "2026-01"}}, "2026-01/"),
        ({"valueSampledData": {"dimensions": 1}}, ""),
        ({"valueQuantity": {"unit": "mm"}}, "mm"),
    ],
)
def test_what_carries_no_code_and_no_number_is_text_and_never_nothing(element: Json, text: str) -> None:
    assert read_value({**component(question("alignment")), **element}) == (TextValue(text=text), ())


def test_no_value_is_none() -> None:
    assert read_value(component(question("alignment"))) == (None, ())


def test_the_reason_of_an_absent_value_is_read() -> None:
    stated = component(question("alignment"), dataAbsentReason=concept(coding("not-performed", system=ABSENT_REASON)))
    assert read_value(stated) == (None, (Coding(ABSENT_REASON, "not-performed"),))


def test_a_reason_in_words_is_a_reason() -> None:
    assert read_value(component(question("alignment"), dataAbsentReason=concept(text="not looked at"))) == (
        None,
        (Coding(ABSENT_REASON, "unknown"),),
    )


ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}


@pytest.mark.parametrize(
    "element",
    [
        {"_valueString": {"extension": [ABSENT]}},
        {"valueCodeableConcept": {"extension": [ABSENT]}},
        {"valueQuantity": {"extension": [ABSENT], "unit": "mm"}},
    ],
)
def test_an_extension_in_the_place_of_the_value_is_a_reason_too(element: Json) -> None:
    assert read_value({**component(question("alignment")), **element}) == (None, (Coding(ABSENT_REASON, "masked"),))


def test_a_primitive_value_of_other_extensions_is_unknown_and_not_an_assertion() -> None:
    element = {"_valueBoolean": {"extension": [{"url": "http://x", "valueCode": "y"}]}}
    assert read_value({**component(question("alignment")), **element}) == (None, (Coding(ABSENT_REASON, "unknown"),))


def test_other_extensions_leave_a_value_as_it_is() -> None:
    assert _value({**concept(coding("1")), "extension": [{"url": "http://x", "valueCode": "y"}]}) == CodedValue(
        codings=(Coding("http://snomed.info/sct", "1"),)
    )


def test_codings_of_several_concepts_stand_in_order() -> None:
    assert [
        each.code for each in read_all_codings([concept(coding("1"), coding("2")), concept(text="x"), concept(coding("3"))])
    ] == [
        "1",
        "2",
        "3",
    ]
    assert read_codings(None) == ()


def test_every_form_of_value_that_fhir_gives_an_observation_is_known() -> None:
    assert len(VALUES) == 11


@settings(deadline=None)
@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000),
    st.sampled_from(["<", "<=", ">", ">="]),
)
def test_a_number_lies_in_the_interval_of_its_comparator_only_where_it_is_closed(number: Decimal, comparator: str) -> None:
    interval = _interval(quantity(number, comparator=comparator))
    assert {interval.low, interval.high} == {None, number}
    assert (interval.low_open or interval.high_open) is (len(comparator) == 1)
