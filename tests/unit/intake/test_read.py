from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from service.errors import InvalidInputError, NoReportError
from service.intake.opened import open_dossier
from service.intake.parse import Limits
from service.intake.read import MAX_FAULTS, read
from service.model.coded import CodedItem, CodedValue, Coding, ItemKind, Reading, Severity
from service.model.dossier import Document
from tests.builders import (
    ANSWERS,
    BASE,
    BUNDLE_TYPES,
    CONFIDENTIALITY,
    DCM,
    FORMS,
    RADELEMENT,
    RADLEX,
    Form,
    Json,
    bundle,
    coding,
    component,
    concept,
    dossier,
    entry,
    imaging_study,
    lesion,
    observation,
    parameters,
    patient,
    quantity,
    question,
    read_document,
    reference,
    report,
    spine_report,
)

URN = "urn:uuid:0b5d0a5e-0000-4000-8000-00000000000"


def _read(*documents: Json | bytes | Document, **fields: object) -> Reading:
    return read(open_dossier(dossier(*documents, **fields), Limits()))


def _refused(*documents: Json | bytes | Document, **fields: object) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        _read(*documents, **fields)
    return caught.value


def _findings(reading: Reading) -> list[CodedItem]:
    return [item for item in reading.items if item.kind in {ItemKind.OBSERVATION, ItemKind.COMPONENT}]


def _item(reading: Reading, source: str) -> CodedItem:
    return next(item for item in reading.items if item.source.reference == source)


def _texts(reading: Reading) -> str:
    return " ".join(issue.text for issue in reading.issues)


def _answers(reading: Reading) -> Iterator[tuple[str, str, str]]:
    for item in _findings(reading):
        if isinstance(item.value, CodedValue):
            yield item.code[0].code, item.value.codings[0].code, item.sites[0].code


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", BUNDLE_TYPES)
def test_the_same_content_is_read_from_every_form_in_every_bundle(form: Form, kind: str) -> None:
    lesions = {"T12": ANSWERS, "L3": {"bone-lesion": "mixed", "escc-grade": "1b"}}
    reading = _read(spine_report(form, lesions, kind=kind))
    assert sorted(_answers(reading)) == sorted(
        [
            ("RDE153", "RDE153.2", "RID29209"),
            ("RDE154", "RDE154.0", "RID29209"),
            ("RDE155", "RDE155.1", "RID29209"),
            ("RDE156", "RDE156.1", "RID29209"),
            ("RDE153", "RDE153.1", "RID29195"),
            ("RDE1998", "RDE1998.2", "RID29195"),
        ]
    )
    assert reading.issues == ()
    assert not reading.withdrawn


@pytest.mark.parametrize("wrap", [parameters, lambda each: each])
def test_a_report_is_read_from_parameters_and_alone(wrap: object) -> None:
    assert callable(wrap)
    inside = report(*lesion("contained"), contained=True)
    assert len(_findings(_read(wrap(bundle(inside))))) == len(_findings(_read(inside))) == 5


def test_an_item_tells_everything_around_a_statement() -> None:
    said = observation(
        concept(coding("RDE153", "Lesion quality", system=RADELEMENT), coding("2", system="urn:x"), text="quality"),
        concept(coding("RDE153.2", "lytic", system=RADELEMENT)),
        meta={"versionId": "4"},
        bodySite=concept(coding("RID29209", system=RADLEX)),
        method=concept(coding("RID10321", "CT", system=RADLEX)),
        performer=[{"reference": "Organization/1"}, {"reference": f"{BASE}/Practitioner/r"}],
        interpretation=[concept(coding("POS")), concept(coding("A"))],
        effectiveDateTime="2026-01-09T10:00:00+01:00",
    )
    item = _item(_read(bundle(report(said), said), ehr_base=BASE), "Observation/o1")
    assert item.source.version == "4"
    assert item.source.path == "Bundle.entry[1].resource"
    assert not item.source.from_other_report
    assert item.source.said_at == datetime(2026, 1, 9, 9, tzinfo=UTC)
    assert (item.kind, item.status, item.code_text) == (ItemKind.OBSERVATION, "final", "quality")
    assert item.code == (Coding(RADELEMENT, "RDE153", "Lesion quality"), Coding("urn:x", "2"))
    assert item.value == CodedValue(codings=(Coding(RADELEMENT, "RDE153.2", "lytic"),))
    assert [each.code for each in item.interpretation] == ["POS", "A"]
    assert (item.sites, item.own_site) == ((Coding(RADLEX, "RID29209"),), True)
    assert (item.method, item.study) == ((Coding(RADLEX, "RID10321", "CT"),), f"{RADLEX}|RID10321")
    assert item.observer == "Practitioner/r"
    assert (item.parents, item.members, item.identities) == ((), 0, ())


