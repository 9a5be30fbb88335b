import pytest

from service.errors import NoReportError
from service.intake.missing import missing
from service.intake.opened import Opened, open_dossier
from service.intake.parse import Limits
from service.intake.read import read
from service.model.dossier import Document, Interest, Wanted
from tests.builders import (
    BASE,
    Json,
    bundle,
    dossier,
    imaging_study,
    lesion,
    observation,
    patient,
    posted,
    question,
    read_document,
    reference,
    report,
    spine_report,
)

EVERYTHING = Interest(codes=("LOCAL|spinal-pain",), conditions=True, procedures=True, reports=True)
URN = "urn:uuid:0b5d0a5e-0000-4000-8000-000000000001"


def _open(*documents: Json | bytes | Document, **fields: object) -> Opened:
    return open_dossier(dossier(*documents, **{"ehr_base": BASE, "context_days": 0, **fields}), Limits())


def _requests(opened: Opened, interest: Interest | None = None) -> dict[str, bool]:
    return {each.request: each.needed for each in missing(opened, interest)}


def test_results_and_the_patient_are_asked_of_the_ehr() -> None:
    study = imaging_study()
    made = report(observation(), observation(id="o2"), imagingStudy=[reference(study)])
    assert _requests(_open(made)) == {
        "Observation/o1": True,
        "Observation/o2": True,
        "ImagingStudy/i1": False,
        "Patient/p1": False,
    }


def test_nothing_is_asked_when_everything_is_here_or_there_is_no_ehr() -> None:
    assert _requests(_open(spine_report("hasMember"))) == {}
    assert _requests(_open(report(observation()), ehr_base=None), EVERYTHING) == {}


def test_members_are_asked_when_their_group_is_known() -> None:
    group, *members = lesion("hasMember", answers={"bone-lesion": "lytic"})
    opened = _open(report(group, subject=None))
    assert _requests(opened) == {"Observation/lesion": True}
    opened.add((read_document("Observation/lesion", group),))
    assert _requests(opened) == {"Observation/lesion-bone-lesion": True}
    opened.add((read_document("Observation/lesion-bone-lesion", members[0]),))
    assert _requests(opened) == {}


def test_what_was_asked_is_not_asked_again_whatever_came_back() -> None:
    opened = _open(report(observation(), subject=None))
    opened.add((read_document("Observation/o1", b"<html>", status=404),))
    assert _requests(opened) == {}
    broken = _open(report(observation(), subject=None), read_document("Observation/o1", b"<html>"), strict=False)
    assert _requests(broken) == {}
    assert [issue.severity.value for issue in read(broken).issues] == ["warning", "warning"]


def test_versions_and_addresses_below_the_base_are_one_request() -> None:
    named = [{"reference": text} for text in ("Observation/o1", "Observation/o1/_history/2", f"{BASE}/Observation/o1")]
    assert _requests(_open(report(result=named, subject=None))) == {"Observation/o1": True}


@pytest.mark.parametrize(
    "named",
    [
        {"reference": "https://other.example/Observation/1"},
        {"reference": URN},
        {"reference": "#x"},
        {"reference": "Patient/2"},
        {"reference": "Observation?code=x"},
        {"display": "the other one"},
    ],
)
def test_what_the_ehr_cannot_have_is_never_asked(named: Json) -> None:
    assert _requests(_open(report(result=[named], subject=None))) == {}


def test_a_relative_reference_of_another_server_is_not_asked_of_the_ehr() -> None:
    posted_json = bundle(report(result=[{"reference": "Observation/o1"}]))
    assert _requests(_open(posted_json, ehr_base="https://other.example", context_days=30), EVERYTHING) == {}


def test_structures_are_asked_and_not_needed() -> None:
    said = observation(focus=[{"reference": "BodyStructure/b1"}, {"reference": "#x"}])
    assert _requests(_open(bundle(report(said, subject=None), said))) == {"BodyStructure/b1": False}


def test_a_report_known_by_reference_is_read_first() -> None:
    opened = _open(report(observation()), report="DiagnosticReport/r1")
    assert missing(opened, EVERYTHING) == (Wanted(request="DiagnosticReport/r1", needed=True),)
    opened.add((read_document("DiagnosticReport/r1", report(observation(id="o9"), subject=None)),))
    assert _requests(opened) == {"Observation/o9": True}


def test_nothing_is_asked_about_what_is_gone_withdrawn_broken_or_no_report() -> None:
    deleted = Document(origin=posted(b"").origin, request="", status=410, body=b"")
    assert _requests(_open(deleted, report="DiagnosticReport/r1"), EVERYTHING) == {}
    gone = read_document("DiagnosticReport/r1", status=404)
    assert _requests(_open(gone, report="DiagnosticReport/r1"), EVERYTHING) == {}
    assert _requests(_open(report(observation(), status="cancelled")), EVERYTHING) == {}
    assert _requests(_open(report(observation(), colour="red")), EVERYTHING) == {}
    assert _requests(_open(patient()), EVERYTHING) == {}
    with pytest.raises(NoReportError):
        read(_open(patient()))


def test_a_broken_result_is_not_asked_for_again_and_its_members_are_known() -> None:
    group = observation(question("alignment"), id="g", colour="red", hasMember=[{"reference": "Observation/m"}])
    assert _requests(_open(bundle(report(group, subject=None), group))) == {"Observation/m": True}


def test_what_a_score_is_derived_from_is_asked_but_not_needed() -> None:
    score = observation(derivedFrom=[{"reference": "Observation/part"}, {"reference": "Media/m1"}])
    opened = _open(report(score, subject=None))
    opened.add((read_document("Observation/o1", score),))
    assert _requests(opened) == {"Observation/part": False}
    opened.add((read_document("Observation/part", status=404),))
    told = {(each.severity.value, each.path) for each in read(opened).issues}
    assert ("information", "Observation.where(id='o1').derivedFrom[0]") in told
