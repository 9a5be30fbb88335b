from datetime import UTC, datetime

import pytest

from service.intake.opened import open_dossier
from service.intake.parse import Limits
from service.intake.read import read
from service.model.coded import CodedItem, ItemKind, Reading
from service.model.dossier import Document
from tests.builders import (
    BASE,
    CATEGORY,
    VERIFICATION,
    Json,
    bundle,
    coding,
    concept,
    condition,
    dossier,
    observation,
    patient,
    procedure,
    question,
    read_document,
    reference,
    report,
)

EXAM = [concept(coding("exam", system=CATEGORY))]


def pain(**elements: object) -> Json:
    usual: Json = {"id": "pain", "category": EXAM, "effectiveDateTime": "2026-01-20"}
    return observation(question("spinal-pain"), concept(coding("mechanical")), **{**usual, **elements})


def _read(*documents: Json | Document, **fields: object) -> Reading:
    return read(open_dossier(dossier(*documents, **fields), Limits()))


def _context(reading: Reading) -> list[CodedItem]:
    return [item for item in reading.items if item.source.from_other_report]


def _unused(reading: Reading) -> list[str]:
    return [issue.text for issue in reading.issues if "not used" in issue.text]


def test_an_observation_that_no_report_claims_is_context() -> None:
    reading = _read(bundle(report(observation()), observation(), pain()))
    (item,) = _context(reading)
    assert (item.source.reference, item.source.path) == ("Observation/pain", "Bundle.entry[2].resource")
    assert item.source.said_at == datetime(2026, 1, 20, tzinfo=UTC)
    assert item.study == "Observation/pain"
    assert ("Observation/pain", None) in reading.read
    assert reading.issues == ()


def test_context_comes_from_the_answers_of_the_ehr_too() -> None:
    reading = _read(report(), read_document("Observation?patient=p1", bundle(pain(), kind="searchset")), ehr_base=BASE)
    assert [item.source.reference for item in _context(reading)] == ["Observation/pain"]


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ("2025-12-11T09:30:00Z", True),
        ("2025-12-11T09:29:00Z", False),
        ("2025-12-11", True),
        ("2026-02-09", True),
        ("2026-02-10", False),
        ("2026", True),
    ],
)
def test_context_lies_within_the_window_around_the_report(when: str, counts: bool) -> None:
    reading = _read(bundle(report(), pain(effectiveDateTime=when)))
    assert bool(_context(reading)) is counts
    assert len(_unused(reading)) == (0 if counts else 1)


def test_what_lies_outside_the_window_is_counted_and_said_once() -> None:
    old = [pain(id=name, effectiveDateTime="1999") for name in ("a", "b", "c")]
    assert _unused(_read(bundle(report(), *old))) == [
        "3 resource(s) of the patient beside the report are not used: outside the context window."
    ]


def test_what_has_no_date_is_no_context() -> None:
    assert "no date" in _unused(_read(bundle(report(), pain(effectiveDateTime=None))))[0]
    undated = report(effectiveDateTime=None, issued=None)
    assert "no date" in _unused(_read(bundle(undated, observation(id="o9", category=EXAM))))[0]


def test_issued_stands_in_for_an_effective_time() -> None:
    reading = _read(bundle(report(), pain(effectiveDateTime=None, issued="2026-01-11T00:00:00Z")))
    assert len(_context(reading)) == 1


def test_zero_days_switch_all_context_off() -> None:
    reading = _read(
        bundle(report(), pain(), condition(), procedure(), report(id="r2", effectiveDateTime="2026-01-01")), context_days=0
    )
    assert _context(reading) == []
    assert "4 resource(s)" in _unused(reading)[0]
    assert "switched off" in _unused(reading)[0]


def test_a_group_of_context_counts_as_a_whole() -> None:
    member = pain(id="member", effectiveDateTime=None)
    group = pain(id="group", hasMember=[reference(member)], effectiveDateTime="2026-01-19")
    items = {item.source.reference: item for item in _context(_read(bundle(report(), group, member)))}
    assert items["Observation/member"].parents == ("Observation/group",)
    assert items["Observation/member"].source.said_at == datetime(2026, 1, 19, tzinfo=UTC)


