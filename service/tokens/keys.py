"""The public keys of an issuer: read when they are needed, read again when they are old or lack a key.

Source: RFC 7517; specifications c3 and failure mode "JWT" (kid required, keys cached, one more reading for an unknown kid).
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from service.errors import IssuerUnavailableError, SettingsError
from service.model.client import Jwks

RETRY_SECONDS: Final = 30.0
"""Shortest time between two readings: unknown key ids cannot make us flood an issuer."""

GRACE_SECONDS: Final = 3600.0
"""How long old keys go on while the issuer does not answer."""

FILE_SECONDS: Final = 300.0
"""How long keys of a file are used before the file is read again."""

_ALGORITHMS: Final[Mapping[tuple[str, str | None], str]] = {("RSA", None): "RS384", ("EC", "P-384"): "ES384"}
_SMALLEST_RSA_BITS: Final = 2048
_LOG = structlog.get_logger("service.tokens")

KeyName = tuple[str, str]
"""`kid` and `alg`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """The keys of one reading; both ends by the clock of the reader."""

    keys: Mapping[KeyName, PyJWK] = field(default_factory=dict)
    fresh_until: float = float("-inf")
    usable_until: float = float("-inf")


class Keys:
    """The keys of one issuer; threads may share them."""

    def __init__(self, read: Callable[[], Jwks], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare; nothing is read yet.

        Args:
            read: reads the key set; raises IssuerUnavailableError.
            clock: seconds that never go back.
        """
        self._read = read
        self._clock = clock
        self._held = _Held()
        self._next_try = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """Return the key; None = the issuer has none of this name for this algorithm.

        Raises:
            IssuerUnavailableError: there are no keys, or none that are young enough, and the issuer does not answer.
        """
        held, now = self._held, self._clock()
        key = held.keys.get((kid, algorithm))
        # while another thread asks a slow issuer, the old keys serve
        if key is not None and (now < held.fresh_until or (now < held.usable_until and self._lock.locked())):
            return key
        with self._lock:
            if (kid, algorithm) not in self._held.keys or self._clock() >= self._held.fresh_until:
                self._renew()
            if self._clock() >= self._held.usable_until:
                raise IssuerUnavailableError(
                    "The issuer of this token cannot be asked for its keys now.", retry_after=RETRY_SECONDS
                )
            return self._held.keys.get((kid, algorithm))

    def _renew(self) -> None:
        """Read the keys unless that was tried a moment ago; a failure leaves those that we hold."""
        if self._clock() < self._next_try:
            return
        self._next_try = self._clock() + RETRY_SECONDS
        try:
            jwks = self._read()
            keys = parse_keys(jwks.body)
        except IssuerUnavailableError as error:
            _LOG.warning("issuer_keys_unavailable", why=error.text)
            return
        fresh_until = self._clock() + jwks.max_age_seconds
        self._held = _Held(keys=keys, fresh_until=fresh_until, usable_until=fresh_until + GRACE_SECONDS)


def read_file(file: Path) -> Jwks:
    """Read a key set from a file.

    Raises:
        IssuerUnavailableError: it cannot be read.
    """
    try:
        return Jwks(body=file.read_bytes(), max_age_seconds=FILE_SECONDS)
    except OSError as error:
        raise IssuerUnavailableError(f"jwks_file cannot be read ({type(error).__name__})") from None


def refuse_useless_file(file: Path) -> None:
    """Refuse to start on a key file with which no token could ever be checked.

    Raises:
        SettingsError: it cannot be read, is no key set, or holds no public RS384 or ES384 key with a kid.
    """
    try:
        keys = parse_keys(read_file(file).body)
    except IssuerUnavailableError as error:
        raise SettingsError(f"SLS_CLIENTS_FILE: {error.text}. Save the issuer's JSON Web Key Set there.") from None
    if not keys:
        raise SettingsError(
            "SLS_CLIENTS_FILE: jwks_file holds no public key with a kid for RS384 (RSA, 2048 bits or more) or ES384 (EC P-384)."
        )


def parse_keys(body: bytes) -> dict[KeyName, PyJWK]:
    """Return the keys of a set that can check a token; all others are passed over, as RFC 7517 section 5 asks.

    Raises:
        IssuerUnavailableError: it is no JSON Web Key Set.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    listed = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise IssuerUnavailableError("what stands there is no JSON Web Key Set")
    keys: dict[KeyName, PyJWK] = {}
    for jwk in listed:
        if isinstance(jwk, dict) and (key := _usable(jwk)) is not None:
            keys.setdefault((jwk["kid"], key.algorithm_name), key)
    return keys


def _usable(jwk: dict[str, Any]) -> PyJWK | None:
    """Return a public key for one of our algorithms; None = it is another kind of key, or broken."""
    kind, curve = jwk.get("kty"), jwk.get("crv")
    algorithm = _ALGORITHMS.get((kind, curve)) if isinstance(kind, str) and isinstance(curve, str | None) else None
    is_named = isinstance(jwk.get("kid"), str) and bool(jwk["kid"])
    is_for_signatures = jwk.get("use", "sig") == "sig" and "verify" in jwk.get("key_ops", ["verify"])
    if algorithm is None or not is_named or not is_for_signatures or "d" in jwk or jwk.get("alg", algorithm) != algorithm:
        return None
    try:
        key = PyJWK(jwk, algorithm)
    except (PyJWTError, ValueError, TypeError):
        return None
    is_small = isinstance(key.key, RSAPublicKey) and key.key.key_size < _SMALLEST_RSA_BITS
    return None if is_small else key
