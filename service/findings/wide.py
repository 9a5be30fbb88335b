"""What is said of study and patient: its site and level stay with it, and the place of a lesion does not become its own.

Source: interfaces, section 1 (lesions: what is said of the study or the patient is none of them).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from service.findings.draft import PAIN
from service.findings.tree import LEVEL_ANSWERS, QUALIFIERS, in_same_observation, node
from service.model.finding import Finding, State

_GOES_ALONG: Final = QUALIFIERS | LEVEL_ANSWERS


def part_from_lesions(wide: Sequence[Finding], local: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Part what is said of study and patient from what is said of lesions, where they stand in one Observation or group.

    Args:
        wide: statements of study and patient.
        local: statements of lesions.

    Returns:
        Statements of study and patient, with the level that is answered beside them and without that of a lesion around them; and
        statements of lesions, without the sites and levels that qualify others.
    """
    groups = {group for said in local if said.finding != PAIN for group in (node(said), *said.place.parents)}
    own = {id(said): _qualifiers(said, local) for said in wide}
    taken = {id(each) for qualifiers in own.values() for each in qualifiers}
    return (
        [_placed(said, own[id(said)], groups) for said in wide],
        [said for said in local if id(said) not in taken],
    )


def _qualifiers(said: Finding, local: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the sites and levels in a statement's own Observation, when that says nothing of a lesion."""
    here = in_same_observation(said, local)
    return here if all(each.finding in _GOES_ALONG for each in here) else ()


def _placed(said: Finding, qualifiers: Iterable[Finding], groups: set[str]) -> Finding:
    levels = tuple(
        each.value for each in qualifiers if each.finding == "vertebral-level" and each.state is State.PRESENT and each.value
    )
    if levels:
        return replace(said, place=replace(said.place, levels=levels, own=True))
    if said.place.own or groups.isdisjoint(said.place.parents):
        return said
    return replace(said, place=replace(said.place, levels=(), discs=(), regions=()))
