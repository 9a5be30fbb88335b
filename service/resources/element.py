"""FHIR data types as plain dictionaries: validated in tests, dumped by orjson in work."""

from collections.abc import Iterable

from service.model.coded import Coding
from service.resources.identity import DEVICE, DEVICE_IDENTIFIER

Element = dict[str, object]
"""One FHIR element or resource, ready for orjson."""


def coding(value: Coding) -> Element:
    """Return a Coding; absent parts are left out."""
    element: Element = {}
    if value.system is not None:
        element["system"] = value.system
    element["code"] = value.code
    if value.display is not None:
        element["display"] = value.display
    return element


def concept(codings: Iterable[Coding], text: str) -> Element:
    """Return a CodeableConcept; without codings it is text only."""
    coded = [coding(each) for each in codings]
    return {"coding": coded, "text": text} if coded else {"text": text}


def extension(url: str, kind: str, value: object) -> Element:
    """Return a simple Extension; `kind` is the ending of value[x] (`Code`, `Range`)."""
    return {"url": url, f"value{kind}": value}


def device() -> Element:
    """Return the reference to this service, by identifier: no EHR need know us as a resource."""
    return {"type": "Device", "identifier": {"system": DEVICE_IDENTIFIER, "value": DEVICE}, "display": DEVICE}
