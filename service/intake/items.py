"""Observations in their places to coded items: each statement with everything around it that decides its meaning.

bodySite, method, performer, date and lesion identity are inherited through hasMember and component, as radiologists mean them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.intake.addresses import localise
from service.intake.entry import Entry
from service.intake.identity import Identities, is_tracking
from service.intake.modifier import modifier_of
from service.intake.opened import Opened
from service.intake.parse import Node
from service.intake.said import stated
from service.intake.tree import Branch, Tree
from service.intake.values import read_all_codings, read_codings, read_value
from service.model.coded import CodedItem, Coding, Dropped, Issue, ItemKind, Severity, Source

_MODIFIED: Final = "it has a modifier that is not understood"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What an Observation inherits.

    Attributes:
        sites: codings of the nearest bodySite, and of the BodyStructures beside it; empty = no coded site.
        site_text: words of a bodySite without a coding; None = none.
        method: codings of the examination.
        study: key of the examination; None = the Observation's own method, else the Observation itself.
        observer: the nearest stated performer; None = nobody is stated.
        identities: of the lesion, strongest first; empty = none.
        parents: groups that hold it, nearest first, by reference.
        said_at: when the group was said; None = not stated.
        is_context: True = not part of the assessed report.
        prefix: what tells the examinations of different reports apart.
    """

    sites: tuple[Coding, ...] = ()
    site_text: str | None = None
    method: tuple[Coding, ...] = ()
    study: str | None = None
    observer: str | None = None
    identities: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    said_at: datetime | None = None
    is_context: bool = False
    prefix: str = ""


def study_key(codings: tuple[Coding, ...]) -> str | None:
    """Return the key of an examination; None = it has no coding.

    It is the smallest `system|code`, so that the order of the codings does not matter.
    """
    return min((f"{coding.system or ''}|{coding.code}" for coding in codings), default=None)


