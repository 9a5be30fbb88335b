"""The registry of API callers (`SLS_CLIENTS_FILE`): read once; whatever is wrong in it refuses to start and says how to mend it."""

import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from service.errors import SettingsError
from service.model.client import Client, Clients, Issuer
from service.model.hospital import HospitalSlug
from service.model.permission import Permission, Permissions, parse_scope
from service.settings import Settings

_TEMPLATE: Final = "docs/clients.example.toml"
_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "issuer": frozenset({"iss", "audience", "jwks_file", "jwks_uri", "ca_bundle"}),
    "client": frozenset({"id", "issuer", "hospitals", "scopes"}),
}
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

Table = Mapping[str, object]
Entry = TypeVar("Entry", Issuer, Client)


def load_clients(settings: Settings, hospitals: Collection[HospitalSlug]) -> Clients | None:
    """Read the registry.

    Args:
        settings: where it is.
        hospitals: slugs of the registered hospitals.

    Returns:
        None when authentication is off.

    Raises:
        SettingsError: the file is missing, or something in it is wrong.
    """
    file = settings.clients_file
    if settings.auth == "none":
        if file is not None:
            raise SettingsError(
                "SLS_CLIENTS_FILE is set, but SLS_AUTH is none, so nobody would be checked. Set SLS_AUTH=jwt, or unset the file."
            )
        return None
    if file is None:
        raise SettingsError(
            f"SLS_AUTH is jwt and SLS_CLIENTS_FILE is not set. Copy {_TEMPLATE}, fill it in and name the copy there."
        )
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"SLS_CLIENTS_FILE cannot be read ({type(error).__name__}). Name a TOML file that this process may read."
        ) from None
    return parse_clients(text, hospitals, file.parent)


def parse_clients(text: str, hospitals: Collection[HospitalSlug], folder: Path) -> Clients:
    """Read the content of the registry.

    Args:
        text: TOML.
        hospitals: slugs of the registered hospitals.
        folder: what a relative `jwks_file` is relative to.

    Raises:
        SettingsError: something is wrong; the text names the entry and the key.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"SLS_CLIENTS_FILE is not TOML ({error}). Compare with {_TEMPLATE}.") from None
    if unknown := sorted(set(content) - set(_KEYS)):
        raise SettingsError(f"SLS_CLIENTS_FILE: unknown {', '.join(unknown)}; known are [[issuer]] and [[client]].")
    issuers = _registered(content, "issuer", lambda where, table: _issuer(where, table, folder), lambda issuer: issuer.iss)
    clients = _registered(
        content, "client", lambda where, table: _client(where, table, issuers, hospitals), lambda client: client.id
    )
    return Clients(issuers=issuers, clients=clients)


def _registered(content: Table, kind: str, read: Callable[[str, Table], Entry], name: Callable[[Entry], str]) -> dict[str, Entry]:
    """Read every entry of one kind; there is at least one, and no name twice."""
    tables = content.get(kind, [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"SLS_CLIENTS_FILE has no [[{kind}]], so nobody could call. Add one as in {_TEMPLATE}.")
    found: dict[str, Entry] = {}
    for number, table in enumerate(tables, start=1):
        where = f"SLS_CLIENTS_FILE: [[{kind}]] {number}"
        if unknown := sorted(set(table) - _KEYS[kind]):
            raise SettingsError(f"{where} has no key {', '.join(unknown)}; known are {', '.join(sorted(_KEYS[kind]))}.")
        entry = read(where, table)
        if name(entry) in found:
            raise SettingsError(f"{where}: {name(entry)} stands there twice. Register it once.")
        found[name(entry)] = entry
    return found


def _issuer(where: str, table: Table, folder: Path) -> Issuer:
    file, uri = _optional(where, table, "jwks_file"), _optional(where, table, "jwks_uri")
    if (file is None) == (uri is None):
        raise SettingsError(f"{where}: give either jwks_file or jwks_uri, where the issuer's public keys are.")
    if uri is not None and not _is_safe(uri):
        raise SettingsError(f"{where}: jwks_uri must be an https address without user name and fragment (http on loopback only).")
    return Issuer(
        iss=_required(where, table, "iss"),
        audience=_required(where, table, "audience"),
        jwks_file=None if file is None else folder / file,
        jwks_uri=uri,
        ca_bundle=_optional(where, table, "ca_bundle"),
    )


def _is_safe(uri: str) -> bool:
    """Tell whether keys that come from this address can be trusted to be the issuer's."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _client(where: str, table: Table, issuers: Mapping[str, Issuer], hospitals: Collection[HospitalSlug]) -> Client:
    issuer = _required(where, table, "issuer")
    if issuer not in issuers:
        raise SettingsError(f"{where}: issuer is none of the registered ones; known are {', '.join(sorted(issuers))}.")
    named = _texts(where, table, "hospitals")
    if unknown := sorted(set(named) - set(hospitals)):
        raise SettingsError(
            f"{where}: hospitals names {', '.join(unknown)}, which is not registered; known are {', '.join(sorted(hospitals))}."
        )
    return Client(
        id=_required(where, table, "id"),
        issuer=issuer,
        hospitals=frozenset(HospitalSlug(slug) for slug in named),
        ceiling=_ceiling(where, _texts(where, table, "scopes")) if "scopes" in table else None,
    )


def _ceiling(where: str, scopes: tuple[str, ...]) -> Permissions:
    granted = {scope: parse_scope(scope) for scope in scopes}
    if wrong := [scope for scope, permissions in granted.items() if not permissions]:
        raise SettingsError(
            f"{where}: scopes names {', '.join(wrong)}; write them as system/RiskAssessment.rs, the letters in the order of cruds."
        )
    return frozenset[Permission]().union(*granted.values())


def _required(where: str, table: Table, key: str) -> str:
    if (found := _optional(where, table, key)) is None:
        raise SettingsError(f"{where}: {key} is missing. Compare with {_TEMPLATE}.")
    return found


def _optional(where: str, table: Table, key: str) -> str | None:
    found = table.get(key)
    if found is not None and (not isinstance(found, str) or not found.strip()):
        raise SettingsError(f"{where}: {key} must be a text that is not empty.")
    return found


def _texts(where: str, table: Table, key: str) -> tuple[str, ...]:
    found = table.get(key)
    if not isinstance(found, list) or not found or not all(isinstance(each, str) for each in found):
        raise SettingsError(f"{where}: {key} must be a list of texts with at least one in it.")
    return tuple(found)
