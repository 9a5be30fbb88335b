"""Codings and value[x]: JSON of a sound resource to the values that the later stages read.

Numbers become intervals in the unit sent: a comparator is an open or closed bound, a Range has two; nothing is converted or
rounded. A value that carries neither code nor number is text: evidence for people. What has a value of any form is never a bare
assertion.

Source: FHIR R4 Observation.value[x], Quantity.comparator, extension data-absent-reason; interfaces section 1.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from service.intake.parse import Node
from service.intake.shapes import VALUES
from service.model.coded import BooleanValue, CodedValue, Coding, Interval, QuantityValue, TextValue, Value

ABSENT_REASON: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_ABSENT_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def read_coding(node: Node) -> Coding:
    """Read one Coding that has a code, as sent."""
    return Coding(node.get("system"), node["code"], node.get("display"))


def read_codings(concept: Node | None) -> tuple[Coding, ...]:
    """Read every coding of a CodeableConcept that has a code; None = there is no such element."""
    if concept is None or "coding" not in concept:
        return ()
    return tuple([read_coding(each) for each in concept["coding"] if "code" in each])


def read_all_codings(concepts: Iterable[Node]) -> tuple[Coding, ...]:
    """Read every coding of several CodeableConcepts, in order."""
    return tuple([coding for concept in concepts for coding in read_codings(concept)])


def read_value(statement: Node) -> tuple[Value | None, tuple[Coding, ...]]:
    """Read value[x] and why it is absent, of an Observation or a component.

    An extension data-absent-reason in the place of the value counts as dataAbsentReason.

    Returns:
        value (None = none) and the codings of the reason (empty = none).
    """
    reasons = read_codings(statement.get("dataAbsentReason"))
    for name in statement:
        if name in VALUES:
            element = statement[name]
            if element.__class__ is dict and "extension" in element and (absent := _absent_by_extension(element)):
                return None, reasons + absent
            return _READERS[name](element), reasons
    if not reasons and "dataAbsentReason" in statement:
        return None, (Coding(ABSENT_REASON, "unknown"),)
    return None, reasons or _absent_primitive(statement)


def _absent_primitive(statement: Node) -> tuple[Coding, ...]:
    """Return why a primitive value has only extensions (`_valueString`): the stated reason, else unknown."""
    for name in statement:
        if name.startswith("_value"):
            return _absent_by_extension(statement[name]) or (Coding(ABSENT_REASON, "unknown"),)
    return ()


def _absent_by_extension(element: Node) -> tuple[Coding, ...]:
    reasons = (each.get("valueCode", "unknown") for each in element.get("extension", ()) if each.get("url") == _ABSENT_EXTENSION)
    return tuple(Coding(ABSENT_REASON, reason) for reason in reasons)


def _concept(concept: Node) -> Value:
    return CodedValue(codings=read_codings(concept), text=concept.get("text"))


def _quantity(quantity: Node) -> Value:
    if "value" not in quantity:
        return TextValue(text=quantity.get("unit", ""))
    return _numbered(read_interval(quantity), quantity)


def read_interval(quantity: Node) -> Interval:
    """Read a Quantity with a number as interval: `> 50` is everything above 50, 50 itself not included."""
    number = Decimal(quantity["value"])
    match quantity.get("comparator"):
        case "<":
            return Interval(low=None, high=number, high_open=True)
        case "<=":
            return Interval(low=None, high=number)
        case ">":
            return Interval(low=number, high=None, low_open=True)
        case ">=":
            return Interval(low=number, high=None)
        case _:
            return Interval.exactly(number)


def _numbered(interval: Interval, unit: Node) -> QuantityValue:
    return QuantityValue(interval=interval, unit_system=unit.get("system"), unit_code=unit.get("code"), unit_text=unit.get("unit"))


def _range(value: Node) -> Value:
    """Read a Range; a missing side is unbounded, sides in different units are no number."""
    low, high = value.get("low", {}), value.get("high", {})
    sides = [side for side in (low, high) if "value" in side]
    units = {side.get("code", side.get("unit")) for side in sides}
    if len(units) != 1:
        return TextValue(text="")
    bounds = [Decimal(side["value"]) if "value" in side else None for side in (low, high)]
    return _numbered(Interval(low=bounds[0], high=bounds[1]), sides[0])


def _ratio(value: Node) -> Value:
    """Read a Ratio whose denominator is a bare 1 as its numerator; any other is text."""
    numerator, denominator = value.get("numerator", {}), value.get("denominator", {})
    is_one = denominator.get("value") == 1 and not denominator.keys() & {"comparator", "unit", "code"}
    if is_one and "value" in numerator:
        return _quantity(numerator)
    return TextValue(text=f"{_printed(numerator)}:{_printed(denominator)}")


def _printed(quantity: Node) -> str:
    parts = (quantity.get("comparator"), quantity.get("value"), quantity.get("unit"))
    return " ".join(str(part) for part in parts if part is not None)


def _period(value: Node) -> Value:
    return TextValue(text=f"{value.get('start', '')}/{value.get('end', '')}")


_READERS: Final[Mapping[str, Callable[[Any], Value]]] = {
    "valueCodeableConcept": _concept,
    "valueBoolean": lambda value: BooleanValue(value=value),
    "valueQuantity": _quantity,
    "valueRange": _range,
    "valueInteger": lambda value: QuantityValue(interval=Interval.exactly(Decimal(value))),
    "valueRatio": _ratio,
    "valueString": lambda value: TextValue(text=value),
    "valueSampledData": lambda _: TextValue(text=""),
    "valueTime": lambda value: TextValue(text=value),
    "valueDateTime": lambda value: TextValue(text=value),
    "valuePeriod": _period,
}
