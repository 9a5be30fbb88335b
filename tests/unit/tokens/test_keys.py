"""An issuer's keys: which of them are used, and when they are read again."""

import threading
from collections.abc import Callable

import pytest

from service.errors import IssuerUnavailableError
from service.model.client import Jwks
from service.tokens.keys import GRACE_SECONDS, RETRY_SECONDS, Keys, parse_keys
from tests.issuer import Json, ec_jwk, jwks, rsa_jwk, rsa_key

MAX_AGE = 100.0


class Issuer:
    """Answers with the given bodies, one after the other; the last one for ever; None = it is down."""

    def __init__(self, *bodies: bytes | None) -> None:
        self.bodies = list(bodies)
        self.now = 0.0
        self.asked = 0

    def read(self) -> Jwks:
        self.asked += 1
        body = self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]
        if body is None:
            raise IssuerUnavailableError("down")
        return Jwks(body=body, max_age_seconds=MAX_AGE)

    def keys(self) -> Keys:
        return Keys(self.read, clock=lambda: self.now)


def test_a_key_is_found_by_its_name_and_algorithm() -> None:
    keys = Issuer(jwks(rsa_jwk("a"), ec_jwk("a"))).keys()
    rsa_found, ec_found = keys.find("a", "RS384"), keys.find("a", "ES384")
    assert rsa_found is not None
    assert ec_found is not None
    assert (rsa_found.algorithm_name, ec_found.algorithm_name) == ("RS384", "ES384")
    assert keys.find("b", "RS384") is None


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS384", "RS256", "ES256"])
def test_no_key_serves_another_algorithm(algorithm: str) -> None:
    assert Issuer(jwks()).keys().find("rsa-1", algorithm) is None


def test_keys_are_read_once_while_they_are_fresh() -> None:
    issuer = Issuer(jwks())
    keys = issuer.keys()
    assert issuer.asked == 0
    for issuer.now in (0.0, 50.0, MAX_AGE - 1):
        assert keys.find("rsa-1", "RS384")
    assert issuer.asked == 1
    issuer.now = MAX_AGE
    assert keys.find("rsa-1", "RS384")
    assert issuer.asked == 2


def test_an_unknown_key_is_asked_for_once_and_not_again_for_a_while() -> None:
    issuer = Issuer(jwks(rsa_jwk("old")), jwks(rsa_jwk("old"), rsa_jwk("new")))
    keys = issuer.keys()
    assert keys.find("old", "RS384")
    issuer.now = RETRY_SECONDS - 1
    assert keys.find("new", "RS384") is None
    assert issuer.asked == 1
    issuer.now = RETRY_SECONDS
    assert keys.find("new", "RS384")
    assert issuer.asked == 2
    for number in range(100):
        assert keys.find(f"guess-{number}", "RS384") is None
    assert issuer.asked == 2


def test_a_key_that_the_issuer_took_back_is_not_used_any_more() -> None:
    issuer = Issuer(jwks(rsa_jwk("a")), jwks(rsa_jwk("b")))
    keys = issuer.keys()
    assert keys.find("a", "RS384")
    issuer.now = MAX_AGE
    assert keys.find("a", "RS384") is None
    assert keys.find("b", "RS384")


@pytest.mark.parametrize("failure", [None, b"<html>busy</html>", b"[]", b'{"keys": 1}'])
def test_old_keys_go_on_for_a_while_when_the_issuer_does_not_answer(failure: bytes | None) -> None:
    issuer = Issuer(jwks(), failure)
    keys = issuer.keys()
    assert keys.find("rsa-1", "RS384")
    issuer.now = MAX_AGE + GRACE_SECONDS - 1
    assert keys.find("rsa-1", "RS384")
    issuer.now = MAX_AGE + GRACE_SECONDS
    with pytest.raises(IssuerUnavailableError):
        keys.find("rsa-1", "RS384")


