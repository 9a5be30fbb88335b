"""The keys with which we prove who we are: read from PEM, sign a JWT, publish the public half.

Source: SMART App Launch, client authentication: asymmetric (RS384 and ES384, kid required); RFC 7517, RFC 7638 (thumbprint).
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

_SMALLEST_RSA_BITS: Final = 2048
_THUMBPRINT_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One private key.

    Attributes:
        algorithm: RS384 or ES384, as the key is.
        kid: its thumbprint, so that the same key has the same name everywhere.
        public: its public half as JWK: no private member.
    """

    algorithm: str
    kid: str
    public: Mapping[str, str]
    _private: RSAPrivateKey | EllipticCurvePrivateKey

    @classmethod
    def from_pem(cls, pem: bytes) -> "SigningKey":
        """Read a key.

        Raises:
            ValueError: it is no private key without passphrase, or neither RSA of 2048 bits or more nor of curve P-384.
        """
        try:
            private = load_pem_private_key(pem, password=None)
        except TypeError:
            raise ValueError("the key is protected by a passphrase") from None
        match private:
            case RSAPrivateKey() if private.key_size >= _SMALLEST_RSA_BITS:
                public: dict[str, Any] = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
                algorithm = "RS384"
            case EllipticCurvePrivateKey() if isinstance(private.curve, SECP384R1):
                public, algorithm = ECAlgorithm.to_jwk(private.public_key(), as_dict=True), "ES384"
            case _:
                raise ValueError("the key is neither RSA of 2048 bits or more nor of curve P-384")
        kid = _thumbprint(public)
        members = {name: str(public[name]) for name in _THUMBPRINT_MEMBERS[public["kty"]]}
        return cls(algorithm, kid, {**members, "kid": kid, "alg": algorithm, "use": "sig"}, private)

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return a signed JWT."""
        return jwt.encode(dict(claims), self._private, self.algorithm, {"kid": self.kid, "typ": "JWT"})

    def __repr__(self) -> str:
        """Say which key it is without the secret."""
        return f"SigningKey({self.kid})"


def _thumbprint(public: Mapping[str, Any]) -> str:
    """Return the SHA-256 thumbprint of a JWK (RFC 7638)."""
    members = {name: public[name] for name in _THUMBPRINT_MEMBERS[public["kty"]]}
    digest = hashlib.sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
