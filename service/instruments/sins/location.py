"""Location component of SINS: levels, spans, regions and stated bands.

Source: evidence table montoya-table-3, rows `location` and `location-level`; derivations D01-D03.
"""

from collections.abc import Mapping
from functools import reduce
from typing import Final

from service.evidence.tables import Table, whole, word
from service.instrument import says_something, text_of
from service.instruments.sins.rows import Component, Flags, stated
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known, Site
from service.model.spine import position

FINDINGS: Final = ("vertebral-level", "disc-level", "spinal-region", "sins-location")

_REGIONS: Final[Mapping[str, tuple[str, str]]] = {
    "cervical": ("C1", "C7"),
    "thoracic": ("T1", "T12"),
    "lumbar": ("L1", "L5"),
    "sacral": ("S1", "S5"),
    "cervicothoracic": ("C1", "T12"),
    "thoracolumbar": ("T1", "L5"),
    "lumbosacral": ("L1", "S5"),
}
"""First and last level of a region; a lesion somewhere in it has one of the bands that occur there (D03, ours)."""

_Points = frozenset[int]
_Placed = tuple[_Points | None, Flags]
"""Points still possible (None = no place is stated) and flags."""


def location(case: Case, table: Table) -> Component:
    """Read where the lesion is; the place itself against a stated band is a conflict when they exclude each other."""
    site = case.focus.site if case.focus is not None else Site()
    level, disc, region, band = (_of_site(case.known(finding), site) for finding in FINDINGS)
    placed, flags = _placed(level, disc, region, table)
    bands = {word(row, "value"): whole(row, "points") for row in table.groups["location"]}
    rows = stated(band, frozenset(bands))
    banded = None if rows is None else frozenset(bands[row] for row in rows)
    if placed is not None and banded is not None:
        flags |= frozenset() if placed & banded else frozenset({"conflicting-input"})
        points = placed & banded or placed | banded
    else:
        points = placed or banded or frozenset(bands.values())
    read = tuple(each for each in (level, disc, region, band) if says_something(each))
    return Component(
        name="location",
        finding="vertebral-level",
        points=tuple(sorted(points)),
        read=read,
        value=_value(read),
        is_missing=placed is None and banded is None,
        flags=flags,
    )


def _of_site(known: Known, site: Site) -> Known:
    """Return what is known of a place; where nothing is, the place under which the lesion was gathered."""
    values = {"vertebral-level": site.levels, "disc-level": site.discs, "spinal-region": site.regions}.get(known.finding, ())
    if known.values or not values:
        return known
    return Known(finding=known.finding, state=State.PRESENT, values=values, sources=known.sources)


def _value(read: tuple[Known, ...]) -> str:
    """Write the place; several levels are one lesion across them, not alternatives."""
    if not read:
        return State.NOT_ASSESSED.value
    return ", ".join(read[0].values) if read[0].state is State.PRESENT else text_of(read[0])


def _placed(level: Known, disc: Known, region: Known, table: Table) -> _Placed:
    """Return the points of the place: its levels, else its regions, else (a disc alone) all of them."""
    if level.state is State.CONFLICT:
        spans = [_spanning((each,), table) for each in level.values]
        return frozenset[int]().union(*(points for points, _ in spans)), frozenset[str]().union(*(flags for _, flags in spans))
    if level.values:
        return _spanning(level.values, table)
    untabled = frozenset({"level-not-in-table"}) if disc.values else frozenset[str]()
    named = tuple(each for each in region.values if each in _REGIONS)
    if named:
        points = reduce(_higher, (_points_within(_REGIONS[each], table) for each in named))
        return points, untabled | (frozenset({"spans-location-bins"}) if len(named) > 1 else frozenset())
    return (_all_points(table) if untabled else None), untabled


def _spanning(levels: tuple[str, ...], table: Table) -> tuple[_Points, Flags]:
    """Return the highest band of the levels; a level outside the table may lie in any band."""
    rows = [table.by_key.get(("location-level", level)) for level in levels]
    banded = [_points_of(word(row, "band"), table) for row in rows if row is not None]
    flags = {"spans-location-bins"} if len(set(banded)) > 1 else set[str]()
    if None not in rows:
        return frozenset({max(banded)}), frozenset(flags)
    floor = max(banded, default=min(_all_points(table)))
    return frozenset(points for points in _all_points(table) if points >= floor), frozenset({*flags, "level-not-in-table"})


def _points_within(ends: tuple[str, str], table: Table) -> _Points:
    """Return the points that occur between two levels."""
    first, last = (position(level) for level in ends)
    rows = (row for row in table.groups["location-level"] if first <= position(word(row, "value")) <= last)
    return frozenset(_points_of(word(row, "band"), table) for row in rows)


def _points_of(band: str, table: Table) -> int:
    """Return the points of one band."""
    return whole(table.row("location", band), "points")


def _all_points(table: Table) -> _Points:
    """Return the points of all bands."""
    return frozenset(whole(row, "points") for row in table.groups["location"])


def _higher(one: _Points, other: _Points) -> _Points:
    """Return what the higher of two bands can be."""
    return frozenset(max(left, right) for left in one for right in other)
