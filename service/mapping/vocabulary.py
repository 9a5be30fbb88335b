"""The finding vocabulary out of the rows of findings.csv."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from service.errors import BrokenReleaseError
from service.mapping.table import Row
from service.model.finding import Definition, Kind, Scope, Vocabulary

_ABSENT_MEANS = "absent = "
_MULTI_VALUED = "Multi-valued:"


def read_vocabulary(rows: Iterable[Row]) -> Vocabulary:
    """Return every finding by key, in the order of the table.

    Raises:
        BrokenReleaseError: a row contradicts the table; the text names file and row.
    """
    heads: dict[str, Row] = {}
    values: dict[str, list[str]] = {}
    for row in rows:
        key, value = row["finding"], row["value"]
        if not value and key in heads:
            raise BrokenReleaseError(f"{row.place}: {key} is defined twice.")
        if not value:
            heads[key], values[key] = row, []
        elif key not in heads or value in values[key]:
            raise BrokenReleaseError(f"{row.place}: {key}={value} stands before its finding or twice.")
        else:
            values[key].append(value)
    return {key: _definition(row, tuple(values[key])) for key, row in heads.items()}


def _definition(row: Row, values: tuple[str, ...]) -> Definition:
    low, high = _range(row)
    meaning = row["meaning"]
    try:
        return Definition(
            key=row["finding"],
            kind=Kind(row["kind"]),
            scope=Scope(row["scope"]),
            values=values,
            unit=row["unit"] or None,
            low=low,
            high=high,
            multi_valued=meaning.startswith(_MULTI_VALUED),
            absent_means=_absent_means(meaning) if row["kind"] == Kind.ENUM else None,
            meaning=meaning,
            instruments=tuple(row["instruments"].split()),
        )
    except ValueError as error:
        raise BrokenReleaseError(f"{row.place}: {error}.") from None


def _absent_means(meaning: str) -> str | None:
    _, found, rest = meaning.partition(_ABSENT_MEANS)
    return rest.partition(";")[0] if found else None


def _range(row: Row) -> tuple[Decimal | None, Decimal | None]:
    """Read `0..100`, `..100` or `0..`; empty = no number."""
    low, _, high = row["range"].partition("..")
    try:
        return (Decimal(low) if low else None, Decimal(high) if high else None)
    except InvalidOperation:
        raise BrokenReleaseError(f"{row.place}: the range is not `low..high`.") from None
