"""What one question about a lesion comes to."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.instrument import sources_of, text_of
from service.model.lesion import Known
from service.model.outcome import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One question, answered as far as something is stated about it.

    Attributes:
        tables: evidence tables it rests on; their caveats and citations go with it.
        reasons: what was stated; empty = nothing, and then nothing is said of the question.
        verdicts: every verdict still possible, in the order of outcomes.csv; empty = no label.
        flags, requests, missing: as in an outcome.
    """

    tables: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    verdicts: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def reason(known: Known, evidence: str, direction: str | None = None) -> Reason:
    """Say what one statement is, and what it speaks for."""
    return Reason(finding=known.finding, value=text_of(known), direction=direction, evidence=evidence, sources=sources_of((known,)))


def in_order(possible: Iterable[str], every: tuple[str, ...]) -> tuple[str, ...]:
    """Return verdicts in the order of outcomes.csv."""
    found = set(possible)
    return tuple(verdict for verdict in every if verdict in found)
