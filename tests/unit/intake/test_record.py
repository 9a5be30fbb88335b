"""What searches of the patient's record bring: read as context, counted where it says nothing, never taken for the report."""

from datetime import UTC, datetime

import pytest

from service.intake.others import REPORTS_READ
from service.model.coded import CodedItem, ItemKind, Reading
from service.model.dossier import Document
from tests.builders import (
    BASE,
    VERIFICATION,
    Json,
    bundle,
    coding,
    concept,
    condition,
    observation,
    patient,
    procedure,
    question,
    read_document,
    reference,
    report,
)
from tests.unit.intake.readings import read_all, texts

REPORTS = "DiagnosticReport?patient=p1&date=ge2025-12-11&date=le2026-02-09&_count=50"
CONDITIONS = "Condition?patient=p1&_count=100"


def found(request: str, *resources: Json) -> Document:
    return read_document(request, bundle(*resources, kind="searchset"))


def other(*observations: Json, **elements: object) -> Json:
    usual: Json = {"id": "r2", "effectiveDateTime": "2026-01-02", "code": concept(coding("CT")), **elements}
    return report(*observations, **usual)


def read_with(*documents: Document) -> Reading:
    """Read the report r1 of an EHR together with what searches brought."""
    said = observation()
    asked = (read_document("Observation/o1", said), *documents)
    return read_all(read_document("DiagnosticReport/r1", report(said)), *asked, ehr_base=BASE, report="DiagnosticReport/r1")


def context(reading: Reading) -> list[CodedItem]:
    return [item for item in reading.items if item.source.from_other_report]


def test_another_report_and_its_results_are_context_with_reference_and_date() -> None:
    said = observation(question("alignment"), concept(coding("normal")), id="o9", effectiveDateTime=None)
    concluded = {"conclusionCode": [concept(coding("94222008"))]}
    results = found("Observation?_id=o9&_count=1", said)
    reading = read_with(found(REPORTS, other(said, **concluded), report()), results)
    items = {item.kind: item for item in context(reading)}
    assert set(items) == {ItemKind.OBSERVATION, ItemKind.CONCLUSION}
    for item, name in ((items[ItemKind.OBSERVATION], "Observation/o9"), (items[ItemKind.CONCLUSION], "DiagnosticReport/r2")):
        assert item.source.reference == name
        assert item.source.said_at == datetime(2026, 1, 2, tzinfo=UTC)
        assert item.is_searched
    assert {"DiagnosticReport/r2", "Observation/o9"} <= reading.searched
    assert "DiagnosticReport/r1" not in reading.searched
    assert "several reports" not in texts(reading)


def test_the_report_itself_among_those_found_stays_as_it_was_read() -> None:
    newer = report(observation(id="o5"), meta={"versionId": "2"}, status="amended")
    reading = read_with(found(REPORTS, newer))
    assert (reading.report.version, reading.report.status, context(reading)) == ("1", "final", [])


def test_a_report_that_was_found_is_never_the_one_that_is_assessed() -> None:
    later = other(id="r9", effectiveDateTime="2026-02-01")
    reading = read_all(bundle(report(observation()), observation(), patient()), found(REPORTS, later, report()), ehr_base=BASE)
    assert reading.report.reference == "DiagnosticReport/r1"
    assert "several reports" not in texts(reading)


def test_a_report_without_result_keeps_the_observations_of_its_day_whatever_else_is_found() -> None:
    reading = read_all(bundle(report(), observation()), found(REPORTS, other()), ehr_base=BASE)
    assert [item.source.reference for item in reading.items if item.kind is ItemKind.OBSERVATION] == ["Observation/o1"]
    assert context(reading) == []


def test_what_is_found_and_not_used_is_counted_by_reason() -> None:
    laboratory = concept(coding("LAB", system="http://terminology.hl7.org/CodeSystem/v2-0074"))
    days = [f"2026-01-{day:02}" for day in range(11, 11 + REPORTS_READ + 1)]
    many = [other(id=f"m{day}", effectiveDateTime=day) for day in days]
    absent = other(observation(id="absent"), id="r3", effectiveDateTime="2026-01-10")
    old = other(id="r4", effectiveDateTime="2020")
    wrong = other(id="r5", status="entered-in-error")
    reading = read_with(found(REPORTS, other(category=[laboratory], id="lab"), *many, absent, old, wrong))
    said = texts(reading)
    for number, reason in (
        (1, "no imaging reports"),
        (2, f"further from the report than the {REPORTS_READ} nearest reports"),
        (1, "the EHR does not have them"),
        (1, "outside the context window"),
        (1, "entered in error or cancelled"),
    ):
        assert f"{number} resource(s) of the patient beside the report are not used: {reason}." in said
    assert reading.dropped == ()


