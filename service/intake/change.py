"""Bytes of a posted change to what it says: form only; the vocabulary is asked later.

Source: interfaces section 2 (`what-if`, `answers`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import orjson

from service.errors import Fault, InvalidInputError
from service.intake.parse import Limits, Node, parse
from service.model.change import PATIENT, STUDY, Anchor, Answer, Answered, Change, Taken, Told
from service.model.coded import Interval
from service.model.dossier import Document

LONGEST_NAME: Final = 200
"""Characters of `who`."""

_PLACE: Final = re.compile(rf"lesion-[1-9]\d{{0,3}}|{STUDY}|{PATIENT}")
_SETS: Final = frozenset({"set", "unset"})
_SAYS: Final = frozenset({"who", "when"})
_COMPARATORS: Final = frozenset({"<", "<=", ">=", ">"})
_AN_ANSWER: Final = "An answer is a word, true or false, a number, or an object of value and comparator; several stand in a list."


def read_change(body: bytes, limits: Limits, *, is_signed: bool) -> Change:
    """Read a posted change.

    Args:
        body: `set` holds places with findings and values, `unset` places with lists of findings; a signed one has `who` and `when`.
        limits: size limits.
        is_signed: whether somebody says it (an answer) or supposes it (what-if).

    Raises:
        InvalidJsonError, TooLargeError: the body cannot be read.
        InvalidInputError: it has another form; every problem is named with its path.
    """
    return _change(parse(body, limits).node, is_signed=is_signed)


def write_answered(body: bytes, anchors: Mapping[str, Anchor]) -> bytes:
    """Return the document that keeps an answer: the bytes as posted, and the lesions that they speak of."""
    lesions = {
        lesion: {
            "site": anchor.site,
            "lesion": anchor.lesion,
            "identities": sorted(anchor.identities),
            "report_version": anchor.report_version,
        }
        for lesion, anchor in anchors.items()
    }
    return b'{"lesions":' + orjson.dumps(lesions) + b',"change":' + body.strip() + b"}"


def read_answered(document: Document, limits: Limits) -> Answered:
    """Read the document that keeps an answer.

    Raises:
        InvalidInputError, InvalidJsonError: these are no bytes of `write_answered`.
    """
    node = parse(document.body, replace(limits, max_bytes=len(document.body), max_depth=limits.max_depth + 2)).node
    anchors = {
        lesion: Anchor(
            site=told["site"],
            lesion=told["lesion"],
            identities=frozenset(told["identities"]),
            report_version=told["report_version"],
        )
        for lesion, told in node["lesions"].items()
    }
    return Answered(name=document.request, change=_change(node["change"], is_signed=True), anchors=anchors)


def _change(node: Node, *, is_signed: bool) -> Change:
    faults: list[Fault] = []
    known = _SETS | _SAYS if is_signed else _SETS
    faults += [_fault(f"Unknown; known are {', '.join(sorted(known))}.", key) for key in node if key not in known]
    told = tuple(_told(node.get("set", {}), faults))
    taken = tuple(_taken(node.get("unset", {}), faults))
    if not told and not taken and not faults:
        faults.append(_fault("It changes nothing: name a finding in set or in unset.", "set"))
    twice = {(each.place, each.finding) for each in told}
    faults += [_fault("It is set and unset at once.", each.path) for each in taken if (each.place, each.finding) in twice]
    who, at = (_who(node, faults), _at(node, faults)) if is_signed else (None, None)
    if faults:
        raise InvalidInputError(f"The change cannot be understood in {len(faults)} place(s).", faults=tuple(faults))
    return Change(told=told, taken=taken, who=who, at=at)


def _fault(text: str, path: str) -> Fault:
    return Fault(text=text, path=path, code="value")


def _places(node: object, key: str, faults: list[Fault]) -> Iterator[tuple[str, Any]]:
    """Yield the places of `set` or `unset`."""
    if not isinstance(node, dict):
        faults.append(_fault("An object is needed: the id of a lesion, study or patient, and its findings.", key))
        return
    for place, findings in node.items():
        if _PLACE.fullmatch(place) is None:
            faults.append(_fault("A place is the id of a lesion (lesion-1), study or patient.", key))
        else:
            yield place, findings


def _told(node: object, faults: list[Fault]) -> Iterator[Told]:
    for place, findings in _places(node, "set", faults):
        path = f"set.{place}"
        if not isinstance(findings, dict):
            faults.append(_fault("An object of findings and their values is needed.", path))
            continue
        for finding, value in findings.items():
            listed = value if isinstance(value, list) else [value]
            answers = [answer for each in listed if (answer := _answer(each)) is not None]
            if not answers or len(answers) < len(listed):
                faults.append(_fault(_AN_ANSWER, f"{path}.{finding}"))
            else:
                yield Told(place=place, finding=finding, answers=tuple(answers), path=f"{path}.{finding}")


def _taken(node: object, faults: list[Fault]) -> Iterator[Taken]:
    for place, findings in _places(node, "unset", faults):
        if isinstance(findings, list) and all(isinstance(each, str) for each in findings):
            yield from (Taken(place=place, finding=each, path=f"unset.{place}") for each in dict.fromkeys(findings))
        else:
            faults.append(_fault("A list of findings is needed.", f"unset.{place}"))


def _answer(value: object) -> Answer | None:
    """Read one value; None = it has none of the forms."""
    match value:
        case str() | bool():
            return value
        case int() | Decimal():
            return Interval.exactly(Decimal(value))
        case {"value": int() | Decimal() as number, "comparator": str(comparator), **others}:
            known = not others and not isinstance(number, bool) and comparator in _COMPARATORS
            return _compared(Decimal(number), comparator) if known else None
        case _:
            return None


def _compared(number: Decimal, comparator: str) -> Interval:
    is_open = "=" not in comparator
    if comparator.startswith("<"):
        return Interval(low=None, high=number, high_open=is_open)
    return Interval(low=number, high=None, low_open=is_open)


def _who(node: Mapping[str, Any], faults: list[Fault]) -> str | None:
    who = node.get("who")
    if isinstance(who, str) and who.strip() and len(who) <= LONGEST_NAME:
        return who.strip()
    faults.append(_fault(f"Say who answers, in 1 to {LONGEST_NAME} characters (`Practitioner/7`).", "who"))
    return None


def _at(node: Mapping[str, Any], faults: list[Fault]) -> datetime | None:
    try:
        at = datetime.fromisoformat(node.get("when", ""))
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):  # OverflowError: in UTC it lies before year 1 or after 9999
        pass
    faults.append(_fault("Say when it was answered, as an instant with time zone (2026-03-01T10:00:00Z).", "when"))
    return None
