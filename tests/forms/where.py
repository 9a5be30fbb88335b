"""Where a lesion is: codings of its bodySite, answers to level questions, BodyStructure.location."""

from collections.abc import Iterable, Iterator
from typing import Final

from tests.builders import LOCAL, RADLEX, SNOMED, Json, coding, concept
from tests.elements import without_none
from tests.forms import codes
from tests.forms.codes import ours
from tests.forms.content import PLACES, LesionContent, Statement
from tests.forms.features import Company, Level
from tests.forms.spelling import Speller

ANSWERED: Final = frozenset({Level.OUR_ANSWER, Level.ELEMENT_ANSWER})
_SYSTEMS: Final = {Level.SNOMED_SITE: (SNOMED,), Level.BOTH_SITE: (SNOMED, RADLEX), Level.OUR_SITE: (LOCAL,)}
_PREFIXES: Final = {Level.TH_SITE: "Th", Level.D_SITE: "D"}
_ELEMENTS: Final = {"vertebral-level": ("RDE151", "RDE1472"), "disc-level": ("RDE1514",)}


class Where:
    """The place of one lesion, written as the form asks.

    Attributes:
        lesion: what is placed.
        level: how the place is written.
    """

    def __init__(self, lesion: LesionContent, speller: Speller) -> None:
        """Choose how the place is written; a lesion of which nothing else is said can only be an answer."""
        self.lesion = lesion
        self._speller = speller
        asked = speller.form.level if lesion.statements else Level.OUR_ANSWER
        self.level = asked if lesion.has_place else Level.RADLEX_SITE

    @property
    def is_answered(self) -> bool:
        """Tell whether the place is the answer to a question."""
        return self.level in ANSWERED

    @property
    def has_site(self) -> bool:
        """Tell whether the place is a bodySite."""
        return self.lesion.has_place and not self.is_answered and self.level is not Level.STRUCTURE

    def sited(self, made: Json, said: Statement | None, *, own: bool) -> Json:
        """Return an Observation with its bodySite: the lesion's place, and the part that a statement speaks of.

        Args:
            made: the Observation.
            said: the statement; None = it has no part of its own.
            own: True = it says itself where the lesion is.
        """
        codings = [each for place in self.places() for each in self._codings(*place)] if own and self.has_site else []
        if said is not None and said.site is not None:
            codings += self.codings_of(*said.site, (RADLEX, SNOMED))
        return without_none({**made, "bodySite": self._in_company(codings) if codings else None})

    def places(self) -> Iterator[tuple[str, str]]:
        """Yield finding and value of everything that says where the lesion is."""
        lesion = self.lesion
        for finding, values in zip(PLACES, (lesion.levels, lesion.discs, lesion.regions), strict=True):
            yield from ((finding, value) for value in values)

    def codings_of(self, finding: str, value: str, systems: Iterable[str]) -> list[Json]:
        """Return a place in each of the systems that have it, else in our codes."""
        found = [codes.sites(finding, value, system) for system in systems]
        made = [self._speller.coding(self._speller.choose(known)) for known in found if known]
        if all(found) and (finding, value) in self.places():
            self._speller.used[self.level] += 1
        return made or [self._speller.coding(ours(value))]

    def answers(self) -> list[Json]:
        """Return the place as answers to level questions: one for each place, or all vertebrae in one answer."""
        lesion = self.lesion
        if self.level is Level.OUR_ANSWER and len(lesion.levels) > 1 and self._speller.turn(2):
            self._speller.used[Level.OUR_ANSWER] += 1
            levels = concept(*(self._speller.coding(ours(level)) for level in lesion.levels))
            others = [self._answer(finding, value) for finding, value in self.places() if finding != PLACES[0]]
            return [{"code": self._speller.concept(ours(PLACES[0])), "valueCodeableConcept": levels}, *others]
        return [self._answer(finding, value) for finding, value in self.places()]

    def _codings(self, finding: str, value: str) -> list[Json]:
        prefix = _PREFIXES.get(self.level)
        if prefix is not None and value.startswith("T") and value[1:2].isdigit():
            self._speller.used[self.level] += 1
            return [coding(value.replace("T", prefix), system=LOCAL)]
        return self.codings_of(finding, value, _SYSTEMS.get(self.level, (RADLEX,)))

    def _in_company(self, codings: list[Json]) -> Json:
        match self._speller.form.company:
            case Company.UNKNOWN_FIRST:
                return concept(self._speller.stranger(), *codings)
            case Company.UNKNOWN_LAST:
                return concept(*codings, self._speller.stranger())
            case Company.TRANSLATED_REVERSED:
                return concept(*codings[::-1])
            case _:
                return concept(*codings)

    def _answer(self, finding: str, value: str) -> Json:
        if self.level is Level.ELEMENT_ANSWER and finding in _ELEMENTS:
            element = _ELEMENTS[finding][self._speller.turn(len(_ELEMENTS[finding]))]
            known = [code for said, code in codes.element_values(element) if said == value]
            if known:
                self._speller.used[Level.ELEMENT_ANSWER] += 1
                question = next(code for code in codes.open_questions(finding) if code.code == element)
                return {"code": self._speller.concept(question), "valueCodeableConcept": self._speller.concept(known[0])}
        self._speller.used[Level.OUR_ANSWER] += 1
        return {"code": self._speller.concept(ours(finding)), "valueCodeableConcept": self._speller.concept(ours(value))}
