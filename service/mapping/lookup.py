"""Looking up codes: one dictionary access per coding, and the comparison of code and display."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from service.mapping import codes
from service.mapping.concept import Concept
from service.model.coded import Coding

UNKNOWN_CODE: Final = "unknown-code"
UNKNOWN_SYSTEM: Final = "unknown-system"
UNKNOWN_ANSWER: Final = "unknown-answer"
EXCLUDED: Final = "excluded"
EXCLUDED_STATUS: Final = "excluded-status"
DISPLAY_MISMATCH: Final = "display-mismatch"
CONDITION_NOT_MET: Final = "condition-not-met"
UNIT_NOT_UNDERSTOOD: Final = "unit-not-understood"
OUT_OF_RANGE: Final = "out-of-range"
LEVEL_NOT_UNDERSTOOD: Final = "level-not-understood"

_OTHER_CONCEPT: Final = "the display is the term of another concept"
_OWN_DISPLAY: Final = "a RadElement value code counts only beside its own display"
NO_MEANING_HERE: Final = "the code has no meaning in this place"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A coding that was not understood or not used, and why (words of `Unmapped.reason`)."""

    coding: Coding
    reason: str
    why: str | None = None
    finding: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """The loaded concepts.

    Attributes:
        concepts: by (canonical system, code).
        terms: what each known term stands for: the keys of all concepts that have it.
        systems: code systems of which some code is known, and those that a hospital declares its own.
        aliases: other names that a hospital has for code systems, as `codes.plain` writes them, by canonical name.
    """

    concepts: Mapping[tuple[str, str], Concept]
    terms: Mapping[str, frozenset[tuple[str, str]]]
    systems: frozenset[str]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def canonical(self, system: str) -> str:
        """Return the canonical name of a code system; one that nobody knows is returned as sent."""
        if self.aliases and (known := self.aliases.get(codes.plain(system))) is not None:
            return known
        return codes.normalise(system)

    def concept(self, coding: Coding) -> Concept | None:
        """Return the concept of a coding, whatever its display says; None = it is in no table."""
        return None if coding.system is None else self.concepts.get((self.canonical(coding.system), coding.code))

    def find(self, coding: Coding) -> Concept | Refusal:
        """Return the concept of a coding, or why it cannot be used."""
        if coding.system is None:
            return Refusal(coding, UNKNOWN_SYSTEM)
        system = self.canonical(coding.system)
        concept = self.concepts.get((system, coding.code))
        if concept is None:
            return Refusal(coding, UNKNOWN_CODE if system in self.systems else UNKNOWN_SYSTEM)
        if not concept.keys:
            return concept  # excluded: no display can make it count
        if concept.needs_display:
            agrees = coding.display is not None and codes.term(coding.display) in concept.terms
            return concept if agrees else Refusal(coding, DISPLAY_MISMATCH, _OWN_DISPLAY)
        if coding.display is None or self._agrees(concept, codes.term(coding.display)):
            return concept
        return Refusal(coding, DISPLAY_MISMATCH, _OTHER_CONCEPT)

    def _agrees(self, concept: Concept, term: str) -> bool:
        """Tell whether a term fits: it is one of the concept's own, means the same, or is no term that we know."""
        others = self.terms.get(term)
        return term in concept.terms or others is None or not others.isdisjoint(concept.keys)

    def find_all(self, codings: Iterable[Coding]) -> tuple[tuple[Concept, ...], tuple[Refusal, ...]]:
        """Return the concepts of all codings, and the codings that cannot be used."""
        found = [self.find(coding) for coding in codings]
        concepts = tuple(each for each in found if isinstance(each, Concept))
        return concepts, tuple(each for each in found if isinstance(each, Refusal))

    def unused(self, codings: Iterable[Coding]) -> tuple[Refusal, ...]:
        """Return why none of these codings could be used: every one with its own reason."""
        refusals = []
        for coding in codings:
            found = self.find(coding)
            refusals.append(barred(coding, found, None) if isinstance(found, Concept) else found)
        return tuple(refusals)


def barred(coding: Coding, concept: Concept, finding: str | None) -> Refusal:
    """Return why a known code is not used: excluded with our sentence, or known only in another place.

    Args:
        coding: as sent.
        concept: what it is.
        finding: the question it was given as answer to; None = it stands as a question or an assertion.
    """
    for row in concept.barred:
        stands_alone = finding is None and row.value is None  # barred as any value: as a question or an assertion
        if not concept.keys or row.finding == finding or stands_alone:
            return Refusal(coding, EXCLUDED, row.why, finding or row.finding)
    return Refusal(coding, UNKNOWN_CODE if finding is None else UNKNOWN_ANSWER, NO_MEANING_HERE, finding)
