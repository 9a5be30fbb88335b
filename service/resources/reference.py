"""References to what an assessment was made from: literal only to what the target EHR serves.

Source: interfaces section 4 (`basis`).
"""

from collections.abc import Container, Iterable, Mapping

from service.model.assessment import Assessment
from service.model.coded import Report
from service.resources.element import Element

_REPORT = "DiagnosticReport"


def inputs(assessment: Assessment, served: Container[str]) -> list[Element]:
    """Return one reference for each resource read: the report first, then in the order of reading.

    A contained resource stands for the report that contains it, once.

    Args:
        assessment: what was read for it, with versions.
        served: version-less references (`Observation/7`) that the EHR which receives the result serves itself.
    """
    report = assessment.report
    versions = _versions(assessment.read)
    found = [to_report(report, served)]
    found += [_to(base, version, served) for base, version in versions.items() if base != report.reference]
    return found


def to_report(report: Report, served: Container[str]) -> Element:
    """Return the reference to the assessed report: literal, else its identifier, else a display."""
    if report.reference is not None and report.reference in served:
        return {"reference": _versioned(report.reference, report.version)}
    system, bar, value = (report.identity or "").partition("|")
    if bar:
        identifier = {"system": system, "value": value} if system else {"value": value}
        return {"type": _REPORT, "identifier": identifier}
    return {"type": _REPORT, "display": report.reference or "the report as posted"}


def to_source(reference: str, assessment: Assessment, served: Container[str]) -> Element:
    """Return the reference to where a lesion was said: the containing resource of a contained one."""
    base = reference.partition("#")[0]
    if base == assessment.report.reference or not base:
        return to_report(assessment.report, served)
    return _to(base, _version(base, assessment.read), served)


def _version(base: str, read: Iterable[tuple[str, str | None]]) -> str | None:
    """Return the version of a resource: its own, else the first that something contained in it has."""
    if own := [version for reference, version in read if reference == base]:
        return own[-1]
    return next((version for reference, version in read if reference.startswith(f"{base}#")), None)


def _versions(read: Iterable[tuple[str, str | None]]) -> Mapping[str, str | None]:
    """Return the version by reference, contained resources folded into what contains them."""
    versions: dict[str, str | None] = {}
    for reference, version in read:
        base, contained, _ = reference.partition("#")
        if base and (not contained or base not in versions):
            versions[base] = version
    return versions


def _to(reference: str, version: str | None, served: Container[str]) -> Element:
    if reference in served:
        return {"reference": _versioned(reference, version)}
    resource_type, slash, resource_id = reference.partition("/")
    if slash and resource_type.isalpha() and "/" not in resource_id:
        return {"type": resource_type, "display": reference}
    return {"display": reference}


def _versioned(reference: str, version: str | None) -> str:
    return reference if version is None else f"{reference}/_history/{version}"
