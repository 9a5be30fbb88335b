"""Bundles that we answer with.

Source: FHIR R4 Bundle (collection; bdl-7: a fullUrl stands once).
"""

from collections.abc import Iterable, Mapping

from service.resources.element import Element


def collection(resources: Iterable[Mapping[str, object]], *, base: str | None = None) -> Element:
    """Return a collection of resources, in the order given.

    Args:
        resources: RiskAssessment, then OperationOutcome, Provenance where there is one.
        base: absolute URL at which resources with an id can be read; None = nowhere (a dry run), then no entry has a fullUrl.
    """
    bundle: Element = {"resourceType": "Bundle", "type": "collection"}
    if entries := [_entry(resource, base) for resource in resources]:
        bundle["entry"] = entries
    return bundle


def _entry(resource: Mapping[str, object], base: str | None) -> Element:
    if base is None or "id" not in resource:
        return {"resource": resource}
    return {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource}
