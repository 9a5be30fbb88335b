"""The stand-in EHR keeps the rules of the R4 http page, so that what is tested against it holds against real servers."""

from collections.abc import Iterator

import pytest
import requests
from fhir.resources.R4B.bundle import Bundle

from tests.contract.stand_in_requests import FHIR_JSON, SYSTEM, Resource, ask, assert_refused, patient, risk
from tests.stand_in_ehr import StandInEhr


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    with StandInEhr() as running:
        yield running


# create


def test_a_create_ignores_the_sent_id_and_says_where_the_resource_is(ehr: StandInEhr) -> None:
    answer = ask(ehr, "POST", "Patient", patient("chosen"))
    key = answer.json()["id"]
    assert (answer.status_code, key == "chosen") == (201, False)
    assert answer.headers["Location"] == f"{ehr.base}/Patient/{key}/_history/1"
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.json()["meta"]["versionId"] == "1"


def test_a_conditional_create_creates_once_and_answers_200_afterwards(ehr: StandInEhr) -> None:
    search = f"identifier={SYSTEM}|series-1"
    first = ask(ehr, "POST", "RiskAssessment", risk(), If_None_Exist=search)
    second = ask(ehr, "POST", "RiskAssessment", risk(), If_None_Exist=search)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(ehr.all("RiskAssessment")) == 1


def test_a_conditional_create_that_matches_several_is_412(ehr: StandInEhr) -> None:
    ehr.put(risk("a"))
    ehr.put(risk("b"))
    assert_refused(ask(ehr, "POST", "RiskAssessment", risk(), If_None_Exist=f"identifier={SYSTEM}|series-1"), 412)


def test_a_conditional_create_is_412_where_it_is_not_supported(ehr: StandInEhr) -> None:
    ehr.switches.conditional_create = False
    assert_refused(ask(ehr, "POST", "RiskAssessment", risk(), If_None_Exist=f"identifier={SYSTEM}|series-1"), 412)


# read, vread, history


def test_a_read_carries_version_and_time(ehr: StandInEhr) -> None:
    ehr.put(patient())
    answer = ask(ehr, "GET", "Patient/9")
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Content-Type"].startswith(FHIR_JSON)
    assert answer.json()["meta"].keys() == {"versionId", "lastUpdated"}


def test_an_unknown_id_is_404_and_a_deleted_one_410(ehr: StandInEhr) -> None:
    ehr.put(patient())
    assert_refused(ask(ehr, "GET", "Patient/8"), 404)
    assert ask(ehr, "DELETE", "Patient/9").status_code == 204
    assert ask(ehr, "DELETE", "Patient/9").status_code == 204
    assert_refused(ask(ehr, "GET", "Patient/9"), 410)
    assert_refused(ask(ehr, "DELETE", "Patient/8"), 404)


def test_a_conditional_read_is_304_while_nothing_changed(ehr: StandInEhr) -> None:
    ehr.put(patient())
    modified = ask(ehr, "GET", "Patient/9").headers["Last-Modified"]
    assert ask(ehr, "GET", "Patient/9", If_None_Match='W/"1"').status_code == 304
    assert ask(ehr, "GET", "Patient/9", If_Modified_Since=modified).status_code == 304
    assert ask(ehr, "GET", "Patient/9", If_Modified_Since="Wed, 01 Jan 2020 00:00:00 GMT").status_code == 200
    ehr.put(patient(active=True))
    assert ask(ehr, "GET", "Patient/9", If_None_Match='W/"1"').status_code == 200


