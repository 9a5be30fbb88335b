"""Bundles that we answer with.

Source: FHIR R4 Bundle (collection; bdl-7: a fullUrl stands once; bdl-8: a fullUrl has no version).
"""

from collections.abc import Iterable, Mapping

from service.resources.element import Element


def collection(entries: Iterable[tuple[str | None, Mapping[str, object]]]) -> Element:
    """Return a collection of resources, in the order given.

    Args:
        entries: the fullUrl of each resource, and the resource; None = it is nowhere to be read and nothing refers to it.
    """
    bundle: Element = {"resourceType": "Bundle", "type": "collection"}
    if entry := [{"resource": each} if address is None else {"fullUrl": address, "resource": each} for address, each in entries]:
        bundle["entry"] = entry
    return bundle
