"""Addresses below a registered base: the only ones that are ever asked.

Links and references come from input (a Bundle's next link, a reference in a report). Whatever they say, the authority that is
dialled is the registered one: an address is taken apart, compared, and put together again from the registered base, so neither a
foreign host nor a private address can be reached through input, and a token never leaves the registered origin.
Source: interfaces section 12; specifications, failure modes (token to a foreign absolute reference, SSRF).
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from service.errors import ForeignAddressError, SettingsError

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f\\#]")
_SEGMENT: Final = re.compile(r"(?!\.+$)[A-Za-z0-9\-._~$]+")
_FOREIGN: Final = "An address does not lie below the registered base of this EHR."


@dataclass(frozen=True, slots=True)
class Base:
    """One registered FHIR base.

    Attributes:
        url: without trailing slash.
        origin: scheme, host (lower case) and port.
        path: path of the base, without trailing slash; may be empty.
    """

    url: str
    origin: tuple[str, str, int]
    path: str

    @classmethod
    def of(cls, url: str) -> "Base":
        """Take a registered address apart.

        Raises:
            SettingsError: it is not a plain http(s) address (user information, query or fragment).
        """
        plain = url.rstrip("/")
        parts = _split(plain)
        origin = None if parts is None else _origin(parts)
        if parts is None or origin is None or parts.query or _FORBIDDEN.search(plain):
            raise SettingsError("ehr.base must be http(s)://host[:port][/path] without user, query or fragment.")
        return cls(url=plain, origin=origin, path=parts.path)

    def relative(self, request: str) -> str:
        """Return a request relative to the base (`Observation/7`, `Observation?code=..`, `?_getpages=..`).

        Args:
            request: relative to the base, an absolute path, or an absolute address.

        Raises:
            ForeignAddressError: it is not below the base, or could be read by some server as not being below it.
        """
        parts = None if not request or _FORBIDDEN.search(request) else _split(request)
        if parts is None:
            raise ForeignAddressError(_FOREIGN)
        path = self._below(parts)
        *folders, last = path.split("/")
        if not all(map(_SEGMENT.fullmatch, folders)) or (last and not _SEGMENT.fullmatch(last)):
            raise ForeignAddressError(_FOREIGN)
        return f"{path}?{parts.query}" if parts.query else path

    def has_host_of(self, address: str) -> bool:
        """Tell whether an absolute address is on the registered host, by the same scheme; its port may be another."""
        parts = None if _FORBIDDEN.search(address) else _split(address)
        origin = None if parts is None else _origin(parts)
        return origin is not None and origin[:2] == self.origin[:2]

    def address(self, request: str) -> str:
        """Return the absolute address to ask, with the authority of the registered base.

        Raises:
            ForeignAddressError: as `relative`.
        """
        relative = self.relative(request)
        return self.url + relative if relative.startswith("?") else f"{self.url}/{relative}"

    def _below(self, parts: SplitResult) -> str:
        """Return the path below the base; the scheme, the host and the path of the base must be the registered ones."""
        if not parts.scheme and not parts.netloc and not parts.path.startswith("/"):
            return parts.path
        is_same_origin = not (parts.scheme or parts.netloc) or _origin(parts) == self.origin
        is_below = parts.path == self.path or parts.path.startswith(f"{self.path}/")
        if not (is_same_origin and is_below):
            raise ForeignAddressError(_FOREIGN)
        return parts.path[len(self.path) + 1 :]


def _split(address: str) -> SplitResult | None:
    """Take an address apart; None = it has no valid form."""
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _origin(parts: SplitResult) -> tuple[str, str, int] | None:
    """Return scheme, host and port; None = not a plain http(s) authority."""
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]
