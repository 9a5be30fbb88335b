"""Statements whose plain words mean something else beside their site, side or examination.

Source: derivations D19, D27, D42, D47.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from service.findings.tree import alone_in_group, alone_with, own_sides, own_sites
from service.model.finding import Finding, State

SIDED: Final = frozenset({"pedicle-destruction", "posterolateral-involvement"})
"""Findings of one side or both."""

ENHANCEMENT: Final = frozenset({"enhancement", "enhancement-pattern", "enhancement-degree", "target-enhancement"})
"""Words of enhancement that describe the bone lesion unless a site says otherwise."""

_NEEDS_CONTRAST: Final = ENHANCEMENT | {"leptomeningeal-enhancement", "collection-enhancement"}
_UNMET: Final = "condition-not-met"
_BOTH: Final = frozenset({"left", "right"})


def d42_without_contrast(statements: Sequence[Finding]) -> tuple[Finding, ...]:
    """Drop denials of enhancement on a study without contrast: they are not assessable, flagged `condition-not-met`."""
    without = {said.study for said in statements if said.finding == "contrast-given" and said.state is State.ABSENT}
    if not without:
        return tuple(statements)
    return tuple(
        replace(said, state=State.NOT_ASSESSED, value=None, flags=(*said.flags, _UNMET))
        if said.finding in _NEEDS_CONTRAST and said.study in without and (said.state is State.ABSENT or said.value == "none")
        else said
        for said in statements
    )


def d47_collection_enhancement(statements: Sequence[Finding]) -> tuple[Finding, ...]:
    """Read enhancement said of the epidural space as that of the collection there; the meninges are set aside before grouping."""
    lesion_sites = [said for said in statements if said.finding == "lesion-site"]
    collection = any(said.finding == "epidural-collection" and said.state is State.PRESENT for said in statements)
    if not collection:
        return tuple(statements)
    return tuple(
        _of_collection(said) if said.finding in ENHANCEMENT and own_sites(said, lesion_sites) == {"epidural-space"} else said
        for said in statements
    )


def d19_pedicle_sides(statements: Sequence[Finding]) -> tuple[Finding, ...]:
    """Read sided statements of one level together: left and right are bilateral, one of them is unilateral.

    The denial of one side only denies `bilateral`; the denial of both denies the finding.
    """
    sided = {id(said): own_sides(said, statements) for said in statements if said.finding in SIDED}
    if not any(sided.values()):
        return tuple(statements)
    return tuple(_by_side(said, sided, statements) if sided.get(id(said)) else said for said in statements)


def d27_new_deformity(statements: Sequence[Finding]) -> tuple[Finding, ...]:
    """Read a spinal deformity that an Observation or group about it alone calls new as de novo; the lesion need not be new."""
    deformities = [said for said in statements if said.finding == "spinal-deformity" and said.state is State.PRESENT]
    if not deformities:
        return tuple(statements)
    restated = list(statements)
    for said in deformities:
        for change in alone_with(said, "change-from-prior", statements) or alone_in_group(said, "change-from-prior", statements):
            restated = [each for each in restated if each is not change]
            if change.state is State.PRESENT and change.value == "new":
                restated.append(replace(said, finding="alignment", value="de-novo-deformity"))
    return tuple(restated)


def _by_side(said: Finding, sided: dict[int, frozenset[str]], statements: Iterable[Finding]) -> Finding:
    if said.state is State.NOT_ASSESSED or said.value not in {None, "side-not-stated", "at-least-unilateral", "unilateral"}:
        return said
    alike = (other for other in statements if _same_row(said, other))
    named = _together(sided.get(id(other), frozenset()) for other in alike)
    if said.state is State.ABSENT:
        return said if said.value is not None or named >= _BOTH else replace(said, value="bilateral")
    if named >= _BOTH:
        return replace(said, value="bilateral")
    return replace(said, value="unilateral") if said.finding == "pedicle-destruction" else said


def _same_row(said: Finding, other: Finding) -> bool:
    return (said.finding, said.state, said.place.levels) == (other.finding, other.state, other.place.levels)


def _together(found: Iterable[Collection[str]]) -> frozenset[str]:
    named = frozenset[str]().union(*found)
    return named | _BOTH if "bilateral" in named else named


def _of_collection(said: Finding) -> Finding:
    """Return the enhancement of the collection in its own words; a pattern without a counterpart leaves it open."""
    if said.value == "none" or (said.state is State.ABSENT and said.value in {None, "present"}):
        return replace(said, finding="collection-enhancement", state=State.PRESENT, value="none")
    if said.finding == "enhancement-pattern" and said.value == "rim":
        return replace(said, finding="collection-enhancement", value="peripheral")
    return replace(said, finding="collection-enhancement", state=State.NOT_ASSESSED, value=None)
