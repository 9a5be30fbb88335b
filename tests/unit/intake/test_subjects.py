import pytest

from tests.builders import BASE, Json, bundle, component, observation, patient, question, reference, report
from tests.unit.intake.readings import URN, findings, read_all, refused, texts


def test_age_and_sex_come_from_the_patient_of_the_report() -> None:
    reading = read_all(bundle(patient(birthDate="1971-05", gender="male"), report()))
    assert (reading.birth_date, reading.gender) == ("1971-05", "male")
    assert reading.report.subject == "Patient/p1"
    assert ("Patient/p1", None) in reading.read
    assert (read_all(report()).birth_date, read_all(report()).gender) == (None, None)


def test_a_patient_known_by_urn_is_the_subject() -> None:
    subject = {"reference": f"{URN}1"}
    posted_json = bundle(report(observation(), subject=subject), observation(subject=subject))
    posted_json["entry"].append({"resource": patient(), "fullUrl": f"{URN}1"})
    reading = read_all(posted_json)
    assert (reading.report.subject, reading.gender) == ("Patient/p1", "female")
    assert len(findings(reading)) == 1


def test_a_patient_sought_by_identifier_in_a_transaction_is_the_subject() -> None:
    subject = {"reference": "Patient?identifier=urn:mrn|7"}
    said = observation(subject=subject)
    numbered = patient(identifier=[{"system": "urn:mrn", "value": "7"}])
    reading = read_all(bundle(numbered, report(said, subject=subject), said, kind="transaction"))
    assert (reading.report.subject, reading.gender) == ("Patient/p1", "female")
    assert len(findings(reading)) == 1


def test_an_identifier_that_two_patients_have_or_without_system_names_none() -> None:
    number = {"system": "urn:mrn", "value": "7"}
    for shared in ({"value": "7"}, number):
        twins = (patient(identifier=[shared]), patient(id="p2", identifier=[shared, {"use": "old"}]))
        error = refused(bundle(report(), *twins, observation(subject={"identifier": shared})))
        assert [fault.path for fault in error.faults] == ["Bundle.entry[2].resource", "Bundle.entry[3].resource.subject"]


def test_links_that_go_in_circles_end() -> None:
    number = {"system": "urn:mrn", "value": "7"}
    links = [
        {"other": other, "type": kind}
        for other in ({"identifier": number}, {"reference": "Patient/p2"})
        for kind in ("replaces", "refer")
    ]
    one = patient(link=links)
    two = patient(id="p2", identifier=[number], link=[{"other": reference(one), "type": "replaced-by"}])
    reading = read_all(bundle(report(observation()), observation(subject={"identifier": number}), two, one))
    assert (len(findings(reading)), reading.report.subject) == (1, "Patient/p1")


def test_a_subject_by_identifier_is_its_patient() -> None:
    number = {"system": "urn:mrn", "value": "7"}
    logical = {"identifier": number}
    reading = read_all(bundle(patient(identifier=[number]), report(observation(), subject=logical), observation(subject=logical)))
    assert (reading.gender, reading.report.subject) == ("female", "Patient/p1")
    alone = read_all(bundle(report(observation(), subject=logical), observation(subject=logical)))
    assert alone.report.subject is None
    assert len(findings(alone)) == 1


def test_a_report_without_subject_takes_that_of_its_observations_or_the_only_patient() -> None:
    of_observation = read_all(bundle(report(observation(), subject=None), observation()))
    assert of_observation.report.subject == "Patient/p1"
    assert "names no subject" in texts(of_observation)
    only = read_all(bundle(report(observation(), subject=None), observation(subject=None), patient()))
    assert (only.report.subject, only.gender) == ("Patient/p1", "female")
    nobody = read_all(bundle(report(observation(), subject={"display": "somebody"}), observation(subject=None)))
    assert nobody.report.subject is None
    assert len(findings(nobody)) == 1


def test_two_subjects_refuse_strict_input_at_each_foreign_subject() -> None:
    foreign = {"reference": "Patient/p2"}
    error = refused(bundle(report(observation()), observation(subject=foreign), patient(id="p2"), patient()))
    assert [fault.path for fault in error.faults] == ["Bundle.entry[1].resource.subject", "Bundle.entry[2].resource"]
    assert error.status == 422


