"""Nobody else's work in the EHR is overwritten, and doubles are reported."""

import json

import pytest

from service.ehr.client import EhrClient
from service.ehr.deliver import Method
from service.errors import EhrConflictError, EhrRefusedError, EhrUnavailableError
from tests.integration.ehr.writer import BY_SEARCH, SERIES, Writer, every_mode, risk
from tests.stand_in_ehr import Fault, StandInEhr

# others


@every_mode
def test_what_somebody_else_changed_is_not_overwritten(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    writer.deliver(risk())
    writer.change_by_somebody_else()
    with pytest.raises(EhrConflictError, match="Somebody else"):
        writer.deliver(risk("second"))
    assert writer.held()["note"] == [{"text": "seen by the tumour board"}]


@every_mode
def test_what_stands_under_our_identifier_and_is_not_ours_is_not_overwritten(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    ehr.put({**risk("theirs"), "id": SERIES})
    with pytest.raises(EhrConflictError, match="Somebody else"):
        writer.deliver(risk())
    assert writer.held()["note"] == [{"text": "theirs"}]


@pytest.mark.parametrize("status", [412, 409])
def test_a_change_between_look_and_write_is_met_by_if_match(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    writer.deliver(risk())
    ehr.switches.if_match = 412 if status == 412 else 409
    ehr.strike(Fault(method="PUT", times=1, before=writer.change_by_somebody_else))
    with pytest.raises(EhrConflictError, match="Somebody else"):
        writer.deliver(risk("second"))
    assert writer.held()["note"] == [{"text": "seen by the tumour board"}]


@pytest.mark.parametrize("status", [412, 409])
def test_a_version_of_ours_that_came_between_is_overwritten(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    writer.deliver(risk())
    ehr.switches.if_match = 412 if status == 412 else 409
    ehr.strike(Fault(method="PUT", times=1, before=lambda: ehr.put({**risk("second"), "id": SERIES})))
    assert writer.deliver(risk("third")).ehr_version == "3"
    assert writer.held()["note"] == [{"text": "third"}]


def test_if_match_that_is_ignored_does_not_cost_somebody_elses_work(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.switches.if_match = "ignored"
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    writer.deliver(risk())
    writer.change_by_somebody_else()
    with pytest.raises(EhrConflictError):
        writer.deliver(risk("second"))
    assert writer.held()["note"] == [{"text": "seen by the tumour board"}]


def test_a_server_that_is_busy_with_conflicts_of_its_own_is_tried_again_later(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    writer.deliver(risk())
    ehr.strike(Fault(method="PUT", status=409))
    with pytest.raises(EhrUnavailableError, match="nobody else"):
        writer.deliver(risk("second"))
    ehr.clear()
    assert writer.deliver(risk("second")).ehr_version == "2"


@pytest.mark.parametrize("mode", BY_SEARCH)
def test_several_resources_with_our_identifier_are_reported(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    ehr.put({**risk(), "id": "a"})
    ehr.put({**risk(), "id": "b"})
    with pytest.raises(EhrConflictError, match="holds 2"):
        writer.deliver(risk("second"))
    assert writer.writes() == []


def test_a_create_that_raced_with_another_is_reported_by_the_check_afterwards(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    ehr.strike(Fault(method="POST", before=lambda: ehr.put(risk())))
    with pytest.raises(EhrConflictError, match="holds 2"):
        writer.deliver(risk())


def test_a_search_index_that_lags_behind_does_not_hide_a_double(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.CONDITIONAL_UPDATE)
    ehr.put({**risk(), "id": "earlier"})
    empty = json.dumps({"resourceType": "Bundle", "type": "searchset"}).encode()
    ehr.strike(Fault(method="GET", path="RiskAssessment?identifier", times=1, status=200, body=empty))
    double = {**risk("second"), "id": "double"}
    ehr.strike(Fault(method="PUT", times=1, before=lambda: ehr.put(double), status=201, body=json.dumps(double).encode()))
    with pytest.raises(EhrConflictError, match="holds 2"):
        writer.deliver(risk("second"))


@pytest.mark.parametrize("mode", [Method.CONDITIONAL_UPDATE, Method.CONDITIONAL_CREATE])
def test_a_conditional_write_that_raced_with_ours_ends_with_one(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    method = "PUT" if mode == Method.CONDITIONAL_UPDATE else "POST"
    ehr.strike(Fault(method=method, times=1, before=lambda: ehr.put(risk())))
    assert writer.deliver(risk("second")).ehr_version == "2"
    assert writer.held()["note"] == [{"text": "second"}]


@every_mode
def test_a_resource_that_was_deleted_in_the_ehr_is_written_anew(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    first = writer.deliver(risk())
    ehr.delete(f"RiskAssessment/{first.ehr_id}")
    second = writer.deliver(risk("second"))
    assert (second.method, second.http_status, writer.held()["id"]) == (mode, 201, second.ehr_id)


@every_mode
def test_a_resource_that_is_deleted_between_look_and_write_is_written_anew(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    first = writer.deliver(risk())
    ehr.switches.if_match = "ignored"
    ehr.switches.update_create = False
    ehr.strike(Fault(method="PUT", times=1, before=lambda: ehr.delete(f"RiskAssessment/{first.ehr_id}")))
    if mode == Method.UPDATE_CREATE:
        with pytest.raises(EhrRefusedError) as raised:
            writer.deliver(risk("second"))
        assert raised.value.http_status == 405
    else:
        assert writer.deliver(risk("second")).method == mode
