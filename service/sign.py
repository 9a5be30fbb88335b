"""Signs: a finding with the answers that show it, read in four ways, so that what is not stated is never taken for denied."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from service.evidence.tables import Row, Table, word
from service.model.finding import State
from service.model.lesion import Known

ABSENT: Final = "absent"
"""Stands for the denial of a finding beside its answers."""

_NONE: Final[frozenset[str]] = frozenset()


class Standing(IntEnum):
    """Whether a sign is there. All of several signs are the least of them, any of several the greatest."""

    NO = 0
    """Denied, or the finding is stated otherwise."""
    MISSING = 1
    """Not stated, or not precisely enough."""
    MAYBE = 2
    """Shown by some of the statements that disagree, or by a part of an interval."""
    YES = 3
    """Shown, whichever statement is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of one finding.

    Attributes:
        words: every answer still possible, `absent` for a denial; empty = none is stated.
        denied: single answers that are denied while the finding as a whole is not.
    """

    words: frozenset[str] = _NONE
    denied: frozenset[str] = _NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A finding and the answers that show the sign.

    Attributes:
        finding: key of the vocabulary.
        values: answers that show it; `absent` = its denial does.
        evidence: table and row where it is printed (`shah-mimics: haemangioma t1-signal`).
        vague: answers that say less than the sign asks for: it is missing then, not contradicted.
    """

    finding: str
    values: frozenset[str]
    evidence: str
    vague: frozenset[str] = _NONE

    def standing(self, said: Said | None) -> Standing:
        """Weigh what is said of the finding; None = nothing."""
        if said is None:
            return Standing.MISSING
        if not said.words:
            return Standing.NO if self.values <= said.denied else Standing.MISSING
        if said.words <= self.values:
            return Standing.YES
        if self.values & said.words:
            return Standing.MAYBE
        return Standing.MISSING if self.vague & said.words else Standing.NO


Readings = Mapping[str, Said]
"""What is said of each finding; one that is not stated is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to fulfil a rule: of each part one sign, and nothing that excludes it."""

    parts: tuple[tuple[Sign, ...], ...]
    excluded_by: tuple[Sign, ...] = ()

    def standing(self, readings: Readings) -> Standing:
        """Return how the rule stands this way; what is not known to exclude it does not."""
        shown = all_of([any_of([sign.standing(readings.get(sign.finding)) for sign in part]) for part in self.parts])
        match any_of([sign.standing(readings.get(sign.finding)) for sign in self.excluded_by]):
            case Standing.YES:
                return Standing.NO
            case Standing.MAYBE:
                return min(shown, Standing.MAYBE)
            case _:
                return shown

    def missing(self, readings: Readings) -> tuple[Sign, ...]:
        """Return the signs of which one for each part would fulfil the rule; empty = it is fulfilled, or nothing would."""
        if self.standing(readings) is not Standing.MISSING:
            return ()
        wanting = [
            part for part in self.parts if any_of([sign.standing(readings.get(sign.finding)) for sign in part]) is Standing.MISSING
        ]
        return tuple(sign for part in wanting for sign in part if sign.standing(readings.get(sign.finding)) is Standing.MISSING)


def parts_of(told: Iterable[tuple[Row, Sign]]) -> tuple[tuple[Sign, ...], ...]:
    """Gather signs by the column `part` of their rows, in printed order.

    Raises:
        BrokenReleaseError: a row lacks the column.
    """
    parts: dict[str, tuple[Sign, ...]] = {}
    for row, sign in told:
        parts[word(row, "part")] = (*parts.get(word(row, "part"), ()), sign)
    return tuple(parts.values())


def sign_of(table: Table, row: Row) -> Sign:
    """Read a sign from a row with the columns `finding` and `value` (and `vague`), alternatives parted by blanks.

    Raises:
        BrokenReleaseError: the row lacks one of these.
    """
    place = (word(row, column) for column in table.key if column not in {"part", "value"})
    return Sign(
        finding=word(row, "finding"),
        values=frozenset(word(row, "value").split()),
        evidence=f"{table.name}: {' '.join(place)}",
        vague=frozenset(word(row, "vague").split()) if "vague" in row else _NONE,
    )


def said_of(known: Known) -> Said | None:
    """Return what is said of a finding with one answer; None = nothing."""
    match known.state:
        case State.ABSENT:
            return Said(words=frozenset({ABSENT}))
        case State.NOT_ASSESSED if not known.denied:
            return None
        case _:
            return Said(words=frozenset(known.values), denied=frozenset(known.denied))


def said_among(known: Known, values: frozenset[str]) -> Said | None:
    """Return what is said of some answers of a finding that may have several at once; None = nothing about these.

    Args:
        known: the finding.
        values: the answers that matter; others that stand beside them neither support nor contradict them.
    """
    stated = values.intersection(known.values)
    if known.state is State.ABSENT or values <= set(known.denied):
        return Said(words=frozenset({ABSENT}))
    if not stated:
        return None
    return Said(words=frozenset(stated | {ABSENT} if known.state is State.CONFLICT else stated))


def all_of(standings: Iterable[Standing]) -> Standing:
    """Return how signs stand that are needed together; none needed = YES."""
    return min(standings, default=Standing.YES)


def any_of(standings: Iterable[Standing]) -> Standing:
    """Return how signs stand of which one suffices; none named = NO."""
    return max(standings, default=Standing.NO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A stated finding with what it speaks for or against (None = for nothing as it is stated) and where that is printed."""

    finding: str
    direction: str | None
    evidence: str


SHOWN: Final = frozenset({Standing.YES, Standing.MAYBE})
CONTRADICTED: Final = frozenset({Standing.NO, Standing.MAYBE})
"""How signs stand that speak for something, and against it; a disputed sign does both."""


def weighed(signs: Iterable[Sign], readings: Readings, wanted: frozenset[Standing], direction: str) -> Iterator[Argument]:
    """Yield the stated findings whose signs stand as wanted."""
    for sign in signs:
        said = readings.get(sign.finding)
        if said is not None and sign.standing(said) in wanted:
            yield Argument(finding=sign.finding, direction=direction, evidence=sign.evidence)