def test_every_version_stays_readable_and_the_history_lists_the_newest_first(ehr: StandInEhr) -> None:
    ehr.put(patient())
    ehr.put(patient(active=True))
    ehr.delete("Patient/9")
    assert "active" not in ask(ehr, "GET", "Patient/9/_history/1").json()
    assert ask(ehr, "GET", "Patient/9/_history/2").json()["active"] is True
    assert_refused(ask(ehr, "GET", "Patient/9/_history/3"), 410)
    assert_refused(ask(ehr, "GET", "Patient/9/_history/4"), 404)
    assert_refused(ask(ehr, "GET", "Patient/8/_history"), 404)
    history = ask(ehr, "GET", "Patient/9/_history")
    Bundle.model_validate_json(history.content)
    assert [entry["request"]["method"] for entry in history.json()["entry"]] == ["DELETE", "PUT", "PUT"]


# update


def test_an_update_to_a_new_id_creates_it_and_the_next_one_updates_it(ehr: StandInEhr) -> None:
    first, second = ask(ehr, "PUT", "Patient/9", patient()), ask(ehr, "PUT", "Patient/9", patient(active=True))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.headers["ETag"] == 'W/"2"'
    assert second.headers["Location"] == f"{ehr.base}/Patient/9/_history/2"


def test_an_update_to_a_new_id_is_405_where_the_server_chooses_ids(ehr: StandInEhr) -> None:
    ehr.switches.update_create = False
    assert_refused(ask(ehr, "PUT", "Patient/9", patient()), 405)
    ehr.put(patient())
    assert ask(ehr, "PUT", "Patient/9", patient()).status_code == 200


@pytest.mark.parametrize("sent", [patient(None), patient("8"), {**risk("9")}])
def test_an_update_whose_body_is_another_resource_than_its_address_is_400(ehr: StandInEhr, sent: Resource) -> None:
    assert_refused(ask(ehr, "PUT", "Patient/9", sent), 400)


def test_an_update_of_another_version_than_the_current_one_is_412(ehr: StandInEhr) -> None:
    ehr.put(patient())
    assert ask(ehr, "PUT", "Patient/9", patient(), If_Match='W/"1"').status_code == 200
    assert_refused(ask(ehr, "PUT", "Patient/9", patient(), If_Match='W/"1"'), 412)
    assert_refused(ask(ehr, "PUT", "Patient/8", patient("8"), If_Match='W/"1"'), 412)


def test_a_server_can_answer_409_to_another_version_or_ignore_if_match(ehr: StandInEhr) -> None:
    ehr.put(patient())
    ehr.switches.if_match = 409
    assert_refused(ask(ehr, "PUT", "Patient/9", patient(), If_Match='W/"7"'), 409)
    ehr.switches.if_match = "ignored"
    assert ask(ehr, "PUT", "Patient/9", patient(), If_Match='W/"7"').status_code == 200


def test_a_put_to_a_deleted_resource_brings_it_back(ehr: StandInEhr) -> None:
    ehr.put(patient())
    ehr.delete("Patient/9")
    answer = ask(ehr, "PUT", "Patient/9", patient())
    assert (answer.status_code, answer.headers["ETag"]) == (201, 'W/"3"')


# conditional update


SEARCH = f"RiskAssessment?identifier={SYSTEM}%7Cseries-1"


