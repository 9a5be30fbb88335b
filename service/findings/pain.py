"""Pain belongs to a lesion: pain of the patient becomes that of the only lesion, or of each lesion perhaps.

Source: clinical rules, section 2 (pain); derivation D13.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from service.findings.conflicts import FROM_OTHER_REPORT, tokens, with_flags
from service.findings.context import join, resolve
from service.findings.draft import PAIN, Draft, Gathered, Pain
from service.model.coded import Issue, Severity
from service.model.finding import Definition, Finding, State
from service.model.lesion import Known

NOT_LOCALISED: Final = "pain-not-localised"
_PAINLESS: Final = frozenset({"none", "absent"})


def localise(definition: Definition, gathered: Gathered, derived: Sequence[Known]) -> tuple[Mapping[int, Known], tuple[Issue, ...]]:
    """Return the pain of each lesion.

    Args:
        definition: of `spinal-pain`.
        gathered: lesions, and the pains that no group of the report ties to one.
        derived: mechanical pain composed of patient-wide statements (D13); used where no pain is stated.

    Returns:
        What is known by index of the lesion (left out = nothing), and the pains that hurt where no lesion is.
    """
    drafts = gathered.drafts
    own: dict[int, list[Finding]] = {}
    shared: dict[int, list[Finding]] = {}
    issues: list[Issue] = []
    for pain in gathered.pains:
        places = _places(pain.levels, drafts)
        if not places and drafts:
            issues.append(_elsewhere(pain))
        for place in places:
            (own if len(places) == 1 else shared).setdefault(place, []).append(pain.said)
    found: dict[int, Known] = {}
    for index, draft in enumerate(drafts):
        known = _of_lesion(definition, draft, own.get(index, []), shared.get(index, []))
        if known is None or known.state is State.NOT_ASSESSED:
            known = _derived(index, drafts, derived) or known
        if known is not None:
            found[index] = known
    return found, tuple(issues)


def d13_mechanical(patient: Mapping[str, Known]) -> tuple[Known, ...]:
    """Compose mechanical pain: axial pain that moves with posture, said on one day; or such pain with a spinal site of its own.

    Returns:
        One for each pair or placed statement, its first source being the movement-related pain; empty = nothing follows.
    """
    moving, axial = patient.get("movement-related-pain"), patient.get("axial-pain")
    if moving is None or moving.state is not State.PRESENT:
        return ()
    found: list[Known] = []
    for said in moving.sources:
        place = said.place
        if place.levels or place.discs or place.regions:
            found.append(_mechanical((said,), moving.flags))
        elif axial is not None and axial.state is State.PRESENT:
            same_day = [other for other in axial.sources if _day(other) == _day(said)]
            found.extend(_mechanical((said, other), (*moving.flags, *axial.flags)) for other in same_day)
    return tuple(found)


def _mechanical(sources: tuple[Finding, ...], flags: Sequence[str]) -> Known:
    kept = set(flags) - {FROM_OTHER_REPORT}
    if all(said.source.from_other_report for said in sources):
        kept.add(FROM_OTHER_REPORT)
    return Known(
        finding=PAIN,
        state=State.PRESENT,
        values=("mechanical",),
        sources=sources,
        derived_by="D13",
        flags=tuple(sorted(kept)),
    )


def _day(said: Finding) -> object:
    """Return the date of a statement; undated ones share a day only with undated ones of the same report."""
    return said.source.said_at.date() if said.source.said_at else (said.source.from_other_report or "this report")


def _places(levels: frozenset[str], drafts: Sequence[Draft]) -> list[int]:
    """Return the lesions that a pain may belong to: those at its levels, all of them when it has none."""
    return [index for index, draft in enumerate(drafts) if not levels or levels & draft.levels]


def _of_lesion(definition: Definition, draft: Draft, own: list[Finding], shared: list[Finding]) -> Known | None:
    stated = [said for said in draft.statements if said.finding == PAIN] + own
    wide = resolve(definition, shared) if shared else None
    if wide is not None and set(tokens(wide)) <= _PAINLESS:
        # A patient without pain has no painful lesion: that needs no place.
        stated.extend(wide.sources)
        wide = None
    known = resolve(definition, stated) if stated else None
    if wide is not None and (known is None or known.state is State.NOT_ASSESSED):
        return _not_localised(wide) if known is None else join(definition, known, _not_localised(wide))
    return known


def _not_localised(known: Known) -> Known:
    """Add the possibility that this lesion is not the painful one."""
    values = tokens(known)
    painless = () if _PAINLESS & set(values) else ("none",)
    return with_flags(replace(known, values=(*painless, *values)), {NOT_LOCALISED})


def _derived(index: int, drafts: Sequence[Draft], derived: Sequence[Known]) -> Known | None:
    """Return the composed pain of a lesion: its own before one that it shares with others."""
    offers = [(places, known) for known in derived if index in (places := _places(_where(known), drafts))]
    if not offers:
        return None
    places, known = min(offers, key=lambda offer: len(offer[0]))
    return known if len(places) == 1 else _not_localised(known)


def _where(known: Known) -> frozenset[str]:
    return frozenset(known.sources[0].place.levels)


def _elsewhere(pain: Pain) -> Issue:
    return Issue(
        severity=Severity.INFORMATION,
        code="informational",
        text=f"{PAIN} stands at a level where the report states no lesion and was not used.",
        path=pain.said.source.path,
    )
