"""Bodies that an EHR sends, read without trusting their form: what is not as FHIR says counts as not there."""

from collections.abc import Iterator
from typing import Any

import orjson


def json_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object; anything else gives an empty one."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def children(parent: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Give out the objects of a repeating element."""
    found = parent.get(name)
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, dict))


def child(parent: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object of an element; an empty one when it is absent."""
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def text(parent: dict[str, Any], name: str) -> str | None:
    """Return the string of an element; None = absent or empty."""
    found = parent.get(name)
    return found if isinstance(found, str) and found else None


def matches(bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give out the matching resources of a search: not what was included with them, nor remarks about the search."""
    for entry in children(bundle, "entry"):
        if (resource := child(entry, "resource")) and child(entry, "search").get("mode", "match") == "match":
            yield resource
