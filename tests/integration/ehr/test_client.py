"""Exchanges with an EHR that behaves, misbehaves, or is not there."""

import gzip
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from service.ehr.answer import Answer
from service.ehr.client import EhrClient
from service.ehr.unreachable import Unreachable
from service.errors import EhrConflictError, EhrRefusedError, EhrUnavailableError, ForeignAddressError, SettingsError
from service.model.hospital import Hospital
from tests.stand_in_ehr import Fault, StandInEhr

PATIENT = {"resourceType": "Patient", "id": "9"}
BODY = b'{"resourceType": "Patient", "id": "9"}'


def read(client: EhrClient) -> Answer:
    return client.get("Patient/9")


def write(client: EhrClient) -> Answer:
    return client.send("PUT", "Patient/9", BODY)


def test_a_read_returns_the_bytes_and_the_version(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.put(PATIENT)
    ehr.put(PATIENT)
    answer = client.get("Patient/9")
    assert (answer.status, answer.etag, answer.retry_after) == (200, "2", None)
    assert answer.body == requests.get(f"{ehr.base}/Patient/9", timeout=5).content
    assert client.base == ehr.base


def test_every_exchange_carries_the_token_and_asks_for_fhir_json(ehr: StandInEhr, client: EhrClient) -> None:
    client.get("Patient/9")
    client.send("PUT", "Patient/9", BODY, if_match=None, if_none_exist="identifier=x")
    read, write = (each.headers for each in ehr.requests)
    assert (read["authorization"], write["authorization"]) == ("Bearer t0ken", "Bearer t0ken")
    assert (read["accept"], write["content-type"]) == ("application/fhir+json", "application/fhir+json")
    assert (write["prefer"], write["if-none-exist"]) == ("return=representation", "identifier=x")
    assert "if-match" not in write


def test_without_a_token_no_authorization_header_is_sent(ehr: StandInEhr, hospital: Hospital) -> None:
    with EhrClient(replace(hospital, ehr_bearer=None)) as client:
        client.get("Patient/9")
    assert "authorization" not in ehr.requests[0].headers


def test_absence_and_other_lasting_refusals_of_a_read_are_answers(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.put(PATIENT)
    ehr.delete("Patient/9")
    assert client.get("Patient/8").status == 404
    assert client.get("Patient/9").status == 410
    assert client.get("Patient?colour=red").status == 400
    ehr.strike(Fault(status=501))
    assert client.get("Patient/8").status == 501


# addresses


def test_a_next_link_below_the_base_is_asked_as_it_is(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.put(PATIENT)
    assert client.get(f"{ehr.base}/Patient/9").status == 200
    assert client.relative(f"{ehr.base}?_getpages=1") == "?_getpages=1"


def test_a_foreign_address_is_not_asked_and_gets_no_token(ehr: StandInEhr, client: EhrClient) -> None:
    with StandInEhr() as foreign:
        for address in (f"{foreign.base}/Patient/9", "//127.0.0.1/x", "../admin", "http://169.254.169.254/latest"):
            with pytest.raises(ForeignAddressError):
                client.get(address)
            with pytest.raises(ForeignAddressError):
                client.send("PUT", address, BODY)
        assert foreign.requests == []
    assert ehr.requests == []


def test_a_redirect_is_not_followed(ehr: StandInEhr, client: EhrClient) -> None:
    with StandInEhr() as foreign:
        ehr.strike(Fault(status=302, headers={"Location": f"{foreign.base}/Patient/9"}))
        with pytest.raises(EhrRefusedError, match="redirects") as reading:
            client.get("Patient/9")
        with pytest.raises(EhrRefusedError, match="Register the address"):
            client.send("PUT", "Patient/9", BODY)
        assert foreign.requests == []
    assert reading.value.http_status == 302


def test_the_environment_decides_neither_the_way_nor_the_credentials(
    ehr: StandInEhr, hospital: Hospital, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login mallory password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with EhrClient(hospital) as client:
        assert client.get("Patient/9").status == 404
    assert ehr.requests[0].headers["authorization"] == "Bearer t0ken"


def test_cookies_are_not_kept(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.strike(Fault(status=404, times=1, headers={"Set-Cookie": "session=1; Path=/"}))
    client.get("Patient/9")
    client.get("Patient/9")
    assert "cookie" not in ehr.requests[1].headers


def test_a_private_ca_bundle_is_the_one_that_is_trusted(hospital: Hospital) -> None:
    with requests.Session() as session:
        EhrClient(replace(hospital, ca_bundle="/etc/hospital-ca.pem"), session=session)
        assert (session.verify, session.trust_env) == ("/etc/hospital-ca.pem", False)


def test_a_hospital_without_a_usable_base_has_no_client(hospital: Hospital) -> None:
    for base in (None, "https://user:secret@ehr.example/fhir"):
        with pytest.raises(SettingsError):
            EhrClient(replace(hospital, ehr_base=base))


# failures


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_passing_failures_are_tried_again_after_the_time_the_ehr_asks_for(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    ehr.strike(Fault(status=status, headers={"Retry-After": "120"}))
    for exchange in (read, write):
        with pytest.raises(EhrUnavailableError) as raised:
            exchange(client)
        assert (raised.value.retry, raised.value.retry_after) == (True, 120.0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("Fri, 01 Mar 2024 12:01:30 GMT", 90.0),
        ("Fri, 01 Mar 2024 11:00:00 GMT", 0.0),
        ("Fri, 01 Mar 2024 12:01:30 -0000", 90.0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_understood_in_both_forms(ehr: StandInEhr, hospital: Hospital, header: str, seconds: float | None) -> None:
    ehr.strike(Fault(status=503, headers={"Retry-After": header}))
    with (
        EhrClient(hospital, clock=lambda: datetime(2024, 3, 1, 12, 0, tzinfo=UTC)) as client,
        pytest.raises(EhrUnavailableError) as raised,
    ):
        client.get("Patient/9")
    assert raised.value.retry_after == seconds


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_credential_can_be_mended_and_says_so(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    ehr.strike(Fault(status=status))
    for exchange in (read, write):
        with pytest.raises(EhrUnavailableError, match="Check the credentials") as raised:
            exchange(client)
        assert raised.value.retry


def test_a_caller_can_take_403_as_an_answer(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.strike(Fault(status=403))
    assert client.get("Patient/9", accepted=frozenset({403})).status == 403


class Renewable:
    """A credential that is fresh after it was refused once."""

    withheld: frozenset[str] = frozenset()

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    def header(self) -> str:
        return f"Bearer {self.tokens[0]}"

    def renew(self) -> bool:
        self.tokens.pop(0)
        return True


def test_a_credential_that_can_be_renewed_is_renewed_once(ehr: StandInEhr, hospital: Hospital) -> None:
    ehr.switches.bearer = "fresh"
    with EhrClient(hospital, authorization=Renewable("stale", "fresh")) as client:
        assert client.get("Patient/9").status == 404
    with EhrClient(hospital, authorization=Renewable("a", "b", "c")) as client, pytest.raises(EhrUnavailableError):
        client.get("Patient/9")
    assert [each.status for each in ehr.requests] == [401, 404, 401, 401]


@pytest.mark.parametrize("status", [409, 412])
def test_a_conflict_of_a_write_is_told_apart(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    ehr.strike(Fault(status=status))
    with pytest.raises(EhrConflictError) as raised:
        client.send("PUT", "Patient/9", BODY, if_match="7")
    assert raised.value.http_status == status
    assert ehr.requests[0].headers["if-match"] == 'W/"7"'


@pytest.mark.parametrize("status", [400, 404, 405, 410, 422, 501])
def test_a_lasting_refusal_of_a_write_keeps_the_outcome(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    ehr.strike(Fault(status=status, body=b'{"resourceType": "OperationOutcome"}'))
    with pytest.raises(EhrRefusedError) as raised:
        client.send("PUT", "Patient/9", BODY)
    assert (raised.value.http_status, raised.value.retry) == (status, False)
    assert raised.value.outcome == b'{"resourceType": "OperationOutcome"}'


def test_an_ehr_that_is_down_or_hangs_up_is_unavailable(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.strike(Fault(times=1, lost=True))
    with pytest.raises(EhrUnavailableError, match=r"did not answer \(connection-cut-off\)"):
        client.get("Patient/9")
    assert client.get("Patient/9").status == 404
    ehr.stop()
    with pytest.raises(EhrUnavailableError) as raised:
        client.get("Patient/9")
    assert raised.value.reason == Unreachable.REFUSED
    ehr.start()
    assert client.get("Patient/9").status == 404


@pytest.mark.parametrize(
    "fault", [Fault(delay_seconds=5.0), Fault(drip_seconds=0.02), Fault(status=200, body=b"", delay_seconds=5.0)]
)
def test_a_slow_or_dripping_ehr_is_cut_off(ehr: StandInEhr, hospital: Hospital, fault: Fault) -> None:
    ehr.strike(fault)
    started = datetime.now(UTC)
    with EhrClient(replace(hospital, timeout_seconds=0.3)) as client, pytest.raises(EhrUnavailableError) as raised:
        client.get("metadata")
    assert raised.value.reason == Unreachable.READ_TIMEOUT
    assert (datetime.now(UTC) - started).total_seconds() < 4.0


def test_a_body_over_the_limit_is_not_read(ehr: StandInEhr, hospital: Hospital) -> None:
    flood = gzip.compress(bytes(5_000_000))
    ehr.strike(Fault(path="Patient", status=200, headers={"Content-Encoding": "gzip"}, body=flood))
    with EhrClient(hospital, max_bytes=1_000_000) as client:
        with pytest.raises(EhrRefusedError, match="more than 1000000 bytes"):
            client.get("Patient/9")
        assert client.get("metadata").status == 200


def test_a_body_that_cannot_be_decompressed_is_a_passing_failure(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.strike(Fault(status=200, headers={"Content-Encoding": "gzip"}, body=b"not gzip"))
    with pytest.raises(EhrUnavailableError):
        client.get("Patient/9")


@pytest.mark.parametrize(
    ("etag", "version"), [('W/"3"', "3"), ('"3"', "3"), ("3", "3"), ('W/"a-b.c"', "a-b.c"), ('W/""', None), ('"a b"', None)]
)
def test_the_version_is_read_from_every_form_of_etag(ehr: StandInEhr, client: EhrClient, etag: str, version: str | None) -> None:
    ehr.strike(Fault(status=200, headers={"ETag": etag}, body=BODY))
    assert client.get("Patient/9").etag == version


@pytest.mark.parametrize(
    "exchange",
    [
        lambda client: client.get("Observation?patient=secret-patient"),
        lambda client: client.send("PUT", "RiskAssessment?identifier=secret-patient", BODY),
        lambda client: client.get("?_getpages=secret-patient"),
    ],
)
@pytest.mark.parametrize("fault", [Fault(status=503), Fault(status=403), Fault(status=302), Fault(lost=True)])
def test_no_text_of_an_error_names_what_was_asked_about(
    ehr: StandInEhr, client: EhrClient, exchange: Callable[[EhrClient], object], fault: Fault
) -> None:
    ehr.strike(fault)
    with pytest.raises((EhrUnavailableError, EhrRefusedError)) as raised:
        exchange(client)
    assert "secret-patient" not in raised.value.text
    assert raised.value.__context__ is None or raised.value.__suppress_context__


# connections


def test_connections_are_reused_also_after_refusals(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.put(PATIENT)
    ehr.strike(Fault(path="Patient/8", status=503))
    for request in ("Patient/9", "Patient/8", "Patient?_id=9", "Patient/7", "Patient/9") * 3:
        try:
            client.get(request)
        except EhrUnavailableError:
            continue
    assert (len(ehr.requests), ehr.connections) == (15, 1)


def test_threads_may_share_a_client(ehr: StandInEhr, client: EhrClient) -> None:
    for number in range(8):
        ehr.put({"resourceType": "Patient", "id": f"p{number}"})

    def are_all_mine(key: str) -> bool:
        return all(f'"id": "{key}"'.encode() in client.get(f"Patient/{key}").body for _ in range(10))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(are_all_mine, [f"p{number}" for number in range(8)]))
    assert len(ehr.requests) == 80
