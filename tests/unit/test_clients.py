"""The registry of API callers: what is wrong in it is refused with the sentence that mends it."""

import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from service.clients import load_clients, parse_clients
from service.errors import SettingsError
from service.model.client import Clients
from service.model.hospital import HospitalSlug
from service.model.permission import parse_scope
from service.settings import Settings
from tests.issuer import AUDIENCE, ISS, registry

HOSPITALS: Final = (HospitalSlug("local"), HospitalSlug("north"), HospitalSlug("south"))
NORTH: Final = {"hospitals": ["north"]}
ROOT = Path(__file__).resolve().parents[2]


def parse(clients: dict[str, Any], issuer: dict[str, Any] | None = None, more: str = "") -> Clients:
    return parse_clients(registry(clients, issuer) + more, HOSPITALS, Path("folder"))


def test_issuers_and_clients_are_read() -> None:
    read = parse({"engine": NORTH, "board": {"hospitals": ["north", "south"], "scopes": ["system/*.r", "system/Task.s"]}})
    issuer, engine, board = read.issuers[ISS], read.clients["engine"], read.clients["board"]
    assert (issuer.audience, issuer.jwks_file, issuer.jwks_uri) == (AUDIENCE, Path("folder/jwks.json"), None)
    assert (engine.issuer, engine.hospitals, engine.ceiling) == (ISS, frozenset({"north"}), None)
    assert (board.hospitals, board.ceiling) == (
        frozenset({"north", "south"}),
        parse_scope("system/*.r") | parse_scope("system/Task.s"),
    )


@pytest.mark.parametrize(
    "uri",
    [
        "https://auth.example/jwks",
        "https://auth.example:8443/jwks?realm=a",
        "http://127.0.0.1:9/jwks",
        "http://localhost/jwks",
        "http://[::1]/jwks",
    ],
)
def test_keys_may_come_from_a_safe_address(uri: str) -> None:
    issuer = parse({"engine": NORTH}, {"jwks_uri": uri, "ca_bundle": "/etc/ca.pem"}).issuers[ISS]
    assert (issuer.jwks_uri, issuer.jwks_file, issuer.ca_bundle) == (uri, None, "/etc/ca.pem")


@pytest.mark.parametrize(
    "uri",
    [
        "http://auth.example/jwks",
        "http://127.0.0.1.evil.example/jwks",
        "ftp://auth.example/jwks",
        "auth.example/jwks",
        "https:///jwks",
        "https://user:secret@auth.example/jwks",
        "https://auth.example/jwks#x",
        "https://[::1/jwks",
        "file:///etc/jwks",
    ],
)
def test_keys_do_not_come_from_anywhere_else(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"\[\[issuer\]\] 1: jwks_uri must be an https address"):
        parse({"engine": NORTH}, {"jwks_uri": uri})


@pytest.mark.parametrize(
    ("clients", "sentence"),
    [
        ({"engine": {}}, r"\[\[client\]\] 1: hospitals must be a list of texts"),
        ({"engine": {"hospitals": []}}, "hospitals must be a list of texts with at least one"),
        ({"engine": {"hospitals": "north"}}, "hospitals must be a list"),
        ({"engine": {"hospitals": [1]}}, "hospitals must be a list"),
        ({"engine": {"hospitals": ["north", "nowhere"]}}, "names nowhere, which is not registered; known are local, north, south"),
        ({"engine": NORTH | {"issuer": "https://other"}}, f"issuer is none of the registered ones; known are {ISS}"),
        ({"engine": NORTH | {"issuer": ""}}, "issuer must be a text that is not empty"),
        ({"engine": NORTH | {"hospital": "north"}}, "has no key hospital; known are hospitals, id, issuer, scopes"),
        ({"engine": NORTH | {"scopes": []}}, "scopes must be a list of texts"),
        ({"engine": NORTH | {"scopes": ["system/Task.r", "read"]}}, "scopes names read; write them as system/RiskAssessment.rs"),
        ({"engine": NORTH | {"id": "  "}}, "id must be a text that is not empty"),
        ({"engine": NORTH, "other": NORTH | {"id": "engine"}}, r"\[\[client\]\] 2: engine stands there twice"),
        ({}, r"has no \[\[client\]\], so nobody could call"),
    ],
)
def test_a_wrong_client_is_refused(clients: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        parse(clients)


@pytest.mark.parametrize(
    ("issuer", "sentence"),
    [
        ({"jwks_file": "a", "jwks_uri": "https://b"}, "give either jwks_file or jwks_uri"),
        ({"audience": AUDIENCE}, "give either jwks_file or jwks_uri"),
        ({"jwks_file": 5}, "jwks_file must be a text"),
        ({"jwks_file": "a", "audience": ""}, "audience must be a text that is not empty"),
        (
            {"jwks_file": "a", "algorithms": ["RS256"]},
            "has no key algorithms; known are audience, ca_bundle, iss, jwks_file, jwks_uri",
        ),
    ],
)
def test_a_wrong_issuer_is_refused(issuer: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=rf"\[\[issuer\]\] 1.*{sentence}"):
        parse({"engine": NORTH}, issuer)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[issuer", "not TOML"),
        ("", r"has no \[\[issuer\]\]"),
        ("issuer = 5", r"has no \[\[issuer\]\]"),
        ("issuer = [5]", r"has no \[\[issuer\]\]"),
        ('[[issuer]]\niss = "a"\njwks_file = "b"', r"\[\[issuer\]\] 1: audience is missing"),
        ('[[issuer]]\naudience = "a"\njwks_file = "b"', r"\[\[issuer\]\] 1: iss is missing"),
        (registry({"engine": NORTH}) + '[database]\nurl = ""', r"unknown database; known are \[\[issuer\]\] and \[\[client\]\]"),
        (registry({"engine": NORTH}) + registry({"board": NORTH}), rf"\[\[issuer\]\] 2: {ISS} stands there twice"),
    ],
)
def test_a_wrong_file_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        parse_clients(text, HOSPITALS, Path())


def test_the_template_is_a_registry() -> None:
    text = (ROOT / "docs" / "clients.example.toml").read_text(encoding="utf-8")
    read = parse_clients(text, HOSPITALS, Path())
    assert {client.id: set(client.hospitals) for client in read.clients.values()} == {
        "integration-engine": {"north"},
        "tumour-board": {"north", "south"},
    }
    offered = (
        text.replace("# jwks_file =", "jwks_file =").replace("# ca_bundle =", "ca_bundle =").replace("jwks_uri =", "# jwks_uri =")
    )
    assert tomllib.loads(offered)["issuer"][0].keys() == {"iss", "audience", "jwks_file", "ca_bundle"}


def test_no_registry_is_read_where_authentication_is_off() -> None:
    assert load_clients(Settings(), HOSPITALS) is None


def test_a_registry_that_would_not_be_used_is_refused() -> None:
    with pytest.raises(SettingsError, match="SLS_AUTH is none, so nobody would be checked"):
        load_clients(Settings(clients_file=Path("clients.toml")), HOSPITALS)


def test_authentication_without_a_registry_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"SLS_CLIENTS_FILE is not set. Copy docs/clients.example.toml"):
        load_clients(Settings(auth="jwt"), HOSPITALS)


def test_a_registry_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_clients(Settings(auth="jwt", clients_file=Path("/nowhere/clients.toml")), HOSPITALS)
