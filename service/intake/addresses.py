"""What a reference looks like, before anything is looked up.

Source: FHIR R4 Reference, Bundle (resolving references), http (`[base]/[type]/[id]/_history/[vid]`).
"""

import re
from typing import Final, TypeGuard
from urllib.parse import parse_qsl

_LOCAL: Final = re.compile(r"(([A-Z][A-Za-z]{1,63})/[A-Za-z0-9.\-]{1,64})(?:/_history/([A-Za-z0-9.\-]{1,64}))?")
_BELOW_A_BASE: Final = re.compile(r"(https?://.+)/" + _LOCAL.pattern)
_SHAPES: Final = re.compile(r"#[^\s#]*|urn:(?:uuid|oid):\S+|https?://\S+|" + _LOCAL.pattern + r"|[A-Z][A-Za-z]{1,63}\?\S+")
"""Fragment, URN, absolute address, `Type/id`, and `Type?search` as transactions may have it."""

_ID: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}")

LONGEST_REFERENCE: Final = 500
"""Characters of one reference or address: real ones are far shorter, and an index of the database holds no 2.7 kilobytes."""


def is_id(text: object) -> TypeGuard[str]:
    """Tell whether a JSON value is an id as FHIR has them."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def is_shaped(reference: str) -> bool:
    """Tell whether a text can be a Reference.reference at all."""
    return len(reference) <= LONGEST_REFERENCE and _SHAPES.fullmatch(reference) is not None


def is_absolute(reference: str) -> bool:
    """Tell whether a reference names a server."""
    return reference.startswith(("http://", "https://"))


def localise(reference: str, ehr_base: str | None) -> str:
    """Return an address without its version: `Type/id` for a relative or EHR address; a URN or anything else as it is.

    Args:
        reference: as sent.
        ehr_base: addresses below it are the EHR's own; None = no EHR.
    """
    if ehr_base is not None and reference.startswith(ehr_base + "/"):
        reference = reference[len(ehr_base) + 1 :]
    if (matched := _LOCAL.fullmatch(reference)) is not None:
        return matched.group(1)
    below = _BELOW_A_BASE.fullmatch(reference)
    return f"{below.group(1)}/{below.group(2)}" if below else reference


def type_of(reference: str) -> str | None:
    """Return the resource type that a `Type/id` names, relative or absolute; None = it names none."""
    matched = _LOCAL.fullmatch(reference)
    if matched:
        return matched.group(2)
    below = _BELOW_A_BASE.fullmatch(reference)
    return below.group(3) if below else None


def sought_identifier(reference: str) -> tuple[str, str, str] | None:
    """Return type, system and value of `Type?identifier=system|value`; None = it is no search, or one for something else."""
    kind, asks, query = reference.partition("?")
    asked = parse_qsl(query) if asks else []
    if len(asked) != 1 or asked[0][0] != "identifier":
        return None
    system, names_system, value = asked[0][1].partition("|")
    return (kind, system, value) if names_system and system and value else None


def base_of(full_url: str | None) -> str | None:
    """Return the server that a fullUrl lies on; None = a URN, or no RESTful address."""
    matched = _BELOW_A_BASE.fullmatch(full_url) if full_url else None
    return matched.group(1) if matched else None


def tail_of(reference: str) -> str:
    """Return `Type/id` of a relative or any absolute address; anything else as it is."""
    matched = _BELOW_A_BASE.fullmatch(reference)
    return matched.group(2) if matched else localise(reference, None)
