"""Features to relative support: naive Bayes over five primaries, every reading of disputed features for itself.

Source: clinical rules 7 (ours, not the paper's).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from service.instruments.origin.reading import LesionOptions
from service.instruments.origin.scale import (
    DENSITY,
    FAVOURED_FACTOR,
    FAVOURED_SHARE,
    PRIMARIES,
    T1,
    T2,
    Feature,
    Logs,
    Scale,
    Setting,
)

NO_FAVOURITE: Final = "no-clear-favourite"
VERDICTS: Final = ("favoured-lung", "favoured-breast", "favoured-colorectal", "favoured-hcc", "favoured-stomach", NO_FAVOURITE)
"""In the order of outcomes.csv."""

_PAIR: Final = frozenset({T2, DENSITY})
"""Features that say the same: where a lesion has both, each has half its weight."""

_OUTSIDE: Final = frozenset({(DENSITY, "blastic"), (T1, "high")})
"""Looks of primaries that the paper does not have: prostate, melanoma."""

_READINGS: Final = 512
"""Readings of disputed features that are tried one by one; beyond them nothing is excluded."""

_DIGITS: Final = 8
"""Decimals of a share: those that every machine computes alike."""

_Lesion = tuple[str | None, ...]
"""One reading of a lesion: a category or missing for each feature, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """What the features come to.

    Attributes:
        shares: relative support of each primary, largest first; disputed features are left out of it.
        verdicts: every verdict that some reading gives.
        is_robust: False = in some reading another primary leads under another setting.
        is_outside_plausible: True = in some reading a primary outside the model is plausible, so that nothing is favoured.
        signs: exclusive signs that are not disputed, as (finding, category).
        is_disputed: True = some feature has several readings.
        is_exhaustive: False = there are more readings than are tried, so that no verdict is excluded.
    """

    shares: tuple[tuple[str, float], ...]
    verdicts: tuple[str, ...]
    is_robust: bool
    is_outside_plausible: bool
    signs: tuple[tuple[str, str], ...]
    is_disputed: bool
    is_exhaustive: bool


def rank(scale: Scale, lesions: Iterable[LesionOptions]) -> Ranked:
    """Rank the primaries.

    Args:
        scale: the model.
        lesions: what each feature of each lesion may be; their order is nothing.
    """
    return _ranked(scale, tuple(sorted(lesions, key=repr)))


@lru_cache(maxsize=1024)
def _ranked(scale: Scale, lesions: tuple[LesionOptions, ...]) -> Ranked:
    """Rank. Remembered: reports repeat the same words."""
    settled = tuple(tuple(each[0] if len(each) == 1 else None for each in lesion) for lesion in lesions)
    shares = _shares(scale, settled, Setting.MODEL)
    count = math.prod(len(options) or 1 for lesion in lesions for options in lesion)
    readings = list(_readings(lesions)) if count <= _READINGS else [settled]
    verdicts = set(VERDICTS) if count > _READINGS else {_verdict(scale, reading) for reading in readings}
    stated = _stated(scale, settled)
    return Ranked(
        shares=tuple((primary, round(share, _DIGITS)) for primary, share in _sorted(shares)),
        verdicts=tuple(verdict for verdict in VERDICTS if verdict in verdicts),
        is_robust=all(_is_robust(scale, reading) for reading in readings),
        is_outside_plausible=any(_is_outside_plausible(scale, reading) for reading in readings),
        signs=tuple(key for key in scale.signs if key in stated),
        is_disputed=count > 1,
        is_exhaustive=count <= _READINGS,
    )


def _readings(lesions: tuple[LesionOptions, ...]) -> Iterator[tuple[_Lesion, ...]]:
    """Yield every way to read the statements about all lesions."""
    return product(*(tuple(product(*(options or (None,) for options in lesion))) for lesion in lesions))


def _verdict(scale: Scale, lesions: tuple[_Lesion, ...]) -> str:
    (leader, first), (_, second), *_ = _sorted(_shares(scale, lesions, Setting.MODEL))
    is_clear = first >= FAVOURED_SHARE and first >= FAVOURED_FACTOR * second
    return f"favoured-{leader}" if is_clear and not _is_outside_plausible(scale, lesions) else NO_FAVOURITE


def _sorted(shares: tuple[float, ...]) -> list[tuple[str, float]]:
    """Return primaries and shares, the largest first, equal ones in the order of the tables."""
    return sorted(zip(PRIMARIES, shares, strict=True), key=lambda pair: -round(pair[1], _DIGITS))


def _is_outside_plausible(scale: Scale, lesions: tuple[_Lesion, ...]) -> bool:
    """Tell whether a lesion looks like a primary outside the model and no exclusive sign other than T1 speaks for one inside."""
    stated = _stated(scale, lesions)
    return not stated.isdisjoint(_OUTSIDE) and stated.isdisjoint(scale.signs.keys() - _OUTSIDE)


def _stated(scale: Scale, lesions: tuple[_Lesion, ...]) -> set[tuple[str, str]]:
    """Return every (finding, category) of the lesions."""
    return {
        (feature.finding, category)
        for lesion in lesions
        for feature, category in zip(scale.features, lesion, strict=True)
        if category is not None
    }


def _is_robust(scale: Scale, lesions: tuple[_Lesion, ...]) -> bool:
    """Tell whether the same primary leads under every setting."""
    return len({_leaders(_shares(scale, lesions, setting)) for setting in Setting}) == 1


def _leaders(shares: tuple[float, ...]) -> tuple[str, ...]:
    """Return the primary with the largest share, or all that share it."""
    most = round(max(shares), _DIGITS)
    return tuple(primary for primary, share in zip(PRIMARIES, shares, strict=True) if round(share, _DIGITS) == most)


def _shares(scale: Scale, lesions: tuple[_Lesion, ...], setting: Setting) -> tuple[float, ...]:
    """Return the share of each primary in their order: lesions are averaged, one without any feature is left out."""
    logs = [_of_lesion(scale, lesion, setting) for lesion in lesions if any(category is not None for category in lesion)]
    if not logs:
        return (1 / len(PRIMARIES),) * len(PRIMARIES)
    averaged = [math.fsum(column) / len(logs) for column in zip(*logs, strict=True)]
    support = [math.exp(log - max(averaged)) for log in averaged]
    return tuple(each / math.fsum(support) for each in support)


@lru_cache(maxsize=4096)
def _of_lesion(scale: Scale, lesion: _Lesion, setting: Setting) -> Logs:
    """Return the log likelihood of one lesion under each primary."""
    told = [(feature, category) for feature, category in zip(scale.features, lesion, strict=True) if category is not None]
    both = {feature.finding for feature, _ in told} >= _PAIR
    rows = [_weighed(feature, category, setting, 0.5 if both and feature.finding in _PAIR else 1.0) for feature, category in told]
    return tuple(math.fsum(column) for column in zip(*rows, strict=True))


def _weighed(feature: Feature, category: str, setting: Setting, weight: float) -> Logs:
    return tuple(weight * log for log in feature.logs[setting][category])
