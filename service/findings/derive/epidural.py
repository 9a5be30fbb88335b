"""Epidural disease and what it does to the cord: D28-D33.

Source: Montoya-Bordon 2023, "Degree of spinal cord compression"; clinical rules, section 3.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

from service.findings.conflicts import tokens
from service.findings.derive.rule import Derived, Rule, View, affirms, denies
from service.model.finding import State

_EPIDURAL: Final = "epidural-involvement"
_MASS: Final = "epidural-soft-tissue"
_CHAIN: Final = (_EPIDURAL, "thecal-sac-deformation", "cord-abutment", "cord-compression")
"""From the least to the most severe; each implies those before it."""

_INPUTS: Final = (*_CHAIN, "csf-visible")
_GRADES: Final[Mapping[str, tuple[bool | None, ...]]] = {
    "0": (False, False, False, False, None),
    "1a": (True, False, False, False, None),
    "1b": (True, True, False, False, None),
    "1c": (True, True, True, False, None),
    "2": (True, True, True, True, True),
    "3": (True, True, True, True, False),
}
"""Reported grade -> what it says of the five inputs; None = nothing."""


def d28_mass_reaches_epidural_space(view: View) -> Collection[Derived]:
    """An epidural tumour mass impinges on the epidural space."""
    known = view.present(_MASS)
    return (affirms(_EPIDURAL, known),) if known else ()


def d29_bone_only(view: View) -> Collection[Derived]:
    """Without epidural involvement there is no epidural mass; not when a more severe sign contradicts the denial."""
    known = view.absent(_EPIDURAL)
    return (denies(_MASS, known),) if known and not _is_contradicted(view, 0) else ()


def d30_epidural_is_extraosseous(view: View) -> Collection[Derived]:
    """A lesion with an epidural mass extends outside the bone."""
    known = view.present(_MASS)
    return (Derived("lesion-extent", "extraosseous", (known,)),) if known else ()


def d31_paraspinal_is_extraosseous(view: View) -> Collection[Derived]:
    """A lesion with a paraspinal mass extends outside the bone."""
    known = view.present("paraspinal-soft-tissue")
    return (Derived("lesion-extent", "extraosseous", (known,)),) if known else ()


def d32_chain(view: View) -> Collection[Derived]:
    """Compression implies abutment, abutment deformation, deformation epidural involvement; denials run the other way.

    Only gaps are filled. A denial that a more severe sign contradicts spreads no further: it must never downgrade.
    """
    gaps = {finding for finding in _CHAIN if not view.is_answered(finding)}
    if not gaps:
        return ()
    found: list[Derived] = []
    for severity, finding in enumerate(_CHAIN):
        if known := view.present(finding):
            found.extend(affirms(milder, known) for milder in _CHAIN[:severity] if milder in gaps)
        elif (known := view.absent(finding)) and not _is_contradicted(view, severity):
            found.extend(denies(worse, known) for worse in _CHAIN[severity + 1 :] if worse in gaps)
    return found


def d33_reported_grade(view: View) -> Collection[Derived]:
    """Read the five inputs from the reported grade where not one of them is stated; else the grade is only compared.

    Grade 0 beside an epidural mass is only compared too: which of the two is wrong is not known.
    """
    known = view.get("escc-grade")
    if known is None or any(_is_stated(view, finding) for finding in _INPUTS):
        return ()
    grades = tokens(known)
    if "0" in grades and view.present(_MASS):
        return ()
    return [affirms(finding, known) if answer else denies(finding, known) for finding, answer in _shared(grades)]


@lru_cache(maxsize=128)
def _shared(grades: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """Return the inputs to which all these grades give one answer; words that are no grade say nothing."""
    answers = [_GRADES[grade] for grade in grades if grade in _GRADES]
    alike = [(finding, set(found)) for finding, *found in zip(_INPUTS, *answers, strict=True)] if answers else []
    return tuple((finding, True in found) for finding, found in alike if len(found) == 1 and None not in found)


def _is_contradicted(view: View, severity: int) -> bool:
    """Tell whether a more severe sign is present or in dispute."""
    return any(
        known is not None and known.state in {State.PRESENT, State.CONFLICT} for known in map(view.get, _CHAIN[severity + 1 :])
    )


def _is_stated(view: View, finding: str) -> bool:
    known = view.get(finding)
    return known is not None and known.state is not State.NOT_ASSESSED and known.derived_by is None


RULES: Final = (
    Rule(id="D28", reads=(_MASS,), derive=d28_mass_reaches_epidural_space, entails=True),
    Rule(id="D29", reads=_CHAIN, derive=d29_bone_only, entails=True),
    Rule(id="D30", reads=(_MASS,), derive=d30_epidural_is_extraosseous, entails=True),
    Rule(id="D31", reads=("paraspinal-soft-tissue",), derive=d31_paraspinal_is_extraosseous, entails=True),
    Rule(id="D32", reads=_CHAIN, derive=d32_chain),
    Rule(id="D33", reads=("escc-grade",), derive=d33_reported_grade),
)
