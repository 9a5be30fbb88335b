"""The frame of an item: everything that each of its findings shares, and the conditions judged in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from service.mapping.around import Around
from service.mapping.concept import Condition, Meaning
from service.mapping.lookup import Lookup, Refusal
from service.mapping.presence import PRELIMINARY_INPUT, UNCERTAIN_INPUT, Said, is_preliminary
from service.mapping.site import LEVELS, Site, is_nowhere, place
from service.model.coded import CodedItem, Coding, Interval
from service.model.finding import Definition, Finding, Place, Scope, State, Unmapped, Vocabulary

_FDG: Final = frozenset({"fdg-pet", "fdg-pet-ct"})
_PAIN: Final = "spinal-pain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One item in its surroundings.

    Attributes:
        item: what the report says.
        site: where it sits.
        modality: examinations it was seen on.
        study: key of its examination.
        around: the other items.
        lookup, vocabulary: the loaded tables.
        region: region that its code names; None = none.
    """

    item: CodedItem
    site: Site
    modality: tuple[str, ...]
    study: str
    around: Around
    lookup: Lookup
    vocabulary: Vocabulary
    region: str | None = None

    def definition(self, meaning: Meaning) -> Definition:
        """Return the finding that a meaning speaks of."""
        return self.vocabulary[meaning.finding]

    def finding(self, meaning: Meaning, what: Said, interval: Interval | None = None) -> Finding:
        """Return what is said as a finding with its source and place; an interval of None = it is no number."""
        item = self.item
        return Finding(
            finding=meaning.finding,
            state=what.state,
            source=item.source,
            value=what.value,
            interval=interval,
            place=self._place(meaning.finding),
            modality=meaning.modality or self.modality,
            study=self.study,
            observer=item.observer,
            code=meaning.code,
            flags=_flags(item, what),
        )

    def may_be_elsewhere(self, finding: str) -> bool:
        """Tell whether a finding that bones and tissues of any place can have sits at a place we do not understand.

        Pain is kept: it has rules of its own for a place that is not known.
        """
        loose = self.site.is_not_understood and finding != _PAIN and self.vocabulary[finding].scope is Scope.LESION
        if not loose or finding in LEVELS:
            return False
        return not self.around.is_spinal(self.item) and not self.around.speaks_of_vertebra(self.item)

    def number(self, meaning: Meaning, interval: Interval) -> Finding:
        """Return a number as a finding."""
        return self.finding(meaning, Said(State.PRESENT), interval)

    def _place(self, finding: str) -> Place:
        asked = bool(self.site.loose_parts) or is_nowhere(self.site, self.item)
        spinal = asked and (self.site.is_spinal or self.around.is_spinal(self.item))
        return place(self.site, self.item, finding, is_spinal=spinal, region=self.region)

    def unmapped(self, refusals: Iterable[Refusal], element: str = "") -> Iterator[Unmapped]:
        """Yield refusals as they are listed, with the place of the finding they would have answered.

        Args:
            refusals: what could not be used.
            element: element below the item (`.bodySite`); empty = the item itself.
        """
        for refusal in refusals:
            where = None if refusal.finding is None else self._place(refusal.finding)
            yield unmapped(refusal, self.item.source.path + element, where)

    def refuse(self, meaning: Meaning, reason: str, why: str | None = None) -> Unmapped:
        """Return a question or code of the item that could not be used for its finding; why = a sentence beside the reason."""
        refusal = Refusal(self.coding(meaning.code), reason, why, meaning.finding)
        return unmapped(refusal, self.item.source.path, self._place(meaning.finding))

    def coding(self, code: str) -> Coding:
        """Return the coding that carried a meaning, as sent, by the `system|code` of the table."""
        code = code.rpartition("|")[2]
        return next((coding for coding in self.item.code if coding.code == code), Coding(None, code))

    def is_met(self, meaning: Meaning) -> bool:
        """Tell whether the condition of a meaning is met here."""
        item, site = self.item, self.site
        match meaning.condition:
            case Condition.NONE | Condition.BONE_LESION:
                return True  # level words are judged where the site is read
            case Condition.SPINAL_SITE:
                return site.is_spinal or self.around.is_spinal(item)
            case Condition.VERTEBRA_SITE:
                return site.is_vertebral or self.around.is_vertebral(item)
            case Condition.SAME_LESION_SITE:
                return bool(site.levels or site.segments or site.discs) or self.around.is_of_lesion(item, site)
            case Condition.BONE_SCAN:
                return "bone-scan" in self.modality
            case Condition.FDG_PET:
                return not _FDG.isdisjoint(self.modality)
        assert_never(meaning.condition)


def _flags(item: CodedItem, what: Said) -> tuple[str, ...]:
    """Return the flags that a statement brings along."""
    uncertain = (UNCERTAIN_INPUT,) if what.is_uncertain else ()
    return (*uncertain, PRELIMINARY_INPUT) if is_preliminary(item) else uncertain


def unmapped(refusal: Refusal, path: str, where: Place | None = None) -> Unmapped:
    """Return a refusal as it is listed; where = the place that was understood all the same, None = none."""
    coding = refusal.coding
    return Unmapped(
        system=coding.system,
        code=coding.code or None,
        display=coding.display,
        path=path,
        reason=refusal.reason,
        why=refusal.why,
        finding=refusal.finding,
        place=where,
    )
