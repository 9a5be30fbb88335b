"""Logging in at an EHR as a SMART Backend Service, against a server that checks what the specification asks."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from structlog.testing import capture_logs

from service.ehr.auth import authorization_of
from service.ehr.client import EhrClient
from service.ehr.smart import LATEST_RENEWAL_SECONDS, SmartBackend
from service.errors import EhrUnavailableError, SettingsError
from service.hospitals import USUAL_SCOPE
from service.model.hospital import Hospital, SmartLogin
from service.pipeline.examine import examine
from service.signing import SigningKey
from tests.issuer import ec_key, rsa_key
from tests.stand_in_ehr import StandInEhr
from tests.stand_in_ehr.server import Wire
from tests.token_server import TokenServer


def key(private: object) -> SigningKey:
    pem: bytes = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    return SigningKey.from_pem(pem)


RSA, EC = key(rsa_key()), key(ec_key())


@pytest.fixture
def issuer() -> Iterator[TokenServer]:
    with TokenServer("spinal-lesion-service", [RSA.public, EC.public]) as running:
        yield running


@pytest.fixture
def smart(hospital: Hospital, ehr: StandInEhr, issuer: TokenServer) -> Hospital:
    """The hospital of a stand-in whose EHR issues tokens on its own host."""
    ehr.switches.smart_configuration = {"token_endpoint": issuer.url}
    login = SmartLogin(client_id="spinal-lesion-service", keys=(RSA,), scope="system/Observation.rs system/Patient.rs")
    return replace(hospital, ehr_bearer=None, smart=login, timeout_seconds=2.0)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def backend(hospital: Hospital, clock: Clock | None = None) -> SmartBackend:
    assert hospital.smart is not None
    return SmartBackend(hospital, hospital.smart, clock=clock or Clock())


def with_login(hospital: Hospital, **changed: object) -> Hospital:
    assert hospital.smart is not None
    return replace(hospital, smart=replace(hospital.smart, **changed))  # type: ignore[arg-type] # a test names the fields


@pytest.mark.parametrize("keys", [(RSA,), (EC,), (EC, RSA)], ids=["RS384", "ES384", "the first signs"])
def test_a_token_is_issued_for_a_signed_assertion(smart: Hospital, issuer: TokenServer, keys: tuple[SigningKey, ...]) -> None:
    assert backend(with_login(smart, keys=keys)).header() == "Bearer token-1"
    [claims] = issuer.claims
    assert (claims["aud"], claims["exp"] - claims["iat"] <= 300) == (issuer.url, True)
    assert issuer.forms[0]["scope"] == "system/Observation.rs system/Patient.rs"


def test_the_token_is_sent_to_the_ehr_and_kept(smart: Hospital, ehr: StandInEhr, issuer: TokenServer) -> None:
    ehr.switches.bearer = "token-1"
    with EhrClient(smart) as client:
        assert [client.get("Patient/9").status for _ in range(3)] == [404] * 3
    assert issuer.issued == 1
    asked = [each for each in ehr.requests if each.path == "Patient/9"]
    assert {each.headers["authorization"] for each in asked} == {"Bearer token-1"}


def test_a_token_that_the_ehr_refuses_is_replaced_once(smart: Hospital, ehr: StandInEhr, issuer: TokenServer) -> None:
    ehr.switches.bearer = "token-2"
    with EhrClient(smart) as client:
        assert client.get("Patient/9").status == 404
        assert issuer.issued == 2
        ehr.switches.bearer = "never"
        with pytest.raises(EhrUnavailableError, match="does not accept our authorisation"):
            client.get("Patient/9")
    assert issuer.issued == 3


@pytest.mark.parametrize(
    ("expires_in", "kept", "gone"),
    [(300, 269, 271), (3600, 3569, 3571), (20, 17, 19), (None, 269, 271), ("soon", 269, 271), (0, 269, 271)],
)
def test_a_token_is_renewed_shortly_before_its_end(
    smart: Hospital, issuer: TokenServer, expires_in: object, kept: float, gone: float
) -> None:
    issuer.expires_in = expires_in
    clock = Clock()
    login = backend(smart, clock)
    login.header()
    clock.now = 1000 + kept
    assert login.header() == "Bearer token-1"
    clock.now = 1000 + gone
    assert login.header() == "Bearer token-2"
    assert LATEST_RENEWAL_SECONDS == 30


def test_threads_share_one_token(smart: Hospital, issuer: TokenServer) -> None:
    login = backend(smart)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: login.header(), range(24))) == {"Bearer token-1"}
    assert issuer.issued == 1


def test_a_registered_token_url_is_used_without_asking_the_ehr(smart: Hospital, ehr: StandInEhr, issuer: TokenServer) -> None:
    ehr.switches.smart_configuration = None
    assert backend(with_login(smart, token_url=issuer.url)).header() == "Bearer token-1"
    assert ehr.requests == []


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        (None, "does not say where it issues tokens"),
        ({}, "Set ehr.smart.token_url"),
        ({"token_endpoint": "https://login.example/token"}, "on another host than its own. Register it"),
        ({"token_endpoint": "http://127.0.0.2:8080/token"}, "on another host"),
        ({"token_endpoint": "https://127.0.0.1/token"}, "on another host"),
        ({"token_endpoint": "http://user@127.0.0.1/token"}, "on another host"),
    ],
)
def test_an_assertion_is_sent_to_the_registered_host_alone(
    smart: Hospital, ehr: StandInEhr, issuer: TokenServer, configuration: dict[str, str] | None, said: str
) -> None:
    ehr.switches.smart_configuration = configuration
    with pytest.raises(EhrUnavailableError, match=said):
        backend(smart).header()
    assert issuer.forms == []


def answer(status: int, content: object) -> Wire:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Wire(status=status, headers={}, body=body)


@pytest.mark.parametrize(
    ("wire", "said"),
    [
        (answer(401, {"error": "invalid_client", "error_description": "Quimby"}), r"\(401 invalid_client\)"),
        (answer(400, {"error": "Quimby"}), r"\(400\)"),
        (answer(503, b"<html>Quimby</html>"), r"\(503\)"),
        (answer(200, {"token_type": "bearer"}), r"\(200\)"),
        (answer(200, b"Quimby"), r"\(200\)"),
        (answer(302, b""), r"\(302\)"),
    ],
)
def test_a_login_that_fails_says_what_to_check_and_nothing_of_the_answer(
    smart: Hospital, issuer: TokenServer, wire: Wire, said: str
) -> None:
    issuer.wire = wire
    with pytest.raises(EhrUnavailableError, match=f"issues us no token {said}. Check") as raised:
        backend(smart).header()
    assert "Quimby" not in raised.value.text
    assert (raised.value.retry, raised.value.outcome) == (True, b"")


def test_an_issuer_that_is_down_or_never_ends_is_waited_for(smart: Hospital, issuer: TokenServer) -> None:
    login = backend(with_login(smart, token_url="http://127.0.0.1:9/token"))
    with pytest.raises(EhrUnavailableError, match=r"nobody answered \(connection-refused\)") as raised:
        login.header()
    assert raised.value.reason == "connection-refused"
    issuer.wire = Wire(status=200, headers={}, body=b"x" * 1_000_000)
    with pytest.raises(EhrUnavailableError, match="did not end"):
        backend(smart).header()


def test_scopes_that_were_withheld_are_said_once(smart: Hospital, issuer: TokenServer) -> None:
    issuer.granted = "system/Patient.rs"
    login = backend(smart)
    with capture_logs() as events:
        login.header()
        login.renew()
        login.header()
    assert login.withheld == {"system/Observation.rs"}
    assert [each["scopes"] for each in events if each["event"] == "smart_scopes_withheld"] == [["system/Observation.rs"]]
    issuer.granted = None
    login.renew()
    login.header()
    assert login.withheld == frozenset()


def test_the_check_of_a_hospital_logs_in_and_says_what_was_withheld(smart: Hospital, ehr: StandInEhr, issuer: TokenServer) -> None:
    ehr.switches.bearer = "token-1"
    issuer.granted = "system/Patient.rs"
    with EhrClient(smart) as client:
        found = examine(client, smart)
    texts = [line.text for line in found.lines]
    assert "authentication: the EHR names none, [ehr] configures SMART Backend Services" in texts
    assert any("did not grant system/Observation.rs" in text for text in texts)
    assert found.lacking == 0
    issuer.wire = answer(401, {"error": "invalid_client"})
    with EhrClient(smart) as client:
        assert "Check [ehr.smart]" in (examine(client, smart).failure or "")


def test_nothing_shows_a_secret_and_an_ehr_is_needed(smart: Hospital) -> None:
    assert repr(authorization_of(smart)) == "SmartBackend(..)"
    assert "BEGIN" not in repr(smart)
    assert smart.smart is not None
    with pytest.raises(SettingsError, match=r"ehr\.base"):
        SmartBackend(replace(smart, ehr_base=None), smart.smart)


def test_what_is_asked_for_by_default_is_what_is_read_and_written() -> None:
    assert {"system/DiagnosticReport.rs", "system/Observation.rs", "system/RiskAssessment.crus"} <= set(USUAL_SCOPE.split())