def test_members_and_components_inherit_site_method_observer_and_time() -> None:
    leaf = observation(id="leaf", component=[component(question("alignment"), concept(coding("x")))], effectiveDateTime=None)
    middle = observation(question("escc-grade"), id="middle", hasMember=[reference(leaf)], effectiveDateTime=None)
    top = observation(
        question("bone-lesion"),
        id="top",
        hasMember=[reference(middle)],
        bodySite=concept(coding("RID29209", system=RADLEX)),
        method=concept(coding("RID10321", system=RADLEX)),
        performer=[{"display": "first reader"}],
        effectiveDateTime="2026-01-09",
    )
    reading = _read(bundle(report(top, middle, leaf), top, middle, leaf))
    items = {(item.source.reference, item.kind): item for item in _findings(reading)}
    last = items[("Observation/leaf", ItemKind.COMPONENT)]
    assert last.source.path == "Bundle.entry[3].resource.component[0]"
    assert last.parents == ("Observation/leaf", "Observation/middle", "Observation/top")
    assert (last.sites, last.own_site) == ((Coding(RADLEX, "RID29209"),), False)
    assert (last.study, last.observer) == (f"{RADLEX}|RID10321", "first reader")
    assert last.source.said_at == datetime(2026, 1, 9, tzinfo=UTC)
    assert items[("Observation/leaf", ItemKind.OBSERVATION)].parents == ("Observation/middle", "Observation/top")
    assert [items[(f"Observation/{name}", ItemKind.OBSERVATION)].members for name in ("top", "middle", "leaf")] == [1, 1, 1]


def test_a_site_of_its_own_replaces_the_inherited_one() -> None:
    own = observation(id="own", bodySite=concept(coding("RID29208", system=RADLEX)))
    wordy = observation(id="wordy", bodySite=concept(text="left pedicle of T11"))
    group = observation(
        question("alignment"), id="g", hasMember=[reference(own), reference(wordy)], bodySite=concept(coding("RID29209"))
    )
    reading = _read(bundle(report(group, own, wordy), group, own, wordy))
    assert [each.code for each in _item(reading, "Observation/own").sites] == ["RID29208"]
    assert (_item(reading, "Observation/wordy").sites, _item(reading, "Observation/wordy").own_site) == ((), True)
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[3].resource.bodySite"]


def test_without_a_method_the_exam_of_the_report_is_the_study_whatever_the_order_of_its_codings() -> None:
    codings = (coding("RID10312", system=RADLEX), coding("18748-4", system="http://loinc.org"))
    studies = {
        _item(_read(bundle(report(observation(), code=concept(*order)), observation())), "Observation/o1").study
        for order in (codings, codings[::-1])
    }
    assert studies == {"http://loinc.org|18748-4"}
    bare = _read(bundle(report(observation(), code=concept(text="MRI")), observation()))
    assert _item(bare, "Observation/o1").study == "DiagnosticReport/r1"


def test_a_circle_of_members_is_read_once() -> None:
    one = observation(id="one", hasMember=[{"reference": "Observation/two"}])
    two = observation(id="two", hasMember=[{"reference": "Observation/one"}, {"reference": "Observation/two"}])
    reading = _read(bundle(report(result=[reference(two)]), one, two))
    assert [item.source.reference for item in _findings(reading)] == ["Observation/one", "Observation/two"]
    assert _item(reading, "Observation/two").parents == ()
    assert _item(reading, "Observation/one").parents == ("Observation/two",)


