from datetime import UTC, datetime

import pytest

from service.model.coded import Coding
from tests.builders import (
    BASE,
    CONFIDENTIALITY,
    DCM,
    Json,
    bundle,
    coding,
    concept,
    imaging_study,
    observation,
    reference,
    report,
)
from tests.unit.intake.readings import URN, read_all


def test_exam_conclusions_and_imaging_studies_are_items_of_their_own() -> None:
    study = imaging_study(
        modality=[coding("MR", system=DCM), coding("CT", system=DCM)], procedureCode=[concept(coding("1"), text="MRI")]
    )
    made = report(
        imagingStudy=[reference(study)], conclusionCode=[concept(coding("94222008"), text="metastasis")], status="amended"
    )
    reading = read_all(bundle(made, study))
    assert [(item.kind.value, item.source.path, item.code[0].code, item.status) for item in reading.items] == [
        ("exam", "Bundle.entry[0].resource.code", "RID10312", "amended"),
        ("conclusion", "Bundle.entry[0].resource.conclusionCode[0]", "94222008", "amended"),
        ("exam", "Bundle.entry[1].resource.modality[0]", "MR", "available"),
        ("exam", "Bundle.entry[1].resource.modality[1]", "CT", "available"),
        ("exam", "Bundle.entry[1].resource.procedureCode[0]", "1", "available"),
    ]
    assert reading.items[1].code_text == "metastasis"


def test_a_study_that_lists_no_modality_has_those_of_its_series_once_each() -> None:
    series: list[Json] = [
        {"uid": str(place), "modality": coding(code, system=DCM)} for place, code in enumerate(("MR", "SR", "MR"))
    ]
    series.append({"uid": "4", "modality": {"display": "MR"}})
    study = imaging_study(modality=None, series=series)
    reading = read_all(bundle(report(imagingStudy=[reference(study)]), study))
    assert [item.source.path for item in reading.items[1:]] == [
        "Bundle.entry[1].resource.series[0].modality",
        "Bundle.entry[1].resource.series[1].modality",
    ]


def test_a_study_entered_in_error_says_nothing() -> None:
    study = imaging_study(status="entered-in-error")
    reading = read_all(bundle(report(imagingStudy=[reference(study)]), study))
    assert len(reading.items) == 1
    assert [row.reason for row in reading.dropped] == ["excluded-status"]


def test_the_report_is_told_as_sent() -> None:
    made = read_all(
        bundle(
            report(
                subject={"reference": f"{BASE}/Patient/p1/_history/3"},
                encounter={"reference": f"{BASE}/Encounter/e"},
                effectiveDateTime=None,
                effectivePeriod={"start": "2026-01", "end": "2026-02"},
                status="corrected",
            )
        ),
        ehr_base=BASE,
    ).report
    assert (made.reference, made.identity, made.version) == ("DiagnosticReport/r1", "DiagnosticReport/r1", "1")
    assert (made.subject, made.encounter, made.status) == ("Patient/p1", "Encounter/e", "corrected")
    assert (made.effective, made.said_at) == ("2026-01", datetime(2026, 1, 1, tzinfo=UTC))
    assert made.last_updated == "2026-01-10T10:00:00Z"


@pytest.mark.parametrize(
    ("elements", "effective", "said_at"),
    [
        ({"effectiveDateTime": None}, None, datetime(2026, 1, 10, 10, tzinfo=UTC)),
        ({"effectiveDateTime": None, "issued": None}, None, None),
        ({"effectiveDateTime": None, "effectivePeriod": {"end": "2025"}}, "2025", None),
    ],
)
def test_a_report_without_effective_time_speaks_when_it_was_issued(
    elements: Json, effective: str | None, said_at: datetime | None
) -> None:
    made = read_all(report(**elements)).report
    assert (made.effective, made.said_at) == (effective, said_at)


OFFICIAL = {"use": "official", "system": "urn:acc", "value": "2"}


@pytest.mark.parametrize(
    ("posted_json", "base", "identity"),
    [
        (bundle(report()), BASE, "DiagnosticReport/r1"),
        (report(), BASE, "DiagnosticReport/r1"),
        (report(), None, None),
        (report(identifier=[{"value": "x"}, {"system": "urn:acc", "value": "1"}]), None, "urn:acc|1"),
        (report(identifier=[{"system": "urn:acc", "value": "1"}, OFFICIAL]), None, "urn:acc|2"),
        (bundle(report()), None, f"{BASE}/DiagnosticReport/r1"),
        (bundle(report(identifier=[OFFICIAL])), "https://other.example", "urn:acc|2"),
        ({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": report(), "fullUrl": f"{URN}1"}]}, BASE, None),
    ],
)
def test_the_identity_of_a_report_is_its_ehr_address_else_its_identifier_else_its_own_address(
    posted_json: Json, base: str | None, identity: str | None
) -> None:
    assert read_all(posted_json, ehr_base=base).report.identity == identity


def test_a_report_without_id_and_address_has_no_reference() -> None:
    assert read_all(bundle(report(id=None))).report.reference is None
    urn = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": report(id=None), "fullUrl": f"{URN}1"}]}
    assert read_all(urn).report.reference == f"{URN}1"


def test_the_strictest_label_of_all_that_was_read_is_kept() -> None:
    def labelled(*labels: Json) -> Json:
        return {"security": list(labels)}

    normal, restricted = coding("N", system=CONFIDENTIALITY), coding("R", "restricted", system=CONFIDENTIALITY)
    posted_json = bundle(
        report(observation(), meta=labelled(normal)),
        observation(meta=labelled(restricted, coding("TBOO", system="urn:act"), {"display": "secret"})),
        observation(id="unused", effectiveDateTime="1990", meta=labelled(coding("V", system=CONFIDENTIALITY))),
        meta=labelled(normal, coding("X", system=CONFIDENTIALITY)),
    )
    assert read_all(posted_json).report.security == (
        Coding(CONFIDENTIALITY, "R"),
        Coding(CONFIDENTIALITY, "X"),
        Coding("urn:act", "TBOO"),
    )
