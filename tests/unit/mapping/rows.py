"""The shipped rows as they are written, and what each must say: worked out from the row alone, by vocabulary/README."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from service.mapping import codes
from service.model.coded import CodedItem, Coding, ItemKind, Value
from service.model.finding import Definition, Kind, State
from tests.unit.mapping.items import (
    COLLAPSE,
    CORD_COMPRESSION,
    LIVER,
    MAPPINGS,
    MRI,
    T12,
    coded,
    component,
    item,
    local,
    mappings,
    number,
    radlex,
)

PLACES: Final = ("base", "snomed-affiliate")
GROUP: Final = item(COLLAPSE, name="Observation/group", sites=(T12,), members=1)
ELSEWHERE: Final = item(Coding("http://example.org/codes", "nodule"), name="Observation/group", sites=(LIVER,), members=1)
BONE_SCAN: Final = (Coding(codes.LOINC, "25031-6", "NM Bone Views"),)
FDG_PET: Final = (radlex(11701, "Fluorine-18 fluorodeoxyglucose"),)
Pair = tuple[str, State, str | None]
"""Finding, state, value: a denied enum value stands with its value, a denied finding without."""

_FIRST: Final = {"%": "10", "cm": "2", "[hnsf'U]": "300", "T": "1.5", "a": "40", "1": "3"}
"""A number inside every range, by unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingRow:
    """One row of codings.csv with its row of conditional.csv; `condition` is `none` where it has none."""

    folder: str
    system: str
    code: str
    display: str
    role: str
    finding: str
    value: str | None
    polarity: str
    match: str
    condition: str
    why: str | None

    @property
    def coding(self) -> Coding:
        return Coding(self.system, self.code, self.display)

    @property
    def definition(self) -> Definition:
        return mappings().vocabulary[self.finding]

    def __str__(self) -> str:
        return f"{self.system}|{self.code} as {self.role}: {self.finding}={self.value}"


def raw(folder: str, table: str) -> list[dict[str, str]]:
    """Return the rows of one file, cell by cell."""
    with (MAPPINGS / folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def system_of(row: dict[str, str]) -> str:
    return codes.WORDS.get(row["system"], row["system"])


def coding_rows(*roles: str) -> list[CodingRow]:
    """Return every row of the given roles, of both folders, each with its condition."""
    return [row for folder in PLACES for row in _joined(folder) if row.role in roles]


def _joined(folder: str) -> Iterator[CodingRow]:
    columns = ("system", "code", "role", "finding", "value")
    extra = {tuple(row[name] for name in columns): row for row in raw(folder, "conditional")}
    for row in raw(folder, "codings"):
        key = tuple(row["polarity"] if (name, row["role"]) == ("value", "presence") else row[name] for name in columns)
        more = extra.get(key, {})
        yield CodingRow(
            folder=folder,
            system=system_of(row),
            code=row["code"],
            display=row["display"],
            role=row["role"],
            finding=row["finding"],
            value=row["value"] or None,
            polarity=row["polarity"] or "present",
            match=row["match"],
            condition=more.get("condition", "none"),
            why=more.get("why"),
        )


def stated(row: CodingRow) -> Pair:
    """Return what a row says by itself."""
    return said_of(row.definition, row.polarity, row.value)


def said_of(definition: Definition, polarity: str, value: str | None) -> Pair:
    """Return what a word says of a value of a finding."""
    if polarity in {"uncertain", "unknown"}:
        return definition.key, State.NOT_ASSESSED, None
    if polarity == "present":
        return definition.key, State.PRESENT, value
    return definition.key, State.ABSENT, None if definition.kind is Kind.BOOLEAN else value


def first_answer(definition: Definition) -> tuple[Value, str | None]:
    """Return some answer that a finding takes, and the value that it then has."""
    if definition.unit is not None:
        return number(_FIRST[definition.unit], unit=definition.unit), None
    value = definition.values[0]
    return coded(local(value)), value


def met(row: CodingRow, *code: Coding, value: Value | None = None) -> list[CodedItem]:
    """Return items that say a row where its condition is met; the last one carries it."""
    match row.condition:
        case "needs-spinal-site" | "needs-vertebra-site":
            return [item(*code, value=value, sites=(T12,))]
        case "needs-same-lesion-site":
            return [GROUP, component(GROUP, *code, value=value)]
        case "needs-bone-scan":
            return [item(*code, value=value, method=BONE_SCAN)]
        case "needs-fdg-pet":
            return [item(*code, value=value, method=FDG_PET)]
    return [item(*code, value=value)]


def unmet(row: CodingRow, *code: Coding, value: Value | None = None) -> list[CodedItem]:
    """Return items that say a row where its condition is not met; the last one carries it."""
    match row.condition:
        case "needs-vertebra-site":
            return [item(*code, value=value, sites=(radlex(7361, "spinal cord"),))]
        case "needs-same-lesion-site":
            return [ELSEWHERE, component(ELSEWHERE, *code, value=value)]
        case "needs-bone-scan" | "needs-fdg-pet":
            return [item(*code, value=value, method=(MRI,))]
    return [item(*code, value=value, sites=(LIVER,))]


def at(row: CodingRow, finding: Coding = COLLAPSE) -> CodedItem:
    """Return a finding of a bone, or another one, that sits where a row says."""
    return item(finding, sites=(row.coding,))


def cord(row: CodingRow) -> CodedItem:
    """Return a finding of the cord at that place: a level word may be a segment there."""
    return at(row, CORD_COMPRESSION)


def as_condition(said: CodedItem) -> CodedItem:
    """Return what an item says as a confirmed, active Condition."""
    return replace(said, kind=ItemKind.CONDITION, status="", verification="confirmed", clinical="active")


def as_procedure(said: CodedItem) -> CodedItem:
    """Return what an item says as a Procedure that was done."""
    return replace(said, kind=ItemKind.PROCEDURE, status="completed")
