"""What two resources or two elements share when the classes of fhir.resources have one verdict on both.

What a class adds to the verdicts on the elements of a resource is which elements there are: one of a choice, required ones, no
unknown ones. What an element or an id says is no matter of the class, and neither is which one of many plain names stands there.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
from fhir.resources.R4B.identifier import Identifier
from fhir.resources.R4B.reference import Reference
from pydantic import BaseModel

from service.intake.addresses import is_id
from service.intake.parse import Node

_MANY: Final = frozenset({"Observation", "Condition", "Procedure"})
"""Types of which a dossier holds so many that some have one form."""

_ID: Final = "id"
"""Stands for any id: which one it is is no matter."""

_NAMING: Final[Mapping[type[BaseModel], tuple[str, re.Pattern[str]]]] = {
    Identifier: ("value", re.compile(r"[A-Za-z0-9.:/_\-]{1,64}")),
    Reference: ("reference", re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9.\-]{1,64}")),
}
"""Where a class takes one plain name as well as another, and what is plain."""


def key_of(model: type[BaseModel], element: Node) -> tuple[object, ...]:
    """Return what an element shares with those that its class has the same verdict on: its JSON, but for a plain name in it.

    Args:
        model: class of the element.
        element: as parsed.
    """
    name, plain = _NAMING.get(model, ("", None))
    named = element.get(name)
    if plain is None or named.__class__ is not str or not plain.fullmatch(named):
        return (model, _json(element))
    return (model, name, _json({other: value for other, value in element.items() if other != name}))


def form_of(kind: str, prepared: Node) -> object:
    """Return what a resource shares with those that walk and class have the same verdict on.

    Args:
        kind: resourceType.
        prepared: the resource, with validated models in the place of elements that are valid.

    Returns:
        None = there are few of its type, or it nests too deeply to be told.
    """
    try:
        return _form(prepared) if kind in _MANY else None
    except RecursionError:
        return None


def _json(element: Node) -> bytes | str:
    """Return what two elements share only when they are equal, each value in its type (true is not 1)."""
    try:
        return orjson.dumps(element)
    except orjson.JSONEncodeError:  # a Decimal, or an integer of more than 64 bits
        return repr(element)


def _form(value: Any) -> object:  # noqa: ANN401 - any JSON, with models in it
    """Return of valid elements and ids that they are there, of all else the value with its type."""
    kind = value.__class__
    if kind is dict:
        return (kind, *[(name, _ID if name == "id" and is_id(each) else _form(each)) for name, each in value.items()])
    if kind is list:
        return (kind, *[_form(each) for each in value])
    return kind if isinstance(value, BaseModel) else (kind, value)
