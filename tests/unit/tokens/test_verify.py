"""Access tokens: the good ones pass, and every way of being wrong is refused in the same words."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from service.clients import parse_clients
from service.errors import UnauthenticatedError
from service.model.client import Jwks
from service.model.hospital import HospitalSlug
from service.model.permission import parse_scope
from service.tokens.keys import Keys
from service.tokens.verify import SKEW_SECONDS, Refusal, Tokens, Verified
from tests.issuer import AUDIENCE, ISS, Json, Token, ec_key, good_claims, jwks, registry, rsa_jwk, rsa_key

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECOND_ISS = "https://second.example"
CLIENTS: dict[str, Json] = {
    "engine": {"hospitals": ["north"]},
    "board": {"hospitals": ["north", "south"], "scopes": ["system/RiskAssessment.r"]},
    "foreign": {"hospitals": ["south"], "issuer": SECOND_ISS},
}


def tokens() -> Tokens:
    second = f'\n[[issuer]]\niss = "{SECOND_ISS}"\naudience = "{AUDIENCE}"\njwks_uri = "https://second.example/jwks"\n'
    clients = parse_clients(registry(CLIENTS) + second, [HospitalSlug("north"), HospitalSlug("south")], Path())
    bodies = {ISS: jwks(), SECOND_ISS: jwks(rsa_jwk("rsa-2", rsa_key("second")))}
    return Tokens(clients, {iss: Keys(_reader(body)) for iss, body in bodies.items()})


def _reader(body: bytes) -> Any:  # noqa: ANN401 - a reader of keys
    return lambda: Jwks(body=body, max_age_seconds=1000.0)


TOKENS = tokens()


def signed(algorithm: str = "RS384", key: object = None, header: Json | None = None, **claims: Any) -> str:  # noqa: ANN401 - JSON
    """Sign a token that is good at NOW but for what is given; None leaves a claim out."""
    told = good_claims(NOW.timestamp()) | claims
    return Token(claims={**told, "iat": told["iat"], "exp": told["exp"]}, header=header or {}, algorithm=algorithm, key=key).text()


def verify(token: str) -> Verified:
    return TOKENS.verify(token, NOW)


def refused(token: str, why: Refusal) -> UnauthenticatedError:
    with pytest.raises(UnauthenticatedError) as raised:
        verify(token)
    assert raised.value.reason == why
    assert raised.value.text == "This needs a valid access token: Authorization: Bearer."
    assert raised.value.__suppress_context__
    return raised.value


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def by_hand(header: Mapping[str, object], claims: object, signature: bytes = b"signature") -> str:
    return ".".join((encoded(json.dumps(header).encode()), encoded(json.dumps(claims).encode()), encoded(signature)))


# good ones


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_a_good_token_names_its_client_and_what_it_grants(algorithm: str) -> None:
    verified = verify(signed(algorithm))
    assert (verified.client.id, verified.client.hospitals, verified.token_id) == ("engine", frozenset({"north"}), "token-1")
    assert verified.permissions == parse_scope("system/RiskAssessment.cr") | parse_scope("system/Task.r")


@pytest.mark.parametrize("kind", [None, "JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_the_type_may_be_absent_or_that_of_an_access_token(kind: str | None) -> None:
    assert verify(signed(header={"typ": kind})).client.id == "engine"


def test_the_audience_may_be_one_of_several() -> None:
    assert verify(signed(aud=["https://other.example", AUDIENCE])).client.id == "engine"


def test_the_client_is_client_id_and_else_the_subject() -> None:
    assert verify(signed(client_id="board", sub="5f0c")).client.id == "board"
    assert verify(signed(client_id=None, sub="board")).client.id == "board"


@pytest.mark.parametrize(
    ("claims", "granted"),
    [
        ({"scope": "openid system/RiskAssessment.rs user/*.c"}, "system/RiskAssessment.rs"),
        ({"scope": ["system/RiskAssessment.r", 5]}, "system/RiskAssessment.r"),
        ({"scope": None, "scp": ["system/RiskAssessment.r"]}, "system/RiskAssessment.r"),
        ({"scope": "system/*.r", "scp": "system/*.c"}, "system/*.r"),
        ({"scope": ""}, ""),
        ({"scope": None}, ""),
        ({"scope": {"system/*.r": True}}, ""),
    ],
)
def test_only_scopes_that_are_understood_grant_something(claims: Json, granted: str) -> None:
    assert verify(signed(**claims)).permissions == parse_scope(granted)


def test_a_registration_can_hold_a_client_below_what_the_issuer_grants() -> None:
    assert verify(signed(client_id="board", scope="system/*.cruds")).permissions == parse_scope("system/RiskAssessment.r")


@pytest.mark.parametrize("jti", [None, "", 7, "two words", "x" * 201, "line\nbreak", "n\u00e4me"])
def test_a_token_id_that_cannot_stand_in_the_audit_counts_as_none(jti: object) -> None:
    assert verify(signed(jti=jti)).token_id is None


# time


def shifted(claims: Mapping[str, float]) -> Json:
    return {claim: NOW.timestamp() + seconds for claim, seconds in claims.items()}


@pytest.mark.parametrize(
    "shift",
    [
        {"exp": -SKEW_SECONDS + 1},
        {"iat": SKEW_SECONDS},
        {"nbf": SKEW_SECONDS},
        {"nbf": -1000},
        {"exp": 0.5, "iat": -0.5},
    ],
)
def test_clocks_may_differ_by_a_minute(shift: Mapping[str, float]) -> None:
    assert verify(signed(**shifted(shift))).client.id == "engine"


@pytest.mark.parametrize("expires", [-SKEW_SECONDS, -3600, None, "tomorrow", True, [], {}])
def test_an_expired_token_or_one_that_never_expires_is_refused(expires: object) -> None:
    exp = NOW.timestamp() + expires if isinstance(expires, int) and expires is not True else expires
    assert refused(signed(exp=exp), Refusal.EXPIRED).token_id == "token-1"


@pytest.mark.parametrize("claims", [{"iat": 61}, {"nbf": 61}, {"iat": 3600}])
def test_a_token_of_the_future_is_refused(claims: Mapping[str, float]) -> None:
    refused(signed(**shifted(claims)), Refusal.NOT_YET)


@pytest.mark.parametrize("claims", [{"iat": None}, {"iat": "now"}, {"iat": False}, {"nbf": "now"}, {"nbf": True}])
def test_instants_that_are_no_numbers_are_refused(claims: Json) -> None:
    refused(signed(**claims), Refusal.NOT_YET)


# whose and for whom


@pytest.mark.parametrize("aud", [None, "https://other.example", AUDIENCE + "/", AUDIENCE.upper(), [], ["a", "b"], 5, {AUDIENCE: 1}])
def test_a_token_for_somebody_else_is_refused(aud: object) -> None:
    refused(signed(aud=aud), Refusal.AUDIENCE)


@pytest.mark.parametrize("iss", [None, "https://evil.example", ISS + "/", "", 5, [ISS], {"iss": ISS}])
def test_a_token_of_an_issuer_that_is_not_registered_is_refused(iss: object) -> None:
    refused(signed(iss=iss), Refusal.ISSUER)


@pytest.mark.parametrize("client", ["nobody", "", 5, ["engine"], "foreign"])
def test_a_client_that_is_not_registered_with_this_issuer_is_refused(client: object) -> None:
    assert refused(signed(client_id=client), Refusal.CLIENT).token_id == "token-1"
    refused(signed(client_id=None, sub=client), Refusal.CLIENT)


def test_no_client_at_all_is_refused() -> None:
    refused(signed(client_id=None, sub=None), Refusal.CLIENT)


def test_an_issuer_cannot_speak_for_the_client_of_another() -> None:
    key, header = rsa_key("second"), {"kid": "rsa-2"}
    assert verify(signed(key=key, header=header, iss=SECOND_ISS, client_id="foreign")).client.id == "foreign"
    refused(signed(key=key, header=header, iss=SECOND_ISS, client_id="engine"), Refusal.CLIENT)
    refused(signed(key=key, header=header), Refusal.KEY)
    refused(signed(key=key, header={"kid": "rsa-1"}), Refusal.SIGNATURE)


# signature


def test_alg_none_is_refused() -> None:
    for name in ("none", "None", "NONE"):
        refused(by_hand({"alg": name, "typ": "JWT", "kid": "rsa-1"}, good_claims(NOW.timestamp())), Refusal.HEADER)
    unsigned = jwt.encode(good_claims(NOW.timestamp()), "", "none", {"kid": "rsa-1"})
    assert unsigned.endswith(".")
    refused(unsigned, Refusal.MALFORMED)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_the_public_key_used_as_a_shared_secret_is_refused(algorithm: str) -> None:
    secret = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    unsigned = by_hand({"alg": algorithm, "kid": "rsa-1"}, good_claims(NOW.timestamp())).rpartition(".")[0]
    signature = hmac.digest(secret, unsigned.encode(), hashlib.new(f"sha{algorithm[2:]}").name)
    refused(f"{unsigned}.{encoded(signature)}", Refusal.HEADER)


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS384"])
def test_other_algorithms_are_refused_even_with_the_right_key(algorithm: str) -> None:
    refused(signed(algorithm, key=rsa_key()), Refusal.HEADER)


def test_a_key_of_the_other_kind_under_the_same_name_is_refused() -> None:
    refused(signed("ES384", header={"kid": "rsa-1"}), Refusal.KEY)
    refused(signed("RS384", header={"kid": "ec-1"}), Refusal.KEY)


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_a_signature_by_another_key_is_refused(algorithm: str) -> None:
    key = rsa_key("mallory") if algorithm == "RS384" else ec_key("mallory")
    assert refused(signed(algorithm, key=key), Refusal.SIGNATURE).token_id is None


@pytest.mark.parametrize("kid", [None, ""])
def test_a_token_that_does_not_name_its_key_is_refused(kid: str | None) -> None:
    refused(signed(header={"kid": kid}), Refusal.HEADER)


def test_an_unknown_key_is_refused() -> None:
    refused(signed(header={"kid": "rsa-9"}), Refusal.KEY)


@pytest.mark.parametrize(
    "header",
    [{"typ": "logout+jwt"}, {"typ": 5}, {"typ": ""}, {"alg": 5}, {"alg": None}, {"alg": ["RS384"]}, {"crit": ["exp"], "exp": 1}],
)
def test_a_header_that_is_not_that_of_an_access_token_is_refused(header: Json) -> None:
    token = by_hand({"alg": "RS384", "kid": "rsa-1", **header}, good_claims(NOW.timestamp()))
    with pytest.raises(UnauthenticatedError) as raised:
        verify(token)
    assert raised.value.reason in {Refusal.HEADER, Refusal.MALFORMED}


def test_keys_that_the_token_brings_along_are_not_used() -> None:
    own = rsa_jwk("rsa-9", rsa_key("mallory"))
    header = {"kid": "rsa-9", "jwk": own, "jku": "https://evil.example/jwks", "x5u": "https://evil.example/cert"}
    refused(signed(key=rsa_key("mallory"), header=header), Refusal.KEY)


# form


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "not a token",
        "\x00.\x00.\x00",
        "=.=.=",
        by_hand({"alg": "RS384", "kid": "rsa-1"}, [1]),
        by_hand({"alg": "RS384", "kid": "rsa-1"}, None),
        encoded(b"[]") + "." + encoded(b"{}") + ".c2ln",
        encoded(b'{"alg": "RS384"}') + "." + encoded(b"{") + ".c2ln",
        encoded(b'{"alg": "RS384"}') + "." + encoded(b"\xff") + ".c2ln",
        encoded(b"[" * 5000) + "." + encoded(b"{}") + ".c2ln",
        encoded(b'{"alg": "RS384"}') + "." + encoded(b"[" * 5000) + ".c2ln",
        "a" * 20_000,
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    refused(token, Refusal.MALFORMED)


def test_a_token_that_is_too_long_is_refused() -> None:
    refused(signed(padding="x" * 20_000), Refusal.MALFORMED)


GOOD = signed()


@given(place=st.integers(0, len(GOOD) - 1), character=st.sampled_from("ABCxyz019-_.= \n"))
def test_a_changed_token_never_passes(place: int, character: str) -> None:
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    if changed != GOOD:
        with pytest.raises(UnauthenticatedError):
            verify(changed)


@given(st.text(max_size=200))
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        verify(text)