def test_context_that_goes_in_circles_is_read_once() -> None:
    one = pain(id="one", hasMember=[{"reference": "Observation/two"}])
    two = pain(id="two", hasMember=[{"reference": "Observation/one"}])
    assert len(_context(_read(bundle(report(), one, two)))) == 2


def test_a_group_that_holds_itself_is_read_beside_others() -> None:
    ring = pain(id="ring", hasMember=[{"reference": "Observation/ring"}, {"reference": "Observation/member"}])
    reading = _read(bundle(report(), pain(), ring, pain(id="member")))
    assert [item.source.reference for item in _context(reading)] == ["Observation/pain", "Observation/ring", "Observation/member"]


def other_report(*observations: Json, **elements: object) -> Json:
    usual: Json = {"id": "other", "effectiveDateTime": "2026-01-02", "code": concept(coding("CT"))}
    return report(*observations, **{**usual, **elements})


def test_what_another_report_says_is_context_of_its_own_study_and_date() -> None:
    other = other_report(pain(effectiveDateTime=None), conclusionCode=[concept(coding("94222008"))])
    reading = _read(bundle(report(), other, pain(effectiveDateTime=None)))
    observed, concluded = sorted(_context(reading), key=lambda item: item.kind.value, reverse=True)
    assert (observed.kind, concluded.kind) == (ItemKind.OBSERVATION, ItemKind.CONCLUSION)
    assert observed.study == concluded.study == "DiagnosticReport/other:http://snomed.info/sct|CT"
    assert [each.code for each in observed.method] == ["CT"]
    assert observed.source.said_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert ("DiagnosticReport/other", "1") in reading.read


def test_the_exam_of_another_report_is_not_the_exam_of_this_one() -> None:
    reading = _read(bundle(report(), other_report()))
    assert [item.source.reference for item in reading.items] == ["DiagnosticReport/r1"]


def test_two_reports_with_the_same_exam_code_are_two_studies() -> None:
    said = observation(id="o2")
    reading = _read(bundle(report(observation()), report(said, id="other", effectiveDateTime="2026-01-02"), observation(), said))
    assert len({item.study for item in reading.items}) == 2


def test_what_a_method_names_is_told_apart_by_report_too() -> None:
    method = {"method": concept(coding("CT"))}
    said = observation(id="o2", **method)
    here = observation(**method)
    reading = _read(bundle(report(here), other_report(said), here, said))
    assert len({item.study for item in reading.items if item.kind is ItemKind.OBSERVATION}) == 2


def test_a_report_of_another_time_takes_its_observations_with_it() -> None:
    reading = _read(bundle(report(), other_report(pain(), effectiveDateTime="2020"), pain()))
    assert _context(reading) == []
    assert "2 resource(s)" in _unused(reading)[0]


def test_a_withdrawn_report_is_no_context_and_listed() -> None:
    reading = _read(bundle(report(), other_report(pain(), status="entered-in-error"), pain()))
    assert _context(reading) == []
    assert [row.reason for row in reading.dropped] == ["excluded-status", "excluded-status"]


def test_withdrawn_context_is_listed() -> None:
    reading = _read(bundle(report(), pain(status="entered-in-error")))
    assert [row.path for row in reading.dropped] == ["Bundle.entry[1].resource"]


def test_another_patients_context_is_not_read() -> None:
    reading = _read(bundle(report(), other_report(pain(), subject={"reference": "Patient/p2"}), pain()), strict=False)
    assert [item.source.reference for item in _context(reading)] == ["Observation/pain"]
    assert [row.reason for row in reading.dropped] == ["not-for-this-patient"]


def test_broken_context_is_left_out() -> None:
    reading = _read(bundle(report(), pain(status="bogus"), condition(colour="red")), strict=False)
    assert _context(reading) == []
    assert {issue.path for issue in reading.issues} == {"Bundle.entry[1].resource.status", "Bundle.entry[2].resource.colour"}


