"""Callers of our API: who issues their tokens, and what each of them is registered for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.model.hospital import HospitalSlug
from service.model.permission import Permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An authorisation server whose tokens we accept.

    Attributes:
        iss: its name exactly as in the `iss` claim.
        audience: what the `aud` claim must contain: us.
        jwks_file: where its public keys are; None = at `jwks_uri`.
        jwks_uri: as above; exactly one of the two is given.
        ca_bundle: path of a private CA bundle for `jwks_uri`; None = the system's.
    """

    iss: str
    audience: str
    jwks_file: Path | None = None
    jwks_uri: str | None = None
    ca_bundle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One registered caller.

    Attributes:
        id: `client_id` (else `sub`) of its tokens; what the audit calls it.
        issuer: `iss` of its issuer.
        hospitals: whose records it sees; never empty.
        ceiling: most that its tokens can grant; None = whatever the issuer grants.
    """

    id: str
    issuer: str
    hospitals: frozenset[HospitalSlug]
    ceiling: Permissions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Everybody who is registered.

    Attributes:
        issuers: by `iss`.
        clients: by id; an id is given once, whoever issues its tokens.
    """

    issuers: Mapping[str, Issuer]
    clients: Mapping[str, Client]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jwks:
    """An issuer's JSON Web Key Set as read.

    Attributes:
        body: the bytes.
        max_age_seconds: how long it may be used without reading it again.
    """

    body: bytes
    max_age_seconds: float
