"""The SINS table in the form in which the score reads it, made once.

Source: evidence tables montoya-table-3 and fourney-2011.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from service.evidence.tables import Row, Table, Tables, number, whole, word
from service.instrument import made_once
from service.model.outcome import Citation
from service.model.spine import position

TABLE: Final = "montoya-table-3"
RELIABILITY: Final = "fourney-2011"

Rows = frozenset[str]
"""Rows of one component that are still possible, by their value in the table."""

Points = frozenset[int]
"""Points of one component that are still possible."""

_COMPONENTS: Final = ("location", "pain", "bone-lesion", "alignment", "collapse", "posterolateral")

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

_RANGE_OF_STABLE: Final = 22
"""Number of the misprint that concerns every result: the lower end of `stable`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One word of the total.

    Attributes:
        verdict: `stable`, `potentially-unstable` or `unstable`.
        low, high: inclusive range of totals.
        consults: True = the table prints a consultation for surgery beside it.
    """

    verdict: str
    low: int
    high: int
    consults: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """The table.

    Attributes:
        points: points by component and value.
        rows: values by component.
        levels: points of every level in the table.
        regions: points that occur in a region.
        categories: words of the total, in printed order.
        verdicts: word of every total.
        kappas: agreement between readers by component (ext: shown, never part of the score).
        citations: where the score and its reliability are printed.
        caveats: sentences that stand with every result.
    """

    points: Mapping[str, Mapping[str, int]]
    rows: Mapping[str, Rows]
    levels: Mapping[str, int]
    regions: Mapping[str, Points]
    categories: tuple[Category, ...]
    verdicts: Mapping[int, str]
    kappas: Mapping[str, float]
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@made_once
def scale_of(tables: Tables) -> Scale:
    """Return the scale that the evidence tables print.

    Raises:
        BrokenReleaseError: a table lacks a cell or row that the score needs.
    """
    table = tables[TABLE]
    points = {name: {word(row, "value"): whole(row, "points") for row in table.groups[name]} for name in _COMPONENTS}
    levels = {word(row, "value"): points["location"][word(row, "band")] for row in table.groups["location-level"]}
    categories = tuple(map(_category, table.groups["category"]))
    return Scale(
        points=points,
        rows={name: frozenset(values) for name, values in points.items()},
        levels=levels,
        regions={region: _points_between(ends, levels) for region, ends in _REGIONS.items()},
        categories=categories,
        verdicts={total: each.verdict for each in reversed(categories) for total in range(each.low, each.high + 1)},
        kappas={name: number(tables[RELIABILITY].row(name), "kappa_between") for name in _COMPONENTS},
        citations=(table.citation, tables[RELIABILITY].citation),
        caveats=tuple(_caveats(tables)),
    )


def _category(row: Row) -> Category:
    """Read one category."""
    return Category(
        verdict=word(row, "value"), low=whole(row, "low"), high=whole(row, "high"), consults=row["consultation"] is True
    )


def _points_between(ends: tuple[str, str], levels: Mapping[str, int]) -> Points:
    """Return the points that occur between two levels."""
    first, last = (position(level) for level in ends)
    return frozenset(points for level, points in levels.items() if first <= position(level) <= last)


def _caveats(tables: Tables) -> Iterator[str]:
    """Yield the sentences that stand with every score."""
    yield "One score for each lesion: points are never added over lesions."
    yield "Sets and intervals for what is not stated, and the rule for when the score applies, are this service's, not the paper's."
    for row in tables[TABLE].errata:
        if row.number == _RANGE_OF_STABLE:
            yield row.sentence
    yield _reliability(tables[RELIABILITY])


def _reliability(table: Table) -> str:
    """Say how far readers agree on the score; not from the supplied papers."""
    best, worst, whole_score = table.row("pain"), table.row("bone-lesion"), table.row("category")
    return (
        f"ext: readers agree least on bone quality (kappa {worst['kappa_between']}) and most on pain ({best['kappa_between']}); "
        f"for potentially unstable or unstable, sensitivity {whole_score['sensitivity_percent']} %, specificity "
        f"{whole_score['specificity_percent']} % in {whole_score['patients']} cases ({table.citation.paper})."
    )