def test_an_observation_reached_twice_is_read_once_in_its_group() -> None:
    leaf = observation(id="leaf")
    first = observation(question("alignment"), id="first", hasMember=[reference(leaf)])
    second = observation(question("escc-grade"), id="second", hasMember=[reference(leaf)])
    named = [reference(each) for each in (leaf, second, first)]
    reading = _read(bundle(report(result=named), leaf, first, second))
    assert [item.source.reference for item in _findings(reading)] == ["Observation/leaf", "Observation/first", "Observation/second"]
    assert _item(reading, "Observation/leaf").parents == ("Observation/second",)


def test_a_group_that_the_report_does_not_list_is_read_above_its_members() -> None:
    group, *members = lesion("hasMember")
    above = observation(question("escc-grade"), id="above", hasMember=[reference(group)])
    reading = _read(bundle(report(*members), above, group, *members))
    assert _item(reading, "Observation/lesion-alignment").parents == ("Observation/lesion", "Observation/above")
    assert not _item(reading, "Observation/above").source.from_other_report


def test_contained_observations_belong_to_the_report_also_when_it_does_not_list_them() -> None:
    unlisted = report(observation(), contained=True, result=None)
    assert [item.source.reference for item in _findings(_read(unlisted))] == ["DiagnosticReport/r1#o1"]
    assert _findings(_read(unlisted))[0].source.path == "DiagnosticReport.contained[0]"


def test_a_contained_observation_that_nothing_refers_to_is_said() -> None:
    holder = {**observation(), "contained": [observation(id="inner")]}
    reading = _read(bundle(report(holder), holder))
    assert len(_findings(reading)) == 1
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[1].resource.contained[0]"]


def test_items_stand_in_the_order_of_the_document() -> None:
    first, second = observation(id="a"), observation(id="b")
    reading = _read(
        bundle(second, report(result=[reference(first), reference(second)], conclusionCode=[concept(coding("1"))]), first)
    )
    assert [item.source.path for item in reading.items] == [
        "Bundle.entry[0].resource",
        "Bundle.entry[1].resource.code",
        "Bundle.entry[1].resource.conclusionCode[0]",
        "Bundle.entry[2].resource",
    ]
    assert reading.read == (("Observation/b", None), ("DiagnosticReport/r1", "1"), ("Observation/a", None))


def test_exam_conclusions_and_imaging_studies_are_items_of_their_own() -> None:
    study = imaging_study(
        modality=[coding("MR", system=DCM), coding("CT", system=DCM)], procedureCode=[concept(coding("1"), text="MRI")]
    )
    made = report(
        imagingStudy=[reference(study)], conclusionCode=[concept(coding("94222008"), text="metastasis")], status="amended"
    )
    reading = _read(bundle(made, study))
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
    reading = _read(bundle(report(imagingStudy=[reference(study)]), study))
    assert [item.source.path for item in reading.items[1:]] == [
        "Bundle.entry[1].resource.series[0].modality",
        "Bundle.entry[1].resource.series[1].modality",
    ]


def test_a_study_entered_in_error_says_nothing() -> None:
    study = imaging_study(status="entered-in-error")
    reading = _read(bundle(report(imagingStudy=[reference(study)]), study))
    assert len(reading.items) == 1
    assert [row.reason for row in reading.dropped] == ["excluded-status"]


