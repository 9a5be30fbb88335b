"""The findings of one lesion pooled: likelihood ratio, interval and the patterns that are still possible.

Within a block findings are averaged, and so are the blocks; an unstated finding adds nothing. Nothing is multiplied, because the
findings separate the same twelve patients. Interval: the same average of both ends, without credit for independence.
Source: clinical rules 1, "Model" (ours, not the paper's).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.instruments.iesl.reading import Options
from service.instruments.iesl.scale import BLOCKS, MORPHOLOGY, Feature, Scale
from service.model.outcome import Ratio

PATTERNS: Final = ("favours-iesl", "favours-metastasis", "indeterminate")
_IESL, _METASTASIS, _INDETERMINATE = PATTERNS

_BLOCKS_FOR_IESL: Final = 3
_BLOCKS_FOR_METASTASIS: Final = 2
_RATIO_FOR_IESL: Final = 2.0
_DIGITS: Final = 9
"""Significant digits of a ratio: those that every machine computes alike."""

_BITS: Final = {block: 1 << place for place, block in enumerate(BLOCKS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What the findings come to.

    Attributes:
        ratio: one value and its interval. Where findings are disputed: the smallest value, so that a dispute never reads as
            reassurance, and the hull of all intervals.
        verdicts: every pattern that some reading of the statements gives.
        has_few_blocks: True = in some reading fewer than two blocks are observed.
        has_foreign_sign: True = somebody states a sign that no indolent lesion showed.
    """

    ratio: Ratio
    verdicts: tuple[str, ...]
    has_few_blocks: bool
    has_foreign_sign: bool


@dataclass(frozen=True, slots=True)
class _Sum:
    """One reading so far: log ratio, ends of its interval, observed blocks as bits, whether a foreign sign is among them."""

    log: float = 0.0
    low: float = 0.0
    high: float = 0.0
    blocks: int = 0
    is_foreign: bool = False


@lru_cache(maxsize=4096)
def pattern(scale: Scale, options: tuple[Options, ...]) -> Pattern:
    """Pool every reading of the statements. Remembered: reports repeat the same words.

    Args:
        scale: the comparison.
        options: what each finding may be, in the order of the scale.
    """
    sums = {_Sum()}
    for feature, values in zip(scale.features, options, strict=True):
        sums = {added for each in sums for added in _added(each, feature, values)}
    verdicts = {_verdict(each) for each in sums}
    return Pattern(
        ratio=Ratio(
            value=_ratio(min(each.log for each in sums)),
            low=_ratio(min(each.low for each in sums)),
            high=_ratio(max(each.high for each in sums)),
        ),
        verdicts=tuple(verdict for verdict in PATTERNS if verdict in verdicts),
        has_few_blocks=any(each.blocks.bit_count() < _BLOCKS_FOR_METASTASIS for each in sums),
        has_foreign_sign=any(each.is_foreign for each in sums),
    )


def _added(before: _Sum, feature: Feature, values: Options) -> Iterator[_Sum]:
    """Yield the reading with each value that the finding may have."""
    for value in values or (None,):
        if value is None:
            yield before
            continue
        weight, share = feature.weights[value], feature.share
        yield _Sum(
            log=before.log + share * weight.log,
            low=before.low + share * weight.low,
            high=before.high + share * weight.high,
            blocks=before.blocks | _BITS[feature.block],
            is_foreign=before.is_foreign or value == feature.sign,
        )


def _verdict(total: _Sum) -> str:
    """Name the pattern of one reading; the asymmetry is deliberate: calling a lesion harmless asks for more."""
    blocks = total.blocks.bit_count()
    favours = math.exp(total.log) >= _RATIO_FOR_IESL and total.low > 0
    if favours and blocks >= _BLOCKS_FOR_IESL and total.blocks & _BITS[MORPHOLOGY] and not total.is_foreign:
        return _IESL
    return _METASTASIS if blocks >= _BLOCKS_FOR_METASTASIS and total.high < 0 else _INDETERMINATE


def _ratio(log: float) -> float:
    return float(f"{math.exp(log):.{_DIGITS}g}")
