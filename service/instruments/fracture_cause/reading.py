"""What is stated of each concept, examination by examination, and every way to read it.

CT against MRI on one concept counts for neither side; two readers of one examination leave both readings open.
Source: clinical rules 4. How disputed statements are read is ours.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Final

from service.instrument import says_something
from service.instruments.fracture_cause.scale import Concept, Sign
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import Finding, State
from service.model.lesion import Known

APPEARANCE: Final = "opposed-phase-appearance"
LOSS: Final = "opposed-phase-loss-percent"
_PEDICLE: Final = "pedicle-destruction"
"""Its denial says nothing of the other posterior elements."""

_PRESENT: Final = "present"
_ABSENT: Final = "absent"
_NO_SIDE: Final = "neither"
_CT: Final = "ct"
_MRI: Final = "mri"
_FAMILY: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ct", "dual-energy-ct", "ct-myelography", "spect-ct", "pet-ct", "fdg-pet-ct"), _CT),
    **dict.fromkeys(("mri", "pet-mri"), _MRI),
}
"""The two kinds of examination that Table 1 sets against each other; any other, or none stated, is neither."""

Votes = frozenset[tuple[str, str]]
"""Answers to one finding that are read together, each with the kind of examination it was seen on (empty = neither kind)."""

Answers = tuple[tuple[str, tuple[Votes, ...]], ...]
"""By stated finding of a concept, every way to read what is said of it: one way where nobody disagrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a concept comes to.

    Attributes:
        side: the side of its signs; None = neither.
        absence: the side of an absence that stands alone; None = none.
        reliable: True = a reliable sign stands.
        clash: True = signs of both sides, or CT against MRI: it counts for neither.
    """

    side: str | None = None
    absence: str | None = None
    reliable: bool = False
    clash: bool = False


NOTHING: Final = Standing()


@dataclass(frozen=True, slots=True)
class _Voice:
    """One sign that somebody states.

    Attributes:
        finding: the finding it answers.
        sign: what it speaks for.
        families: kinds of examination it was seen on.
        firm: False = the other kind of examination gives that finding another answer.
    """

    finding: str
    sign: Sign
    families: frozenset[str]
    firm: bool


def read(case: Case, concept: Concept, heard: frozenset[str], edge: Decimal) -> Answers:
    """Return what is stated of a concept; empty = nothing.

    Args:
        case: the case.
        concept: the concept.
        heard: the findings of which anything is known.
        edge: signal loss in per cent that parts the two opposed-phase looks.
    """
    if LOSS not in heard and heard.isdisjoint(concept.evidence):
        return ()
    stated = [case.known(finding) for finding in concept.evidence if finding in heard]
    found = tuple([(known.finding, _ways(known)) for known in stated if says_something(known)])
    if not found and LOSS in heard and APPEARANCE in concept.evidence and (loss := case.known(LOSS)).interval is not None:
        return ((APPEARANCE, _looks(loss, loss.interval, edge)),)
    return found


def _looks(loss: Known, interval: Interval, edge: Decimal) -> tuple[Votes, ...]:
    """Return the looks that a loss leaves where it decides on none (else D40 did): one on the edge is neither."""
    possible = (
        ("signal-drop", interval.meets(edge, Decimal("Infinity"))),
        ("no-signal-drop", interval.meets(Decimal("-Infinity"), edge)),
        (_NO_SIDE, interval.contains(edge)),
    )
    families = _families(loss.sources)
    return tuple(frozenset((look, family) for family in families) for look, holds in possible if holds)


def _ways(known: Known) -> tuple[Votes, ...]:
    """Return every way to read one finding."""
    if known.state is State.CONFLICT:
        return _disputed(known)
    token = _ABSENT if known.state is State.ABSENT else next(iter(known.values), _NO_SIDE)
    return (frozenset([(token, family) for family in _families(known.sources)]),)


def _families(statements: Iterable[Finding]) -> Collection[str]:
    """Return the kinds of examination behind some statements."""
    return {_family(said) for said in statements} or ("",)


def _family(said: Finding) -> str:
    """Return the kind of examination a statement comes from; empty = neither, or both."""
    kinds = {_FAMILY.get(modality, "") for modality in said.modality}
    return next(iter(kinds)) if len(kinds) == 1 else ""


def _disputed(known: Known) -> tuple[Votes, ...]:
    """Return the ways to read statements that disagree: each answer of CT with each of MRI, then any other answer alone."""
    told: dict[str, set[str]] = {_CT: set(), _MRI: set(), "": set()}
    for said in known.sources:
        if said.finding == known.finding and (token := _token(said, known)):
            told[_family(said)].add(token)
    seen = told[_CT] | told[_MRI]
    unplaced = () if known.denied else set(known.values) - told[""]
    others = sorted(told[""].union(unplaced) - seen)
    exams = [[(token, family) for token in sorted(told[family])] for family in (_CT, _MRI) if told[family]]
    joint = [frozenset(chosen) for chosen in product(*exams)] if exams else []
    return (*joint, *(frozenset({(token, "")}) for token in others))


def _token(said: Finding, known: Known) -> str | None:
    """Return the answer of one statement; None = it answers nothing, or less than another one does."""
    if said.state is State.ABSENT:
        return _NO_SIDE if said.value not in {None, _PRESENT} else _ABSENT
    token = said.value or _PRESENT
    return token if token in known.values else None


@lru_cache(maxsize=4096)
def standings(concept: Concept, answers: Answers) -> frozenset[Standing]:
    """Return everything that a concept may come to. Remembered: reports repeat the same words."""
    findings = [finding for finding, _ in answers]
    return frozenset(
        standing
        for chosen in product(*(ways for _, ways in answers))
        for standing in _standings(tuple(_voices(concept, zip(findings, chosen, strict=True))))
    )


def _voices(concept: Concept, chosen: Iterable[tuple[str, Votes]]) -> Iterator[_Voice]:
    """Yield the signs among some answers."""
    for finding, votes in chosen:
        families: dict[Sign | None, set[str]] = {}
        for token, family in votes:
            families.setdefault(concept.signs.get((finding, token)), set()).add(family)
        for sign, seen in families.items():
            if sign is not None:
                yield _Voice(finding, sign, frozenset(seen), len(families) == 1)


def _standings(voices: tuple[_Voice, ...]) -> Iterator[Standing]:
    """Yield what the signs of a concept come to; twice where it is open whether a reliable sign stands."""
    signs = [voice for voice in voices if not voice.sign.absence]
    absences = [voice for voice in voices if voice.sign.absence]
    if not signs:
        yield Standing(absence=absences[0].sign.side) if absences else NOTHING
        return
    sides = {voice.sign.side for voice in signs}
    against = [voice for voice in absences if voice.sign.side not in sides]
    clash = len(sides) > 1 or not any(voice.firm for voice in signs) or any(_excludes(voice, signs) for voice in against)
    side = None if clash else next(iter(sides))
    reliable = [voice for voice in signs if voice.sign.reliable]
    disputed = _are_apart(reliable, [voice for voice in voices if voice.sign.side not in {each.sign.side for each in reliable}])
    if reliable and (disputed or not any(voice.firm for voice in reliable)):
        yield Standing(side=side, clash=clash)
    yield Standing(side=side, reliable=bool(reliable), clash=clash)


def _excludes(absence: _Voice, signs: Iterable[_Voice]) -> bool:
    """Tell whether an absence contradicts signs of its concept; intact pedicles do so only on the other kind of examination."""
    return absence.finding != _PEDICLE or _are_apart([absence], signs)


def _are_apart(one: Iterable[_Voice], other: Iterable[_Voice]) -> bool:
    """Tell whether one was seen on CT alone and the other on MRI alone."""
    pair = [frozenset[str]().union(*(voice.families for voice in voices)) for voices in (one, other)]
    return sorted(pair, key=sorted) == [frozenset({_CT}), frozenset({_MRI})]
