"""The keys with which we prove who we are: which are taken, what they sign, what of them is published."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from service.signing import SigningKey
from tests.issuer import ec_key, rsa_key

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def pem(key: Private, passphrase: bytes | None = None) -> bytes:
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(("key", "algorithm"), [(rsa_key(), "RS384"), (ec_key(), "ES384")], ids=["RSA", "P-384"])
def test_what_it_signs_is_verified_by_what_it_publishes(key: Private, algorithm: str) -> None:
    own = SigningKey.from_pem(pem(key))
    token = own.sign({"iss": "us"})
    assert jwt.get_unverified_header(token) == {"alg": algorithm, "kid": own.kid, "typ": "JWT"}
    assert jwt.decode(token, jwt.PyJWK(dict(own.public)), [algorithm]) == {"iss": "us"}


@pytest.mark.parametrize("key", [rsa_key(), ec_key()], ids=["RSA", "P-384"])
def test_nothing_private_is_published_and_the_name_follows_from_the_key(key: Private) -> None:
    own = SigningKey.from_pem(pem(key))
    assert set(own.public) in ({"kty", "kid", "alg", "use", "n", "e"}, {"kty", "kid", "alg", "use", "crv", "x", "y"})
    assert own.kid == SigningKey.from_pem(pem(key)).kid
    assert repr(own) == f"SigningKey({own.kid})"


@pytest.mark.parametrize(
    "content",
    [
        b"no key",
        b"",
        pem(rsa_key(), b"passphrase"),
        pem(rsa_key("short", 1024)),
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(ed25519.Ed25519PrivateKey.generate()),
    ],
    ids=["text", "nothing", "with a passphrase", "a short one", "another curve", "another kind"],
)
def test_another_key_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        SigningKey.from_pem(content)