def test_history_that_is_found_counts_and_is_marked_where_it_lies_outside_the_window() -> None:
    cancer = condition(concept(coding("363418001")), id="c1", onsetDateTime="1999", recordedDate="2000")
    pain = condition(id="c2", onsetDateTime="2025", recordedDate="2026-01-05")
    undated = condition(id="c3", onsetDateTime=None)
    treated = procedure(performedDateTime="2026-01-09")
    reading = read_with(found(CONDITIONS, cancer, pain, undated), found("Procedure?patient=p1&_count=100", treated))
    assert {item.source.reference: item.is_recent for item in context(reading)} == {
        "Condition/c1": False,
        "Condition/c2": True,
        "Condition/c3": False,
        "Procedure/x1": True,
    }
    assert all(item.is_searched for item in context(reading))


def test_history_that_was_sent_is_not_marked_as_found() -> None:
    reading = read_all(bundle(report(), condition()))
    assert [item.is_searched for item in context(reading)] == [False]
    assert reading.searched == frozenset()


def test_what_was_sent_without_a_date_counts_as_what_is_there_now() -> None:
    reading = read_all(bundle(report(), condition(onsetDateTime=None)))
    assert [item.is_recent for item in context(reading)] == [True]


def test_what_was_withdrawn_is_listed_where_it_was_sent_and_counted_where_it_was_found() -> None:
    wrong = condition(clinicalStatus=None, verificationStatus=concept(coding("entered-in-error", system=VERIFICATION)))
    loose = observation(id="o7", status="entered-in-error", effectiveDateTime="2026-01-09")
    reading = read_with(found(CONDITIONS, wrong), found("Observation?patient=p1", loose))
    assert reading.dropped == ()
    assert "2 resource(s) of the patient beside the report are not used: entered in error or cancelled." in texts(reading)
    assert [row.reason for row in read_all(bundle(report(), wrong)).dropped] == ["excluded-status"]


def test_resources_of_other_patients_that_are_found_are_counted_and_never_listed() -> None:
    strangers = [condition(id=f"c{number}", subject={"reference": "Patient/p2"}) for number in range(3)]
    reading = read_with(found(CONDITIONS, *strangers), found("Patient?link=Patient/p1&_count=10", patient(id="p3")))
    assert context(reading) == []
    assert reading.dropped == ()
    assert [issue.text for issue in reading.issues if "another patient" in issue.text] == [
        "3 resource(s) that a search of the EHR brought belong to another patient. Left out."
    ]


@pytest.mark.parametrize(
    ("request_text", "status", "says"),
    [
        (CONDITIONS, 403, "The EHR refuses the search for Condition of this patient (403)"),
        (REPORTS, 501, "The EHR refuses the search for DiagnosticReport of this patient (501)"),
        ("?_getpages=7&_offset=2000", 413, "The EHR holds more of this patient than is read"),
    ],
)
def test_a_search_that_the_ehr_refuses_is_said(request_text: str, status: int, says: str) -> None:
    reading = read_with(read_document(request_text, b"", status=status))
    [issue] = [each for each in reading.issues if each.text.startswith("The EHR")]
    assert issue.text.startswith(says)
    assert (issue.severity.value, issue.code) == ("warning", "incomplete")


def test_a_search_refused_in_parts_is_said_once() -> None:
    parts = [read_document(f"Observation?patient=p1&code={number}", b"", status=400) for number in range(3)]
    assert len([each for each in read_with(*parts).issues if each.text.startswith("The EHR")]) == 1


# merged patients


def test_the_record_of_a_merged_patient_is_that_of_this_one() -> None:
    survivor = patient(id="p2", gender="male", link=[{"other": {"reference": "Patient/p1"}, "type": "replaces"}])
    pain = observation(question("spinal-pain"), id="pain", subject=reference(survivor), effectiveDateTime="2026-01-12")
    reading = read_with(
        found("Patient?link=Patient/p1&_count=10", survivor),
        found("Observation?patient=p2", pain),
        read_document("Patient/p1", status=404),
    )
    assert [item.source.reference for item in context(reading)] == ["Observation/pain"]
    assert (reading.report.subject, reading.gender) == ("Patient/p2", "male")
    assert "both are read as one" in texts(reading)
