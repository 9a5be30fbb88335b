"""What is posted: a Bundle of any type, Parameters or the report alone, whose resources name one another in any way."""

import uuid
from decimal import Decimal
from typing import Any

from tests.builders import BASE, Json, bundle, parameters
from tests.forms.features import Addressing, Form, Wrapping


def wrap(resources: list[Json], form: Form, prior: Decimal | None) -> tuple[Json, dict[str, str]]:
    """Return what is posted, and the new name of every resource that lost its old one.

    Args:
        resources: the report and everything with it.
        form: type of the Bundle and kind of reference.
        prior: stands in Parameters; None = it stands elsewhere, or there is none.
    """
    wrapping = Wrapping.COLLECTION if form.wrapping is Wrapping.REPORT_ALONE else form.wrapping
    kind = "collection" if wrapping is Wrapping.PARAMETERS else wrapping.value
    posted, names = _addressed(bundle(*resources, kind=kind), form.addressing)
    return parameters(posted, prior) if wrapping is Wrapping.PARAMETERS else posted, names


def renamed(element: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON with every literal reference renamed."""
    if isinstance(element, dict):
        return {
            key: names.get(each, each) if key == "reference" and isinstance(each, str) else renamed(each, names)
            for key, each in element.items()
        }
    return [renamed(each, names) for each in element] if isinstance(element, list) else element


def _addressed(posted: Json, addressing: Addressing) -> tuple[Json, dict[str, str]]:
    named = [(f"{each['resource']['resourceType']}/{each['resource']['id']}", each) for each in posted["entry"] if _has_id(each)]
    match addressing:
        case Addressing.RELATIVE:
            return posted, {}
        case Addressing.ABSOLUTE:
            return renamed(posted, {name: f"{BASE}/{name}" for name, _ in named}), {}
        case Addressing.VERSIONED:
            return renamed(posted, {name: f"{name}/_history/1" for name, _ in named}), {}
        case Addressing.NO_FULL_URL:
            entries = [{key: each[key] for key in each if key != "fullUrl"} for each in posted["entry"]]
            return {**posted, "entry": entries}, {}
        case Addressing.URN:
            return _by_urn(posted, named)


def _by_urn(posted: Json, named: list[tuple[str, Json]]) -> tuple[Json, dict[str, str]]:
    """Return a Bundle of resources without ids, as a transaction creates them."""
    names = {name: f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}" for name, _ in named}
    for name, each in named:
        each["fullUrl"] = names[name]
        del each["resource"]["id"]
    return renamed(posted, names), names


def _has_id(entry: Json) -> bool:
    return "id" in entry["resource"]
