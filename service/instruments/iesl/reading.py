"""What the statements about one lesion leave possible for each weighed finding.

A finding that nobody stated adds nothing; one that is disputed or partly denied is every value that it may still have.
Source: clinical rules 0 and 1.
"""

from functools import lru_cache
from typing import Final

from service.instruments.iesl.scale import Feature, Scale
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known

DENSITY: Final = "bone-lesion"
PRIMARY: Final = "primary-cancer"
BLASTIC_PRIMARY: Final = "medulloblastoma"
"""Its metastases are blastic themselves (Shah), so that density tells nothing."""

_RADIOGRAPH: Final = ("x-ray",)

Options = tuple[str | None, ...]
"""Values that a finding may have; None = it adds nothing; empty = nothing is stated."""


def read(case: Case, scale: Scale) -> tuple[Options, ...]:
    """Return what each weighed finding may be at the lesion under study, in the order of the scale."""
    return tuple([_options(case, feature) for feature in scale.features])


def _options(case: Case, feature: Feature) -> Options:
    if feature.finding not in case.heard:
        return ()
    known = case.known(feature.finding)
    found = _possible(known.state, known.values, known.denied, tuple(feature.weights))
    if feature.finding != DENSITY or not found:
        return found
    if is_radiograph(known):
        return ()
    match blastic_primary(case):
        case True:
            return (None,)
        case None:
            return (None, *found)
        case _:
            return found


@lru_cache(maxsize=4096)
def _possible(state: State, values: tuple[str, ...], denied: tuple[str, ...], every: tuple[str, ...]) -> Options:
    """Return the values that are left, in printed order. Remembered: reports repeat the same words."""
    if state is State.CONFLICT:
        return tuple(value for value in every if value in values)
    stated = ("absent",) if state is State.ABSENT else values
    left = tuple(value for value in every if value not in denied and (not stated or value in stated))
    return left if stated or denied else ()


def is_radiograph(known: Known) -> bool:
    """Tell whether a density was read on radiographs alone: the counts are those of CT."""
    return bool(known.sources) and all(said.modality == _RADIOGRAPH for said in known.sources)


def blastic_primary(case: Case) -> bool | None:
    """Tell whether the primary is one with blastic metastases; None = disputed; not stated counts as no."""
    known = case.known(PRIMARY)
    if BLASTIC_PRIMARY not in known.values:
        return False
    return None if known.state is State.CONFLICT else True
