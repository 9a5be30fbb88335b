"""Where statements hang: Observations, their components and members, and what belongs to one statement."""

from collections.abc import Iterable, Sequence
from typing import Final

from service.model.finding import Finding, State

LEVEL_ANSWERS: Final = frozenset({"vertebral-level", "disc-level", "spinal-region"})
"""Findings that say where the lesion is and so place the group they stand in."""

QUALIFIERS: Final = frozenset({"lesion-site", "laterality", "signal-reference"})
"""Findings that mean nothing alone: they never make a lesion."""


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
    """Return those others that qualify a statement: of its own Observation, else fellow members of its group.

    Args:
        said: the statement.
        others: qualifiers of the same lesion; ungrouped ones qualify ungrouped statements.
    """
    if not others:
        return ()
    within = in_same_observation(said, others)
    group = parent(said)
    return within or tuple(other for other in others if parent(other) == group and not is_component(other))


def sites(said: Finding, lesion_sites: Sequence[Finding]) -> frozenset[str]:
    """Return the parts a statement speaks of: of its own site, else of the `lesion-site` answers beside it."""
    if said.place.parts:
        return frozenset(said.place.parts)
    return _answers(beside(said, lesion_sites))


def own_sites(said: Finding, lesion_sites: Sequence[Finding]) -> frozenset[str]:
    """Return the parts a statement names in its own Observation, not those of its group."""
    return sites(said, in_same_observation(said, lesion_sites)) if lesion_sites else frozenset(said.place.parts)


def sides(said: Finding, lateralities: Sequence[Finding]) -> frozenset[str]:
    """Return the sides a statement speaks of: of its own site, else of the `laterality` answers in its Observation."""
    return frozenset(said.place.sides) or _answers(in_same_observation(said, lateralities))


def _answers(statements: Iterable[Finding]) -> frozenset[str]:
    return frozenset(said.value for said in statements if said.value and said.state is State.PRESENT)
