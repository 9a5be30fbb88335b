"""What an EHR promises."""

import json

import pytest

from service.ehr.client import EhrClient
from service.ehr.conformance import NOTHING_PROMISED, Conformance, Promise, read_conformance
from service.errors import EhrRefusedError, EhrUnavailableError
from tests.stand_in_ehr import Fault, StandInEhr


def test_a_full_server_promises_everything(client: EhrClient) -> None:
    found = read_conformance(client)
    assert (found.is_stated, found.fhir_version, found.software) == (True, "4.0.1", "Stand-in EHR")
    assert all("read" in found.of(name).interactions for name in ("DiagnosticReport", "Observation", "Patient"))
    assert "create" in found.of("Provenance").interactions
    assert {"patient", "date", "has-member"} <= found.of("Observation").parameters
    risk = found.of("RiskAssessment")
    assert (risk.update_create, risk.conditional_update, risk.conditional_create, risk.version_aware) == (True,) * 4


def test_what_is_switched_off_is_not_promised(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.switches.update_create = ehr.switches.conditional_update = ehr.switches.conditional_create = False
    ehr.switches.if_match = "ignored"
    risk = read_conformance(client).of("RiskAssessment")
    assert (risk.update_create, risk.conditional_update, risk.conditional_create, risk.version_aware) == (False,) * 4


def stated(ehr: StandInEhr, *rest: object) -> None:
    """Let the EHR state this and nothing else."""
    statement = {"resourceType": "CapabilityStatement", "rest": list(rest)}
    ehr.strike(Fault(status=200, body=json.dumps(statement).encode()))


def test_promises_to_update_or_search_count_only_where_they_are_served(ehr: StandInEhr, client: EhrClient) -> None:
    resource = {"type": "RiskAssessment", "interaction": [{"code": "read"}], "updateCreate": True, "conditionalUpdate": True}
    stated(ehr, {"mode": "server", "resource": [{**resource, "searchParam": [{"name": "identifier", "type": "token"}]}]})
    assert read_conformance(client).of("RiskAssessment") == Promise(interactions=frozenset({"read"}))


def test_what_a_client_would_do_is_no_promise_of_a_server(ehr: StandInEhr, client: EhrClient) -> None:
    resource = {"type": "RiskAssessment", "interaction": [{"code": "update"}], "updateCreate": True}
    stated(ehr, {"mode": "client", "resource": [resource]}, "odd")
    assert read_conformance(client) == Conformance(is_stated=True)


def test_the_security_services_that_an_ehr_names_are_read(ehr: StandInEhr, client: EhrClient) -> None:
    coding = {"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}
    stated(ehr, {"mode": "server", "security": {"service": [{"coding": [coding]}, {"text": "Basic"}]}})
    assert read_conformance(client).security == {"SMART-on-FHIR"}


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
