"""Units become lesions: by identity, else by level; what fits no single lesion is said, never guessed.

Source: interfaces, section 1 (lesions, context); clinical rules, section 0.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from service.findings.anatomy import order
from service.findings.draft import PAIN, Draft, Gathered, Pain, strong
from service.findings.groups import Unit, split
from service.findings.region import apart, denies, is_sweeping, sweep, unsaid
from service.findings.tree import LEVEL_ANSWERS, QUALIFIERS, trunk
from service.model.coded import Issue, Severity
from service.model.finding import Finding, State

Thing = TypeVar("Thing")


def gather(mine: Sequence[Finding], others: Sequence[Finding]) -> Gathered:
    """Group statements of scope lesion and level.

    Args:
        mine: of the assessed report, in document order; only these make lesions.
        others: context, in document order: joins the lesion of the same level or identity.
    """
    pains: list[Pain] = []
    issues: list[Issue] = []
    making, following = _parted(_by_identity(split(mine)), lambda alike: _founds(*alike))
    reluctant, ready = _parted(making, lambda alike: all(is_sweeping(unit) or _is_open(unit) for unit in alike))
    drafts = _made(ready, pains, issues)
    if not drafts:
        drafts, reluctant = _made(reluctant, pains, issues), []
    issues.extend(apart(drafts))
    position = {id(said): place for place, said in enumerate(mine)}
    sweeping, silent = _parted([unit for alike in reluctant for unit in alike], is_sweeping)
    for unit in sweeping:
        copies = sweep(unit, drafts)
        position |= {id(copy): position[id(said)] for copy, said in copies}
        issues.extend([] if copies else [unsaid(unit)])
    _follow([*silent, *map(_as_one, following)], drafts, pains, issues)
    drafts = _in_order(drafts, position)
    for unit in split(others):
        _add_context(unit, drafts, pains, issues)
    return Gathered(drafts=tuple(drafts), pains=tuple(pains), issues=tuple(issues))


def _parted(things: Iterable[Thing], test: Callable[[Thing], bool]) -> tuple[list[Thing], list[Thing]]:
    """Return what passes a test and what does not, both in order."""
    parted: tuple[list[Thing], list[Thing]] = ([], [])
    for each in things:
        parted[not test(each)].append(each)
    return parted


def _made(together: Iterable[Sequence[Unit]], pains: list[Pain], issues: list[Issue]) -> list[Draft]:
    """Return the lesions that units make: one for each identity, then one for each level, else one of all that has no place."""
    named, units = _parted(together, lambda alike: alike[0].identity is not None)
    drafts = [_joined(alike) for alike in named]
    others = [unit for alike in units for unit in alike]
    _placed(others, drafts, issues)
    drafts.extend(_joined([unit]) for unit in others if unit.own and not _has_place(unit))
    _loose([unit for unit in others if not unit.own and not _has_place(unit)], drafts, pains, issues)
    return drafts


def _by_identity(units: Iterable[Unit]) -> list[list[Unit]]:
    """Return units of one identity together, others alone; different identities are different lesions whatever their levels."""
    named: dict[str, list[Unit]] = {}
    together: list[list[Unit]] = []
    for unit in units:
        if unit.identity is None:
            together.append([unit])
        elif unit.identity in named:
            named[unit.identity].append(unit)
        else:
            together.append(named.setdefault(unit.identity, [unit]))
    return together


def _placed(units: Iterable[Unit], drafts: list[Draft], issues: list[Issue]) -> None:
    """Make one lesion of each set of levels (else discs, else regions); a smaller set joins the only lesion that holds it."""
    alike: dict[tuple[frozenset[str], ...], list[Unit]] = {}
    for unit in units:
        if unit.levels:
            alike.setdefault((unit.levels,), []).append(unit)
        elif unit.discs:
            alike.setdefault((frozenset(), unit.discs), []).append(unit)
        elif unit.regions:
            alike.setdefault((frozenset(), frozenset(), unit.regions), []).append(unit)
    for key in sorted(alike, key=lambda key: (len(key), -len(key[-1]), sorted(key[-1]))):
        candidates = [draft for draft in drafts if draft.covers(alike[key][0])]
        match candidates:
            case []:
                drafts.append(_joined(alike[key]))
            case [draft]:
                for unit in alike[key]:
                    draft.take(unit)
            case _:
                issues.extend(_ambiguous(said) for unit in alike[key] for said in unit.statements)


def _loose(units: Sequence[Unit], drafts: list[Draft], pains: list[Pain], issues: list[Issue]) -> None:
    """Give statements without any place to the only lesion of their group or report; without a lesion they form one."""
    if not drafts and units:
        drafts.append(_joined([_without_pain(unit, pains) for unit in units]))
        return
    groups = [(draft, draft.groups()) for draft in drafts]
    for unit in units:
        _give(unit, _nearest(unit, groups), drafts, pains, issues)


def _follow(units: Iterable[Unit], drafts: Sequence[Draft], pains: list[Pain], issues: list[Issue]) -> None:
    """Attach what makes no lesion: pain, qualifiers without the finding they qualify, questions that were not answered."""
    groups = [(draft, draft.groups()) for draft in drafts]
    for unit in units:
        if not _has_place(unit):
            _give(unit, _nearest(unit, groups), drafts, pains, issues)
        elif (rest := _without_pain(unit, pains)).statements:
            _attach(rest, [draft for draft in drafts if draft.covers(unit)], issues)


def _nearest(unit: Unit, groups: Sequence[tuple[Draft, frozenset[str]]]) -> list[Draft]:
    """Return the lesions of the smallest group around a unit that has any; empty = no group does."""
    for group in reversed(trunk(unit.statements[0])):
        if found := [draft for draft, held in groups if group in held]:
            return found
    return []


def _give(unit: Unit, near: Sequence[Draft], drafts: Sequence[Draft], pains: list[Pain], issues: list[Issue]) -> None:
    """Give a unit without place to the only lesion of its group, with its pain; else to the only lesion of the report."""
    if len(near) == 1:
        near[0].take(unit)
    elif (rest := _without_pain(unit, pains)).statements:
        _attach(rest, near or drafts, issues)


def _attach(unit: Unit, holding: Sequence[Draft], issues: list[Issue]) -> None:
    match holding:
        case [draft]:
            draft.take(unit)
        case _:
            issues.extend(map(_ambiguous if holding else _unattached, unit.statements))


def _add_context(unit: Unit, drafts: Sequence[Draft], pains: list[Pain], issues: list[Issue]) -> None:
    """Add what another report says of the lesion of the same identity or level; anything else is not of a lesion here."""
    rest = unit if unit.levels and _founds(unit) else _without_pain(unit, pains)
    if not rest.statements:
        return
    bearing = strong(rest.statements)
    known = [draft for draft in drafts if bearing & draft.identities()] if bearing else []
    holding = known or [draft for draft in drafts if draft.covers(rest)]
    match holding:
        case [draft]:
            draft.statements.extend(rest.statements)
        case _:
            issues.append(_unused(rest.statements[0]))


def _in_order(drafts: Iterable[Draft], position: dict[int, int]) -> list[Draft]:
    """Order lesions, and the units and statements within each; both follow the document."""
    ordered = list(drafts)
    for draft in ordered:
        draft.statements.sort(key=lambda said: position[id(said)])
        draft.units = sorted((unit for unit in draft.units if unit.statements), key=lambda unit: position[id(unit.statements[0])])
    return sorted(ordered, key=lambda draft: (order(draft.site()), position[id(draft.first())]))


def _founds(*units: Unit) -> bool:
    """Tell whether statements make a lesion where they stand: pain and its level do not, a level alone does."""
    found = {said.finding for unit in units for said in unit.statements} - QUALIFIERS
    return bool(found - LEVEL_ANSWERS - {PAIN}) or (PAIN not in found and bool(found))


def _is_open(unit: Unit) -> bool:
    """Tell whether a unit makes no further lesion: nothing was assessed at its place, or it denies and has no place."""
    if unit.identity is not None or unit.own:
        return False
    if not _has_place(unit):
        return denies(unit)
    return all(said.state is State.NOT_ASSESSED and not said.flags for said in unit.statements)


def _has_place(unit: Unit) -> bool:
    return bool(unit.levels or unit.discs or unit.regions)


def _as_one(units: Sequence[Unit]) -> Unit:
    """Return units of one identity as one: what one of them says of the place holds for all."""
    whole = _joined(units)
    return replace(
        units[0],
        statements=tuple(whole.statements),
        levels=frozenset(whole.levels),
        discs=frozenset(whole.discs),
        regions=frozenset(whole.regions),
    )


def _joined(units: Iterable[Unit]) -> Draft:
    draft = Draft()
    for unit in units:
        draft.take(unit)
    return draft


def _without_pain(unit: Unit, pains: list[Pain]) -> Unit:
    """Move the unit's pain to the pains that still need a lesion."""
    found = [said for said in unit.statements if said.finding == PAIN]
    if not found:
        return unit
    pains.extend(Pain(said=said, levels=unit.levels) for said in found)
    rest = tuple(said for said in unit.statements if said.finding != PAIN)
    return replace(unit, statements=() if all(said.finding in LEVEL_ANSWERS for said in rest) else rest)


def _ambiguous(said: Finding) -> Issue:
    return Issue(
        severity=Severity.WARNING,
        code="conflict",
        text=f"{said.finding} fits several lesions of the report and was attributed to none: it needs a site or a lesion identity.",
        path=said.source.path,
    )


def _unattached(said: Finding) -> Issue:
    return Issue(
        severity=Severity.INFORMATION if said.state is State.NOT_ASSESSED else Severity.WARNING,
        code="incomplete",
        text=f"{said.finding} stands where the report states no lesion and was not used.",
        path=said.source.path,
    )


def _unused(said: Finding) -> Issue:
    return Issue(
        severity=Severity.INFORMATION,
        code="informational",
        text=f"{said.finding} of another report is not at the place of one lesion of this report and was not used.",
        path=said.source.path,
    )
