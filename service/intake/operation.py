"""Parameters of `$assess`: a Bundle, and what is asked for beside it.

Whatever is wrong here refuses the request in every handling: a `store` or a `prior` that is passed over would do what nobody asked
for.

Source: interfaces section 2; FHIR R4 Parameters, Executing an Operation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from service.errors import Fault, InvalidInputError
from service.intake.parse import Node
from service.model.asked import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Parameters of the operation.

    Attributes:
        asked: what is asked for beside the Bundle.
        resource: the value of `bundle`, of any JSON type.
        path: where that stands; None = there is no `bundle`.
    """

    asked: Asked
    resource: Any = None
    path: str | None = None


def _prior(value: object) -> str | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return None if is_number and 0 <= value <= 1 else "must be a decimal from 0 to 1"  # type: ignore[operator] # it is a number


def _boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


_VALUES: Final[Mapping[str, tuple[str, Callable[[object], str | None]]]] = {
    "prior": ("valueDecimal", _prior),
    "store": ("valueBoolean", _boolean),
    "writeBack": ("valueBoolean", _boolean),
}
"""By name: the element that holds the value, and what it must be."""


def read_parameters(node: Node) -> Operation:
    """Read the Parameters of `$assess`.

    Raises:
        InvalidInputError: a parameter is unknown, stands twice, or has no value of its type.
    """
    parameters = node.get("parameter", [])
    if not isinstance(parameters, list):
        raise _refused([Fault(text="The element must be a list.", path="Parameters.parameter", code="structure")])
    found: dict[str, Any] = {}
    faults = []
    for place, each in enumerate(parameters):
        path = f"Parameters.parameter[{place}]"
        name = each.get("name") if isinstance(each, dict) else None
        fault = _fault(each, name, path)
        if fault is None and name in found:
            fault = Fault(text=f"The parameter {name} stands more than once.", path=f"{path}.name", code="duplicate")
        if fault is not None:
            faults.append(fault)
        elif name == "bundle":
            found |= {"bundle": each["resource"], "path": f"{path}.resource"}
        else:
            found[str(name)] = each[_VALUES[str(name)][0]]
    if faults:
        raise _refused(faults)
    prior = Decimal(found["prior"]) if "prior" in found else None
    asked = Asked(prior=prior, store=found.get("store"), write_back=found.get("writeBack"))
    return Operation(asked=asked, resource=found.get("bundle"), path=found.get("path"))


def _fault(parameter: object, name: object, path: str) -> Fault | None:
    """Return what is wrong with one parameter; None = nothing."""
    if not isinstance(parameter, dict):
        return Fault(text="The element must be an object.", path=path, code="structure")
    if name == "bundle":
        missing = "resource" not in parameter
        return Fault(text="The parameter bundle holds no resource.", path=f"{path}.resource", code="required") if missing else None
    if not isinstance(name, str) or name not in _VALUES:
        text = f"The operation has no parameter of this name; it has bundle, {', '.join(_VALUES)}."
        return Fault(text=text, path=f"{path}.name", code="not-supported")
    element, check = _VALUES[name]
    wrong = check(parameter.get(element))
    return Fault(text=f"The parameter {name} {wrong}, in {element}.", path=f"{path}.value", code="value") if wrong else None


def _refused(faults: list[Fault]) -> InvalidInputError:
    return InvalidInputError("The Parameters cannot be used as they are.", faults=tuple(faults))
