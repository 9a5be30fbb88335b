"""One parsed body to the resources in it: a single resource, a Bundle of any type (Bundles inside it included), or Parameters.

Source: FHIR R4 Bundle, Parameters; interfaces sections 1 and 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from service.errors import Fault, TooLargeError
from service.intake.addresses import LONGEST_REFERENCE, is_shaped, tail_of
from service.intake.operation import read_parameters
from service.intake.parse import Limits, Node
from service.intake.resource_types import BUNDLE_TYPES, RESOURCE_TYPES
from service.model.asked import Asked

_OBJECT: Final = "must be an object"
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One resource and where it stands.

    Attributes:
        kind: resourceType, a name that FHIR knows.
        node: its JSON.
        path: FHIRPath from the root of the body.
        full_url: Bundle.entry.fullUrl; None = none.
    """

    kind: str
    node: Node
    path: str
    full_url: str | None


@dataclass(slots=True, kw_only=True)
class Unpacked:
    """Everything that one body holds.

    Attributes:
        found: resources in document order; Bundles and Parameters are opened, not listed.
        deleted: `Type/id` of entries whose request is DELETE.
        labels: meta.security codings of Bundles.
        faults: what is wrong with the wrapping itself.
        asked: what Parameters ask for beside their Bundle.
    """

    found: list[Found] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    labels: list[Node] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    asked: Asked = field(default_factory=Asked)


class _Unpacking:
    """One walk through one body."""

    def __init__(self, limits: Limits) -> None:
        self.result = Unpacked()
        self._left = limits.max_entries
        self._limits = limits

    def open(self, node: object, path: str, full_url: str | None = None) -> None:
        """Take one resource, or open it when it only wraps others; full_url as its entry says, None = none."""
        if not isinstance(node, dict):
            self._fault(path, _OBJECT)
        elif (kind := node.get("resourceType")) == "Bundle":
            self._open_bundle(node, path)
        elif isinstance(kind, str) and kind in RESOURCE_TYPES:
            self.result.found.append(Found(kind=kind, node=node, path=path, full_url=full_url))
        elif kind is None:
            self._fault(f"{path}.resourceType", "is required", "required")
        else:
            self._fault(f"{path}.resourceType", "is no resource type of FHIR R4", "not-supported")

    def _open_bundle(self, node: Node, path: str) -> None:
        kind = node.get("type")
        if not isinstance(kind, str) or kind not in BUNDLE_TYPES:
            self._fault(f"{path}.type", "must be a Bundle type of FHIR R4", "code-invalid")
        self.result.labels += _labels(node)
        for where, entry in self._objects(node, "entry", path):
            self._left -= 1
            if self._left < 0:
                raise TooLargeError(f"The input has more than {self._limits.max_entries} entries: send one report at a time.")
            self._open_entry(entry, where)

    def _open_entry(self, entry: Node, path: str) -> None:
        full_url = entry.get("fullUrl")
        if full_url is not None and (not isinstance(full_url, str) or not 0 < len(full_url) <= LONGEST_REFERENCE):
            self._fault(f"{path}.fullUrl", f"must be a text of 1 to {LONGEST_REFERENCE} characters")
            full_url = None
        request = entry.get("request", {})
        if not isinstance(request, dict):
            self._fault(f"{path}.request", _OBJECT)
            request = {}
        elif "request" in entry and request.get("method") not in _METHODS:
            self._fault(f"{path}.request.method", f"must be one of {', '.join(_METHODS)}", "code-invalid")
        if request.get("method") == "DELETE":
            if isinstance(url := request.get("url"), str) and is_shaped(url):
                self.result.deleted.append(tail_of(url))
            else:
                self._fault(f"{path}.request.url", "must name what is deleted, as DiagnosticReport/7", "value")
        elif "resource" in entry:
            self.open(entry["resource"], f"{path}.resource", full_url)
        elif not entry.keys() & {"request", "response"}:
            self._fault(f"{path}.resource", "is required (bdl-5)", "required")

    def _objects(self, node: Node, name: str, path: str) -> Iterator[tuple[str, Node]]:
        """Yield the objects of a list with their paths; whatever is not one is a fault."""
        elements = node.get(name, [])
        if not isinstance(elements, list):
            self._fault(f"{path}.{name}", "must be a list")
            return
        for place, each in enumerate(elements):
            if isinstance(each, dict):
                yield f"{path}.{name}[{place}]", each
            else:
                self._fault(f"{path}.{name}[{place}]", _OBJECT)

    def _fault(self, path: str, text: str, code: str = "structure") -> None:
        self.result.faults.append(Fault(text=f"The element {text}.", path=path, code=code))


def unpack(node: Node, limits: Limits) -> Unpacked:
    """Return the resources of one body.

    Raises:
        TooLargeError: more Bundle entries than allowed.
        InvalidInputError: Parameters that are not those of `$assess`.
    """
    unpacking = _Unpacking(limits)
    kind = node.get("resourceType")
    if kind == "Parameters":
        operation = read_parameters(node)
        unpacking.result.asked = operation.asked
        if operation.path is not None:
            unpacking.open(operation.resource, operation.path)
    else:
        unpacking.open(node, root_of(node))
    return unpacking.result


def root_of(node: Node) -> str:
    """Return the name with which the paths of a body begin: its resourceType, where it is one."""
    kind = node.get("resourceType")
    return kind if isinstance(kind, str) and kind in RESOURCE_TYPES else "Resource"


def _labels(node: Node) -> list[Any]:
    meta = node.get("meta")
    security = meta.get("security") if isinstance(meta, dict) else None
    return [label for label in security if isinstance(label, dict)] if isinstance(security, list) else []
