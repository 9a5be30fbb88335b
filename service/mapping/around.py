"""What other items say about an item: members and components that answer for their parent, levels of the group."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from service.mapping.concept import Concept, Condition, Polarity
from service.mapping.lookup import Lookup, Refusal
from service.mapping.presence import refusal
from service.mapping.site import LEVELS, Site
from service.model.coded import BooleanValue, CodedItem, CodedValue, QuantityValue
from service.model.finding import Scope, Vocabulary

_NO_WORDS: Final[tuple[Polarity, ...]] = ()
_LESION_SCOPES: Final = frozenset({Scope.LESION, Scope.LEVEL})
_LEVEL_SCOPE: Final = frozenset({Scope.LEVEL})


@dataclass(frozen=True, slots=True)
class Resolved:
    """An item with the concepts of its code, and the codings of it that cannot be used."""

    item: CodedItem
    concepts: tuple[Concept, ...]
    refusals: tuple[Refusal, ...]

    @property
    def presence(self) -> Polarity | None:
        """The word for present or absent that the code itself is; None = it is something else.

        Source: annalise.ai sends `component.code` RID28473 absent; with a number it is a probability and no word.
        """
        if not self.item.parents or isinstance(self.item.value, QuantityValue):
            return None
        if isinstance(self.item.value, BooleanValue) and not self.item.value.value:
            return None
        words = {concept.presence for concept in self.concepts if concept.presence}
        return words.pop() if len(words) == 1 else None


class Around:
    """All items of a reading, asked only where an item cannot be understood alone."""

    def __init__(
        self, resolved: Sequence[Resolved], lookup: Lookup, vocabulary: Vocabulary, site_of: Callable[[CodedItem], Site]
    ) -> None:
        """Keep the items; nothing is worked out before it is asked for."""
        self._resolved = resolved
        self._lookup = lookup
        self._vocabulary = vocabulary
        self._site_of = site_of

    def words_below(self, item: CodedItem) -> tuple[Polarity, ...]:
        """Return the words for present, absent, .. that components or members say of an item."""
        return self._words.get(item.source.reference, _NO_WORDS) if item.members else _NO_WORDS

    def is_answered_below(self, item: CodedItem, finding: str, value: str | None) -> bool:
        """Tell whether a component or member asks this very yes/no question, so that the bare code says nothing by itself.

        A value of None asks for the finding as such.
        """
        return bool(item.members) and (item.source.reference, finding, value) in self._answered

    def is_spinal(self, item: CodedItem) -> bool:
        """Tell whether the group that an item belongs to lies on the spine."""
        return not self._spinal.isdisjoint(_group(item))

    def is_vertebral(self, item: CodedItem) -> bool:
        """Tell whether the group that an item belongs to is a vertebra."""
        return not self._vertebral.isdisjoint(_group(item))

    def speaks_of_vertebra(self, item: CodedItem) -> bool:
        """Tell whether the group that an item belongs to says something that only a vertebra or the spinal canal can have."""
        return not self._of_vertebra.isdisjoint(_group(item))

    def is_of_lesion(self, item: CodedItem, site: Site) -> bool:
        """Tell whether a generic statement (a size, a treatment) belongs to a spinal lesion.

        It does as component, member or by identity of something that lies on the spine or, without any site, is a finding of a
        lesion; a size below a nodule of the lung is no size of ours.
        """
        if not item.parents and not item.identities:
            return False
        if site.is_spinal or self.is_spinal(item):
            return True
        return not (item.sites and site.refusals) and not self._of_lesion.isdisjoint(_group(item))

    @cached_property
    def _words(self) -> Mapping[str, tuple[Polarity, ...]]:
        words: defaultdict[str, dict[Polarity, None]] = defaultdict(dict)
        for each in self._resolved:
            if (word := each.presence) is not None and refusal(each.item) is None:
                words[each.item.parents[0]][word] = None
        return {reference: tuple(found) for reference, found in words.items()}

    @cached_property
    def _answered(self) -> frozenset[tuple[str, str, str | None]]:
        return frozenset(
            (each.item.parents[0], question.finding, question.value or "present")
            for each in self._resolved
            if each.item.parents and _is_answered(each.item)
            for concept in each.concepts
            for question in concept.questions
        )

    @cached_property
    def _spinal(self) -> frozenset[str]:
        return self._sited(lambda site: site.is_spinal) | self._groups_with(LEVELS)

    @cached_property
    def _vertebral(self) -> frozenset[str]:
        return self._sited(lambda site: site.is_vertebral) | self._groups_with(frozenset({"vertebral-level"}))

    @cached_property
    def _of_lesion(self) -> frozenset[str]:
        """References, parents and identities of statements that speak of a lesion without needing a site."""
        return self._speaking_of(_LESION_SCOPES)

    @cached_property
    def _of_vertebra(self) -> frozenset[str]:
        """References, parents and identities of statements about the level itself: collapse, alignment, the epidural space."""
        return self._speaking_of(_LEVEL_SCOPE)

    def _speaking_of(self, scopes: frozenset[Scope]) -> frozenset[str]:
        return frozenset(
            name
            for each in self._resolved
            if any(self._speaks_of(scopes, concept) for concept in each.concepts)
            for name in (each.item.source.reference, *each.item.parents[:1], *each.item.identities)
        )

    def _speaks_of(self, scopes: frozenset[Scope], concept: Concept) -> bool:
        return any(
            meaning.condition is Condition.NONE and self._vocabulary[meaning.finding].scope in scopes
            for meaning in (*concept.questions, *concept.assertions)
        )

    def _sited(self, fits: Callable[[Site], bool]) -> frozenset[str]:
        """Return references and identities of the items whose own site fits."""
        fitting = [each.item for each in self._resolved if each.item.own_site and fits(self._site_of(each.item))]
        return frozenset(name for item in fitting for name in (item.source.reference, *item.identities))

    def _groups_with(self, findings: frozenset[str]) -> frozenset[str]:
        """Return the parents of level questions that carry an answer we know."""
        return frozenset(
            each.item.parents[0]
            for each in self._resolved
            if each.item.parents and isinstance(each.item.value, CodedValue) and refusal(each.item) is None
            for concept in each.concepts
            for question in concept.questions
            if question.finding in findings and self._knows(each.item.value, question.finding)
        )

    def _knows(self, value: CodedValue, finding: str) -> bool:
        concepts, _ = self._lookup.find_all(value.codings)
        return any(answer.value is not None for concept in concepts for answer in concept.answers.get(finding, ()))


def _is_answered(item: CodedItem) -> bool:
    return (item.value is not None or bool(item.absent_reason) or bool(item.interpretation)) and refusal(item) is None


def _group(item: CodedItem) -> tuple[str, ...]:
    """Return everything that ties an item to others: its Observation, its ancestors, its lesion."""
    return (item.source.reference, *item.parents, *item.identities)
