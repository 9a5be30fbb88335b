"""One resource of the dossier and where it stands."""

from dataclasses import dataclass

from service.intake.addresses import is_id
from service.intake.instants import Span, read_date
from service.intake.parse import Node
from service.model.dossier import Origin


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """One resource; contained resources are entries of their own.

    Attributes:
        order: place in the dossier, counted over all documents.
        document: place of its document in the dossier.
        origin: posted to us or read by us.
        is_searched: True = it came with the answer to a search: what is wrong with it never refuses the input.
        kind: resourceType.
        node: its JSON; contained resources still inside.
        path: FHIRPath from the root of the document.
        reference: what names it in sources: `Observation/7`, `DiagnosticReport/7#o1`, else fullUrl, else its path.
        identity: what makes two entries the same resource.
        base: server of its fullUrl; None = none.
        owner: the resource that contains it; None = it stands alone.
        has_empty: True = its document has empty objects or arrays somewhere, or perhaps null.
    """

    order: int
    document: int
    origin: Origin
    is_searched: bool
    kind: str
    node: Node
    path: str
    reference: str
    identity: str
    base: str | None = None
    owner: "Entry | None" = None
    has_empty: bool = False

    @property
    def root(self) -> "Entry":
        """The entry that `#` references of this one start from."""
        return self.owner or self

    @property
    def has_address(self) -> bool:
        """Tell whether an id or fullUrl names it, not just its place."""
        return self.identity != place_of(self.document, self.path)

    @property
    def version(self) -> str | None:
        """meta.versionId of the resource, or of the one that contains it; None = none, or none that can be one."""
        text = _text_of_meta(self.root.node, "versionId")
        return text if is_id(text) else None

    @property
    def updated(self) -> Span | None:
        """meta.lastUpdated of the resource, or of the one that contains it; None = none, or none that is a date."""
        text = _text_of_meta(self.root.node, "lastUpdated")
        return read_date(text) if text else None

    def is_newer_than(self, other: "Entry") -> bool:
        """Tell which of two versions of one resource holds: by version number, by lastUpdated, else the one read later."""
        mine, theirs = self.version, other.version
        if mine and theirs and mine != theirs and mine.isdecimal() and theirs.isdecimal():
            return int(mine) > int(theirs)
        updated, before = self.updated, other.updated
        if updated and before and updated.first and before.first and updated.first != before.first:
            return updated.first > before.first
        return self.document > other.document


def place_of(document: int, path: str) -> str:
    """Return the identity of a resource that has neither id nor fullUrl: its place in the dossier."""
    return f"{document}:{path}"


def _text_of_meta(node: Node, name: str) -> str | None:
    meta = node.get("meta")
    text = meta.get(name) if isinstance(meta, dict) else None
    return text if isinstance(text, str) else None
