"""Ways to an EHR: through a proxy, with a certificate of ours, with one token for all threads of a process."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from service.app import build_parts, create_app
from service.ehr.client import EhrClient
from service.ehr.unreachable import Unreachable
from service.errors import EhrUnavailableError
from service.model.hospital import Hospital
from service.settings import Settings
from service.signing import SigningKey
from tests.certificates import self_signed
from tests.issuer import ec_key, rsa_key
from tests.stand_in_ehr import StandInEhr
from tests.token_server import TokenServer


class _Proxy(BaseHTTPRequestHandler):
    """Passes on requests that name their server in full, and remembers them."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(self.path, headers=dict(self.headers), timeout=10)
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class
        """Keep quiet."""


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    """Return the address of a proxy and what it was asked."""
    asked: list[str] = []
    handler = type("Handler", (_Proxy,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_ehr_is_asked_through_the_registered_proxy(
    ehr: StandInEhr, hospital: Hospital, proxy: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    address, asked = proxy
    with EhrClient(replace(hospital, proxy=address)) as client:
        assert client.get("metadata").status == 200
    assert asked == [f"{ehr.base}/metadata"]
    assert urlsplit(asked[0]).netloc == urlsplit(ehr.base).netloc


def test_a_proxy_that_is_down_is_told_from_an_ehr_that_is_down(hospital: Hospital) -> None:
    through_nobody = replace(hospital, proxy="http://127.0.0.1:9")
    with EhrClient(through_nobody) as client, pytest.raises(EhrUnavailableError) as raised:
        client.get("metadata")
    assert raised.value.reason == Unreachable.PROXY


@pytest.mark.parametrize("together", [False, True], ids=["two files", "one file"])
def test_an_ehr_that_asks_for_our_certificate_gets_it(tmp_path: Path, hospital: Hospital, together: bool) -> None:
    theirs, ours = self_signed(tmp_path), self_signed(tmp_path, "us")
    if together:
        ours.certificate.write_bytes(ours.certificate.read_bytes() + ours.key.read_bytes())
    with StandInEhr(tls=theirs.server_context(clients=ours)) as secure:
        registered = replace(
            hospital,
            ehr_base=secure.base,
            ca_bundle=str(theirs.certificate),
            client_certificate=str(ours.certificate),
            client_key=None if together else str(ours.key),
        )
        with EhrClient(registered) as client:
            assert client.get("metadata").status == 200
        with EhrClient(replace(registered, client_certificate=None, client_key=None)) as client:
            with pytest.raises(EhrUnavailableError) as raised:
                client.get("metadata")
            assert raised.value.reason in {Unreachable.TLS, Unreachable.CUT_OFF}


def write_key(file: Path, private: object) -> SigningKey:
    content: bytes = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    file.write_bytes(content)
    return SigningKey.from_pem(content)


def test_a_process_holds_one_token_for_each_ehr_and_publishes_every_key(tmp_path: Path, ehr: StandInEhr) -> None:
    new, old = write_key(tmp_path / "new.pem", ec_key()), write_key(tmp_path / "old.pem", rsa_key())
    with TokenServer("us", [new.public]) as issuer:
        ehr.switches.smart_configuration, ehr.switches.bearer = {"token_endpoint": issuer.url}, "token-1"
        (tmp_path / "hospitals" / "north").mkdir(parents=True)
        smart = f'client_id = "us"\nkey_files = ["{tmp_path}/new.pem", "{tmp_path}/old.pem"]\n'
        content = f'[ehr]\nbase = "{ehr.base}"\n[ehr.smart]\n{smart}'
        (tmp_path / "hospitals" / "north" / "hospital.toml").write_text(content)
        parts = build_parts(Settings(database_url=f"sqlite:///{tmp_path}/service.db", hospitals_dir=tmp_path / "hospitals"))
        north = parts.hospital("north")
        parts.conformance(north)
        statuses: list[int] = []

        def ask() -> None:
            with parts.ehr(north) as client:
                statuses.append(client.get("Patient/9").status)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (statuses, issuer.issued) == ([404] * 3, 1)
        published = create_app(parts).test_client().get("/.well-known/jwks.json")
        parts.database.close()
    assert published.headers["Cache-Control"] == "public, max-age=3600"
    assert published.get_json()["keys"] == [dict(new.public), dict(old.public)]


def test_without_a_login_no_key_is_published(tmp_path: Path) -> None:
    parts = build_parts(Settings(database_url=f"sqlite:///{tmp_path}/service.db"))
    assert create_app(parts).test_client().get("/.well-known/jwks.json").get_json() == {"keys": []}
    parts.database.close()