def test_the_report_is_told_as_sent() -> None:
    made = _read(
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
    made = _read(report(**elements)).report
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
    assert _read(posted_json, ehr_base=base).report.identity == identity


def test_a_report_without_id_and_address_has_no_reference() -> None:
    assert _read(bundle(report(id=None))).report.reference is None
    urn = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": report(id=None), "fullUrl": f"{URN}1"}]}
    assert _read(urn).report.reference == f"{URN}1"


def test_age_and_sex_come_from_the_patient_of_the_report() -> None:
    reading = _read(bundle(patient(birthDate="1971-05", gender="male"), report()))
    assert (reading.birth_date, reading.gender) == ("1971-05", "male")
    assert reading.report.subject == "Patient/p1"
    assert ("Patient/p1", None) in reading.read
    assert (_read(report()).birth_date, _read(report()).gender) == (None, None)


def test_a_patient_known_by_urn_is_the_subject() -> None:
    subject = {"reference": f"{URN}1"}
    posted_json = bundle(report(observation(), subject=subject), observation(subject=subject))
    posted_json["entry"].append({"resource": patient(), "fullUrl": f"{URN}1"})
    reading = _read(posted_json)
    assert (reading.report.subject, reading.gender) == ("Patient/p1", "female")
    assert len(_findings(reading)) == 1


def test_an_identifier_that_two_patients_have_or_without_system_names_none() -> None:
    number = {"system": "urn:mrn", "value": "7"}
    for shared in ({"value": "7"}, number):
        twins = (patient(identifier=[shared]), patient(id="p2", identifier=[shared, {"use": "old"}]))
        refused = _refused(bundle(report(), *twins, observation(subject={"identifier": shared})))
        assert [fault.path for fault in refused.faults] == ["Bundle.entry[2].resource", "Bundle.entry[3].resource.subject"]


def test_links_that_go_in_circles_end() -> None:
    number = {"system": "urn:mrn", "value": "7"}
    links = [
        {"other": other, "type": kind}
        for other in ({"identifier": number}, {"reference": "Patient/p2"})
        for kind in ("replaces", "refer")
    ]
    one = patient(link=links)
    two = patient(id="p2", identifier=[number], link=[{"other": reference(one), "type": "replaced-by"}])
    reading = _read(bundle(report(observation()), observation(subject={"identifier": number}), two, one))
    assert (len(_findings(reading)), reading.report.subject) == (1, "Patient/p1")


def test_a_subject_by_identifier_is_its_patient() -> None:
    number = {"system": "urn:mrn", "value": "7"}
    logical = {"identifier": number}
    reading = _read(bundle(patient(identifier=[number]), report(observation(), subject=logical), observation(subject=logical)))
    assert (reading.gender, reading.report.subject) == ("female", "Patient/p1")
    alone = _read(bundle(report(observation(), subject=logical), observation(subject=logical)))
    assert alone.report.subject is None
    assert len(_findings(alone)) == 1


def test_a_report_without_subject_takes_that_of_its_observations_or_the_only_patient() -> None:
    of_observation = _read(bundle(report(observation(), subject=None), observation()))
    assert of_observation.report.subject == "Patient/p1"
    assert "names no subject" in _texts(of_observation)
    only = _read(bundle(report(observation(), subject=None), observation(subject=None), patient()))
    assert (only.report.subject, only.gender) == ("Patient/p1", "female")
    nobody = _read(bundle(report(observation(), subject={"display": "somebody"}), observation(subject=None)))
    assert nobody.report.subject is None
    assert len(_findings(nobody)) == 1


def test_two_subjects_refuse_strict_input_at_each_foreign_subject() -> None:
    foreign = {"reference": "Patient/p2"}
    refused = _refused(bundle(report(observation()), observation(subject=foreign), patient(id="p2"), patient()))
    assert [fault.path for fault in refused.faults] == ["Bundle.entry[1].resource.subject", "Bundle.entry[2].resource"]
    assert refused.status == 422


def test_two_subjects_leave_out_the_foreign_ones_in_lenient_handling() -> None:
    group = observation(
        question("alignment"), id="g", subject={"reference": "Patient/p2"}, hasMember=[{"reference": "Observation/o1"}]
    )
    reading = _read(
        bundle(report(group, observation(), component_observation()), group, observation(), component_observation()), strict=False
    )
    assert [item.source.reference for item in _findings(reading)] == ["Observation/c", "Observation/c"]
    assert [(row.reason, row.path, row.codings[0].code) for row in reading.dropped] == [
        ("not-for-this-patient", "Bundle.entry[1].resource", "RDE154")
    ]
    assert {issue.path for issue in reading.issues} == {"Bundle.entry[1].resource", "Bundle.entry[2].resource"}


def component_observation() -> Json:
    return observation(question("alignment"), id="c", component=[component()])


def test_one_patient_by_relative_and_absolute_address_is_one_subject() -> None:
    absolute = {"reference": f"{BASE}/Patient/p1"}
    for base in (None, BASE):
        reading = _read(bundle(report(observation()), observation(subject=absolute)), ehr_base=base)
        assert (len(_findings(reading)), reading.report.subject) == (1, "Patient/p1")


def test_a_merged_patient_is_one_subject_and_the_merge_is_said() -> None:
    old = patient(id="old", gender="male", link=[{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}])
    reading = _read(bundle(report(observation()), observation(subject={"reference": "Patient/old"}), old, patient()))
    assert (len(_findings(reading)), reading.gender) == (1, "female")
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[2].resource.link"]
    alone = _read(bundle(report(observation(), subject={"reference": "Patient/old"}), observation(), old))
    assert alone.gender == "male"
    assert "merged" in _texts(alone)


def test_what_is_said_of_a_fetus_or_donor_is_not_said_of_the_patient() -> None:
    other = observation(focus=[{"reference": "RelatedPerson/donor"}])
    reading = _read(bundle(report(other), other), strict=False)
    assert _findings(reading) == []
    assert reading.dropped[0].reason == "not-for-this-patient"
    itself = observation(focus=[{"reference": "Patient/p1"}])
    assert len(_findings(_read(bundle(report(itself), itself)))) == 1


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_withdrawn_observations_and_all_below_them_are_listed_and_not_read(status: str) -> None:
    group, *members = lesion("hasMember", answers={"bone-lesion": "lytic"})
    group["status"] = status
    erroneous = observation(question("alignment"), id="c", component=[component()], status=status)
    reading = _read(bundle(report(group, *members, erroneous), group, *members, erroneous))
    assert _findings(reading) == []
    assert [(row.path.removeprefix("Bundle.entry"), row.codings[0].code, row.reason) for row in reading.dropped] == [
        ("[1].resource", "RDES21", "excluded-status"),
        ("[2].resource", "RDE153", "excluded-status"),
        ("[3].resource", "RDE154", "excluded-status"),
        ("[3].resource.component[0]", "RDE153", "excluded-status"),
    ]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_report_entered_in_error_or_cancelled_is_withdrawn(status: str) -> None:
    reading = _read(bundle(report(observation(), status=status), observation()), ehr_base=BASE)
    assert reading.withdrawn
    assert reading.items == ()
    assert (reading.report.identity, reading.report.subject) == ("DiagnosticReport/r1", "Patient/p1")
    assert reading.read == (("DiagnosticReport/r1", "1"),)


@pytest.mark.parametrize("http_status", [404, 410])
def test_a_report_that_is_gone_is_withdrawn(http_status: int) -> None:
    gone = read_document("DiagnosticReport/r1", status=http_status)
    reading = _read(gone, report="DiagnosticReport/r1", ehr_base=BASE)
    assert reading.withdrawn
    assert (reading.report.reference, reading.report.identity) == ("DiagnosticReport/r1", "DiagnosticReport/r1")
    assert reading.report.status == "entered-in-error"


def test_a_deletion_that_was_posted_withdraws_the_report() -> None:
    deleted = Document(origin=dossier(report()).documents[0].origin, request="", status=410, body=b"")
    assert _read(deleted, report="DiagnosticReport/r1", ehr_base=BASE).withdrawn
    entries = [{"request": {"method": "DELETE", "url": "DiagnosticReport/r1"}}, entry(report(), "history")]
    reading = _read({"resourceType": "Bundle", "type": "history", "entry": entries}, ehr_base=BASE)
    assert (reading.withdrawn, reading.report.reference) == (True, "DiagnosticReport/r1")


def test_the_report_that_was_read_is_assessed_and_not_the_trigger() -> None:
    trigger = report(status="preliminary")
    reading = _read(trigger, read_document("DiagnosticReport/r1", report()), report="DiagnosticReport/r1", ehr_base=BASE)
    assert reading.report.status == "final"
    assert _read(trigger, report="DiagnosticReport/r1", ehr_base=BASE).report.status == "preliminary"


def test_of_several_versions_that_were_read_the_newest_is_assessed() -> None:
    versions = [report(meta={"versionId": number}, status=status) for number, status in (("10", "amended"), ("9", "final"))]
    for order in (versions, versions[::-1]):
        documents = [read_document("DiagnosticReport/r1", each) for each in order]
        assert _read(*documents, report="DiagnosticReport/r1", ehr_base=BASE).report.status == "amended"


def test_a_report_that_was_asked_for_and_never_came_is_missing() -> None:
    with pytest.raises(NoReportError):
        _read(patient(), report="DiagnosticReport/r1", ehr_base=BASE)


def test_of_several_reports_the_latest_is_assessed_and_this_is_said() -> None:
    old = report(observation(), id="old", effectiveDateTime="2026-01-09", issued="2026-02-01T00:00:00Z")
    new = report(observation(id="o2"), id="new")
    reading = _read(bundle(old, new, observation(), observation(id="o2")))
    assert reading.report.reference == "DiagnosticReport/new"
    assert "several reports" in _texts(reading)
    assert _item(reading, "Observation/o1").source.from_other_report
    assert not _item(reading, "Observation/o2").source.from_other_report


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
    reading = _read(bundle(report(**{"id": "a", **one}), report(**{"id": "b", **other})))
    assert reading.report.reference == f"DiagnosticReport/{chosen}"


def test_without_a_report_there_is_nothing_to_assess() -> None:
    for posted_json in (bundle(observation()), patient(), bundle(), {"resourceType": "Parameters"}):
        with pytest.raises(NoReportError) as caught:
            _read(posted_json)
        assert (caught.value.status, caught.value.issue) == (422, "required")


def test_a_broken_wrapping_is_named_rather_than_the_missing_report() -> None:
    for strict in (True, False):
        assert [fault.path for fault in _refused({"resourceType": "Foo"}, strict=strict).faults] == ["Resource.resourceType"]


def test_strict_handling_names_every_fault_of_every_entry() -> None:
    spoiled = bundle(report(observation()), observation(status="bogus"), patient(gender="?"), kind="bag")
    assert [fault.path for fault in _refused(spoiled).faults] == [
        "Bundle.type",
        "Bundle.entry[1].resource.status",
        "Bundle.entry[2].resource.gender",
    ]


def test_a_refusal_names_a_bounded_number_of_faults() -> None:
    many = [observation(id=str(number), status="bogus") for number in range(MAX_FAULTS + 5)]
    refused = _refused(bundle(report(), *many))
    assert len(refused.faults) == MAX_FAULTS
    assert str(MAX_FAULTS + 5) in refused.text


def test_lenient_handling_leaves_out_one_broken_observation_among_good_ones() -> None:
    good, bad = observation(), observation(id="bad", valueInteger="12")
    reading = _read(bundle(report(good, bad), good, bad), strict=False)
    assert [item.source.reference for item in _findings(reading)] == ["Observation/o1"]
    assert ("Bundle.entry[2].resource.value", Severity.WARNING) in [(issue.path, issue.severity) for issue in reading.issues]


def test_what_is_below_two_withdrawn_groups_is_listed_once() -> None:
    member = observation(id="m")
    groups = [observation(question("alignment"), id=name, status="cancelled", hasMember=[reference(member)]) for name in ("a", "b")]
    reading = _read(bundle(report(*groups), *groups, member))
    assert [row.path for row in reading.dropped] == [f"Bundle.entry[{place}].resource" for place in (1, 3, 2)]


def test_members_of_a_broken_group_are_left_out_with_it() -> None:
    group, *members = lesion("hasMember", answers={"bone-lesion": "lytic"})
    group["colour"] = "red"
    reading = _read(bundle(report(group, *members), group, *members), strict=False)
    assert _findings(reading) == []
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[1].resource.colour", "Bundle.entry[2].resource"]


def test_a_broken_report_cannot_be_assessed_in_any_handling() -> None:
    for strict in (True, False):
        assert [fault.path for fault in _refused(report(issued="2026"), strict=strict).faults] == ["DiagnosticReport.issued"]


def test_a_broken_patient_is_left_out_in_lenient_handling() -> None:
    reading = _read(bundle(report(observation()), observation(), patient(gender="?")), strict=False)
    assert (reading.gender, len(_findings(reading))) == (None, 1)


def test_modifier_extensions_are_never_read_over() -> None:
    modifier: Json = {"modifierExtension": [{"url": "http://x", "valueBoolean": True}]}
    modified = observation(**modifier)
    partly = observation(
        question("alignment"), id="p", component=[component(**modifier), component(question("escc-grade"), value=True)]
    )
    reading = _read(bundle(report(modified, partly), modified, partly))
    assert [(item.kind.value, item.code[0].code) for item in _findings(reading)] == [
        ("observation", "RDE154"),
        ("component", "RDE1998"),
    ]
    assert [(issue.code, issue.path) for issue in reading.issues] == [
        ("not-supported", "Bundle.entry[1].resource"),
        ("not-supported", "Bundle.entry[2].resource.component[0]"),
    ]
    refused = _refused(report(**modifier), strict=False)
    assert [(fault.code, fault.path) for fault in refused.faults] == [("not-supported", "DiagnosticReport.modifierExtension")]


@pytest.mark.parametrize(
    ("named", "code", "text"),
    [
        ({"reference": "Observation/gone"}, "not-found", "not in the input"),
        ({"reference": "#gone"}, "not-found", "contains none"),
        ({"reference": f"{URN}9"}, "not-found", "not in the input"),
        ({"reference": "https://other.example/Observation/1"}, "not-found", "foreign address"),
        ({"display": "the other one"}, "not-found", "names no address"),
        ({"reference": "QuestionnaireResponse/1"}, "not-supported", "another type"),
    ],
)
def test_a_dangling_result_is_said_and_the_report_still_assessed(named: Json, code: str, text: str) -> None:
    posted_json = bundle(report(result=[named, {"reference": "Observation/o1"}]), observation())
    reading = _read(posted_json)
    assert len(_findings(reading)) == 1
    (issue,) = reading.issues
    assert (issue.severity, issue.code, issue.path) == (Severity.WARNING, code, "Bundle.entry[0].resource.result[0]")
    assert text in issue.text


def test_what_the_ehr_does_not_have_is_said_with_its_answer() -> None:
    documents = (report(result=[{"reference": "Observation/o1"}]), read_document("Observation/o1", status=404))
    (issue,) = _read(*documents, ehr_base=BASE).issues
    assert "404" in issue.text
    assert issue.path == "DiagnosticReport.result[0]"
    (issue,) = _read(documents[0], ehr_base=BASE).issues
    assert "not asked" in issue.text


def test_a_result_of_another_type_is_passed_over() -> None:
    assert _findings(_read(bundle(report(result=[{"reference": "Patient/p1"}]), patient()))) == []


def test_older_versions_are_listed_as_superseded() -> None:
    old, new = observation(meta={"versionId": "1"}), observation(meta={"versionId": "2"}, status="amended")
    reading = _read(bundle(report(new), new, old, kind="history"))
    assert [item.status for item in _findings(reading)] == ["amended"]
    assert [(row.reason, row.path) for row in reading.dropped] == [("superseded", "Bundle.entry[2].resource")]


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
    assert _read(posted_json).report.security == (
        Coding(CONFIDENTIALITY, "R"),
        Coding(CONFIDENTIALITY, "X"),
        Coding("urn:act", "TBOO"),
    )


def test_a_broken_answer_to_a_search_never_refuses_the_input() -> None:
    answer = bundle(observation(id="x", status="bogus"), observation(id="y", subject={"reference": "Patient/p2"}), kind="searchset")
    spoiled = {**answer, "type": "bag"}
    reading = _read(report(), read_document("Observation?patient=p1", spoiled), ehr_base=BASE)
    assert {issue.path for issue in reading.issues} >= {
        "Bundle.type",
        "Bundle.entry[0].resource.status",
        "Bundle.entry[1].resource",
    }


def test_quantities_of_components_are_read_with_their_bounds() -> None:
    said = observation(question("vertebral-collapse"), component=[component(question("collapse"), quantity(50, comparator=">"))])
    value = _findings(_read(bundle(report(said), said)))[1].value
    assert repr(value).count("low_open=True") == 1


def test_the_same_dossier_gives_the_same_reading() -> None:
    posted_json = spine_report("hasMember", {"T12": ANSWERS, "L1": ANSWERS})
    assert _read(posted_json) == _read(posted_json)
