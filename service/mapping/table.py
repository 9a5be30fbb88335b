"""The mapping tables as rows: read from files, written as a snapshot, read back from it."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.errors import BrokenReleaseError
from service.mapping import codes

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "findings": ("finding", "kind", "scope", "value", "unit", "range", "meaning", "source", "instruments"),
    "codings": (
        "system",
        "code",
        "display",
        "role",
        "finding",
        "value",
        "polarity",
        "match",
        "licence",
        "emit",
        "source_table",
    ),
    "conditional": ("system", "code", "role", "finding", "value", "match", "condition", "why", "source_table"),
    "derivations": ("id", "from", "to", "rule", "source"),
    "outcomes": ("instrument", "outcome", "question", "display", "kind", "meaning", "emit_codings", "source"),
    "excluded": (
        "system",
        "code",
        "display",
        "nearest_finding",
        "nearest_value",
        "match",
        "kind",
        "reason",
        "source_table",
    ),
}
"""Columns of each table, in the order of the files."""

_ORDERED: Final = frozenset({"findings", "outcomes"})
"""Tables whose row order means something (order of values and verdicts), so it belongs to the version."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands (`base/codings.csv:17`) and its cells by column."""

    place: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell; empty = the file says nothing."""
        return self.cells[column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Every row of one set of mapping tables, after a hospital's rows took the place of those they override."""

    findings: tuple[Row, ...]
    codings: tuple[Row, ...]
    conditional: tuple[Row, ...]
    derivations: tuple[Row, ...]
    outcomes: tuple[Row, ...]
    excluded: tuple[Row, ...]

    def table(self, name: str) -> tuple[Row, ...]:
        """Return one table by its name."""
        rows: tuple[Row, ...] = getattr(self, name)
        return rows


def read(directory: Path, *, snomed_affiliate: bool, hospital: Path | None = None) -> Release:
    """Read the tables below a mappings directory.

    Args:
        directory: holds `base/` and `snomed-affiliate/`.
        snomed_affiliate: True = the rows that need a SNOMED CT licence too.
        hospital: folder with `codings.csv` (and perhaps `conditional.csv`) of one hospital; its rows take the place of all rows of
            the same system, code and role. None = no differences.

    Raises:
        BrokenReleaseError: a file is missing, is not UTF-8, or has other columns than the table.
    """
    folders = [directory / "base", *([directory / "snomed-affiliate"] if snomed_affiliate else [])]
    tables = {name: _file(folders[0], name) for name in COLUMNS}
    for name in ("codings", "conditional"):
        tables[name] += tuple(row for folder in folders[1:] for row in _file(folder, name))
    if hospital is not None:
        tables |= _overridden(tables, hospital)
    return Release(**tables)


def _overridden(tables: Mapping[str, tuple[Row, ...]], hospital: Path) -> dict[str, tuple[Row, ...]]:
    own = _file(hospital, "codings")
    conditional = _file(hospital, "conditional") if (hospital / "conditional.csv").is_file() else ()
    taken = shadow(tables["codings"], own)
    return {
        "codings": tuple(row for row in tables["codings"] if _use(row) not in taken) + own,
        "conditional": tuple(row for row in tables["conditional"] if _use(row) not in taken) + conditional,
    }


def shadow(rows: Iterable[Row], own: Iterable[Row]) -> frozenset[tuple[str, str, str]]:
    """Return (system, code, role) of the rows whose place a hospital's own rows take."""
    return frozenset(_use(row) for row in rows) & frozenset(_use(row) for row in own)


def arranged(release: Release) -> Release:
    """Return a release with its rows in one order, whatever the order of the files; where order means something it stays."""
    tables = {
        name: rows if name in _ORDERED else tuple(sorted(rows, key=lambda row: tuple(row.cells.values())))
        for name in COLUMNS
        for rows in (release.table(name),)
    }
    return Release(**tables)


def snapshot(release: Release) -> bytes:
    """Write a release as canonical JSON."""
    tables = {name: [list(row.cells.values()) for row in release.table(name)] for name in COLUMNS}
    return json.dumps(tables, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def restore(content: bytes) -> Release:
    """Read a snapshot back, for the replay of an assessment under the tables it was made with."""
    tables = json.loads(content)
    return Release(**{name: _rows(f"snapshot/{name}", columns, tables[name]) for name, columns in COLUMNS.items()})


def _use(row: Row) -> tuple[str, str, str]:
    return row["system"], row["code"], row["role"]


def _file(folder: Path, name: str) -> tuple[Row, ...]:
    place = f"{folder.name}/{name}.csv"
    try:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise BrokenReleaseError(f"{place}: the file is missing or is not CSV in UTF-8.") from None
    if not lines or tuple(lines[0]) != COLUMNS[name]:
        raise BrokenReleaseError(f"{place}:1: the columns are not {', '.join(COLUMNS[name])}.")
    return _rows(place, COLUMNS[name], lines[1:], first=2)


def _rows(place: str, columns: tuple[str, ...], lines: Iterable[list[str]], first: int = 1) -> tuple[Row, ...]:
    return tuple(_named(place, columns, lines, first))


def _named(place: str, columns: tuple[str, ...], lines: Iterable[list[str]], first: int) -> Iterator[Row]:
    for number, line in enumerate(lines, start=first):
        if len(line) != len(columns):
            raise BrokenReleaseError(f"{place}:{number}: {len(line)} cells instead of {len(columns)}.")
        cells = dict(zip(columns, line, strict=True))
        if "system" in cells:
            cells["system"] = codes.WORDS.get(cells["system"]) or codes.normalise(cells["system"])
        yield Row(f"{place}:{number}", cells)