class Writer:
    """Writes the items of trees of one dossier.

    Attributes:
        written: (place of the resource in the dossier, its items).
        issues: components and sites that were not used.
        dropped: the codings of these components.
    """

    def __init__(self, opened: Opened, identities: Identities) -> None:
        """Start with nothing written."""
        self._opened = opened
        self._identities = identities
        self.written: list[tuple[int, list[CodedItem]]] = []
        self.issues: list[Issue] = []
        self.dropped: list[Dropped] = []

    def write(self, tree: Tree, start: Frame) -> None:
        """Write every Observation of a tree.

        Args:
            tree: parents stand before members.
            start: what the roots inherit from the report.
        """
        frames: dict[int, Frame] = {}
        for branch in tree.branches:
            above = frames[branch.parent.entry.order] if branch.parent is not None else start
            frame, items = self._observation(branch, above)
            frames[branch.entry.order] = frame
            if items:
                self.written.append((branch.entry.order, items))

    def _observation(self, branch: Branch, above: Frame) -> tuple[Frame, list[CodedItem]]:
        """Return what members and components inherit from an Observation, and its items."""
        entry, node = branch.entry, branch.entry.node
        if is_tracking(node):
            return above, []
        frame, has_site = self._frame(branch, above)
        if node["status"] == "preliminary":
            self._note("informational", "The Observation is preliminary; it is used.", f"{entry.path}.status")
        components = [
            (each, path)
            for place, each in enumerate(node.get("component", ()))
            if not is_tracking(each) and self._is_understood(each, path := f"{entry.path}.component[{place}]", entry)
        ]
        members = sum(not is_tracking(member.entry.node) for member in branch.members) + len(components)
        root = self._item(
            entry, node, entry.path, frame, kind=ItemKind.OBSERVATION, parents=above.parents, own_site=has_site, members=members
        )
        parts = (self._item(entry, each, path, frame, kind=ItemKind.COMPONENT, parents=frame.parents) for each, path in components)
        return frame, [root, *parts]

    def _frame(self, branch: Branch, above: Frame) -> tuple[Frame, bool]:
        """Return what members and components inherit from an Observation, and whether it has a site of its own."""
        entry, node = branch.entry, branch.entry.node
        identities, structure_sites = self._identities.of(branch, above.identities)
        has_site = "bodySite" in node or bool(structure_sites)
        sites = read_codings(node.get("bodySite")) + structure_sites
        if has_site and not sites:
            self._note("informational", "A bodySite without a code is not read.", f"{entry.path}.bodySite")
        method = read_codings(node.get("method"))
        own_study = study_key(method)
        span = stated(node)
        frame = Frame(
            sites=sites if has_site else above.sites,
            site_text=node.get("bodySite", {}).get("text") if has_site and not sites else above.site_text,
            method=method or above.method,
            study=f"{above.prefix}{own_study}" if own_study else above.study or f"{above.prefix}{entry.reference}",
            observer=self._observer(entry) or above.observer,
            identities=identities,
            parents=(entry.reference, *above.parents),
            said_at=span.first if span is not None and span.first is not None else above.said_at,
            is_context=above.is_context,
            prefix=above.prefix,
        )
        return frame, has_site

    def _item(
        self,
        entry: Entry,
        statement: Node,
        path: str,
        frame: Frame,
        *,
        kind: ItemKind,
        parents: tuple[str, ...],
        own_site: bool = False,
        members: int = 0,
    ) -> CodedItem:
        code = statement["code"]
        value, absent_reason = read_value(statement)
        return CodedItem(
            source=Source(
                reference=entry.reference,
                version=entry.version,
                path=path,
                from_other_report=frame.is_context,
                said_at=frame.said_at,
            ),
            kind=kind,
            status=entry.node["status"],
            code=read_codings(code),
            code_text=code.get("text"),
            value=value,
            absent_reason=absent_reason,
            interpretation=read_all_codings(statement.get("interpretation", ())),
            sites=frame.sites,
            site_text=frame.site_text if not frame.sites else None,
            own_site=own_site,
            method=frame.method,
            own_method=bool(read_codings(statement.get("method"))),
            study=frame.study or "",
            observer=frame.observer,
            parents=parents,
            members=members,
            identities=frame.identities,
            is_searched=frame.is_context and entry.is_searched,
        )

    def _observer(self, entry: Entry) -> str | None:
        """Return who said it: the first performer who is a person, else the first; None = not stated."""
        named = [(each, name) for each in entry.node.get("performer", ()) if (name := _name_of(each, entry)) is not None]
        people = [name for each, name in named if "Practitioner" in each.get("type", each.get("reference", ""))]
        first = next(iter([*people, *(name for _, name in named)]), None)
        return localise(localise(first, entry.root.base), self._opened.dossier.ehr_base) if first else None

    def _is_understood(self, component: Node, path: str, entry: Entry) -> bool:
        """Tell whether a component may be read: an unknown modifier could mean anything."""
        if modifier_of(component) is not None:
            self._note("not-supported", "A component with a modifier extension is left out.", path)
            if not entry.is_searched:
                codings = read_codings(component["code"])
                self.dropped.append(Dropped(codings=codings, path=path, reason="condition-not-met", why=_MODIFIED))
            return False
        return True

    def _note(self, code: str, text: str, path: str) -> None:
        severity = Severity.INFORMATION if code == "informational" else Severity.WARNING
        self.issues.append(Issue(severity=severity, code=code, text=text, path=path))


def _name_of(performer: Node, entry: Entry) -> str | None:
    """Return what tells one performer from another: address, identifier, else display; a contained one belongs to its resource."""
    reference: str | None = performer.get("reference")
    if reference is not None:
        return f"{entry.root.reference}{reference}" if reference.startswith("#") else reference
    identifier = performer.get("identifier", {})
    if "value" in identifier:
        return f"{identifier.get('system', '')}|{identifier['value']}"
    return performer.get("display")
