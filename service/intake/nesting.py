"""Which group an Observation is read in, where several hold it: the one nearest to it, whatever order they are listed in.

A panel may list the findings of a lesion beside the lesion's own group. The panel is above that group, so the findings belong to
the group. Groups of different places that share a member leave it to what stands above them all: it is said of none of them alone.

Source: interfaces section 1 (lesions: grouped by hasMember parent; what cannot be attributed to one lesion is never guessed).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from service.intake.entry import Entry

_PLACING: Final = ("bodySite", "focus", "extension")

Place = tuple[tuple[str, object], ...]
Members = Callable[[Entry], Sequence[Entry]]


def nest(entries: Sequence[Entry], members: Members) -> Mapping[int, Entry | None]:
    """Return the group of each Observation by its place in the dossier; None = it is read in none.

    Args:
        entries: Observations that are used, topmost first.
        members: the members of one, those that are not used included.
    """
    holding, downwards = _walk(entries, members)
    rank = {entry.order: place for place, entry in enumerate(downwards)}
    above: dict[int, int] = {}  # the groups above each Observation as bits, by rank: thousands of them stay cheap
    groups: dict[int, Entry | None] = {}
    places: dict[int, Place] = {}
    for entry in downwards:
        holders = holding[entry.order]
        over_them = _any(above[holder.order] for holder in holders)
        nearest = [holder for holder in holders if not over_them >> rank[holder.order] & 1]
        one_place = all(places[holder.order] == places[nearest[0].order] for holder in nearest)
        group = next(iter(nearest), None) if one_place else _over_all(nearest, above, downwards)
        groups[entry.order] = group
        places[entry.order] = _stated(entry) or (places[group.order] if group is not None else ())
        above[entry.order] = over_them | _any(1 << rank[holder.order] for holder in holders)
    return groups


def _over_all(holders: Sequence[Entry], above: Mapping[int, int], downwards: Sequence[Entry]) -> Entry | None:
    """Return the lowest group that is above them all; None = nothing is."""
    common = above[holders[0].order]
    for holder in holders[1:]:
        common &= above[holder.order]
    return downwards[common.bit_length() - 1] if common else None


def _stated(entry: Entry) -> Place:
    """Return what an Observation itself says of its place; empty = nothing."""
    return tuple((name, entry.node[name]) for name in _PLACING if name in entry.node)


def _any(bits: Iterator[int]) -> int:
    found = 0
    for each in bits:
        found |= each
    return found


def _walk(entries: Sequence[Entry], members: Members) -> tuple[Mapping[int, list[Entry]], list[Entry]]:
    """Return the groups that hold each Observation (one that names it twice stands twice), and all, groups before members.

    A member that holds its own group closes a circle: there it is not followed.
    """
    used = {entry.order for entry in entries}
    holding: dict[int, list[Entry]] = defaultdict(list)
    open_now: set[int] = set()
    seen: set[int] = set()
    finished: list[Entry] = []
    for start in entries:
        path = [] if start.order in seen else [(start, iter(members(start)))]
        open_now.update(entry.order for entry, _ in path)
        seen.add(start.order)
        while path:
            group, rest = path[-1]
            member = next(rest, None)
            if member is None:
                path.pop()
                open_now.discard(group.order)
                finished.append(group)
            elif member.order in used and member.order not in open_now:
                holding[member.order].append(group)
                if member.order not in seen:
                    seen.add(member.order)
                    open_now.add(member.order)
                    path.append((member, iter(members(member))))
    return holding, finished[::-1]
