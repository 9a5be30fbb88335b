"""The EHR ends with one RiskAssessment, also when the answer to a write is lost."""

import json

import pytest

from service.ehr.client import EhrClient
from service.ehr.deliver import Method
from service.errors import EhrUnavailableError
from tests.integration.ehr.writer import SERIES, Writer, every_mode, risk
from tests.stand_in_ehr import Fault, StandInEhr

# the straight way


@every_mode
def test_the_first_write_creates_one_resource_by_the_method_the_ehr_promises(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    done = writer.deliver(risk(id="to-be-ignored"))
    held = writer.held()
    assert (done.method, done.http_status, done.ehr_version) == (mode, 201, "1")
    assert (held["id"], held["note"]) == (done.ehr_id, [{"text": "first"}])
    assert json.loads(done.answer) == held
    [request] = [each for each in ehr.requests if each.method != "GET"]
    sent = json.loads(request.body)
    match mode:
        case Method.UPDATE_CREATE:
            assert (request.path, sent["id"], done.ehr_id) == (f"RiskAssessment/{SERIES}", SERIES, SERIES)
        case Method.CONDITIONAL_UPDATE:
            assert request.path == f"RiskAssessment?identifier=https%3A%2F%2Fhospital.example%2Fidentifier%2Fassessment%7C{SERIES}"
            assert "id" not in sent
        case _:
            assert (request.path, "id" in sent) == ("RiskAssessment", False)
            assert ("if-none-exist" in request.headers) == (mode == Method.CONDITIONAL_CREATE)


@every_mode
def test_after_the_first_success_every_write_is_a_put_by_id_with_if_match(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    first = writer.deliver(risk())
    ehr.forget_requests()
    second = writer.deliver(risk("second", id="to-be-replaced"))
    assert (second.ehr_id, second.ehr_version, second.method, second.http_status) == (first.ehr_id, "2", Method.UPDATE, 200)
    assert writer.writes() == [("PUT", f"RiskAssessment/{first.ehr_id}")]
    put = next(each for each in ehr.requests if each.method == "PUT")
    assert (put.headers["if-match"], json.loads(put.body)["id"]) == ('W/"1"', first.ehr_id)
    assert writer.held()["note"] == [{"text": "second"}]


@every_mode
def test_what_the_ehr_holds_already_is_not_written_again(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    first = writer.deliver(risk())
    again = writer.deliver(risk())
    assert (again.method, again.ehr_version, json.loads(again.answer)) == (Method.ALREADY_HELD, "1", writer.held())
    assert len(ehr.versions(f"RiskAssessment/{first.ehr_id}")) == 1


def test_another_security_label_is_another_content(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    writer.deliver(risk())
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    assert writer.deliver(risk(meta={"security": [label]})).ehr_version == "2"
    assert writer.held()["meta"]["security"] == [label]


def test_without_metadata_the_write_is_searched_for_first_and_checked_afterwards(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.switches.metadata = False
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    assert writer.deliver(risk()).method == Method.SEARCH_CREATE
    assert [method for method, _ in ehr.asked()] == ["GET", "POST", "GET"]


# crashes


@every_mode
def test_a_write_whose_answer_was_lost_is_recognised_on_the_repeat(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    for method in ("PUT", "POST"):
        ehr.strike(Fault(method=method, times=1, applied=True, lost=True))
    with pytest.raises(EhrUnavailableError):
        writer.deliver(risk())
    done = writer.deliver(risk())
    assert (done.method, done.ehr_version, done.ehr_id) == (Method.ALREADY_HELD, "1", writer.held()["id"])


@every_mode
def test_a_newer_assessment_replaces_one_whose_answer_was_lost(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    for method in ("PUT", "POST"):
        ehr.strike(Fault(method=method, times=1, applied=True, lost=True))
    with pytest.raises(EhrUnavailableError):
        writer.deliver(risk())
    ehr.clear()
    assert (writer.deliver(risk("second")).ehr_version, writer.held()["note"]) == ("2", [{"text": "second"}])


@every_mode
def test_an_update_whose_answer_was_lost_is_recognised_too(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    writer.deliver(risk())
    ehr.strike(Fault(method="PUT", times=1, applied=True, lost=True))
    with pytest.raises(EhrUnavailableError):
        writer.deliver(risk("second"))
    assert writer.deliver(risk("second")).method == Method.ALREADY_HELD
    assert writer.deliver(risk("third")).ehr_version == "3"


@every_mode
def test_a_write_that_never_arrived_is_simply_repeated(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    for method in ("PUT", "POST"):
        ehr.strike(Fault(method=method, times=1, status=503, headers={"Retry-After": "9"}))
    with pytest.raises(EhrUnavailableError) as raised:
        writer.deliver(risk())
    assert raised.value.retry_after == 9.0
    assert (writer.deliver(risk()).ehr_version, len(ehr.all("RiskAssessment"))) == ("1", 1)