def test_a_report_without_result_means_the_imaging_observations_of_its_day() -> None:
    later = observation(id="later", effectiveDateTime="2026-01-12")
    ordered = observation(id="ordered", category=EXAM, basedOn=[{"reference": "ServiceRequest/1"}])
    made = report(basedOn=[{"reference": "ServiceRequest/1"}])
    reading = _read(bundle(made, observation(), later, ordered, pain()))
    mine = [item.source.reference for item in reading.items if item.kind is ItemKind.OBSERVATION and item not in _context(reading)]
    assert mine == ["Observation/o1", "Observation/ordered"]
    assert [item.source.reference for item in _context(reading)] == ["Observation/later", "Observation/pain"]


def test_what_a_search_brings_is_never_taken_for_the_report() -> None:
    reading = _read(report(), read_document("Observation?patient=p1", bundle(observation(), kind="searchset")), ehr_base=BASE)
    assert [item.source.reference for item in _context(reading)] == ["Observation/o1"]


def test_a_report_without_result_beside_another_report_claims_nothing() -> None:
    reading = _read(bundle(report(), other_report(), observation()))
    assert [item.source.reference for item in _context(reading)] == ["Observation/o1"]


def test_a_broken_observation_is_not_taken_for_one_of_the_report() -> None:
    reading = _read(bundle(report(), observation(status="bogus")), strict=False)
    assert [item.kind for item in reading.items] == [ItemKind.EXAM]


def test_a_condition_is_context_without_limit_of_time() -> None:
    known = condition(
        concept(coding("363418001"), text="cancer"),
        onsetDateTime="1999",
        recordedDate="2000-02",
        bodySite=[concept(coding("1")), concept(coding("2"))],
    )
    (item,) = _context(_read(bundle(report(), known)))
    assert (item.kind, item.status, item.verification, item.clinical) == (ItemKind.CONDITION, "", "confirmed", "active")
    assert ([each.code for each in item.code], item.code_text) == (["363418001"], "cancer")
    assert ([each.code for each in item.sites], item.own_site) == (["1", "2"], True)
    assert item.source.said_at == datetime(2000, 2, 1, tzinfo=UTC)


def test_a_procedure_is_context_with_its_status() -> None:
    (item,) = _context(_read(bundle(report(), procedure(status="not-done"))))
    assert (item.kind, item.status, item.source.said_at) == (ItemKind.PROCEDURE, "not-done", datetime(2025, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("elements", "counts"),
    [
        ({}, True),
        ({"onsetDateTime": None}, True),
        ({"onsetDateTime": "2026-01-10"}, True),
        ({"onsetDateTime": "2026-01-11"}, False),
        ({"onsetDateTime": "2026"}, True),
        ({"onsetDateTime": None, "onsetPeriod": {"start": "2025", "end": "2027"}}, True),
        ({"onsetDateTime": None, "recordedDate": "2026-02-01"}, False),
        ({"onsetDateTime": "2025", "recordedDate": "2026-02-01"}, True),
        ({"code": None}, False),
        ({"modifierExtension": [{"url": "http://x", "valueCode": "y"}]}, False),
    ],
)
def test_history_must_not_begin_after_the_report(elements: Json, counts: bool) -> None:
    resource = {name: each for name, each in {**condition(), **elements}.items() if each is not None}
    assert bool(_context(_read(bundle(report(), resource)))) is counts


def test_history_that_begins_after_the_report_is_said() -> None:
    assert _unused(_read(bundle(report(), procedure(performedDateTime="2026-02-01")))) == [
        "1 resource(s) of the patient beside the report are not used: begun after the report."
    ]


def test_an_undated_report_keeps_its_history() -> None:
    assert len(_context(_read(bundle(report(effectiveDateTime=None, issued=None), condition())))) == 1


def test_history_entered_in_error_is_listed_and_not_read() -> None:
    wrong = condition(clinicalStatus=None, verificationStatus=concept(coding("entered-in-error", system=VERIFICATION)))
    reading = _read(bundle(report(), wrong, procedure(status="entered-in-error")))
    assert _context(reading) == []
    assert [(row.path, row.reason) for row in reading.dropped] == [
        ("Bundle.entry[1].resource", "excluded-status"),
        ("Bundle.entry[2].resource", "excluded-status"),
    ]


def test_another_patients_history_is_not_read() -> None:
    other = {"reference": "Patient/p2"}
    reading = _read(bundle(report(), patient(), condition(subject=other), procedure(subject=other)), strict=False)
    assert _context(reading) == []
    assert len(reading.dropped) == 2
