"""Types of an evidence table; pure, so that instruments can read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.errors import BrokenReleaseError
from service.model.outcome import Citation

Cell = str | int | float | bool
Row = Mapping[str, Cell]
"""One printed row: cells by column; absent cells are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erratum:
    """One correction of a printed number or word.

    Attributes:
        number: row of the list of misprints (clinical rules, section 17); None = not in it.
        where: printed place.
        printed: what the paper prints.
        used: what the software uses instead.
        why: the reason.
        row: key of the row whose cells are replaced; empty = the correction is in words only.
        cells: what stands in those cells instead.
    """

    number: int | None
    where: str
    printed: str
    used: str
    why: str
    row: tuple[Cell, ...] = ()
    cells: Row = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What is printed and what is used, as a caveat says it."""
        return f"Printed ({self.where}): {self.printed}. Used: {self.used}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One published table.

    Attributes:
        name: file name without ending (`montoya-table-3`).
        citation: paper and locator.
        title: our words.
        rows: printed rows in printed order.
        errata: corrections.
        ext: True = not one of the papers this service is built on; its figures are context and never decide anything.
        key: columns that name a row.
        by_key: row by the cells of its key columns.
        groups: rows by the first key column, in printed order.
    """

    name: str
    citation: Citation
    title: str
    rows: tuple[Row, ...]
    errata: tuple[Erratum, ...]
    ext: bool = False
    key: tuple[str, ...] = ()
    by_key: Mapping[tuple[Cell, ...], Row] = field(default_factory=dict)
    groups: Mapping[Cell, tuple[Row, ...]] = field(default_factory=dict)

    def row(self, *key: Cell) -> Row:
        """Return the row with these key cells.

        Raises:
            BrokenReleaseError: the table has no such row.
        """
        if (found := self.by_key.get(key)) is None:
            raise BrokenReleaseError(f"Evidence table {self.name} lacks the row {' '.join(map(str, key))}.")
        return found

    def used(self, *key: Cell) -> Row:
        """Return the row with these key cells as the software uses it: printed, with the cells that an erratum replaces.

        Raises:
            BrokenReleaseError: the table has no such row.
        """
        row = self.row(*key)
        for erratum in self.errata:
            if erratum.row == key:
                row = {**row, **erratum.cells}
        return row


Tables = Mapping[str, Table]
"""Every evidence table by name."""


def whole(row: Row, column: str) -> int:
    """Return a cell that must hold a whole number.

    Raises:
        BrokenReleaseError: it does not.
    """
    cell = row.get(column)
    if isinstance(cell, bool) or not isinstance(cell, int):
        raise BrokenReleaseError(f"An evidence table lacks a whole number in column {column}.")
    return cell


def number(row: Row, column: str) -> float:
    """Return a cell that must hold a number.

    Raises:
        BrokenReleaseError: it does not.
    """
    cell = row.get(column)
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise BrokenReleaseError(f"An evidence table lacks a number in column {column}.")
    return float(cell)


def word(row: Row, column: str) -> str:
    """Return a cell that must hold text.

    Raises:
        BrokenReleaseError: it does not.
    """
    cell = row.get(column)
    if not isinstance(cell, str):
        raise BrokenReleaseError(f"An evidence table lacks text in column {column}.")
    return cell
