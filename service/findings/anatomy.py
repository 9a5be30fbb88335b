"""The spine in words: which vertebrae a region holds, which adjoin, and how a site is written and ordered.

Source: terminology/vocabulary, findings `vertebral-level`, `disc-level`, `spinal-region`.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from service.model.lesion import Site
from service.model.spine import TABLE_LEVELS, UNTABLED_LEVELS, position

UNPLACING_REGIONS: Final = frozenset({"spine", "whole-spine"})
"""Regions that name no place within the spine."""

_SEGMENTS: Final[Mapping[str, str]] = {
    "cervical": "C",
    "thoracic": "T",
    "lumbar": "L",
    "sacral": "S",
    "cervicothoracic": "CT",
    "thoracolumbar": "TL",
    "lumbosacral": "LS",
    "whole-spine": "CTLS",
}
_REGION_LEVELS: Final[Mapping[str, frozenset[str]]] = {
    region: frozenset(level for level in (*TABLE_LEVELS, "T13", "L6") if level[0] in letters and level != "C0")
    for region, letters in _SEGMENTS.items()
}
_TRANSITIONAL: Final = frozenset(map(position, ("T13", "L6")))
_LAST: Final = position(UNTABLED_LEVELS[-1]) + 1


def levels_of(regions: Iterable[str]) -> frozenset[str]:
    """Return the vertebrae within regions; `spine` names none."""
    return frozenset[str]().union(*(_REGION_LEVELS.get(region, frozenset()) for region in regions))


def in_order(levels: Iterable[str]) -> tuple[str, ...]:
    """Return levels cranial to caudal."""
    return tuple(sorted(levels, key=position))


def runs(levels: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Split levels into runs of adjoining vertebrae, cranial to caudal; T12 adjoins L1 and L5 adjoins S1."""
    found: list[list[str]] = []
    for level in in_order(levels):
        if found and _adjoin(found[-1][-1], level):
            found[-1].append(level)
        else:
            found.append([level])
    return tuple(map(tuple, found))


def _adjoin(upper: str, lower: str) -> bool:
    between = range(position(upper) + 1, position(lower))
    return all(place in _TRANSITIONAL for place in between)


def disc_order(disc: str) -> int:
    """Return the place of a disc: that of the vertebra above it."""
    return position(disc.split("-", maxsplit=1)[0])


def site(levels: Iterable[str], discs: Iterable[str], regions: Iterable[str]) -> Site:
    """Return the site with its text: `T12`, `T10-T11`, `T4, T8`, `disc L4-L5`, `thoracic spine`, `site not stated`."""
    return _site(frozenset(levels), frozenset(discs), frozenset(regions))


@lru_cache(maxsize=1024)
def _site(levels: frozenset[str], discs: frozenset[str], regions: frozenset[str]) -> Site:
    """Return the site. Remembered: it is asked for to order the lesions and to name them."""
    ordered, ordered_discs = in_order(levels), tuple(sorted(discs, key=disc_order))
    ordered_regions = tuple(sorted(regions, key=lambda region: (_region_start(region), region)))
    return Site(
        levels=ordered,
        discs=ordered_discs,
        regions=ordered_regions,
        text=_text(ordered, ordered_discs, ordered_regions),
    )


def _text(levels: tuple[str, ...], discs: tuple[str, ...], regions: tuple[str, ...]) -> str:
    if levels:
        return ", ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs(levels))
    if discs:
        return "disc " + ", ".join(discs)
    named = [region for region in regions if region != "spine"]
    if named:
        return ", ".join("whole spine" if region == "whole-spine" else f"{region} spine" for region in named)
    return "site not stated"


def _region_start(region: str) -> int:
    levels = _REGION_LEVELS.get(region)
    return min(map(position, levels)) if levels else _LAST


def order(found: Site) -> tuple[int, int, str]:
    """Return the sort key of a site: cranial to caudal, a vertebra before the disc below it, unplaced sites last."""
    if found.levels:
        return (position(found.levels[0]), 0, "")
    if found.discs:
        return (disc_order(found.discs[0]), 1, "")
    placing = [region for region in found.regions if region not in UNPLACING_REGIONS]
    if placing:
        return (_region_start(placing[0]), 2, placing[0])
    return (_LAST, 0, "")
