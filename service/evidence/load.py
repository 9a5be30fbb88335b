"""Read the evidence tables shipped with the package; a table that contradicts its own shape stops the start."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from service.errors import BrokenReleaseError
from service.evidence.tables import Cell, Erratum, Row, Table, Tables
from service.model.outcome import Citation

_SUFFIX: Final = ".toml"
_TOP: Final = frozenset({"title", "ext", "key", "citation", "row", "erratum"})
_ERRATUM: Final = frozenset({"number", "where", "printed", "used", "why", "row", "cells"})


def load() -> Tables:
    """Return every table shipped with the package, by file name without ending.

    Raises:
        BrokenReleaseError: a table is missing, cannot be read or breaks the shape of a table.
    """
    files = sorted(
        (entry for entry in resources.files("service.evidence").iterdir() if entry.name.endswith(_SUFFIX)), key=lambda e: e.name
    )
    if not files:
        raise BrokenReleaseError("The package holds no evidence table.")
    names = (file.name.removesuffix(_SUFFIX) for file in files)
    return MappingProxyType({name: parse(name, file.read_text("utf-8")) for name, file in zip(names, files, strict=True)})


def parse(name: str, text: str) -> Table:
    """Build one table from its TOML.

    Args:
        name: file name without ending.
        text: content of the file.

    Raises:
        BrokenReleaseError: not TOML, an unknown or missing element, a row without its key or with the key of another row.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BrokenReleaseError(f"Evidence table {name} is not TOML.") from error
    _require(not content.keys() - _TOP, name, "has an element that is not part of a table")
    ext = content.get("ext", False)
    _require(isinstance(ext, bool), name, "marks ext with something else than true or false")
    citation = content.get("citation", {})
    key = tuple(content.get("key", ()))
    _require(bool(key), name, "names no key column")
    rows = tuple(_row(name, key, row) for row in content.get("row", ()))
    _require(bool(rows), name, "has no row")
    by_key = _by_key(name, key, rows)
    return Table(
        name=name,
        citation=Citation(paper=_text(name, citation, "paper"), locator=_text(name, citation, "locator")),
        title=_text(name, content, "title"),
        rows=rows,
        errata=tuple(_erratum(name, row, by_key) for row in content.get("erratum", ())),
        ext=ext,
        key=key,
        by_key=by_key,
        groups=_groups(key[0], rows),
    )


def _require(holds: bool, name: str, otherwise: str) -> None:
    """Stop when a table breaks its shape."""
    if not holds:
        raise BrokenReleaseError(f"Evidence table {name} {otherwise}.")


def _text(name: str, content: Mapping[str, Any], element: str) -> str:
    """Return an element that must be text."""
    found = content.get(element)
    if not isinstance(found, str) or not found:
        raise BrokenReleaseError(f"Evidence table {name} lacks the text {element}.")
    return found


def _row(name: str, key: tuple[str, ...], row: Mapping[str, Any]) -> Row:
    """Freeze one row after checking its cells."""
    _require(all(isinstance(cell, Cell) for cell in row.values()), name, "has a cell that is neither text, number nor truth value")
    _require(all(column in row for column in key), name, "has a row without its key")
    return MappingProxyType(dict(row))


def _erratum(name: str, row: Mapping[str, Any], by_key: Mapping[tuple[Cell, ...], Row]) -> Erratum:
    """Build one correction; cells that it replaces must be printed."""
    _require(not row.keys() - _ERRATUM, name, "has an erratum with an unknown element")
    number = row.get("number")
    _require(number is None or type(number) is int, name, "has an erratum whose number is not whole")
    place, cells = tuple(row.get("row", ())), row.get("cells", {})
    printed = by_key.get(place, {}) if place else {}
    same = all(column in printed and type(cell) is type(printed[column]) for column, cell in cells.items())
    _require(bool(place) == bool(cells) and same, name, "has an erratum that replaces a cell which is not printed")
    return Erratum(
        number=number,
        where=_text(name, row, "where"),
        printed=_text(name, row, "printed"),
        used=_text(name, row, "used"),
        why=_text(name, row, "why"),
        row=place,
        cells=MappingProxyType(dict(cells)),
    )


def _by_key(name: str, key: tuple[str, ...], rows: Iterable[Row]) -> Mapping[tuple[Cell, ...], Row]:
    """Index the rows by their key."""
    found: dict[tuple[Cell, ...], Row] = {}
    for row in rows:
        place = tuple(row[column] for column in key)
        _require(place not in found, name, f"prints the row {' '.join(map(str, place))} twice")
        found[place] = row
    return MappingProxyType(found)


def _groups(column: str, rows: Iterable[Row]) -> Mapping[Cell, tuple[Row, ...]]:
    """Gather the rows that agree in the first key column."""
    found: dict[Cell, tuple[Row, ...]] = {}
    for row in rows:
        found[row[column]] = (*found.get(row[column], ()), row)
    return MappingProxyType(found)
