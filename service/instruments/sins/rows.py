"""One row group of the SINS table, and how statements narrow it.

A component that is not stated is the set of all its points, never 0; conflicts and less specific words are smaller sets.
Source: evidence table montoya-table-3; clinical rules 2 (the treatment of missing data is ours, not the paper's).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.instrument import says_something, text_of
from service.instruments.sins.scale import Rows, Scale
from service.model.finding import State
from service.model.lesion import Known

Flags = frozenset[str]
"""What must be said about a component."""

LESS_SPECIFIC: Final[Mapping[str, Rows]] = {
    "some": frozenset({"over-50", "under-50"}),
    "at-least-unilateral": frozenset({"bilateral", "unilateral"}),
}
"""Rows behind a word that says less than a row does (derivation D93)."""

DENIAL: Final[Mapping[str, Rows]] = {
    "spinal-pain": frozenset({"none"}),
    "vertebral-collapse": frozenset({"no-collapse-over-50-involved", "none"}),
    "posterolateral-involvement": frozenset({"none"}),
}
"""Rows that are left when a finding is denied as a whole; the denial of another finding says nothing about its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component as far as this lesion's findings settle it.

    Attributes:
        name: component in the table.
        finding: what would settle it.
        points: points still possible, ascending.
        read: what was said about it, the decisive statement first; empty = nothing.
        value: what the first of them says, in words.
        is_missing: True = wholly not assessed.
        flags: what must be said about it.
    """

    name: str
    finding: str
    points: tuple[int, ...]
    read: tuple[Known, ...]
    value: str
    is_missing: bool
    flags: frozenset[str]


def of_rows(
    name: str,
    finding: str,
    scale: Scale,
    rows: Rows | None,
    read: tuple[Known, ...],
    *,
    is_missing: bool = False,
    flags: Flags = frozenset(),
) -> Component:
    """Turn the rows that are still possible into points.

    Args:
        name: component in the table.
        finding: what would settle it.
        scale: the table.
        rows: None = nothing is said: every row, and missing.
        read: what speaks of it, the decisive statement first.
        is_missing: True = what is said leaves the component wholly not assessed.
        flags: what must be said about it.
    """
    said = tuple([known for known in read if says_something(known)])
    return Component(
        name=name,
        finding=finding,
        points=_points(scale, name, scale.rows[name] if rows is None else rows),
        read=said,
        value=text_of(said[0] if said else read[0]),
        is_missing=is_missing or rows is None,
        flags=flags,
    )


@lru_cache(maxsize=1024)
def _points(scale: Scale, name: str, rows: Rows) -> tuple[int, ...]:
    """Return the points of the rows of a component, ascending."""
    return tuple(sorted({points for value, points in scale.points[name].items() if value in rows}))


def stated(known: Known, every: Rows) -> Rows | None:
    """Return the rows that a finding leaves possible; None = it says nothing.

    Where statements conflict, each of them stands: a denial excludes nothing.
    """
    return _stated(known.finding, known.state, known.values, known.denied, every)


@lru_cache(maxsize=4096)
def _stated(finding: str, state: State, values: tuple[str, ...], denied: tuple[str, ...], every: Rows) -> Rows | None:
    """Return what `stated` does. Remembered: reports repeat the same words."""
    if state is State.CONFLICT:
        return _union(finding, values, every) or every
    rows = _union(finding, ("absent",) if state is State.ABSENT else values, every)
    if state is State.ABSENT and rows == every:
        rows = frozenset()
    excluded = _union(finding, denied, every)
    if not rows and not excluded:
        return None
    return ((rows or every) - excluded) or rows or every


def _union(finding: str, values: tuple[str, ...], every: Rows) -> Rows:
    """Return the rows that several values mean together."""
    return frozenset[str]().union(*(_rows_of(value, finding, every) for value in values))


def _rows_of(value: str, finding: str, every: Rows) -> Rows:
    """Return the rows that one value means; a word that the table does not have leaves all of them."""
    if value == "absent":
        return DENIAL.get(finding, every)
    return LESS_SPECIFIC.get(value, frozenset({value})) & every or every


def agree(said: Known, rows: Rows | None, other: Rows | None) -> tuple[Rows | None, Flags]:
    """Join a finding with another way of saying the same.

    Args:
        said: the finding; where its statements conflict, every one of them stands.
        rows: rows that it leaves; None = it says nothing.
        other: rows that the other leaves; None = it says nothing.

    Returns:
        What both allow, or, where they exclude each other, everything that either allows with the flag `conflicting-input`.
        None = neither says anything.
    """
    if rows is None or other is None:
        return (other if rows is None else rows), frozenset()
    if not rows & other:
        return rows | other, frozenset({"conflicting-input"})
    return (rows if said.state is State.CONFLICT else rows & other), frozenset()
