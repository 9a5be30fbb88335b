"""What is said of a whole region beside lesions that have places of their own.

"Alignment normal, thoracic spine" is true of every thoracic lesion and makes none: a denial, "normal" or "none" of a region holds
for all that lies in it. "Collapse, thoracic spine" may mean the lesion at T7 or another vertebra: it keeps a lesion of its own,
so that it is neither guessed nor lost.

Source: interfaces, section 1 (what cannot be attributed to one lesion is never guessed). The reading of a denied region is ours
(logic): what is nowhere in a region is at none of its vertebrae.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from service.findings.anatomy import UNPLACING_REGIONS, levels_of, site
from service.findings.draft import Draft
from service.findings.groups import Unit, regions_of_statement
from service.findings.refused import REFUSED
from service.model.coded import Issue, Severity
from service.model.finding import NOWHERE, Finding, State

_NOTHING_THERE: Final = frozenset({"none", "normal"})
_NAMES_THE_REGION: Final = "spinal-region"


def is_sweeping(unit: Unit) -> bool:
    """Tell whether a unit says nothing but what holds everywhere in a region that it names, or at a place not understood."""
    is_nowhere = unit.identity is not None and unit.identity.startswith(NOWHERE)
    is_region = unit.identity is None and not unit.own and not unit.levels and not unit.discs and bool(_regions(unit))
    return (is_nowhere or is_region) and bool(_statements(unit)) and denies(unit)


def denies(unit: Unit) -> bool:
    """Tell whether a unit says nothing but what is not there."""
    return all(map(_holds_everywhere, _statements(unit)))


def sweep(unit: Unit, drafts: Iterable[Draft]) -> list[tuple[Finding, Finding]]:
    """Add what a unit says of its region to every lesion that lies in it.

    Returns:
        The statements that were added, each with the one it repeats; empty = no lesion lies there.
    """
    regions = _regions(unit)
    added: list[tuple[Finding, Finding]] = []
    for draft in drafts:
        if _lies_in(draft, regions):
            copies = [(replace(said, place=replace(said.place, regions=())), said) for said in _statements(unit)]
            draft.statements.extend(copy for copy, _ in copies)
            added += copies
    return added


def unsaid(unit: Unit) -> Issue:
    """Say that no lesion of the report is known to lie where a unit speaks of."""
    said, regions = _statements(unit)[0], _regions(unit)
    where = f"the {site((), (), regions).text} as a whole" if regions else "a place that is not understood"
    text = f"{said.finding} is said of {where}, where the report states no lesion."
    return Issue(severity=Severity.INFORMATION, code="informational", text=text, path=said.source.path)


def apart(drafts: Sequence[Draft]) -> Iterable[Issue]:
    """Say where a lesion of a region may be one of those that lie in it: the report does not tell, so they are kept apart."""
    for draft in drafts:
        if draft.regions and not draft.levels and not draft.discs:
            held = [other.site().text for other in drafts if other is not draft and _lies_in(other, frozenset(draft.regions))]
            if held:
                said = draft.first()
                text = f"{said.finding} is said of the {draft.site().text} and may be of {', '.join(held)}: it is kept apart."
                yield Issue(severity=Severity.INFORMATION, code="informational", text=text, path=said.source.path)


def _statements(unit: Unit) -> Sequence[Finding]:
    """Return what is said, without the region itself."""
    return [said for said in unit.statements if said.finding != _NAMES_THE_REGION]


def _regions(unit: Unit) -> frozenset[str]:
    return frozenset[str]().union(*map(regions_of_statement, unit.statements))


def _holds_everywhere(said: Finding) -> bool:
    """Tell whether a statement about a region is one about each of its vertebrae; a refused value may mean any of them."""
    if REFUSED in said.flags:
        return False
    return said.state is not State.PRESENT or said.value in _NOTHING_THERE


def _lies_in(draft: Draft, regions: frozenset[str]) -> bool:
    """Tell whether a lesion lies wholly within regions; one without any place lies on the spine."""
    if regions & UNPLACING_REGIONS:
        return True
    within = levels_of(regions)
    levels = draft.levels or {level for disc in draft.discs for level in disc.split("-")} or levels_of(draft.regions)
    return bool(levels) and levels <= within
