"""A Bundle as model of fhir.resources to a Reading: the objects are walked attribute by attribute."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.codeableconcept import CodeableConcept
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from fhir.resources.R4B.observation import Observation

from service.model.coded import CodedItem, CodedValue, Coding, ItemKind, Reading, Report, Source


def read(bundle: Bundle) -> Reading:
    """Read patient, report and the Observations that the report names."""
    placed = [(f"Bundle.entry[{place}].resource", entry) for place, entry in enumerate(_all(bundle.entry))]
    by_reference = {f"{entry.resource.get_resource_type()}/{entry.resource.id}": (path, entry) for path, entry in placed}
    report_path, report_entry = next(each for each in placed if isinstance(each[1].resource, DiagnosticReport))
    report: DiagnosticReport = report_entry.resource
    _, patient_entry = by_reference[_required(report.subject).reference]
    patient = patient_entry.resource
    observations = [by_reference[each.reference] for each in _all(report.result)]
    items = [_exam(report, report_path), *(_item(entry.resource, report, path) for path, entry in observations)]
    used = (patient, report, *(entry.resource for _, entry in observations))
    return Reading(
        report=_report(report, report_entry.fullUrl),
        birth_date=None if patient.birthDate is None else patient.birthDate.isoformat(),
        gender=patient.gender,
        items=tuple(items),
        read=tuple((_reference(each), _version(each)) for each in used),
        issues=(),
    )


def _report(report: DiagnosticReport, full_url: str) -> Report:
    effective = _required(report.effectiveDateTime)
    return Report(
        reference=_reference(report),
        identity=full_url,
        version=_version(report),
        last_updated=_required(_required(report.meta).lastUpdated).isoformat(timespec="milliseconds"),
        status=_required(report.status),
        subject=_required(report.subject).reference,
        encounter=None if report.encounter is None else report.encounter.reference,
        effective=effective.isoformat(),
        said_at=effective.astimezone(UTC),
    )


def _exam(report: DiagnosticReport, path: str) -> CodedItem:
    codings = _codings(report.code)
    return CodedItem(
        source=_source(report, f"{path}.code", report.effectiveDateTime),
        kind=ItemKind.EXAM,
        status=_required(report.status),
        code=codings,
        code_text=report.code.text,
        method=codings,
        study=_study(codings),
    )


def _item(observation: Observation, report: DiagnosticReport, path: str) -> CodedItem:
    value = observation.valueCodeableConcept
    method = _codings(observation.method) or _codings(report.code)
    return CodedItem(
        source=_source(observation, path, observation.effectiveDateTime),
        kind=ItemKind.OBSERVATION,
        status=_required(observation.status),
        code=_codings(observation.code),
        code_text=observation.code.text,
        value=None if value is None else CodedValue(codings=_codings(value), text=value.text),
        absent_reason=_codings(observation.dataAbsentReason),
        interpretation=tuple(coding for each in _all(observation.interpretation) for coding in _codings(each)),
        sites=_codings(observation.bodySite),
        own_site=observation.bodySite is not None,
        method=method,
        own_method=observation.method is not None,
        study=_study(method),
        observer=next((each.reference for each in _all(observation.performer)), None),
    )


def _source(resource: DiagnosticReport | Observation, path: str, said_at: datetime | None) -> Source:
    return Source(
        reference=_reference(resource),
        version=_version(resource),
        path=path,
        said_at=None if said_at is None else said_at.astimezone(UTC),
    )


def _codings(concept: CodeableConcept | None) -> tuple[Coding, ...]:
    if concept is None:
        return ()
    return tuple(Coding(each.system, each.code, each.display) for each in _all(concept.coding) if each.code is not None)


def _study(codings: tuple[Coding, ...]) -> str:
    return min(f"{coding.system}|{coding.code}" for coding in codings)


def _reference(resource: Any) -> str:  # noqa: ANN401 - a resource of any type
    return f"{resource.get_resource_type()}/{resource.id}"


def _version(resource: Any) -> str | None:  # noqa: ANN401 - as above
    return None if resource.meta is None else resource.meta.versionId


def _all(elements: Any) -> Iterable[Any]:  # noqa: ANN401 - a list of models of any type, or None
    return elements or ()


def _required(element: Any) -> Any:  # noqa: ANN401 - a model of any type
    if element is None:
        raise ValueError("the report of the benchmark has this element")
    return element
