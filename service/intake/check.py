"""What is wrong with one resource: its class in fhir.resources, the types of what is read, and the invariants.

Source: specifications c5 (what fhir.resources accepts wrongly); interfaces section 12.
"""

from collections.abc import Iterator
from typing import Any

from service.errors import Fault
from service.intake.entry import Entry
from service.intake.invariants import invariants
from service.intake.models import Models, is_element_name, misfit
from service.intake.resource_types import RESOURCE_TYPES
from service.intake.walk import Trail, path_of


def check(entry: Entry, models: Models) -> tuple[Fault, ...]:
    """Return everything that is wrong with one resource of a type that is read; contained resources are checked on their own.

    Args:
        entry: the resource and where it stands.
        models: validator of the dossier.
    """
    prepared = models.prepare(entry.kind, entry.node)
    misshapen, refused = models.faults(entry.kind, prepared, entry.path)
    faults = list(misshapen)
    if not faults:
        faults += invariants(entry.kind, entry.node, entry.path)
    if "contained" in entry.node:
        faults += _contained_faults(entry)
    if entry.has_empty:
        faults += _empty_elements({name: each for name, each in entry.node.items() if name != "contained"}, entry.path)
    told = {fault.path for fault in faults}
    if faults:  # "something in it does not fit" says nothing that is not said better
        refused = tuple(fault for fault in refused if fault != misfit(entry.path))
    return (*faults, *(fault for fault in refused if fault.path not in told))


def _contained_faults(entry: Entry) -> Iterator[Fault]:
    """Yield what is wrong with the wrapping of contained resources.

    Source: FHIR R4 dom-2 (contained resources contain none), DomainResource.contained (each needs an id to be referred to).
    """
    contained = entry.node["contained"]
    if entry.owner is not None:
        yield Fault(text="dom-2: a contained resource contains no others.", path=f"{entry.path}.contained", code="invariant")
    if not isinstance(contained, list):
        yield Fault(text="The element must be a list.", path=f"{entry.path}.contained", code="structure")
        return
    for place, node in enumerate(contained):
        path = f"{entry.path}.contained[{place}]"
        if not isinstance(node, dict):
            yield Fault(text="The element must be an object.", path=path, code="structure")
        elif not isinstance(kind := node.get("resourceType"), str) or kind not in RESOURCE_TYPES:
            yield Fault(text="The element is no resource type of FHIR R4.", path=f"{path}.resourceType", code="not-supported")
        elif not isinstance(node.get("id"), str):
            yield Fault(text="A contained resource needs an id.", path=f"{path}.id", code="required")


def _empty_elements(node: Any, trail: Trail) -> Iterator[Fault]:  # noqa: ANN401 - any JSON
    """Yield every empty object and array and every null that FHIR forbids; depth is bounded by the parser.

    Source: FHIR R4 JSON format: an element is never empty, and null stands only in a list of primitives, as the place of one that
    has extensions alone (`given`) or a value alone (`_given`).
    """
    if not node:
        yield Fault(text="The element is empty; leave it out.", path=path_of(trail), code="structure")
    elif isinstance(node, list):
        for place, each in enumerate(node):
            if isinstance(each, dict | list):
                yield from _empty_elements(each, (trail, place))
    else:
        for name, each in node.items():
            step: Trail = (trail, name) if is_element_name(name) else trail
            if each is None or (isinstance(each, list) and None in each and not _is_beside(name, node)):
                yield Fault(text="null is no value in FHIR; leave the element out.", path=path_of(step), code="structure")
            elif isinstance(each, dict | list):
                yield from _empty_elements(each, step)


def _is_beside(name: str, node: Any) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether a list of primitives has its extensions beside it, or the other way round."""
    return (name.removeprefix("_") if name.startswith("_") else f"_{name}") in node
