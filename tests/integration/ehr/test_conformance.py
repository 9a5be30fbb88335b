"""What an EHR promises."""

import json

import pytest

from service.ehr.client import EhrClient
from service.ehr.conformance import NOTHING_PROMISED, read_conformance
from service.errors import EhrRefusedError, EhrUnavailableError
from tests.stand_in_ehr import Fault, StandInEhr


def test_a_full_server_promises_everything(client: EhrClient) -> None:
    found = read_conformance(client)
    assert found.fhir_version == "4.0.1"
    assert {"DiagnosticReport", "Observation", "Patient"} <= found.reads
    assert "Provenance" in found.creates
    assert {"patient", "date", "has-member"} <= found.searches["Observation"]
    assert found.risk_assessment_update
    assert (found.update_create, found.conditional_update, found.conditional_create, found.version_aware) == (True,) * 4


def test_what_is_switched_off_is_not_promised(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.switches.update_create = ehr.switches.conditional_update = ehr.switches.conditional_create = False
    ehr.switches.if_match = "ignored"
    found = read_conformance(client)
    assert (found.update_create, found.conditional_update, found.conditional_create, found.version_aware) == (False,) * 4


def test_promises_to_update_count_only_where_updates_are_served(ehr: StandInEhr, client: EhrClient) -> None:
    resource = {"type": "RiskAssessment", "interaction": [{"code": "read"}], "updateCreate": True, "conditionalUpdate": True}
    statement = {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": [resource]}]}
    ehr.strike(Fault(status=200, body=json.dumps(statement).encode()))
    found = read_conformance(client)
    assert (found.risk_assessment_update, found.update_create, found.conditional_update) == (False, False, False)
    assert (found.reads, found.searches) == (frozenset({"RiskAssessment"}), {})


def test_what_a_client_would_do_is_no_promise_of_a_server(ehr: StandInEhr, client: EhrClient) -> None:
    resource = {"type": "RiskAssessment", "interaction": [{"code": "update"}], "updateCreate": True}
    statement = {"resourceType": "CapabilityStatement", "rest": [{"mode": "client", "resource": [resource]}, "odd"]}
    ehr.strike(Fault(status=200, body=json.dumps(statement).encode()))
    assert read_conformance(client) == NOTHING_PROMISED


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 410, 501])
def test_a_server_without_metadata_promises_nothing(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    ehr.strike(Fault(status=status))
    assert read_conformance(client) == NOTHING_PROMISED


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(status=401), Fault(lost=True), Fault(status=200, body=b"<html>")])
def test_a_question_that_was_not_answered_is_asked_again_later(ehr: StandInEhr, client: EhrClient, fault: Fault) -> None:
    ehr.strike(fault)
    with pytest.raises(EhrUnavailableError):
        read_conformance(client)


def test_a_redirect_is_refused(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.strike(Fault(status=301))
    with pytest.raises(EhrRefusedError):
        read_conformance(client)
