"""Keys of an issuer over HTTP: bounded, not redirected, used as long as the issuer says."""

import gzip
import time
from pathlib import Path

import pytest

from service.ehr.jwks import LONGEST_SECONDS, MAX_BYTES, SHORTEST_SECONDS, USUAL_SECONDS, fetch_jwks
from service.errors import IssuerUnavailableError
from tests.issuer import jwks
from tests.key_server import KeyServer


def test_the_bytes_are_read_as_they_are() -> None:
    with KeyServer(jwks()) as server:
        assert fetch_jwks(server.uri).body == jwks()
    assert [(each.method, each.path, each.headers["accept"]) for each in server.asked] == [("GET", "jwks", "application/json")]


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("max-age=600", 600.0),
        ("public, max-age=600, must-revalidate", 600.0),
        ('MAX-AGE="600"', 600.0),
        ("s-maxage=9", USUAL_SECONDS),
        ("x-max-age=9", USUAL_SECONDS),
        ("max-age=0", SHORTEST_SECONDS),
        ("max-age=9999999999", LONGEST_SECONDS),
        ("max-age=-1", USUAL_SECONDS),
        ("no-store", USUAL_SECONDS),
        ("", USUAL_SECONDS),
    ],
)
def test_the_issuer_says_how_long_they_hold_within_our_bounds(cache_control: str, seconds: float) -> None:
    with KeyServer(jwks(), Cache_Control=cache_control) as server:
        assert fetch_jwks(server.uri).max_age_seconds == seconds


def test_an_issuer_that_does_not_say_is_asked_again_after_a_while() -> None:
    with KeyServer(jwks()) as server:
        assert fetch_jwks(server.uri).max_age_seconds == USUAL_SECONDS


def test_a_redirect_is_not_followed() -> None:
    with KeyServer(jwks()) as elsewhere, KeyServer(b"", status=302, Location=elsewhere.uri) as server:
        with pytest.raises(IssuerUnavailableError, match="answered 302"):
            fetch_jwks(server.uri)
        assert elsewhere.asked == []


@pytest.mark.parametrize("status", [204, 404, 500, 503])
def test_anything_but_200_is_no_answer(status: int) -> None:
    with KeyServer(jwks() if status != 204 else b"", status=status) as server, pytest.raises(IssuerUnavailableError) as raised:
        fetch_jwks(server.uri)
    assert (raised.value.status, raised.value.retry) == (503, True)


def test_a_body_over_the_limit_is_not_read() -> None:
    with KeyServer(gzip.compress(bytes(MAX_BYTES + 1)), Content_Encoding="gzip") as server:
        with pytest.raises(IssuerUnavailableError, match="EhrRefusedError"):
            fetch_jwks(server.uri)
        server.answer(gzip.compress(bytes(MAX_BYTES)), Content_Encoding="gzip")
        assert len(fetch_jwks(server.uri).body) == MAX_BYTES


def test_a_dripping_issuer_is_cut_off() -> None:
    with KeyServer() as server:
        server.answer(jwks(), drip_seconds=0.02)
        started = time.monotonic()
        with pytest.raises(IssuerUnavailableError):
            fetch_jwks(server.uri, seconds=0.3)
        assert time.monotonic() - started < 4.0


def test_an_issuer_that_is_down_is_unavailable_and_its_address_is_not_told() -> None:
    with KeyServer() as server:
        pass
    with pytest.raises(IssuerUnavailableError, match="ConnectionError") as raised:
        fetch_jwks(server.uri)
    assert "127.0.0.1" not in raised.value.text


def test_the_environment_decides_neither_the_way_nor_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with KeyServer(jwks()) as server:
        fetch_jwks(server.uri)
    assert "authorization" not in server.asked[0].headers


def test_a_private_ca_bundle_is_the_one_that_is_trusted(tmp_path: Path) -> None:
    with pytest.raises(IssuerUnavailableError, match="OSError"):
        fetch_jwks("https://127.0.0.1:9/jwks", ca_bundle=f"{tmp_path}/not-there.pem")
