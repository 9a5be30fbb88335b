"""How an instrument's outcome is said: its words, and its place among the sayings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from service.model.case import Case
from service.model.outcome import Citation, Outcome


class Tier(IntEnum):
    """What is read before what; within a tier the worst comes first.

    Source: design/clinical-rules 3 and 16 in spirit; the order is this service's, not a paper's.
    """

    TIME_CRITICAL = 0
    INSTABILITY = 1
    COMPRESSION = 2
    FRACTURE = 3
    NATURE = 4
    REST = 5
    NOT_APPLICABLE = 6


Order = tuple[Tier, int, int]
"""Tier, then two numbers of the instrument's own; smaller is read first."""


def cite_first(outcome: Outcome) -> tuple[Citation, ...]:
    """Return the printed place that an outcome rests on first of all."""
    return outcome.citations[:1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayer:
    """One instrument's way of speaking.

    Attributes:
        words: the parts of one sentence about the outcome, empty ones left out; no part at all = nothing is said.
        order: its place among the sayings.
        cites: printed places that close the sentence.
    """

    words: Callable[[Case, Outcome], Iterable[str]]
    order: Callable[[Outcome], Order]
    cites: Callable[[Outcome], Iterable[Citation]] = cite_first
