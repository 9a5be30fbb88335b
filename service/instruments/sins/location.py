"""Location component of SINS: levels, spans, regions and stated bands.

Source: evidence table montoya-table-3, rows `location` and `location-level`; derivations D01-D03.
"""

from functools import lru_cache, reduce
from typing import Final

from service.instrument import says_something, text_of
from service.instruments.sins.rows import Component, Flags, stated
from service.instruments.sins.scale import Points, Scale
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known, Site

FINDINGS: Final = ("vertebral-level", "disc-level", "spinal-region", "sins-location")

_Placed = tuple[Points | None, Flags]
"""Points still possible (None = no place is stated) and flags."""


def location(case: Case, scale: Scale) -> Component:
    """Read where the lesion is; the place itself against a stated band is a conflict when they exclude each other."""
    site = case.focus.site if case.focus is not None else Site()
    level = _of_site(case.known("vertebral-level"), site.levels)
    disc = _of_site(case.known("disc-level"), site.discs)
    region = _of_site(case.known("spinal-region"), site.regions)
    band = case.known("sins-location")
    placed, flags = _placed(level, disc, region, scale)
    bands = scale.points["location"]
    rows = stated(band, scale.rows["location"])
    banded = None if rows is None else frozenset(bands[row] for row in rows)
    if placed is not None and banded is not None:
        flags |= frozenset() if placed & banded else frozenset({"conflicting-input"})
        points = placed & banded or placed | banded
    else:
        points = placed or banded or frozenset(bands.values())
    read = tuple([each for each in (level, disc, region, band) if says_something(each)])
    return Component(
        name="location",
        finding="vertebral-level",
        points=tuple(sorted(points)),
        read=read,
        value=_value(read),
        is_missing=placed is None and banded is None,
        flags=flags,
    )


def _of_site(known: Known, values: tuple[str, ...]) -> Known:
    """Return what is known of a place; where nothing is, the place under which the lesion was gathered."""
    if known.values or not values:
        return known
    return Known(finding=known.finding, state=State.PRESENT, values=values, sources=known.sources)


def _value(read: tuple[Known, ...]) -> str:
    """Write the place; several levels are one lesion across them, not alternatives."""
    if not read:
        return State.NOT_ASSESSED.value
    return ", ".join(read[0].values) if read[0].state is State.PRESENT else text_of(read[0])


def _placed(level: Known, disc: Known, region: Known, scale: Scale) -> _Placed:
    """Return the points of the place: its levels, else its regions, else (a disc alone) all of them."""
    if level.state is State.CONFLICT:
        spans = [_spanning((each,), scale) for each in level.values]
        return frozenset[int]().union(*(points for points, _ in spans)), frozenset[str]().union(*(flags for _, flags in spans))
    if level.values:
        return _spanning(level.values, scale)
    untabled = frozenset({"level-not-in-table"}) if disc.values else frozenset[str]()
    named = tuple(each for each in region.values if each in scale.regions)
    if named:
        points = reduce(_higher, (scale.regions[each] for each in named))
        return points, untabled | (frozenset({"spans-location-bins"}) if len(named) > 1 else frozenset())
    return (_all_points(scale) if untabled else None), untabled


@lru_cache(maxsize=4096)
def _spanning(levels: tuple[str, ...], scale: Scale) -> tuple[Points, Flags]:
    """Return the highest band of the levels; a level outside the table may lie in any band."""
    banded = [scale.levels[level] for level in levels if level in scale.levels]
    flags = {"spans-location-bins"} if len(set(banded)) > 1 else set[str]()
    if len(banded) == len(levels):
        return frozenset({max(banded)}), frozenset(flags)
    floor = max(banded, default=min(_all_points(scale)))
    return frozenset(points for points in _all_points(scale) if points >= floor), frozenset({*flags, "level-not-in-table"})


def _all_points(scale: Scale) -> Points:
    """Return the points of all bands."""
    return frozenset(scale.points["location"].values())


def _higher(one: Points, other: Points) -> Points:
    """Return what the higher of two bands can be."""
    return frozenset(max(left, right) for left in one for right in other)
