"""An authorisation server's doings: keys, a key set, tokens good and bad, and the registry that names it."""

import json
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt import PyJWS
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Json = dict[str, Any]
ISS: Final = "https://auth.example/realm"
AUDIENCE: Final = "https://spinal.example"
CREATE: Final = "system/RiskAssessment.c"
READ: Final = "system/RiskAssessment.r"
READ_TASK: Final = "system/Task.r"
EVERYTHING: Final = f"{CREATE} {READ} {READ_TASK}"


@cache
def rsa_key(name: str = "rsa", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make an RSA key; the same for the same name."""
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str = "ec") -> ec.EllipticCurvePrivateKey:
    """Make a P-384 key; the same for the same name."""
    assert name
    return ec.generate_private_key(ec.SECP384R1())


def rsa_jwk(kid: object = "rsa-1", key: rsa.RSAPrivateKey | None = None, **members: object) -> Json:
    """Return the public JWK of an RSA key."""
    public: Json = RSAAlgorithm.to_jwk((key or rsa_key()).public_key(), as_dict=True)
    return _jwk(public, kid, members)


def ec_jwk(kid: object = "ec-1", key: ec.EllipticCurvePrivateKey | None = None, **members: object) -> Json:
    """Return the public JWK of an EC key."""
    public: Json = ECAlgorithm.to_jwk((key or ec_key()).public_key(), as_dict=True)
    return _jwk(public, kid, members)


def _jwk(public: Json, kid: object, members: Json) -> Json:
    public.pop("key_ops", None)
    return {name: value for name, value in {**public, "kid": kid, "use": "sig", **members}.items() if value is not None}


def jwks(*keys: Json) -> bytes:
    """Return a key set; the RSA and the EC key when none are named."""
    return json.dumps({"keys": list(keys or (rsa_jwk(), ec_jwk()))}).encode()


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token to be signed; a claim or header member of None is left out.

    Attributes:
        claims: what differs from a good token.
        header: members beside `alg`; `kid` is that of the key unless it stands here.
        algorithm: RS384 or ES384.
        key: to sign with; None = the issuer's.
    """

    claims: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    algorithm: str = "RS384"
    key: Any = None

    def text(self) -> str:
        """Sign it."""
        is_rsa = self.algorithm.startswith(("RS", "PS"))
        key = self.key if self.key is not None else rsa_key() if is_rsa else ec_key()
        header = {"typ": None, **_without_none({"kid": "rsa-1" if is_rsa else "ec-1", **self.header})}
        payload = json.dumps(_without_none(good_claims() | self.claims)).encode()
        return PyJWS().encode(payload, key, self.algorithm, header)


def _without_none(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def good_claims(now: float | None = None) -> Json:
    """Return the claims of a token that passes: five minutes for client `engine` with every scope."""
    begun = time.time() if now is None else now
    return {
        "iss": ISS,
        "aud": AUDIENCE,
        "sub": "engine",
        "client_id": "engine",
        "iat": int(begun),
        "exp": int(begun) + 300,
        "jti": "token-1",
        "scope": EVERYTHING,
    }


def bearer(client: str = "engine", scope: str = EVERYTHING, **claims: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    """Return the Authorization header of a good token."""
    token = Token(claims={"sub": client, "client_id": client, "scope": scope, **claims}).text()
    return {"Authorization": f"Bearer {token}"}


def registry(clients: dict[str, Json], issuer: Json | None = None) -> str:
    """Return the TOML of a registry with one issuer.

    Args:
        clients: by id: what stands in their entry beside id and issuer.
        issuer: where its keys are; None = in `jwks.json` beside the registry.
    """
    entries = [("issuer", {"iss": ISS, "audience": AUDIENCE, **(issuer or {"jwks_file": "jwks.json"})})]
    entries += [("client", {"id": name, "issuer": ISS, **entry}) for name, entry in clients.items()]
    return "\n".join(
        f"[[{kind}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entry.items()) for kind, entry in entries
    )


def write_registry(folder: Path, clients: dict[str, Json], issuer: Json | None = None) -> Path:
    """Write registry and key set; return the registry's path."""
    (folder / "jwks.json").write_bytes(jwks())
    file = folder / "clients.toml"
    file.write_text(registry(clients, issuer), encoding="utf-8")
    return file
