"""Body sites: where a statement sits, out of every coding of its bodySite.

Source: terminology/vocabulary (rows of role site); vocabulary/README, "Conditions" and "RadLex level words".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from service.mapping.concept import Concept, Condition, Meaning
from service.mapping.lookup import CONDITION_NOT_MET, DISPLAY_MISMATCH, EXCLUDED, LEVEL_NOT_UNDERSTOOD, Lookup, Refusal, barred
from service.model.coded import CodedItem, Coding
from service.model.finding import NOWHERE, Place
from service.model.spine import VERTEBRAL_PARTS, position

PLACES: Final = ("vertebral-level", "disc-level", "spinal-region", "lesion-site", "laterality", "sins-location")
"""Findings that a body site can state."""

LEVELS: Final = frozenset({"vertebral-level", "disc-level", "spinal-region", "sins-location"})
"""Findings whose answer puts the group they are said in on the spine."""

_CORD_FINDINGS: Final = frozenset(
    {
        "cord-abutment",
        "cord-compression",
        "cord-oedema",
        "cord-enlargement",
        "intramedullary-lesion",
        "surface-flow-voids",
        "cord-astrocytoma-grade",
    }
)
"""Findings of the cord: a bare spinal level word may mean a segment there, never certainly a vertebra."""

_SPINAL_PARTS: Final = VERTEBRAL_PARTS | {"disc", "epidural-space", "paraspinal-tissue", "spinal-cord", "cauda-equina"}
"""Parts that exist in the spine only; marrow, meninges and subarachnoid space exist elsewhere too."""

_SEGMENT: Final = "a spinal level word may mean a cord segment: not used as the vertebra of a cord finding"
_RADLEX_PAIR: Final = "_RID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the codings of one bodySite say.

    Attributes:
        levels: vertebral levels, cranial to caudal.
        segments: level words that count as a vertebra for a bone lesion only.
        discs, regions, parts, sides: as in Place.
        loose_parts: parts that count only where something else puts them on the spine.
        junction: a SINS band that the site itself names; None = none.
        names_vertebra: True = some vertebra is named, if only by kind.
        segment_codings: the codings of these words.
        refusals: codings that contradict their display, and all others where none was understood.
        is_spinal: True = the site lies on the spine.
        is_vertebral: True = it is a vertebra or a part of one.
        is_not_understood: True = a site is stated of which not one coding means anything to us: it may be anywhere in the body.
    """

    levels: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    discs: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    loose_parts: tuple[str, ...] = ()
    junction: Meaning | None = None
    names_vertebra: bool = False
    segment_codings: tuple[Coding, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    is_spinal: bool = field(init=False)
    is_vertebral: bool = field(init=False)
    is_not_understood: bool = field(init=False)

    def __post_init__(self) -> None:
        """Judge the place once; many statements share it."""
        placed = bool(self.levels or self.segments or self.discs or self.regions or self.junction)
        named = bool(self.parts or self.sides or self.loose_parts) or self.names_vertebra
        vertebral = self.names_vertebra or bool(self.levels or self.segments) or not VERTEBRAL_PARTS.isdisjoint(self.parts)
        object.__setattr__(self, "is_spinal", placed or not _SPINAL_PARTS.isdisjoint(self.parts))
        object.__setattr__(self, "is_vertebral", vertebral)
        object.__setattr__(self, "is_not_understood", bool(self.refusals) and not placed and not named)


def read_site(codings: Iterable[Coding], lookup: Lookup) -> Site:
    """Read every coding of a bodySite (BodyStructure location and qualifiers included)."""
    concepts: dict[Coding, Concept] = {}
    refusals: list[Refusal] = []
    for coding in _split(codings):
        found = lookup.find(coding)
        if isinstance(found, Concept) and found.sites:
            concepts[coding] = found
        elif isinstance(found, Refusal):
            refusals.append(found if found.reason == DISPLAY_MISMATCH else replace(found, reason=LEVEL_NOT_UNDERSTOOD))
        else:
            refused = barred(coding, found, None)
            refusals.append(refused if refused.reason == EXCLUDED else replace(refused, reason=LEVEL_NOT_UNDERSTOOD))
    if concepts:
        refusals = [refusal for refusal in refusals if refusal.reason == DISPLAY_MISMATCH]
    return _site(concepts, tuple(refusals))


def place(site: Site, item: CodedItem, finding: str, *, is_spinal: bool, region: str | None = None) -> Place:
    """Return where a finding of an item sits.

    Args:
        site: what the item's body site says.
        item: for what it inherits.
        is_spinal: whether the item or its group lies on the spine.
        finding: a cord finding takes no vertebra from a bare level word of its own.
        region: region that the code of the item names; counts where the site names neither level nor region. None = none.
    """
    segments = () if is_segment_only(site, item, finding) else site.segments
    levels = tuple(sorted({*site.levels, *segments}, key=position)) if segments else site.levels
    regions = (region,) if region and not levels and not site.regions else site.regions
    return Place(
        levels=levels,
        discs=site.discs,
        regions=regions,
        parts=site.parts + site.loose_parts if is_spinal else site.parts,
        sides=site.sides,
        own=item.own_site,
        parents=item.parents,
        identities=item.identities if is_spinal or not is_nowhere(site, item) else (*item.identities, _nowhere(site, item)),
    )


def is_nowhere(site: Site, item: CodedItem) -> bool:
    """Tell whether an item has a place of which we understand nothing: codes that are not known, or words alone."""
    return site.is_not_understood or item.site_text is not None


def _nowhere(site: Site, item: CodedItem) -> str:
    """Return an identity for a place that is stated but not understood: it is nobody else's place, least of all one we know."""
    words = (
        [item.site_text] if item.site_text is not None else [f"{each.coding.system}|{each.coding.code}" for each in site.refusals]
    )
    return NOWHERE + " ".join(sorted(words))


def is_segment_only(site: Site, item: CodedItem, finding: str) -> bool:
    """Tell whether the only levels of a cord finding's own site are words that may mean cord segments."""
    return bool(site.segments) and item.own_site and finding in _CORD_FINDINGS and not set(site.segments) <= set(site.levels)


def segment_refusal(site: Site, finding: str) -> Refusal:
    """Return what is said about a level word that a cord finding could not use."""
    return Refusal(site.segment_codings[0], CONDITION_NOT_MET, _SEGMENT, finding)


def _split(codings: Iterable[Coding]) -> Iterable[Coding]:
    """Split sided anatomy ids (`RID29181_RID5824`: left pedicle) into structure and side."""
    for coding in codings:
        if _RADLEX_PAIR in coding.code and coding.code.startswith("RID"):
            for code in coding.code.split("_"):
                yield Coding(coding.system, code)
        else:
            yield coding


def _site(concepts: Mapping[Coding, Concept], refusals: tuple[Refusal, ...]) -> Site:
    meanings = [meaning for concept in concepts.values() for meaning in concept.sites]

    def values(finding: str, condition: Condition = Condition.NONE) -> tuple[str, ...]:
        found = [meaning.value for meaning in meanings if meaning.finding == finding and meaning.condition is condition]
        return tuple(dict.fromkeys(value for value in found if value is not None))

    return Site(
        levels=tuple(sorted(values("vertebral-level"), key=position)),
        segments=values("vertebral-level", Condition.BONE_LESION),
        discs=values("disc-level"),
        regions=values("spinal-region"),
        parts=values("lesion-site"),
        sides=values("laterality"),
        loose_parts=values("lesion-site", Condition.SPINAL_SITE),
        junction=next((meaning for meaning in meanings if meaning.finding == "sins-location"), None),
        names_vertebra=any(concept.is_vertebra for concept in concepts.values()),
        segment_codings=tuple(coding for coding, concept in concepts.items() if _is_segment(concept)),
        refusals=refusals,
    )


def _is_segment(concept: Concept) -> bool:
    return any(meaning.condition is Condition.BONE_LESION for meaning in concept.sites)
