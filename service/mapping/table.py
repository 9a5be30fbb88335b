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
    "systems": ("system", "canonical", "note"),
}
"""Columns of each table, in the order of the files. `systems` is a hospital's own: the base knows its code systems by itself."""

_OF_HOSPITAL: Final = ("codings", "conditional", "excluded", "systems")
"""Tables that a hospital may have; each is optional."""

_COMMENT: Final = "#"
"""A line that begins so is a remark: no code system does."""

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
    systems: tuple[Row, ...] = ()

    def table(self, name: str) -> tuple[Row, ...]:
        """Return one table by its name."""
        rows: tuple[Row, ...] = getattr(self, name)
        return rows


def read(directory: Path, *, snomed_affiliate: bool, hospital: Path | None = None) -> Release:
    """Read the tables below a mappings directory.

    Args:
        directory: holds `base/` and `snomed-affiliate/`.
        snomed_affiliate: True = the rows that need a SNOMED CT licence too.
        hospital: folder with the tables of one hospital; its codings take the place of all rows of the same system, code and role,
            and what it excludes is read no more. None = no differences.

    Raises:
        BrokenReleaseError: a file is missing, is not UTF-8, or has other columns than the table.
    """
    folders = [directory / "base", *([directory / "snomed-affiliate"] if snomed_affiliate else [])]
    tables = {name: _file(folders[0], name) for name in COLUMNS if name != "systems"}
    for name in ("codings", "conditional"):
        tables[name] += tuple(row for folder in folders[1:] for row in _file(folder, name))
    if hospital is not None:
        tables |= _overridden(tables, hospital)
    return Release(**tables)


def has_tables(hospital: Path) -> bool:
    """Tell whether the folder of a hospital holds any table of its own."""
    return any((hospital / f"{name}.csv").is_file() for name in _OF_HOSPITAL)


def _overridden(tables: Mapping[str, tuple[Row, ...]], hospital: Path) -> dict[str, tuple[Row, ...]]:
    own = {name: _file(hospital, name) if (hospital / f"{name}.csv").is_file() else () for name in _OF_HOSPITAL}
    aliases = aliases_of(own["systems"])
    own |= {name: tuple(_renamed(row, aliases) for row in own[name]) for name in _OF_HOSPITAL if name != "systems"}
    taken = {_use(row) for row in own["codings"]}
    gone = {_code(row) for row in own["excluded"] if row["kind"] == "excluded"}
    barred = {(*_code(row), row["nearest_finding"], row["nearest_value"]) for row in own["excluded"]}

    def stands(row: Row) -> bool:
        return _use(row) not in taken and _code(row) not in gone and (*_code(row), row["finding"], row["value"]) not in barred

    return {
        "codings": tuple(row for row in tables["codings"] if stands(row)) + own["codings"],
        "conditional": tuple(row for row in tables["conditional"] if stands(row)) + own["conditional"],
        "excluded": tables["excluded"] + own["excluded"],
        "systems": own["systems"],
    }


def aliases_of(systems: Iterable[Row]) -> dict[str, str]:
    """Return canonical names of code systems by the other names that a hospital has for them, as `codes.plain` writes those."""
    return {codes.plain(row["system"]): codes.normalise(row["canonical"]) for row in systems if row["canonical"]}


def _renamed(row: Row, aliases: Mapping[str, str]) -> Row:
    """Return a hospital's row under the canonical name of its code system."""
    canonical = aliases.get(codes.plain(row["system"]))
    return row if canonical is None else Row(row.place, {**row.cells, "system": canonical})


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
    return Release(**{name: _rows(f"snapshot/{name}", columns, enumerate(tables[name], 1)) for name, columns in COLUMNS.items()})


def _use(row: Row) -> tuple[str, str, str]:
    return row["system"], row["code"], row["role"]


def _code(row: Row) -> tuple[str, str]:
    return row["system"], row["code"]


def _file(folder: Path, name: str) -> tuple[Row, ...]:
    place = f"{folder.name}/{name}.csv"
    try:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, line) for line in reader if line and not line[0].startswith(_COMMENT)]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise BrokenReleaseError(f"{place}: the file is missing or is not CSV in UTF-8.") from None
    if not lines or tuple(lines[0][1]) != COLUMNS[name]:
        raise BrokenReleaseError(f"{place}:{lines[0][0] if lines else 1}: the columns are not {', '.join(COLUMNS[name])}.")
    return _rows(place, COLUMNS[name], lines[1:])


def _rows(place: str, columns: tuple[str, ...], lines: Iterable[tuple[int, list[str]]]) -> tuple[Row, ...]:
    return tuple(_named(place, columns, lines))


def _named(place: str, columns: tuple[str, ...], lines: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    has_system = columns[0] == "system" and "code" in columns
    for number, line in lines:
        if len(line) != len(columns):
            raise BrokenReleaseError(f"{place}:{number}: {len(line)} cells instead of {len(columns)}.")
        cells = dict(zip(columns, line, strict=True))
        if has_system:
            cells["system"] = codes.WORDS.get(cells["system"]) or codes.normalise(cells["system"])
        yield Row(f"{place}:{number}", cells)
