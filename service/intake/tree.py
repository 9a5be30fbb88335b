"""Observations and their members: what is reached from a report, each Observation once, whatever way leads to it.

Source: interfaces section 1 (hasMember to any depth, cycle-safe; one bad Observation does not lose the report).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from service.intake.choice import WITHDRAWN
from service.intake.entry import Entry
from service.intake.modifier import modifier_of
from service.intake.nesting import nest
from service.intake.opened import Opened
from service.intake.parse import Node
from service.intake.pending import Pending


class LeftOut(StrEnum):
    """Why an Observation is not used; what only its membership brings into the report is not used either."""

    STATUS = "status"
    FAULT = "fault"
    MODIFIER = "modifier"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Branch:
    """One Observation in its place.

    Attributes:
        entry: the Observation.
        parent: the group it is read in; None = it is a root.
        members: its members that are read in it, in order.
    """

    entry: Entry
    parent: "Branch | None"
    members: list["Branch"] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Tree:
    """Everything reached from some starting points.

    Attributes:
        branches: Observations that are used, parents before members.
        left_out: Observations that are not, with the reason.
        pending: references to members that are not in the dossier.
    """

    branches: list[Branch] = field(default_factory=list)
    left_out: list[tuple[Entry, LeftOut]] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)

    @property
    def orders(self) -> set[int]:
        """The places of all that was reached, used or not."""
        return {branch.entry.order for branch in self.branches} | {entry.order for entry, _ in self.left_out}


def references(node: Node, name: str) -> Iterator[tuple[int, Node]]:
    """Yield place and Reference of a list; the node may be unsound, what is no Reference is passed over."""
    elements = node.get(name)
    for place, each in enumerate(elements if isinstance(elements, list) else ()):
        if isinstance(each, dict) and isinstance(each.get("reference", ""), str):
            yield place, each


def resolve_all(opened: Opened, source: Entry, name: str, kind: str, *, needed: bool) -> tuple[list[Entry], list[Pending]]:
    """Resolve the references of one element.

    Args:
        opened: the dossier.
        source: the resource that refers.
        name: the element (`result`).
        kind: resource type that is read there.
        needed: whether the report can be understood without them.

    Returns:
        the resources that are here, and the references to those that are not, or to something else.
    """
    found, pending = [], []
    for place, each in references(source.node, name):
        reference = each.get("reference")
        entry = opened.resolve(reference, source) if reference else None
        if entry is None or entry.kind != kind:
            path = f"{source.path}.{name}[{place}]"
            is_other = entry is not None
            pending.append(Pending(reference=reference, path=path, kind=kind, needed=needed, source=source, is_other=is_other))
        else:
            found.append(entry)
    return found, pending


class Grower:
    """Grows trees of one dossier; what one tree has taken, the next one leaves."""

    def __init__(self, opened: Opened, foreign: frozenset[int] = frozenset()) -> None:
        """Start with nothing taken.

        Args:
            opened: the dossier.
            foreign: places of Observations about somebody else.
        """
        self._opened = opened
        self._foreign = foreign
        self._links: dict[int, list[Entry]] = {}
        self._pending: dict[int, list[Pending]] = {}
        self._taken: set[int] = set()

    def grow(self, starts: Iterable[Entry]) -> Tree:
        """Return everything reached from the starting points that no earlier tree has taken."""
        starts = list(starts)
        reached = self._reach(starts)
        tree = Tree(pending=[pending for entry in reached for pending in self._pending[entry.order]])
        reasons = self._reasons(starts, reached)
        tree.left_out = [(entry, reasons[entry.order]) for entry in reached if entry.order in reasons]
        used = [entry for entry in reached if entry.order not in reasons]
        members = {member.order for entry in used for member in self.members(entry)}
        self._place(tree, sorted(used, key=lambda entry: entry.order in members))
        self._taken |= tree.orders
        return tree

    def members(self, entry: Entry) -> list[Entry]:
        """Return the members of an Observation that are in the dossier."""
        links = self._links.get(entry.order)
        if links is None:
            links, pending = resolve_all(self._opened, entry, "hasMember", "Observation", needed=True)
            self._links[entry.order], self._pending[entry.order] = links, pending
        return links

    def reach(self, starts: Iterable[Entry]) -> dict[int, Entry]:
        """Return all that would be reached from the starting points, by its place."""
        return {entry.order: entry for entry in self._reach(starts)}

    def has_taken(self, entry: Entry) -> bool:
        """Tell whether an Observation is in a tree already."""
        return entry.order in self._taken

    def _reach(self, starts: Iterable[Entry]) -> list[Entry]:
        reached: dict[int, Entry] = {}
        ahead = list(starts)[::-1]
        while ahead:
            entry = ahead.pop()
            if entry.order not in reached and entry.order not in self._taken:
                reached[entry.order] = entry
                ahead += self.members(entry)[::-1]
        return list(reached.values())

    def _reasons(self, starts: list[Entry], reached: list[Entry]) -> dict[int, LeftOut]:
        """Return why Observations are left out.

        A reason reaches everything below, but not what the report or a group that is used lists as well: a group that was entered
        in error and made anew takes nothing from its members.
        """
        reasons = {entry.order: reason for entry in reached if (reason := self._reason(entry)) is not None}
        used = self._below([entry for entry in starts if entry.order not in reasons], reasons)
        for entry in reached:
            if entry.order in reasons:
                reasons |= dict.fromkeys(self._below(self.members(entry), reasons.keys() | used), reasons[entry.order])
        return reasons

    def _below(self, starts: Iterable[Entry], barred: Collection[int]) -> set[int]:
        """Return the places of all that is reached from the starting points without passing through what is barred."""
        found: set[int] = set()
        ahead = [*starts]
        while ahead:
            each = ahead.pop()
            if each.order not in found and each.order not in barred:
                found.add(each.order)
                ahead += self.members(each)
        return found

    def _reason(self, entry: Entry) -> LeftOut | None:
        if entry.order in self._foreign:
            return LeftOut.SUBJECT
        if entry.node.get("status") in tuple(WITHDRAWN):
            return LeftOut.STATUS
        if not self._opened.is_sound(entry):
            return LeftOut.FAULT
        return LeftOut.MODIFIER if modifier_of(entry.node) is not None else None

    def _place(self, tree: Tree, used: list[Entry]) -> None:
        """Put Observations into the tree, each below its group, without recursion.

        Args:
            tree: has no branches yet.
            used: those that nothing holds first.
        """
        groups = nest(used, self.members)
        held: dict[int, list[Entry]] = {}
        for entry in used:
            if (group := groups[entry.order]) is not None:
                held.setdefault(group.order, []).append(entry)
        ahead: list[tuple[Entry, Branch | None]] = [(entry, None) for entry in used[::-1] if groups[entry.order] is None]
        while ahead:
            entry, parent = ahead.pop()
            branch = Branch(entry=entry, parent=parent)
            tree.branches.append(branch)
            if parent is not None:
                parent.members.append(branch)
            rank = {member.order: place for place, member in enumerate(self.members(entry))}
            below = sorted(held.get(entry.order, ()), key=lambda member: rank.get(member.order, len(rank)))
            ahead += [(member, branch) for member in below[::-1]]