def test_an_issuer_that_never_answered_is_unavailable_and_not_flooded() -> None:
    issuer = Issuer(None, None, jwks())
    keys = issuer.keys()
    for _ in range(10):
        with pytest.raises(IssuerUnavailableError) as raised:
            keys.find("rsa-1", "RS384")
    assert (raised.value.status, raised.value.retry_after, issuer.asked) == (503, RETRY_SECONDS, 1)
    issuer.now = RETRY_SECONDS
    with pytest.raises(IssuerUnavailableError):
        keys.find("rsa-1", "RS384")
    issuer.now = 2 * RETRY_SECONDS
    assert keys.find("rsa-1", "RS384")


def test_old_keys_serve_while_another_thread_asks_a_slow_issuer() -> None:
    issuer = Issuer(jwks())
    asking, answer = threading.Event(), threading.Event()

    def slow() -> Jwks:
        if issuer.asked:
            asking.set()
            assert answer.wait(10)
        return issuer.read()

    keys = Keys(slow, clock=lambda: issuer.now)
    keys.find("rsa-1", "RS384")
    issuer.now = MAX_AGE
    first = threading.Thread(target=keys.find, args=("rsa-1", "RS384"))
    first.start()
    assert asking.wait(10)
    assert keys.find("rsa-1", "RS384")
    assert issuer.asked == 1
    answer.set()
    first.join(10)
    assert issuer.asked == 2


def test_threads_that_need_the_first_keys_wait_for_one_reading() -> None:
    issuer = Issuer(jwks())

    def slow() -> Jwks:
        threading.Event().wait(0.1)  # long enough for the others to queue up
        return issuer.read()

    keys, found = Keys(slow, clock=lambda: issuer.now), list[object]()
    threads = [threading.Thread(target=lambda: found.append(keys.find("ec-1", "ES384"))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert all(found)
    assert (len(found), issuer.asked) == (8, 1)


@pytest.mark.parametrize(
    "jwk",
    [
        lambda: rsa_jwk(kid=None),
        lambda: rsa_jwk(kid=""),
        lambda: rsa_jwk(kid=7),
        lambda: rsa_jwk(use="enc"),
        lambda: rsa_jwk(key_ops=["sign"]),
        lambda: rsa_jwk(alg="RS256"),
        lambda: rsa_jwk(alg="HS384"),
        lambda: rsa_jwk(d="AQAB"),
        lambda: rsa_jwk(n=None),
        lambda: rsa_jwk(n=5),
        lambda: rsa_jwk(n="!!"),
        lambda: rsa_jwk(kty=["RSA"]),
        lambda: rsa_jwk(key=rsa_key("small", 1024)),
        lambda: ec_jwk(crv="P-256"),
        lambda: ec_jwk(crv=["P-384"]),
        lambda: ec_jwk(x="AAAA"),
        lambda: {"kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0"},
        lambda: "not a key",
    ],
    ids=[
        "no kid", "empty kid", "odd kid", "encryption", "signing only", "RS256", "HS384", "private", "no modulus", "odd modulus",
        "broken modulus", "odd type", "small", "P-256", "odd curve", "not on the curve", "symmetric", "no object",
    ],
)  # fmt: skip
def test_other_and_broken_keys_are_passed_over(jwk: Callable[[], Json]) -> None:
    assert set(parse_keys(jwks(jwk(), ec_jwk("good")))) == {("good", "ES384")}


def test_of_two_keys_of_one_name_the_first_counts() -> None:
    keys = parse_keys(jwks(rsa_jwk("a"), rsa_jwk("a", rsa_key("other"))))
    assert keys["a", "RS384"].key.public_numbers() == rsa_key().public_key().public_numbers()


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"{}", b'{"keys": {}}'])
def test_what_is_no_key_set_says_so_without_its_content(body: bytes) -> None:
    with pytest.raises(IssuerUnavailableError, match="no JSON Web Key Set"):
        parse_keys(body)
