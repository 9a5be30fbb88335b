"""Units become lesions: by identity, else by level; what fits no single lesion is said, never guessed.

Source: interfaces, section 1 (lesions, context); clinical rules, section 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from service.findings.anatomy import order, site
from service.findings.groups import Unit, split
from service.findings.tree import QUALIFIERS
from service.model.coded import Issue, Severity
from service.model.finding import Finding
from service.model.lesion import Site

PAIN: Final = "spinal-pain"
_FOUNDS_NOTHING: Final = QUALIFIERS | {PAIN}
_WEAK: Final = "identifier:"


@dataclass(slots=True, kw_only=True, eq=False)
class Draft:
    """A lesion in the making.

    Attributes:
        statements: everything said of it; what other reports say follows this report.
        levels, discs, regions: where it is; other reports add nothing to them.
        units: what it was made of, in document order.
    """

    statements: list[Finding] = field(default_factory=list)
    levels: set[str] = field(default_factory=set)
    discs: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    units: list[Unit] = field(default_factory=list)

    def take(self, unit: Unit) -> None:
        """Add a unit of this report."""
        self.units.append(unit)
        self.statements.extend(unit.statements)
        self.levels |= unit.levels
        self.discs |= unit.discs
        self.regions |= unit.regions

    def covers(self, unit: Unit) -> bool:
        """Tell whether the unit's place lies within the lesion: its vertebrae, else its discs, else the same regions."""
        if unit.levels:
            return unit.levels <= self.levels
        if unit.discs:
            return unit.discs <= self.discs
        return bool(unit.regions) and not self.levels and not self.discs and unit.regions == self.regions

    def identities(self) -> frozenset[str]:
        """Return every strong identity that its statements bear."""
        return strong(self.statements)

    def site(self) -> Site:
        """Return where it is."""
        return site(self.levels, self.discs, self.regions)

    def source(self) -> str:
        """Return the group it was reported in, else the resource of its first statement."""
        groups = [unit.group for unit in self.units if unit.group]
        return groups[0] if groups else self.statements[0].source.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Pain:
    """Pain that no group of the report ties to a lesion.

    Attributes:
        said: the statement.
        levels: where it hurts; empty = not stated.
    """

    said: Finding
    levels: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The lesions of a report and what is left over.

    Attributes:
        drafts: cranial to caudal, then in document order; unplaced ones last.
        pains: of the report and of others.
        issues: what was not attributed.
    """

    drafts: tuple[Draft, ...]
    pains: tuple[Pain, ...]
    issues: tuple[Issue, ...]


def gather(mine: Sequence[Finding], others: Sequence[Finding]) -> Gathered:
    """Group statements of scope lesion and level.

    Args:
        mine: of the assessed report, in document order; only these make lesions.
        others: context, in document order: joins the lesion of the same level or identity.
    """
    units = split(mine)
    pains: list[Pain] = []
    issues: list[Issue] = []
    drafts = _identified(units)
    taken = {id(unit) for draft in drafts for unit in draft.units}
    waiting = [unit for unit in units if id(unit) not in taken]
    founding, following = _parted(waiting)
    _placed(founding, drafts, issues)
    drafts.extend(_alone(unit) for unit in founding if unit.own and not _has_place(unit))
    _loose([unit for unit in founding if not unit.own and not _has_place(unit)], drafts, pains, issues)
    for unit in following:
        _follow(unit, drafts, pains, issues)
    position = {id(said): place for place, said in enumerate(mine)}
    drafts = _in_order(drafts, position)
    for unit in split(others):
        _add_context(unit, drafts, pains, issues)
    return Gathered(drafts=tuple(drafts), pains=tuple(pains), issues=tuple(issues))


def _identified(units: Iterable[Unit]) -> list[Draft]:
    """Return one lesion for each identity; different identities are different lesions whatever their levels."""
    named: dict[str, list[Unit]] = {}
    for unit in units:
        if unit.identity is not None:
            named.setdefault(unit.identity, []).append(unit)
    return [_joined(alike) for alike in named.values() if any(map(_founds, alike))]


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
        whole = [_without_pain(unit, pains) for unit in units]
        drafts.append(_joined(whole))
        return
    before = list(drafts)
    for unit in units:
        rest = _without_pain(unit, pains)
        akin = [draft for draft in before if any(each.root == unit.root for each in draft.units)]
        match akin if len(akin) == 1 else before:
            case [draft]:
                draft.take(rest)
            case _:
                issues.extend(map(_ambiguous, rest.statements))


def _follow(unit: Unit, drafts: Sequence[Draft], pains: list[Pain], issues: list[Issue]) -> None:
    """Attach what cannot make a lesion: pain, and qualifiers without the finding they qualify."""
    rest = _without_pain(unit, pains)
    if not rest.statements:
        return
    holding = [draft for draft in drafts if draft.covers(unit)] if _has_place(unit) else drafts
    match holding:
        case [draft]:
            draft.take(rest)
        case _:
            issues.extend(map(_ambiguous if holding else _unattached, rest.statements))


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
    return sorted(ordered, key=lambda draft: (order(draft.site()), position[id(draft.statements[0])]))


def _parted(units: Iterable[Unit]) -> tuple[list[Unit], list[Unit]]:
    """Return the units that can make a lesion, and those that only follow one."""
    founding: list[Unit] = []
    following: list[Unit] = []
    for unit in units:
        (founding if _founds(unit) else following).append(unit)
    return founding, following


def _founds(unit: Unit) -> bool:
    return any(said.finding not in _FOUNDS_NOTHING for said in unit.statements)


def _has_place(unit: Unit) -> bool:
    return bool(unit.levels or unit.discs or unit.regions)


def _alone(unit: Unit) -> Draft:
    return _joined([unit])


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
    return replace(unit, statements=tuple(said for said in unit.statements if said.finding != PAIN))


def strong(statements: Iterable[Finding]) -> frozenset[str]:
    """Return the identities of lesions that statements bear; an Observation's own identifier is none."""
    return frozenset(name for said in statements for name in said.place.identities if not name.startswith(_WEAK))


def _ambiguous(said: Finding) -> Issue:
    return Issue(
        severity=Severity.WARNING,
        code="conflict",
        text=f"{said.finding} fits several lesions of the report and was attributed to none: it needs a site or a lesion identity.",
        path=said.source.path,
    )


def _unattached(said: Finding) -> Issue:
    return Issue(
        severity=Severity.WARNING,
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
