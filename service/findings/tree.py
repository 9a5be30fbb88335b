"""Where statements hang: Observations, their components and members, and what belongs to one statement."""

from collections.abc import Iterable, Sequence
from typing import Final

from service.model.finding import Finding, State

LEVEL_ANSWERS: Final = frozenset({"vertebral-level", "disc-level", "spinal-region"})
"""Findings that say where the lesion is and so place the group they stand in."""

QUALIFIERS: Final = frozenset({"lesion-site", "laterality", "signal-reference"})
"""Findings that mean nothing alone: they never make a lesion."""

_PLACING: Final = LEVEL_ANSWERS | QUALIFIERS


def node(said: Finding) -> str:
    """Return the Observation a statement stands in; codes of a report's conclusion stand each for itself."""
    return said.source.path if "conclusionCode" in said.source.path else said.source.reference


def is_component(said: Finding) -> bool:
    """Tell whether a statement is a component of its Observation."""
    return bool(said.place.parents) and said.place.parents[0] == said.source.reference


def parent(said: Finding) -> str | None:
    """Return the group whose direct member the statement's Observation is; None = it is in no group."""
    ancestors = said.place.parents[1:] if is_component(said) else said.place.parents
    return ancestors[0] if ancestors else None


def trunk(said: Finding) -> tuple[str, ...]:
    """Return the way from the topmost group down to the statement's own Observation."""
    above = said.place.parents
    return above[::-1] if is_component(said) else (*above[::-1], node(said))


def in_same_observation(said: Finding, others: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return those others that stand in the statement's Observation or right below it."""
    own = node(said)
    return tuple(other for other in others if node(other) == own or own in other.place.parents)


def beside(said: Finding, others: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return those others that qualify a statement: of its own Observation, else of the smallest group around it that has any.

    Args:
        said: the statement.
        others: qualifiers of the same lesion; those of no group qualify whatever has no nearer ones.
    """
    if not others:
        return ()
    if within := in_same_observation(said, others):
        return within
    for group in said.place.parents:
        if found := tuple(other for other in others if _is_of_group(other, group)):
            return found
    return tuple(other for other in others if parent(other) is None and not is_component(other))


def _is_of_group(said: Finding, group: str) -> bool:
    """Tell whether a statement is a component or a member of a group."""
    return node(said) == group if is_component(said) else parent(said) == group


def sites(said: Finding, lesion_sites: Sequence[Finding]) -> frozenset[str]:
    """Return the parts a statement speaks of: of its own site, else of the `lesion-site` answers beside it."""
    if said.place.parts:
        return frozenset(said.place.parts)
    return _answers(beside(said, lesion_sites))


def own_sites(said: Finding, lesion_sites: Sequence[Finding]) -> frozenset[str]:
    """Return the parts a statement names in its own Observation, not those of its group."""
    return sites(said, in_same_observation(said, lesion_sites)) if lesion_sites else frozenset(said.place.parts)


def sides(said: Finding, lateralities: Sequence[Finding]) -> frozenset[str]:
    """Return the sides a statement speaks of: of its own site, else of the `laterality` answers beside it."""
    return frozenset(said.place.sides) or _answers(beside(said, lateralities))


def own_sides(said: Finding, statements: Sequence[Finding]) -> frozenset[str]:
    """Return the sides that a statement itself is said of; the laterality of a lesion is not that of all that is said of it.

    A side with a site of its own is that of the lesion there.
    """
    if said.place.sides:
        return frozenset(said.place.sides)
    if within := alone_with(said, "laterality", statements):
        return _answers(within)
    return _answers(each for each in alone_in_group(said, "laterality", statements) if not each.place.own)


def alone_with(said: Finding, qualifier: str, statements: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the answers to a qualifying question in the statement's Observation, when that speaks of nothing else.

    Among the components of a lesion the same answer qualifies the lesion, not each of its findings.
    """
    here = in_same_observation(said, statements)
    if any(other.finding not in _PLACING | {said.finding, qualifier} for other in here):
        return ()
    return tuple(other for other in here if other.finding == qualifier)


def alone_in_group(said: Finding, qualifier: str, statements: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the answers to a qualifying question in the statement's group, when that speaks of nothing else."""
    if not said.place.parents:
        return ()
    group = said.place.parents[0]
    fellows = [each for each in statements if group in each.place.parents]
    if any(each.finding not in _PLACING | {said.finding, qualifier} for each in fellows):
        return ()
    return tuple(each for each in fellows if each.finding == qualifier and _is_of_group(each, group))


def _answers(statements: Iterable[Finding]) -> frozenset[str]:
    return frozenset(said.value for said in statements if said.value and said.state is State.PRESENT)
