"""Invariants of what is read: rules between elements that fhir.resources does not hold.

They are asked only of resources whose elements have the right types. Elsewhere stand: ele-1 (`check`), dom-2 (`check`), ext-1 and
the other required bindings (`shapes`), ref-1 and what a reference may point to (`pending`), bdl-5 and bdl-7 (`unpack`, `opened`).

Not held, because real reports break them and nothing that is read depends on them: dom-3 (a contained resource is referred to:
interfaces section 1 reads those that are not), dom-4, dom-5 (meta of contained resources; their labels count), dom-6, con-3 (best
practice), txt-1, txt-2 (narrative), tim-1 to tim-10 (effectiveTiming), and what makes a Bundle fit for its type (bdl-1 to bdl-4,
bdl-8 to bdl-12).

Source: FHIR R4 (4.0.1): obs-3, obs-6, obs-7, pat-1, con-1, con-2, con-4, con-5, qty-3, age-1, rng-2, rat-1, per-1, cpt-2, att-1,
required bindings of Condition.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from service.errors import Fault
from service.intake.instants import read_date
from service.intake.parse import Node
from service.intake.shapes import VALUES
from service.intake.walk import element_name

VERIFICATION_STATUS: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL_STATUS: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"

_VERIFICATIONS: Final = frozenset({"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"})
_CLINICALS: Final = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
_ENDED: Final = frozenset({"inactive", "remission", "resolved"})
_EFFECTIVE: Final = ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming")
_ONSETS: Final = ("onsetDateTime", "onsetAge", "onsetPeriod", "onsetRange", "onsetString")
_ABATEMENTS: Final = ("abatementDateTime", "abatementAge", "abatementPeriod", "abatementRange", "abatementString")
_DECEASED: Final = ("deceasedBoolean", "deceasedDateTime")
_BIRTHS: Final = ("multipleBirthBoolean", "multipleBirthInteger")
_UCUM: Final = "http://unitsofmeasure.org"
_CONTACT: Final = frozenset({"name", "telecom", "address", "organization"})
_PERFORMED: Final = ("performedDateTime", "performedPeriod", "performedString", "performedAge", "performedRange")
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "Observation": ("status", "code"),
    "DiagnosticReport": ("status", "code"),
    "Condition": ("subject",),
    "Procedure": ("status", "subject"),
    "ImagingStudy": ("status", "subject"),
    "BodyStructure": ("patient",),
    "Patient": (),
}


def invariants(kind: str, node: Node, path: str) -> Iterator[Fault]:
    """Yield every broken rule of one resource.

    Args:
        kind: resourceType, one of those that are read.
        node: the resource; its elements have the right types.
        path: FHIRPath of the resource.
    """
    yield from _missing(node, _REQUIRED[kind], path)
    if (rule := _RULES.get(kind)) is not None:
        yield from rule(node, path)


def coded_in(concept: Node, system: str) -> str | None:
    """Return the code that a CodeableConcept has in a system; None = none."""
    return next((each.get("code") for each in concept.get("coding", ()) if each.get("system") == system), None)


def _missing(node: Node, names: tuple[str, ...], path: str) -> Iterator[Fault]:
    for name in names:
        if name not in node:
            yield Fault(text="The element is required.", path=f"{path}.{name}", code="required")


def _observation(node: Node, path: str) -> Iterator[Fault]:
    yield from _one_of(node, _EFFECTIVE, path)
    yield from _period(node, "effectivePeriod", path)
    yield from _statement(node, path)
    for place, range_ in _objects(node, "referenceRange"):
        if not range_.keys() & {"low", "high", "text"}:
            yield _broken("obs-3: a reference range has a low, a high or a text.", f"{path}.referenceRange[{place}]")
    components = node.get("component", ())
    for place, component in enumerate(components):
        where = f"{path}.component[{place}]"
        yield from _missing(component, ("code",), where)
        yield from _statement(component, where)
    if components and any(name in VALUES for name in node):
        own = _codes(node.get("code", {}))
        if any(own & _codes(component.get("code", {})) for component in components):
            yield _broken("obs-7: an Observation with a value has no component with its own code.", f"{path}.value")


def _statement(node: Node, path: str) -> Iterator[Fault]:
    """Yield the faults of value[x] and its absence, of an Observation or a component."""
    stated = [name for name in node if name in VALUES]
    if not stated:
        return
    if len(stated) > 1:
        yield _broken("Only one value may be there.", f"{path}.value", "structure")
    if "dataAbsentReason" in node:
        yield _broken("obs-6: a value and dataAbsentReason stand together; keep one of them.", f"{path}.dataAbsentReason")
    if (check := _VALUE_RULES.get(stated[0])) is not None:
        yield from check(node[stated[0]], f"{path}.value")


def _quantity(value: Node, path: str) -> Iterator[Fault]:
    if "code" in value and "system" not in value:
        yield _broken("qty-3: a unit code needs its system.", f"{path}.system")


def _range(value: Node, path: str) -> Iterator[Fault]:
    low, high = value.get("low", {}), value.get("high", {})
    for name, side in (("low", low), ("high", high)):
        yield from _quantity(side, f"{path}.{name}")
        if "comparator" in side:
            yield _broken("sqty-1: a side of a Range has no comparator.", f"{path}.{name}.comparator")
    same_unit = (low.get("system"), low.get("code"), low.get("unit")) == (high.get("system"), high.get("code"), high.get("unit"))
    if same_unit and "value" in low and "value" in high and low["value"] > high["value"]:
        yield _broken("rng-2: the low side is above the high one.", path)


def _ratio(value: Node, path: str) -> Iterator[Fault]:
    for name in ("numerator", "denominator"):
        yield from _quantity(value.get(name, {}), f"{path}.{name}")
    if ("numerator" in value) != ("denominator" in value):
        yield _broken("rat-1: a Ratio has both sides or none.", path)


def _value_period(value: Node, path: str) -> Iterator[Fault]:
    yield from _period({"value": value}, "value", path.removesuffix(".value"))


_VALUE_RULES: Final[Mapping[str, Callable[[Any, str], Iterator[Fault]]]] = {
    "valueQuantity": _quantity,
    "valueRange": _range,
    "valueRatio": _ratio,
    "valuePeriod": _value_period,
}


def _age(node: Node, name: str, path: str) -> Iterator[Fault]:
    """Yield the faults of an Age: qty-3 and age-1 (in UCUM, and more than 0)."""
    age = node.get(name)
    if not isinstance(age, dict):
        return
    where = f"{path}.{element_name(name)}"
    yield from _quantity(age, where)
    value = age.get("value")
    is_positive = value is None or (isinstance(value, int | Decimal) and value > 0)
    if not is_positive or ("code" in age and age.get("system", _UCUM) != _UCUM):
        yield _broken("age-1: an age is more than 0, its unit code is of UCUM.", where)


def _report(node: Node, path: str) -> Iterator[Fault]:
    yield from _one_of(node, _EFFECTIVE, path)
    yield from _period(node, "effectivePeriod", path)
    for place, form in _objects(node, "presentedForm"):
        if "data" in form and "contentType" not in form:
            yield _broken("att-1: data need a contentType.", f"{path}.presentedForm[{place}].contentType")


def _patient(node: Node, path: str) -> Iterator[Fault]:
    yield from _one_of(node, _DECEASED, path)
    yield from _one_of(node, _BIRTHS, path)
    yield from _telecom(node, path)
    for place, contact in _objects(node, "contact"):
        where = f"{path}.contact[{place}]"
        yield from _telecom(contact, where)
        if not contact.keys() & _CONTACT:
            yield _broken("pat-1: a contact has a name, telecom, address or organization.", where)


def _telecom(node: Node, path: str) -> Iterator[Fault]:
    for place, point in _objects(node, "telecom"):
        if "value" in point and "system" not in point:
            yield _broken("cpt-2: a value needs its system.", f"{path}.telecom[{place}].system")


def _objects(node: Node, name: str) -> Iterator[tuple[int, Node]]:
    """Yield the objects of a list that is not read otherwise; it may have any type."""
    elements = node.get(name)
    return ((place, each) for place, each in enumerate(elements if isinstance(elements, list) else ()) if isinstance(each, dict))


def _condition(node: Node, path: str) -> Iterator[Fault]:
    yield from _one_of(node, _ONSETS, path)
    yield from _one_of(node, _ABATEMENTS, path)
    for name in ("onset", "abatement"):
        yield from _period(node, f"{name}Period", path)
        yield from _age(node, f"{name}Age", path)
    for place, stage in _objects(node, "stage"):
        if not stage.keys() & {"summary", "assessment"}:
            yield _broken("con-1: a stage has a summary or an assessment.", f"{path}.stage[{place}]")
    for place, evidence in _objects(node, "evidence"):
        if not evidence.keys() & {"code", "detail"}:
            yield _broken("con-2: evidence has a code or details.", f"{path}.evidence[{place}]")
    yield from _bound(node, "verificationStatus", VERIFICATION_STATUS, _VERIFICATIONS, path)
    yield from _bound(node, "clinicalStatus", CLINICAL_STATUS, _CLINICALS, path)
    clinical = coded_in(node.get("clinicalStatus", {}), CLINICAL_STATUS)
    if clinical and coded_in(node.get("verificationStatus", {}), VERIFICATION_STATUS) == "entered-in-error":
        yield _broken("con-5: a Condition entered in error has no clinical status.", f"{path}.clinicalStatus")
    if clinical and clinical not in _ENDED and any(name.startswith("abatement") for name in node):
        yield _broken("con-4: a Condition that has ended is inactive, in remission or resolved.", f"{path}.abatement")


def _procedure(node: Node, path: str) -> Iterator[Fault]:
    yield from _one_of(node, _PERFORMED, path)
    yield from _period(node, "performedPeriod", path)
    yield from _age(node, "performedAge", path)


_RULES: Final[Mapping[str, Callable[[Node, str], Iterator[Fault]]]] = {
    "Observation": _observation,
    "DiagnosticReport": _report,
    "Condition": _condition,
    "Procedure": _procedure,
    "Patient": _patient,
}


def _bound(node: Node, name: str, system: str, codes: frozenset[str], path: str) -> Iterator[Fault]:
    if name in node and coded_in(node[name], system) not in codes:
        yield Fault(text="The element must have a code of its required value set.", path=f"{path}.{name}", code="code-invalid")


def _one_of(node: Node, names: tuple[str, ...], path: str) -> Iterator[Fault]:
    if sum(name in node for name in names) > 1:
        yield _broken("Only one form of this element may be there.", f"{path}.{element_name(names[0])}", "structure")


def _period(node: Node, name: str, path: str) -> Iterator[Fault]:
    period = node.get(name)
    if not isinstance(period, dict):
        return
    start, end = (read_date(text) if isinstance(text := period.get(side), str) else None for side in ("start", "end"))
    if start and end and not start.may_precede(end):
        yield _broken("per-1: a Period starts after its end.", f"{path}.{element_name(name)}")


def _codes(concept: Node) -> set[tuple[str | None, str]]:
    return {(each.get("system"), each["code"]) for each in concept.get("coding", ()) if "code" in each}


def _broken(text: str, path: str, code: str = "invariant") -> Fault:
    return Fault(text=text, path=path, code=code)
