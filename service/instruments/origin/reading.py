"""What the statements about each lesion leave possible for each feature of the model.

A feature that nobody stated is missing, never a category; one that is disputed or partly denied is every category that it may
still have. Enhancement of a pattern that the paper does not have (target, patchy) is missing too (derivation D49).
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from service.instruments.origin.scale import DENSITY, ENHANCEMENT, T1, T2, Scale
from service.model.finding import State
from service.model.lesion import Known, Lesion

_SIGNALS: Final[Mapping[str, str]] = {"hyper": "high", "iso": "iso-low", "hypo": "iso-low"}

CATEGORY: Final[Mapping[str, Mapping[str, str | None]]] = {
    "lesion-margin": {"well-defined": "well-defined", "ill-defined": "ill-defined"},
    T1: _SIGNALS,
    T2: _SIGNALS,
    "epicentre": {"vertebral-body": "vertebral-body", "posterior-elements": "posterior-elements"},
    "lesion-extent": {"intraosseous": "intraosseous", "extraosseous": "extraosseous"},
    ENHANCEMENT: {
        "homogeneous": "homogeneous",
        "heterogeneous": "heterogeneous",
        "rim": "rim",
        "target": None,
        "worms-in-a-bag": "worms-in-a-bag",
        "patchy": None,
        "none": "none",
        "absent": "none",
    },
    DENSITY: {"blastic": "blastic", "lytic": "lytic", "mixed": "mixed"},
}
"""Category of the paper for each value of a finding; None = it has none (derivations D49, D50)."""

Options = tuple[str | None, ...]
"""Categories that a feature may have; None = missing; empty = nothing is stated."""

LesionOptions = tuple[Options, ...]
"""Options of one lesion, in the order of the features."""


def read(lesion: Lesion, scale: Scale) -> LesionOptions:
    """Return what each feature of a lesion may be, in the order of the scale."""
    return tuple([_options(lesion.findings.get(feature.finding)) for feature in scale.features])


def _options(known: Known | None) -> Options:
    return () if known is None else _possible(known.finding, known.state, known.values, known.denied)


@lru_cache(maxsize=4096)
def _possible(finding: str, state: State, values: tuple[str, ...], denied: tuple[str, ...]) -> Options:
    """Return the categories that are left. Remembered: reports repeat the same words.

    A denial that leaves every category says nothing; a dispute between all of them is still a dispute.
    """
    category = CATEGORY[finding]
    said = ("absent",) if state is State.ABSENT else values
    left = [value for value in (said or (category if denied else ())) if value in category]
    if state is not State.CONFLICT:
        left = [value for value in left if value not in denied]
    found = tuple(dict.fromkeys(category[value] for value in left))
    is_open = not said and {*found, None} >= {*category.values(), None}
    return () if is_open or found == (None,) else found


def stated(lesions: Iterable[Lesion], finding: str) -> tuple[str, ...]:
    """Return every value of a finding that somebody states at some lesion, each once."""
    found = (known.values for lesion in lesions if (known := lesion.findings.get(finding)) is not None)
    return tuple(dict.fromkeys(value for values in found for value in values))