def test_two_subjects_leave_out_the_foreign_ones_in_lenient_handling() -> None:
    group = observation(
        question("alignment"), id="g", subject={"reference": "Patient/p2"}, hasMember=[{"reference": "Observation/o1"}]
    )
    reading = read_all(
        bundle(report(group, observation(), component_observation()), group, observation(), component_observation()), strict=False
    )
    assert [item.source.reference for item in findings(reading)] == ["Observation/c", "Observation/c"]
    assert [(row.reason, row.path, row.codings[0].code) for row in reading.dropped] == [
        ("not-for-this-patient", "Bundle.entry[1].resource", "RDE154")
    ]
    assert {issue.path for issue in reading.issues} == {"Bundle.entry[1].resource", "Bundle.entry[2].resource"}


def component_observation() -> Json:
    return observation(question("alignment"), id="c", component=[component()])


def test_one_patient_by_relative_and_absolute_address_is_one_subject() -> None:
    absolute = {"reference": f"{BASE}/Patient/p1"}
    for base in (None, BASE):
        reading = read_all(bundle(report(observation()), observation(subject=absolute)), ehr_base=base)
        assert (len(findings(reading)), reading.report.subject) == (1, "Patient/p1")


def test_a_merged_patient_is_one_subject_and_the_merge_is_said() -> None:
    old = patient(id="old", gender="male", link=[{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}])
    reading = read_all(bundle(report(observation()), observation(subject={"reference": "Patient/old"}), old, patient()))
    assert (len(findings(reading)), reading.gender) == (1, "female")
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[2].resource.link"]
    alone = read_all(bundle(report(observation(), subject={"reference": "Patient/old"}), observation(), old))
    assert (alone.gender, alone.report.subject) == ("male", "Patient/old")
    assert "merged" in texts(alone)


OLD = {"reference": "Patient/old"}
REPLACED = {"link": [{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}]}
REPLACES = {"link": [{"other": OLD, "type": "replaces"}]}


@pytest.mark.parametrize(
    ("old", "new"), [(REPLACED, {}), ({}, REPLACES), (REPLACED, REPLACES)], ids=["replaced-by", "replaces", "both ways"]
)
def test_the_report_of_a_merged_patient_is_the_survivors_and_the_old_one_stays_in_the_lineage(old: Json, new: Json) -> None:
    patients = (patient(id="old", gender="male", **old), patient(**new))
    reading = read_all(bundle(report(observation(), subject=OLD), observation(), *patients))
    assert (reading.report.subject, reading.gender) == ("Patient/p1", "female")
    assert {("Patient/old", None), ("Patient/p1", None)} <= set(reading.read)
    assert texts(reading).count("both are read as one") == 1


def test_a_chain_of_merges_ends_at_the_last_patient() -> None:
    chain = [
        patient(id=f"p{number}", link=[{"other": {"reference": f"Patient/p{number + 1}"}, "type": "replaced-by"}])
        for number in (1, 2, 3)
    ]
    reading = read_all(bundle(report(observation()), observation(subject={"reference": "Patient/p3"}), *chain, patient(id="p4")))
    assert (len(findings(reading)), reading.report.subject) == (1, "Patient/p4")


def test_a_number_that_merged_patients_share_names_them_all() -> None:
    number = {"system": "urn:mrn", "value": "7"}
    merged = (patient(id="old", identifier=[number], **REPLACED), patient(identifier=[number]))
    reading = read_all(bundle(report(observation()), observation(subject={"identifier": number}), *merged))
    assert len(findings(reading)) == 1


def test_what_is_said_of_a_fetus_or_donor_is_not_said_of_the_patient() -> None:
    other = observation(focus=[{"reference": "RelatedPerson/donor"}])
    reading = read_all(bundle(report(other), other), strict=False)
    assert findings(reading) == []
    assert reading.dropped[0].reason == "not-for-this-patient"
    itself = observation(focus=[{"reference": "Patient/p1"}])
    assert len(findings(read_all(bundle(report(itself), itself)))) == 1
