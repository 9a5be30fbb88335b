"""One walk for all resource types: elements of another type than their table says, each named by its FHIRPath.

Source: FHIR R4 (4.0.1) resource definitions; ext-1.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from service.errors import Fault
from service.intake.shapes import BOOLEAN, EXTENSION, INTEGER, NUMBER, TEXT, Fields

Trail = tuple[Any, str | int] | str
"""Where the walk is: the root's path, or (trail of the parent, name or index)."""

_EXPECTED: Final[Mapping[tuple[type, ...], str]] = {
    TEXT: "must be a text that is not empty",
    BOOLEAN: "must be true or false",
    INTEGER: "must be a whole number",
    NUMBER: "must be a number",
}


_NO_OBJECT: Final = "must be an object"
_EXT_1: Final = "ext-1: an extension has either a value or extensions of its own."


def walk(node: Mapping[str, Any], fields: Fields, trail: Trail, faults: list[Fault]) -> None:
    """Collect every element of an object that is read and has another type than it must have.

    Args:
        node: a JSON object; in the place of objects may stand models that were made of valid ones.
        fields: what is read of it.
        trail: where it stands.
        faults: what is found is added here.
    """
    for name, value in node.items():
        shape = fields.get(name)
        if shape is None:
            continue
        if isinstance(shape, tuple):
            if value.__class__ not in shape or value == "":
                faults.append(_fault((trail, name), _EXPECTED[shape]))
        elif isinstance(shape, dict):
            if value.__class__ is dict:
                walk(value, shape, (trail, name), faults)
            elif not isinstance(value, BaseModel):
                faults.append(_fault((trail, name), _NO_OBJECT))
        elif isinstance(shape, list):
            _walk_list(value, shape[0], (trail, name), faults)
        elif callable(shape) and (text := shape(value)) is not None:
            faults.append(_fault((trail, name), text))


def _walk_list(value: Any, fields: Fields, trail: Trail, faults: list[Fault]) -> None:  # noqa: ANN401 - any JSON
    if value.__class__ is not list:
        faults.append(_fault(trail, "must be a list"))
        return
    for place, each in enumerate(value):
        if each.__class__ is dict:
            walk(each, fields, (trail, place), faults)
            if fields is EXTENSION and ("extension" in each) == any(name.startswith(("value", "_value")) for name in each):
                faults.append(Fault(text=_EXT_1, path=path_of((trail, place)), code="invariant"))
        elif not isinstance(each, BaseModel):
            faults.append(_fault((trail, place), _NO_OBJECT))


def _fault(trail: Trail, text: str) -> Fault:
    code = "code-invalid" if text.startswith("must be one of") else "value"
    return Fault(text=f"The element {text}.", path=path_of(trail), code=code)


def path_of(trail: Trail) -> str:
    """Write a trail as FHIRPath: `Observation.component[1].value`."""
    if isinstance(trail, str):
        return trail
    parent, step = trail
    return f"{path_of(parent)}[{step}]" if isinstance(step, int) else f"{path_of(parent)}.{element_name(step)}"


_CHOICES: Final = ("value", "effective", "onset", "abatement", "performed", "deceased", "multipleBirth")


def element_name(key: str) -> str:
    """Return the FHIRPath name of a JSON key: `valueQuantity` and `_valueString` are both `value`."""
    name = key.removeprefix("_")
    for choice in _CHOICES:
        if name.startswith(choice) and name[len(choice) : len(choice) + 1].isupper():
            return choice
    return name
