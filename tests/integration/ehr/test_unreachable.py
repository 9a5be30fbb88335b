"""Why an EHR did not answer, in one word of a closed vocabulary, and what can be done about it."""

import errno
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from urllib3.exceptions import ProtocolError

from service.ehr.client import EhrClient
from service.ehr.unreachable import REMEDIES, Unreachable, reason_of
from service.errors import EhrUnavailableError
from service.model.hospital import Hospital, HospitalSlug
from service.pipeline.examine import examine
from tests.certificates import self_signed
from tests.stand_in_ehr import StandInEhr


def reason(hospital: Hospital, **changed: Any) -> str | None:  # noqa: ANN401 - fields
    with EhrClient(replace(hospital, **changed)) as client, pytest.raises(EhrUnavailableError) as raised:
        client.get("Patient/MRN-4711")
    assert "MRN-4711" not in raised.value.text
    assert raised.value.text == f"The EHR did not answer ({raised.value.reason})."
    return raised.value.reason


@pytest.fixture
def hospital(ehr: StandInEhr) -> Hospital:
    return Hospital(slug=HospitalSlug("north"), name="North", ehr_base=ehr.base, timeout_seconds=2.0)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted_until_it_is_named(tmp_path: Path, hospital: Hospital) -> None:
    own = self_signed(tmp_path)
    with StandInEhr(tls=own.server_context()) as secure:
        assert reason(hospital, ehr_base=secure.base) == Unreachable.UNTRUSTED
        trusting = replace(hospital, ehr_base=secure.base, ca_bundle=str(own.certificate))
        with EhrClient(trusting) as client:
            assert client.get("metadata").status == 200


def test_a_certificate_that_is_not_valid_any_more_is_told_from_one_that_is_not_trusted(tmp_path: Path, hospital: Hospital) -> None:
    old = self_signed(tmp_path, days=-1)
    with StandInEhr(tls=old.server_context()) as secure:
        assert reason(hospital, ehr_base=secure.base, ca_bundle=str(old.certificate)) == Unreachable.EXPIRED


def test_a_certificate_for_another_address_is_told_too(tmp_path: Path, hospital: Hospital) -> None:
    other = self_signed(tmp_path, address="192.0.2.1")
    with StandInEhr(tls=other.server_context()) as secure:
        assert reason(hospital, ehr_base=secure.base, ca_bundle=str(other.certificate)) == Unreachable.OTHER_NAME


def test_https_to_a_server_that_speaks_http_is_a_matter_of_tls(ehr: StandInEhr, hospital: Hospital) -> None:
    assert reason(hospital, ehr_base=ehr.base.replace("http:", "https:")) == Unreachable.TLS


def test_a_name_that_nobody_knows_is_told(hospital: Hospital) -> None:
    assert reason(hospital, ehr_base="http://ehr.invalid/fhir") == Unreachable.NAME


def test_a_port_at_which_nobody_listens_is_told(ehr: StandInEhr, hospital: Hospital) -> None:
    ehr.stop()
    assert reason(hospital) == Unreachable.REFUSED


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (requests.ConnectTimeout("10.0.0.9"), Unreachable.CONNECT_TIMEOUT),
        (requests.ReadTimeout("10.0.0.9"), Unreachable.READ_TIMEOUT),
        (requests.exceptions.ProxyError(ConnectionRefusedError()), Unreachable.PROXY),
        (requests.ConnectionError(OSError(errno.EHOSTUNREACH, "10.0.0.9")), Unreachable.NO_ROUTE),
        (ProtocolError("aborted", ConnectionResetError()), Unreachable.CUT_OFF),
        (ssl.SSLError("odd"), Unreachable.TLS),
        (requests.exceptions.InvalidHeader("odd"), Unreachable.OTHER),
        (OSError("no bundle"), Unreachable.OTHER),
    ],
    ids=lambda value: str(value) if isinstance(value, Unreachable) else type(value).__name__,
)
def test_the_most_telling_of_all_causes_is_the_reason(error: Exception, expected: Unreachable) -> None:
    assert reason_of(error) == expected


def test_an_error_that_leads_back_to_itself_ends() -> None:
    first, second = ConnectionError("a"), ConnectionError("b")
    first.__cause__, second.__cause__ = second, first
    assert reason_of(first) == Unreachable.CUT_OFF


def test_every_reason_has_its_remedy() -> None:
    assert set(REMEDIES) == set(Unreachable)


def test_the_check_of_a_hospital_says_how_to_mend_it(tmp_path: Path, hospital: Hospital) -> None:
    with StandInEhr(tls=self_signed(tmp_path).server_context()) as secure:
        told = replace(hospital, ehr_base=secure.base)
        with EhrClient(told) as client:
            failure = examine(client, told).failure or ""
    assert "Set ehr.ca_bundle to the certificates of that authority (PEM)." in failure
