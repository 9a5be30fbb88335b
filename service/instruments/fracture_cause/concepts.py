"""The concepts of one lesion: what is stated of each, what it comes to, and what is still unstated.

Source: evidence tables montoya-table-1 and shah-fracture.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.instrument import says_something, sources_of, text_of
from service.instruments.fracture_cause.reading import APPEARANCE, LOSS, NOTHING, Answers, Standing, read, standings
from service.instruments.fracture_cause.scale import OPPOSED, Concept, Scale
from service.model.case import Case
from service.model.outcome import Reason

_SAID_ALREADY: Final[Mapping[str, str]] = {APPEARANCE: "D40", "posterior-element-involvement": "D22"}
"""Findings that repeat one which is listed itself, by the derivation that does so."""
_NOTHING_STANDS: Final = frozenset({NOTHING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One concept of this lesion.

    Attributes:
        concept: which.
        answers: what is stated of it; empty = nothing.
        standings: everything that it may come to.
        unstated: findings that could still give it a sign; empty where it has one, or where its signs disagree.
    """

    concept: Concept
    answers: Answers
    standings: frozenset[Standing]
    unstated: tuple[str, ...]

    @property
    def brings(self) -> frozenset[Standing]:
        """What the unstated findings could still bring."""
        return _brings(self.concept, self.unstated)


def find(case: Case, scale: Scale, heard: frozenset[str]) -> tuple[Found, ...]:
    """Return the concepts of the lesion under study, in the order of the tables.

    Args:
        case: the case.
        scale: the tables.
        heard: the findings of which anything is known.
    """
    return tuple([_found(concept, read(case, concept, heard, scale.loss_edge)) for concept in scale.concepts])


@lru_cache(maxsize=4096)
def _found(concept: Concept, answers: Answers) -> Found:
    """Return what a concept comes to. Remembered: reports repeat the same words."""
    stated = {finding for finding, _ in answers}
    come_to = standings(concept, answers)
    unstated = tuple(finding for finding in concept.evidence if finding not in stated)
    return Found(concept=concept, answers=answers, standings=come_to, unstated=unstated if come_to == _NOTHING_STANDS else ())


@lru_cache(maxsize=1024)
def _brings(concept: Concept, unstated: tuple[str, ...]) -> frozenset[Standing]:
    signs = [sign for (finding, _), sign in concept.signs.items() if finding in unstated]
    return frozenset(
        Standing(absence=sign.side) if sign.absence else Standing(side=sign.side, reliable=sign.reliable) for sign in signs
    )


def reasons(case: Case, found: Found, *, counts_absences: bool) -> Iterator[Reason]:
    """Yield what is stated of a concept; a direction only where the concept counts for the side that the finding speaks for.

    Args:
        case: the case.
        found: the concept.
        counts_absences: True = an absence counts for its side.
    """
    side = _counted(found.standings, counts_absences=counts_absences)
    for finding, ways in found.answers:
        spoken = {found.concept.signs.get((finding, token)) for votes in ways for token, _ in votes}
        direction = side if side in {sign.side for sign in spoken if sign is not None} else None
        if finding == APPEARANCE and says_something(loss := case.known(LOSS)):
            yield Reason(
                finding=LOSS, value=text_of(loss), direction=direction, evidence=f"{OPPOSED}: {LOSS}", sources=sources_of((loss,))
            )
        known = case.known(finding)
        if says_something(known) and known.derived_by != _SAID_ALREADY.get(finding, ""):
            evidence = found.concept.evidence[finding]
            yield Reason(
                finding=finding, value=text_of(known), direction=direction, evidence=evidence, sources=sources_of((known,))
            )


def _counted(standings: frozenset[Standing], *, counts_absences: bool) -> str | None:
    """Return the side that a concept counts for however it is read; None = neither."""
    sides = {standing.side or (standing.absence if counts_absences else None) for standing in standings}
    return next(iter(sides)) if len(sides) == 1 else None
