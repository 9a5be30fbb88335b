"""A quick look at what a webhook or a post speaks of, for its receipt: parsed, not validated."""

from dataclasses import dataclass

from service.errors import InvalidInputError
from service.intake.addresses import is_id, is_shaped, tail_of
from service.intake.parse import Limits, Node, parse
from service.intake.resource_types import RESOURCE_TYPES
from service.intake.unpack import unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What stands on the outside of a body; None = not stated, or not in the form it must have (a wrong id is refused).

    Attributes:
        resource_type: of the body itself.
        id: of the body itself.
        version: meta.versionId.
        last_updated: meta.lastUpdated as sent.
        status: status of the body, or of the only report in a Bundle.
        subject: `Patient/9` of the body, or of the first report in a Bundle.
        bundle_type: Bundle.type.
    """

    resource_type: str
    id: str | None
    version: str | None
    last_updated: str | None
    status: str | None
    subject: str | None
    bundle_type: str | None


def look(body: bytes, limits: Limits) -> Trigger:
    """Look at one body.

    Raises:
        InvalidJsonError, TooLargeError: it cannot be read.
        InvalidInputError: it is no FHIR R4 resource, or its id is none.
    """
    node = parse(body, limits).node
    kind = node.get("resourceType")
    if not isinstance(kind, str) or kind not in RESOURCE_TYPES:
        raise InvalidInputError("The body is no resource of FHIR R4: resourceType must name one.", path="resourceType")
    if "id" in node and not is_id(node["id"]):
        raise InvalidInputError("The id must have 1 to 64 letters, digits, hyphens and dots.", path=f"{kind}.id")
    meta = node.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    spoken_of = _report(node, limits) if kind in {"Bundle", "Parameters"} else node
    return Trigger(
        resource_type=kind,
        id=_text(node, "id"),
        version=meta["versionId"] if is_id(meta.get("versionId")) else None,
        last_updated=_text(meta, "lastUpdated"),
        status=_text(spoken_of, "status"),
        subject=_subject(spoken_of),
        bundle_type=_text(node, "type") if kind == "Bundle" else None,
    )


def _report(node: Node, limits: Limits) -> Node:
    """Return the first report that a Bundle or Parameters holds; {} = none."""
    return next((found.node for found in unpack(node, limits).found if found.kind == "DiagnosticReport"), {})


def _subject(node: Node) -> str | None:
    if node.get("resourceType") == "Patient":
        return f"Patient/{node['id']}" if is_id(node.get("id")) else None
    reference = node.get("patient" if node.get("resourceType") == "BodyStructure" else "subject")
    text = _text(reference, "reference") if isinstance(reference, dict) else None
    return tail_of(text) if text and is_shaped(text) else None


def _text(node: Node, name: str) -> str | None:
    value = node.get(name)
    return value if isinstance(value, str) and value else None
