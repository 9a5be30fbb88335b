"""Present, absent, uncertain, unknown: what a status, a word or a denial says of a finding.

Source: terminology/README, "Presence, absence, unknown"; vocabulary/README, "Conventions a loader needs"; derivations D92-D95.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.mapping import codes
from service.mapping.concept import Match, Meaning, Polarity
from service.mapping.lookup import Lookup
from service.model.coded import CodedItem, Coding, ItemKind
from service.model.finding import LEAST_SPECIFIC, Definition, Kind, State

UNCERTAIN_INPUT: Final = "uncertain-input"
"""Flag of outcomes.csv: the input is stated as possible, probable or equivocal."""

PRELIMINARY_INPUT: Final = "preliminary-input"
"""Flag of outcomes.csv: what says it is still preliminary (presence rule 1: used, and flagged)."""

DENIAL_SAYS_NOTHING: Final = "a denied narrower code says nothing about the finding"
INCOMPLETE: Final = "present or absent is no complete answer to this question"

_NOTHING_FOUND: Final = frozenset({"none", "normal", "neither", "no-malignancy", "0"})
"""Values that say "nothing there": they agree with a negative interpretation and disagree with a positive one."""

_NO_COLLAPSE: Final = "no-collapse-over-50-involved"
"""Agrees with both: no collapse, yet more than half of the body is involved."""

_REMAINS_TRUE: Final = frozenset({"known-malignancy", "malignant-primary-brain-tumour", "cord-astrocytoma-grade", "primary-cancer"})
"""Findings that a resolved or inactive Condition still states: they ask for the history."""

_OF_CANCER: Final = _REMAINS_TRUE | {"spinal-metastasis", "bone-metastases", "leptomeningeal-seeding"}
"""Findings of the history of a cancer: said once, they hold whenever it was said."""

_UNUSABLE: Final[Mapping[str, str]] = {
    "entered-in-error": "the resource was entered in error",
    "cancelled": "the observation was cancelled",
    "registered": "the observation has no value yet",
    "unknown": "the status of the observation is unknown: it has no value",
}
_PRELIMINARY: Final = frozenset({"preliminary", "partial"})
_OF_THE_REPORT: Final = frozenset({ItemKind.CONCLUSION, ItemKind.EXAM})
_NOT_DONE_YET: Final = frozenset({"preparation", "on-hold", "stopped", "unknown"})
_UNCONFIRMED: Final = frozenset({"unconfirmed", "provisional", "differential"})
_OVER: Final = frozenset({"inactive", "remission", "resolved"})


@dataclass(frozen=True, slots=True)
class Said:
    """What one word says: a state, and the value that is stated or denied."""

    state: State
    value: str | None = None
    is_uncertain: bool = False


UNKNOWN: Final = Said(State.NOT_ASSESSED)
UNCERTAIN: Final = Said(State.NOT_ASSESSED, is_uncertain=True)


def refusal(item: CodedItem) -> str | None:
    """Return why the status of its resource forbids any use of an item; None = it may be used."""
    if item.kind is ItemKind.CONDITION:
        wrong = "entered-in-error" in {item.verification, item.status}
        return _UNUSABLE["entered-in-error"] if wrong else None
    if item.kind is ItemKind.PROCEDURE and item.status in _NOT_DONE_YET:
        return "the procedure is neither done nor denied"
    if item.kind in _OF_THE_REPORT and item.status not in {"entered-in-error", "cancelled"}:
        return None  # a report of unknown status is read as preliminary; an examination is named whatever became of its report
    return _UNUSABLE.get(item.status)


def is_preliminary(item: CodedItem) -> bool:
    """Tell whether an item is used although it may still change; what examination was made will not."""
    return item.status in _PRELIMINARY and item.kind is not ItemKind.EXAM


def is_over(item: CodedItem, meaning: Meaning) -> bool:
    """Tell whether an item speaks of a Condition that is over while the finding asks for what is there now."""
    return (
        item.kind is ItemKind.CONDITION
        and item.clinical in _OVER
        and item.verification != "refuted"
        and meaning.finding not in _REMAINS_TRUE
        and meaning.role not in {"primary", "history"}
    )


def is_outdated(item: CodedItem, meaning: Meaning) -> bool:
    """Tell whether the window does not hold an item (`CodedItem.is_recent`) while the finding asks for what is there now.

    Source: interfaces section 1 (treatment and cancer history has no limit).
    """
    return not item.is_recent and meaning.finding not in _OF_CANCER and meaning.role not in {"primary", "history"}


def stance(item: CodedItem) -> Polarity:
    """Return what a code without any value says by the status of its resource."""
    if item.kind is ItemKind.CONDITION:
        if item.verification == "refuted":
            return Polarity.ABSENT
        return Polarity.UNCERTAIN if item.verification in _UNCONFIRMED else Polarity.PRESENT
    if item.kind is ItemKind.PROCEDURE and item.status == "not-done":
        return Polarity.ABSENT
    return Polarity.PRESENT


def of_interpretation(interpretation: Iterable[Coding], lookup: Lookup) -> tuple[Polarity, ...]:
    """Return what interpretations say: NEG, ND absent; POS, DET present; IND, E uncertain; A and N alone say nothing."""
    found = [lookup.concept(each) for each in interpretation]
    return tuple(dict.fromkeys(concept.presence for concept in found if concept and concept.presence))


def is_interpreted(interpretation: Sequence[Coding], lookup: Lookup) -> bool:
    """Tell whether interpretations are words for presence, or HL7's: those that are no such word (`A`, `H`) say nothing of it."""
    is_of_hl7 = any(each.system and codes.normalise(each.system) == codes.INTERPRETATION for each in interpretation)
    return is_of_hl7 or bool(of_interpretation(interpretation, lookup))


