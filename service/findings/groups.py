"""Trees of Observations become units: the statements that, by the form of the report, speak of one place.

Source: interfaces, section 1 (lesions); terminology README, "How public imaging FHIR carries lesion findings".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.findings.anatomy import UNPLACING_REGIONS, runs
from service.findings.tree import LEVEL_ANSWERS, QUALIFIERS, is_component, trunk
from service.model.finding import Finding, State

WEAK: Final = "identifier:"
"""How the identities begin that are no more than a business identifier of Observations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Statements that belong together.

    Attributes:
        statements: in document order.
        root: topmost group or Observation of their tree.
        group: the group's reference when it has members or components; None = a single Observation.
        own: True = a lesion by itself even without a place (an identity, or a whole group without any level).
        identity: lesion identity; None = none.
        levels, discs, regions: stated for the unit; `spine` and `whole-spine` place nothing and are left out of regions.
    """

    statements: tuple[Finding, ...]
    root: str
    group: str | None
    own: bool
    identity: str | None
    levels: frozenset[str]
    discs: frozenset[str]
    regions: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Item:
    """One statement with its way down from the root and its identity."""

    said: Finding
    way: tuple[str, ...]
    identity: str | None


def split(statements: Sequence[Finding]) -> list[Unit]:
    """Return the units of a report, every statement in exactly one.

    A node is a lesion when it carries a level or an identity: its bodySite, or a level answer directly below it. The topmost such
    node wins. A group that holds several identities, or that has no level while its members have, is only a panel.
    """
    identity_of = _identities(statements)
    trees: dict[str, list[_Item]] = {}
    for said in statements:
        item = _Item(said, trunk(said), identity_of.get(id(said)))
        trees.setdefault(item.way[0], []).append(item)
    return [unit for items in trees.values() for unit in (_split(items, 0) if len(items) > 1 else (_leaf(items[0]),))]


def levels_of_statement(said: Finding) -> frozenset[str]:
    """Return the vertebrae a statement names: its site, or its answer when it is itself the level."""
    if said.finding == "vertebral-level" and said.state is State.PRESENT and said.value:
        return frozenset({said.value, *said.place.levels})
    return frozenset(said.place.levels)


def discs_of_statement(said: Finding) -> frozenset[str]:
    """Return the discs a statement names."""
    if said.finding == "disc-level" and said.state is State.PRESENT and said.value:
        return frozenset({said.value, *said.place.discs})
    return frozenset(said.place.discs)


def regions_of_statement(said: Finding) -> frozenset[str]:
    """Return the regions a statement names."""
    if said.finding == "spinal-region" and said.state is State.PRESENT and said.value:
        return frozenset({said.value, *said.place.regions})
    return frozenset(said.place.regions)


def _split(items: list[_Item], depth: int) -> Iterator[Unit]:
    named = {item.identity for item in items}
    placed = any(_is_placed(item.said) for item in items)
    one_lesion = len(named - {None}) < 2 and (_is_sited(items, depth) or named - {None} == named)  # noqa: PLR2004 - one identity at most
    if one_lesion:
        yield _unit(items, depth, own=named != {None}, identity=next(iter(named - {None}), None))
    elif not placed and named == {None}:
        yield _unit(items, depth, own=depth == 0 and _is_group(items))
    else:
        yield from _panel(items, depth)


def _panel(items: list[_Item], depth: int) -> Iterator[Unit]:
    """Split a group that is no lesion: its own statements stand alone, its members are looked at one by one."""
    members: dict[str, list[_Item]] = {}
    for item in items:
        if len(item.way) == depth + 1:
            yield _unit([item], depth, own=False, identity=item.identity, panel=True)
        else:
            members.setdefault(item.way[depth + 1], []).append(item)
    for member in members.values():
        yield from _split(member, depth + 1)


def _is_placed(said: Finding) -> bool:
    return bool(levels_of_statement(said) or discs_of_statement(said))


def _is_sited(items: list[_Item], depth: int) -> bool:
    """Tell whether the node at this depth itself carries a level: by its bodySite, or a level answer directly below it."""
    return any(
        (len(item.way) == depth + 1 and _is_placed(item.said))
        or (len(item.way) == depth + 2 and (_inherits_level(item.said) or _is_answer_leaf(item, items)))
        for item in items
    )


def _inherits_level(said: Finding) -> bool:
    return not said.place.own and not is_component(said) and bool(said.place.levels or said.place.discs)


def _is_answer_leaf(item: _Item, items: list[_Item]) -> bool:
    """Tell whether a member does nothing but say the level."""
    if item.said.finding not in LEVEL_ANSWERS or item.said.state is not State.PRESENT or not _is_placed(item.said):
        return False
    here = len(item.way) - 1
    return all(each.said.finding in LEVEL_ANSWERS for each in items if len(each.way) > here and each.way[here] == item.way[here])


def _is_group(items: list[_Item]) -> bool:
    """Tell whether a tree without any level says several things of one lesion; one finding with its qualifiers is just that."""
    keys = {item.said.finding for item in items} - QUALIFIERS - LEVEL_ANSWERS
    return len(keys) > 1 and len({item.said.source.path for item in items}) > 1


def _leaf(item: _Item) -> Unit:
    """Return the unit of a tree with one statement."""
    return Unit(
        statements=(item.said,),
        root=item.way[0],
        group=None,
        own=item.identity is not None,
        identity=item.identity,
        levels=levels_of_statement(item.said),
        discs=discs_of_statement(item.said),
        regions=regions_of_statement(item.said) - UNPLACING_REGIONS,
    )


def _unit(items: list[_Item], depth: int, *, own: bool, identity: str | None = None, panel: bool = False) -> Unit:
    said = tuple(item.said for item in items)
    grouped = not panel and (len({item.said.source.path for item in items}) > 1 or is_component(said[0]))
    inherited = depth > 0 or panel
    regions = (regions_of_statement(each) for each in said if each.place.own or each.finding == "spinal-region" or not inherited)
    return Unit(
        statements=said,
        root=items[0].way[0],
        group=items[0].way[depth] if grouped else None,
        own=own,
        identity=identity,
        levels=frozenset[str]().union(*map(levels_of_statement, said)),
        discs=frozenset[str]().union(*map(discs_of_statement, said)),
        regions=frozenset[str]().union(*regions) - UNPLACING_REGIONS,
    )


def _identities(statements: Iterable[Finding]) -> Mapping[int, str]:
    """Return the identity of each statement (by object) that has one; identities that one statement shares are one."""
    bearing = [said for said in statements if said.place.identities]
    if not bearing:
        return {}
    honoured = _shared_identifiers(bearing)
    leader: dict[str, str] = {}
    found: dict[int, list[str]] = {}
    for said in bearing:
        strong = [identity for identity in said.place.identities if not identity.startswith(WEAK)]
        names = strong or [identity for identity in said.place.identities if identity in honoured]
        if names:
            found[id(said)] = names
            first = min(_lead(leader, name) for name in names)
            for name in names:
                leader[_lead(leader, name)] = first
    return {key: _lead(leader, names[0]) for key, names in found.items()}


def _lead(leader: dict[str, str], name: str) -> str:
    while (above := leader.setdefault(name, name)) != name:
        name = above
    return name


def _shared_identifiers(statements: Iterable[Finding]) -> frozenset[str]:
    """Return the Observation identifiers that several Observations share and that name one place.

    Every Observation may have a business identifier, and some senders repeat the accession number in all of them: one that stands
    alone, or at vertebrae that do not adjoin, is no lesion identity.
    """
    owners: dict[str, set[str]] = {}
    levels: dict[str, set[str]] = {}
    for said in statements:
        for identity in said.place.identities:
            if identity.startswith(WEAK):
                owners.setdefault(identity, set()).add(said.source.reference)
                levels.setdefault(identity, set()).update(levels_of_statement(said))
    return frozenset(name for name, sources in owners.items() if len(sources) > 1 and len(runs(levels[name])) <= 1)
