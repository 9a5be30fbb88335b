import pytest

from service.errors import NoReportError
from service.model.dossier import Document
from tests.builders import BASE, Json, bundle, dossier, entry, observation, patient, read_document, report
from tests.unit.intake.readings import item_of, read_all, refused, texts


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_report_entered_in_error_or_cancelled_is_withdrawn(status: str) -> None:
    reading = read_all(bundle(report(observation(), status=status), observation()), ehr_base=BASE)
    assert reading.withdrawn
    assert reading.items == ()
    assert (reading.report.identity, reading.report.subject) == ("DiagnosticReport/r1", "Patient/p1")
    assert reading.read == (("DiagnosticReport/r1", "1"),)


@pytest.mark.parametrize("http_status", [404, 410])
def test_a_report_that_is_gone_is_withdrawn(http_status: int) -> None:
    gone = read_document("DiagnosticReport/r1", status=http_status)
    reading = read_all(gone, report="DiagnosticReport/r1", ehr_base=BASE)
    assert reading.withdrawn
    assert (reading.report.reference, reading.report.identity) == ("DiagnosticReport/r1", "DiagnosticReport/r1")
    assert reading.report.status == "entered-in-error"


def test_a_deletion_that_was_posted_withdraws_the_report() -> None:
    deleted = Document(origin=dossier(report()).documents[0].origin, request="", status=410, body=b"")
    assert read_all(deleted, report="DiagnosticReport/r1", ehr_base=BASE).withdrawn
    entries = [{"request": {"method": "DELETE", "url": "DiagnosticReport/r1"}}, entry(report(), "history")]
    reading = read_all({"resourceType": "Bundle", "type": "history", "entry": entries}, ehr_base=BASE)
    assert (reading.withdrawn, reading.report.reference) == (True, "DiagnosticReport/r1")


def test_the_report_that_was_read_is_assessed_and_not_the_trigger() -> None:
    trigger = report(status="preliminary")
    reading = read_all(trigger, read_document("DiagnosticReport/r1", report()), report="DiagnosticReport/r1", ehr_base=BASE)
    assert reading.report.status == "final"
    assert read_all(trigger, report="DiagnosticReport/r1", ehr_base=BASE).report.status == "preliminary"


def test_of_several_versions_that_were_read_the_newest_is_assessed() -> None:
    versions = [report(meta={"versionId": number}, status=status) for number, status in (("10", "amended"), ("9", "final"))]
    for order in (versions, versions[::-1]):
        documents = [read_document("DiagnosticReport/r1", each) for each in order]
        assert read_all(*documents, report="DiagnosticReport/r1", ehr_base=BASE).report.status == "amended"


def test_a_report_that_was_asked_for_and_never_came_is_missing() -> None:
    with pytest.raises(NoReportError):
        read_all(patient(), report="DiagnosticReport/r1", ehr_base=BASE)


def test_of_several_reports_the_latest_is_assessed_and_this_is_said() -> None:
    old = report(observation(), id="old", effectiveDateTime="2026-01-09", issued="2026-02-01T00:00:00Z")
    new = report(observation(id="o2"), id="new")
    reading = read_all(bundle(old, new, observation(), observation(id="o2")))
    assert reading.report.reference == "DiagnosticReport/new"
    assert "several reports" in texts(reading)
    assert item_of(reading, "Observation/o1").source.from_other_report
    assert not item_of(reading, "Observation/o2").source.from_other_report


@pytest.mark.parametrize(
    ("one", "other", "chosen"),
    [
        ({}, {}, "a"),
        ({"effectiveDateTime": None}, {"effectiveDateTime": None, "issued": "2026-01-11T00:00:00Z"}, "b"),
        (
            {"effectiveDateTime": None, "issued": None},
            {"effectiveDateTime": None, "issued": None, "meta": {"lastUpdated": "2026-02-01T00:00:00Z"}},
            "b",
        ),
        ({"effectiveDateTime": None, "issued": None, "meta": None}, {"effectiveDateTime": "1990"}, "b"),
        ({"status": "entered-in-error", "effectiveDateTime": "2026-03-01"}, {}, "b"),
    ],
)
def test_the_latest_report_is_found_by_effective_issued_or_update_and_stands(one: Json, other: Json, chosen: str) -> None:
    reading = read_all(bundle(report(**{"id": "a", **one}), report(**{"id": "b", **other})))
    assert reading.report.reference == f"DiagnosticReport/{chosen}"


def test_without_a_report_there_is_nothing_to_assess() -> None:
    for posted_json in (bundle(observation()), patient(), bundle(), {"resourceType": "Parameters"}):
        with pytest.raises(NoReportError) as caught:
            read_all(posted_json)
        assert (caught.value.status, caught.value.issue) == (422, "required")


def test_a_broken_wrapping_is_named_rather_than_the_missing_report() -> None:
    for strict in (True, False):
        assert [fault.path for fault in refused({"resourceType": "Foo"}, strict=strict).faults] == ["Resource.resourceType"]
