"""Every version of every resource, in memory."""

import copy
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.stand_in_ehr.switches import Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version; `content` None = the resource was deleted."""

    number: int
    content: dict[str, Any] | None
    at: datetime
    method: str


class Store:
    """Resources by type and id; the caller holds a lock."""

    def __init__(self, switches: Switches) -> None:
        """Start empty."""
        self._switches = switches
        self._versions: dict[str, dict[str, list[Version]]] = {}

    def types(self) -> tuple[str, ...]:
        """Return the types that were ever stored."""
        return tuple(self._versions)

    def history(self, kind: str, key: str) -> list[Version]:
        """Return all versions, oldest first; empty = there never was one."""
        return self._versions.get(kind, {}).get(key, [])

    def current(self, kind: str, key: str) -> Version | None:
        """Return the newest version, which may be a deletion; None = there never was one."""
        versions = self.history(kind, key)
        return versions[-1] if versions else None

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return what is not deleted of a type, in the order of creation."""
        newest = (versions[-1].content for versions in self._versions.get(kind, {}).values())
        return [content for content in newest if content is not None]

    def write(self, kind: str, key: str | None, content: dict[str, Any]) -> Version:
        """Add a version with the server's own id and metadata; key None = the server chooses."""
        method = "PUT" if key else "POST"
        key = key or uuid.uuid4().hex[:16]
        number, at = len(self.history(kind, key)) + 1, datetime.now(UTC)
        given = {name: value for name, value in content.get("meta", {}).items() if name not in {"versionId", "lastUpdated"}}
        if self._switches.versioned:
            given["versionId"] = str(number)
        if self._switches.last_updated:
            given["lastUpdated"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        rest = {name: value for name, value in content.items() if name not in {"resourceType", "id", "meta"}}
        stored = {"resourceType": kind, "id": key, **({"meta": given} if given else {}), **rest}
        return self._add(kind, key, Version(number=number, content=copy.deepcopy(stored), at=at, method=method))

    def delete(self, kind: str, key: str) -> Version:
        """Add a deletion."""
        number = len(self.history(kind, key)) + 1
        return self._add(kind, key, Version(number=number, content=None, at=datetime.now(UTC), method="DELETE"))

    def snapshot(self) -> dict[str, dict[str, list[Version]]]:
        """Return everything as it is, for `restore`."""
        return {kind: {key: list(versions) for key, versions in keys.items()} for kind, keys in self._versions.items()}

    def restore(self, snapshot: dict[str, dict[str, list[Version]]]) -> None:
        """Undo everything since a snapshot."""
        self._versions = snapshot

    def _add(self, kind: str, key: str, version: Version) -> Version:
        self._versions.setdefault(kind, {}).setdefault(key, []).append(version)
        return version