def calls_normal(item: CodedItem) -> bool:
    """Tell whether an interpretation is `N`: normal is not absent, but a bare finding code beside it is no plain "present"."""
    return any(
        each.code == "N" and each.system and codes.normalise(each.system) == codes.INTERPRETATION for each in item.interpretation
    )


def said(polarity: Polarity, value: str | None, definition: Definition) -> Said | None:
    """Return what a word says about a finding, or about one value of it.

    Args:
        polarity: present, absent, uncertain or unknown.
        value: the value that the word is about; None = the finding as a whole.
        definition: the finding.

    Returns:
        None where the word is no complete answer (a number, a level, or an enum without a meaning for it).
    """
    if polarity is Polarity.UNCERTAIN:
        return UNCERTAIN
    if polarity is Polarity.UNKNOWN:
        return UNKNOWN
    if definition.kind is Kind.BOOLEAN:
        return Said(State.PRESENT, "present") if polarity is Polarity.PRESENT else Said(State.ABSENT)
    if definition.kind is not Kind.ENUM and value is None:
        return None
    if polarity is Polarity.PRESENT:
        stated = value or LEAST_SPECIFIC.get(definition.key)
        return None if stated is None else Said(State.PRESENT, stated)
    return None if value is None and definition.absent_means is None else Said(State.ABSENT, value)


def transfers(match: Match, what: Said) -> bool:
    """Tell whether what is said of a code holds for the finding: a denial passes through exact and broader codes only (D95)."""
    return match is not Match.CLOSE or what.state is not State.ABSENT


def contradiction(first: Said, polarity: Polarity, value: str | None, definition: Definition) -> Said | None:
    """Return the second statement that a word makes beside an answer it disagrees with; None = they agree.

    Both are kept, so that a conflict results: nothing is picked silently.

    Args:
        first: the answer.
        polarity: the word beside it.
        value: the value that the question asks for; None = it asks for the finding.
        definition: the finding.
    """
    stated = first.value if definition.kind is Kind.ENUM else None
    nothing = first.value in _NOTHING_FOUND
    if polarity is Polarity.PRESENT:
        agrees = first.state is State.PRESENT and not nothing
        second = said(polarity, value, definition)
    elif polarity is Polarity.ABSENT:
        agrees = first.state is State.ABSENT or (first.state is State.PRESENT and (nothing or first.value == _NO_COLLAPSE))
        second = said(polarity, value, definition) or (Said(State.ABSENT, stated) if stated else None)
    else:
        agrees = first.state is State.NOT_ASSESSED
        second = said(polarity, value, definition)
    return None if agrees else second or UNCERTAIN


def joined(told: Iterable[Said], words: Iterable[Polarity], value: str | None, definition: Definition) -> tuple[Said, ...]:
    """Return answers together with what the words beside them say where they disagree.

    Args:
        told: the answers; empty = the first word is the answer.
        words: present, absent, .. from values, interpretations and components.
        value: the value that the question asks for; None = it asks for the finding.
        definition: the finding.

    Returns:
        Empty where no word is a complete answer.
    """
    kept = tuple(told)
    for word in dict.fromkeys(words):
        extra = contradiction(kept[0], word, value, definition) if kept else said(word, value, definition)
        if extra is None and not kept:
            return ()
        if extra is not None and extra not in kept:
            kept += (extra,)
    return kept


def is_less_specific(finding: str, value: str | None) -> bool:
    """Tell whether a value is the least specific of its finding, which never contradicts another (D93); None (no value) is not."""
    return value is not None and LEAST_SPECIFIC.get(finding) == value