def test_a_conditional_update_creates_then_updates_the_same_resource(ehr: StandInEhr) -> None:
    first, second = ask(ehr, "PUT", SEARCH, risk()), ask(ehr, "PUT", SEARCH, risk(status="amended"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["meta"]["versionId"] == "2"


def test_a_conditional_update_with_an_id_follows_the_table_of_the_http_page(ehr: StandInEhr) -> None:
    assert ask(ehr, "PUT", SEARCH, risk("mine")).status_code == 201
    assert ask(ehr, "PUT", SEARCH, risk("mine")).status_code == 200
    assert_refused(ask(ehr, "PUT", SEARCH, risk("other")), 400)
    ehr.put(risk("taken", value="series-2"))
    assert_refused(ask(ehr, "PUT", f"RiskAssessment?identifier={SYSTEM}%7Cseries-3", risk("taken", value="series-3")), 409)


def test_a_conditional_update_that_matches_several_or_is_not_supported_is_412(ehr: StandInEhr) -> None:
    ehr.put(risk("a"))
    ehr.put(risk("b"))
    assert_refused(ask(ehr, "PUT", SEARCH, risk()), 412)
    ehr.switches.conditional_update = False
    assert_refused(ask(ehr, "PUT", SEARCH, risk()), 412)


# bad requests


def test_an_unknown_type_is_404_and_an_unknown_interaction_405(ehr: StandInEhr) -> None:
    assert_refused(ask(ehr, "GET", "Vertebra/1"), 404)
    assert_refused(ask(ehr, "PATCH", "Patient/9", patient()), 405)
    assert_refused(ask(ehr, "GET", "Patient/9/a/b/c/d"), 404)


def test_bodies_that_are_not_resources_are_400_and_other_media_types_415(ehr: StandInEhr) -> None:
    headers = {"Content-Type": FHIR_JSON}
    assert_refused(requests.post(f"{ehr.base}/Patient", data="{", headers=headers, timeout=10), 400)
    assert_refused(requests.post(f"{ehr.base}/Patient", data="[]", headers=headers, timeout=10), 400)
    assert_refused(requests.post(f"{ehr.base}/Patient", data="<x/>", headers={"Content-Type": "text/xml"}, timeout=10), 415)
    assert_refused(ask(ehr, "GET", "Patient/9", Accept="application/fhir+xml"), 406)


@pytest.mark.parametrize(
    "sent",
    [
        {"resourceType": "RiskAssessment", "status": "final"},
        risk(colour="red"),
        risk(status="bogus"),
        risk(prediction=[{"probabilityDecimal": 101}]),
        risk(prediction=[{"probabilityRange": {"low": {"value": 1, "code": "mm"}}}]),
    ],
)
def test_an_invalid_risk_assessment_is_422(ehr: StandInEhr, sent: Resource) -> None:
    assert_refused(ask(ehr, "POST", "RiskAssessment", sent), 422)
    assert ehr.all("RiskAssessment") == []


def test_a_dangling_reference_is_refused_where_integrity_is_kept(ehr: StandInEhr) -> None:
    ehr.switches.referential_integrity = True
    assert_refused(ask(ehr, "POST", "RiskAssessment", risk()), 400)
    ehr.put(patient())
    assert ask(ehr, "POST", "RiskAssessment", risk()).status_code == 201


def test_a_missing_or_wrong_token_is_401_but_metadata_stays_open(ehr: StandInEhr) -> None:
    ehr.switches.bearer = "s3cret"
    assert_refused(ask(ehr, "GET", "Patient/9"), 401)
    assert_refused(ask(ehr, "GET", "Patient/9", Authorization="Bearer other"), 401)
    assert_refused(ask(ehr, "GET", "Patient/9", Authorization="Bearer s3cret"), 404)
    assert ask(ehr, "GET", "metadata").status_code == 200


# preferences


def test_a_write_answers_as_the_client_prefers(ehr: StandInEhr) -> None:
    minimal = ask(ehr, "PUT", "Patient/9", patient(), Prefer="return=minimal")
    assert (minimal.content, minimal.headers["ETag"]) == (b"", 'W/"1"')
    told = ask(ehr, "PUT", "Patient/9", patient(), Prefer="return=OperationOutcome")
    assert told.json()["resourceType"] == "OperationOutcome"
    ehr.switches.answers_writes = "silent"
    silent = ask(ehr, "PUT", "Patient/9", patient())
    assert (silent.status_code, silent.content, "ETag" in silent.headers) == (200, b"", False)


def test_a_server_without_versions_names_none(ehr: StandInEhr) -> None:
    ehr.switches.versioned = ehr.switches.last_updated = False
    answer = ask(ehr, "PUT", "Patient/9", patient())
    assert "ETag" not in answer.headers
    assert "meta" not in answer.json()
    assert answer.headers["Location"] == f"{ehr.base}/Patient/9"
