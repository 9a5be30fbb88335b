"""From what the concepts come to, to the word for it: counts of both sides, every verdict still possible, what would matter.

Source: clinical rules 4. The papers give no weights and no cut-off: the rule for the word is ours.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.instruments.fracture_cause.reading import NOTHING, Standing
from service.instruments.fracture_cause.scale import METASTATIC, OSTEOPOROTIC

_FAVOURS_METASTATIC: Final = "favours-metastatic"
_FAVOURS_OSTEOPOROTIC: Final = "favours-osteoporotic"
_INDETERMINATE: Final = "indeterminate"
_VERDICTS: Final = (_FAVOURS_METASTATIC, _FAVOURS_OSTEOPOROTIC, _INDETERMINATE)
_ENOUGH: Final = 2
"""Concepts with a sign before the tally says anything, and the lead that decides where both sides have some."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many concepts stand where.

    Attributes:
        metastatic, osteoporotic: concepts with a sign.
        metastatic_absences, osteoporotic_absences: concepts with nothing but the absence of the other side's sign.
        reliable: True = a reliable sign stands.
    """

    metastatic: int = 0
    osteoporotic: int = 0
    metastatic_absences: int = 0
    osteoporotic_absences: int = 0
    reliable: bool = False

    def plus(self, standing: Standing) -> "Count":
        """Return the count with one concept more."""
        return Count(
            self.metastatic + (standing.side == METASTATIC),
            self.osteoporotic + (standing.side == OSTEOPOROTIC),
            self.metastatic_absences + (standing.absence == METASTATIC),
            self.osteoporotic_absences + (standing.absence == OSTEOPOROTIC),
            self.reliable or standing.reliable,
        )

    @property
    def has_enough(self) -> bool:
        """Tell whether two concepts have a sign."""
        return self.metastatic + self.osteoporotic >= _ENOUGH

    @property
    def totals(self) -> tuple[int, int]:
        """Concepts on the metastatic and on the osteoporotic side; absences count only beside two concepts with a sign."""
        if not self.has_enough:
            return self.metastatic, self.osteoporotic
        return self.metastatic + self.metastatic_absences, self.osteoporotic + self.osteoporotic_absences

    @property
    def verdict(self) -> str:
        """The word; a reliable sign is never outvoted into `osteoporotic`."""
        metastatic, osteoporotic = self.totals
        if not (self.has_enough or self.reliable):
            return _INDETERMINATE
        if self.reliable:
            return _FAVOURS_METASTATIC if metastatic >= max(osteoporotic, 1) else _INDETERMINATE
        if not osteoporotic or metastatic - osteoporotic >= _ENOUGH:
            return _FAVOURS_METASTATIC
        if not metastatic or osteoporotic - metastatic >= _ENOUGH:
            return _FAVOURS_OSTEOPOROTIC
        return _INDETERMINATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What all concepts come to.

    Attributes:
        verdicts: every verdict still possible.
        metastatic, osteoporotic: concepts that count for a side however the disputed ones are read.
        counts_absences: True = absences count, however the disputed concepts are read.
        flags: signs on both sides, a reliable sign, signs of one concept that disagree.
        has_too_few: True = possibly fewer than two concepts with a sign, and no reliable one.
        can_change: True = concepts without a sign could bring another verdict.
    """

    verdicts: tuple[str, ...]
    metastatic: int
    osteoporotic: int
    counts_absences: bool
    flags: frozenset[str]
    has_too_few: bool
    can_change: bool


@lru_cache(maxsize=4096)
def tally(concepts: tuple[frozenset[Standing], ...], open_signs: tuple[frozenset[Standing], ...]) -> Tally:
    """Count the concepts in every way they can be read. Remembered: reports repeat the same words.

    Args:
        concepts: everything that each concept may come to by what is stated.
        open_signs: for each concept that has no sign yet, what its unstated findings could still bring.
    """
    counts = _counts(concepts)
    totals = [count.totals for count in counts]
    found = {count.verdict for count in counts}
    flags = {
        "concept-conflict": any(standing.clash for each in concepts for standing in each),
        "mixed-signs": all(min(both) > 0 for both in totals),
        "reliable-sign": all(count.reliable for count in counts),
    }
    return Tally(
        verdicts=tuple(verdict for verdict in _VERDICTS if verdict in found),
        metastatic=min(metastatic for metastatic, _ in totals),
        osteoporotic=min(osteoporotic for _, osteoporotic in totals),
        counts_absences=all(count.has_enough for count in counts),
        flags=frozenset(flag for flag, holds in flags.items() if holds),
        has_too_few=any(not (count.has_enough or count.reliable) for count in counts),
        can_change=any(_can_change(count, open_signs) for count in counts),
    )


def _counts(concepts: Iterable[Collection[Standing]]) -> frozenset[Count]:
    """Return every count that some reading of the concepts gives."""
    found = frozenset({Count()})
    for standings in concepts:
        found = frozenset(count.plus(standing) for count in found for standing in standings)
    return found


def _can_change(count: Count, open_signs: Iterable[frozenset[Standing]]) -> bool:
    """Tell whether the open concepts could bring another verdict: all on one side, or all on the other, go furthest."""
    metastatic = osteoporotic = count
    for brings in open_signs:
        metastatic = metastatic.plus(_most(brings, METASTATIC))
        osteoporotic = osteoporotic.plus(_most(brings, OSTEOPOROTIC))
    return {metastatic.verdict, osteoporotic.verdict} != {count.verdict}


def _most(brings: Iterable[Standing], side: str) -> Standing:
    """Return what speaks most for a side: a reliable sign, a sign, an absence, else nothing."""
    alike = [standing for standing in brings if side in {standing.side, standing.absence}]
    return max(alike, key=lambda standing: (standing.reliable, standing.side == side), default=NOTHING)
