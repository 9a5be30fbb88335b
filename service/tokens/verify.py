"""Check an access token: only what is signed by a registered issuer, for us, now, and for a registered client passes.

Why a token was refused is one word for our log and audit; the caller is never told, and no part of a token stands in it.
Source: RFC 7515, 7519, 9068; SMART App Launch 2.2, Backend Services; specifications c3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeGuard

import orjson
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from service.errors import UnauthenticatedError
from service.model.client import Client, Clients, Issuer
from service.model.permission import Permission, Permissions, parse_scope, within
from service.tokens.keys import Keys

ALGORITHMS: Final = ("RS384", "ES384")
SKEW_SECONDS: Final = 60
"""How far the issuer's clock and ours may differ."""

_LONGEST: Final = 16 * 1024
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_TOKEN_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")
_JWS: Final = PyJWS(algorithms=ALGORITHMS)


_ANSWER: Final = "This needs a valid access token: Authorization: Bearer."


class Refusal(StrEnum):
    """What is wrong with a token."""

    MISSING = "missing"
    MALFORMED = "malformed"
    HEADER = "header"
    ISSUER = "issuer"
    KEY = "key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    CLIENT = "client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a good token says.

    Attributes:
        client: whose it is.
        permissions: what it grants, within the client's ceiling.
        token_id: `jti`; None = it has none.
    """

    client: Client
    permissions: Permissions
    token_id: str | None


class Tokens:
    """Checks the tokens of every registered issuer; threads may share it."""

    def __init__(self, clients: Clients, keys: Mapping[str, Keys]) -> None:
        """Use this registry and the keys of its issuers, by `iss`."""
        self._clients = clients
        self._keys = keys

    def verify(self, token: str, now: datetime) -> Verified:
        """Check a token.

        Args:
            token: compact serialisation.
            now: aware instant.

        Raises:
            UnauthenticatedError: whatever is wrong with it.
            IssuerUnavailableError: its issuer's keys cannot be read.
        """
        header, claims = _look(token)
        issuer = self._clients.issuers.get(claims["iss"]) if isinstance(claims.get("iss"), str) else None
        if issuer is None:
            refuse(Refusal.ISSUER)
        self._check_signature(token, header, issuer)
        token_id = _token_id(claims)
        if (wrong := _wrong_claim(claims, issuer, now.timestamp())) is not None:
            refuse(wrong, token_id)
        client = self._clients.clients.get(_client_id(claims))
        if client is None or client.issuer != issuer.iss:
            refuse(Refusal.CLIENT, token_id)
        granted = _granted(claims)
        return Verified(
            client=client, permissions=granted if client.ceiling is None else within(granted, client.ceiling), token_id=token_id
        )

    def _check_signature(self, token: str, header: Mapping[str, Any], issuer: Issuer) -> None:
        key = self._keys[issuer.iss].find(header["kid"], header["alg"])
        if key is None:
            refuse(Refusal.KEY)
        try:
            _JWS.decode_complete(token, key, algorithms=[header["alg"]])
        except PyJWTError:
            refuse(Refusal.SIGNATURE)


def refuse(why: Refusal, token_id: str | None = None) -> NoReturn:
    """Refuse with the same words, whatever is wrong; token_id = its `jti` for the audit, None = none was read.

    Raises:
        UnauthenticatedError: always.
    """
    raise UnauthenticatedError(_ANSWER, reason=why, token_id=token_id) from None


def _look(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read header and claims without believing them: they say which key must have signed."""
    if len(token) > _LONGEST or not _COMPACT.fullmatch(token):
        refuse(Refusal.MALFORMED)
    try:
        parts = _JWS.decode_complete(token, options={"verify_signature": False})
        claims = orjson.loads(parts["payload"])
    except (PyJWTError, orjson.JSONDecodeError):
        refuse(Refusal.MALFORMED)
    header = parts["header"]
    if not isinstance(claims, dict):
        refuse(Refusal.MALFORMED)
    kind, kid = header.get("typ", "JWT"), header.get("kid")
    is_known_type = isinstance(kind, str) and kind.lower() in _TYPES
    # extensions that must be understood (RFC 7515, crit) are not
    if header.get("alg") not in ALGORITHMS or not isinstance(kid, str) or not kid or not is_known_type or "crit" in header:
        refuse(Refusal.HEADER)
    return header, claims


def _wrong_claim(claims: Mapping[str, Any], issuer: Issuer, now: float) -> Refusal | None:
    """Return the first claim that does not hold; `exp` and `iat` are required, `nbf` counts where it is given."""
    named = claims.get("aud")
    if issuer.audience not in (named if isinstance(named, list) else [named]):
        return Refusal.AUDIENCE
    expires, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not _is_instant(expires) or now >= expires + SKEW_SECONDS:
        return Refusal.EXPIRED
    if not _is_instant(issued) or not _is_instant(begins) or now < max(issued, begins) - SKEW_SECONDS:
        return Refusal.NOT_YET
    return None


def _is_instant(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _token_id(claims: Mapping[str, Any]) -> str | None:
    """Return `jti` where it has a form that can stand in the audit."""
    found = claims.get("jti")
    return found if isinstance(found, str) and _TOKEN_ID.fullmatch(found) else None


def _client_id(claims: Mapping[str, Any]) -> str:
    """Return who the token was issued to; an empty text when it does not say."""
    found = claims.get("client_id", claims.get("sub"))
    return found if isinstance(found, str) else ""


def _granted(claims: Mapping[str, Any]) -> Permissions:
    """Return what the scopes grant: `scope` as one text (RFC 9068), or a list of texts, as some issuers write `scp`."""
    said = claims.get("scope", claims.get("scp", ""))
    scopes = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
    return frozenset[Permission]().union(*(parse_scope(scope) for scope in scopes if isinstance(scope, str)))
