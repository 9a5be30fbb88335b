"""Signal loss on opposed phase, and fat in the lesion: malignant or benign.

Source: evidence tables montoya-opposed-phase and montoya-table-1; clinical rules 5. A loss on the edge is indeterminate (ours).
"""

from decimal import Decimal
from functools import lru_cache
from typing import Final

from service.instrument import says_something
from service.instruments.lesion_nature.part import Part, in_order, reason
from service.instruments.lesion_nature.scale import LOOK, OPPOSED, Scale
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import State

LOSS: Final = "opposed-phase-loss-percent"
APPEARANCE: Final = "opposed-phase-appearance"
IN_PHASE: Final = "in-phase-signal"
OPPOSED_PHASE: Final = "opposed-phase-signal"
FAT_FRACTION: Final = "low-fat-fraction"
SIGNALS: Final = (IN_PHASE, OPPOSED_PHASE)
READS: Final = (LOSS, APPEARANCE, *SIGNALS, FAT_FRACTION)

_MALIGNANT: Final = "opposed-phase-malignant"
_BENIGN: Final = "opposed-phase-benign"
_OPEN: Final = "opposed-phase-indeterminate"
_VERDICTS: Final = (_MALIGNANT, _BENIGN, _OPEN)
_DIRECTIONS: Final = {_MALIGNANT: "malignant", _BENIGN: "benign"}
_LOOKS: Final = {"no-signal-drop": _MALIGNANT, "signal-drop": _BENIGN}
"""What a look means (D40): the same evidence as the loss."""


def opposed_phase(case: Case, scale: Scale) -> Part | None:
    """Read the loss in per cent, else the look; where both are stated and disagree, both stay.

    Returns:
        None = neither is stated, nor a signal that the loss could be computed from.
    """
    loss, look = case.known(LOSS), case.known(APPEARANCE)
    seen = {verdict for value, verdict in _LOOKS.items() if value in look.values}
    found = frozenset[str]() if loss.interval is None else _of_loss(loss.interval, scale.loss_percent)
    if not found or look.state is State.CONFLICT:
        found = found | seen
    verdicts = in_order(found, _VERDICTS)
    direction = _DIRECTIONS.get(verdicts[0]) if len(verdicts) == 1 else None
    signals = [known for name in SIGNALS if says_something(known := case.known(name))]
    measured = [loss] if loss.interval is not None else signals
    looked = [look] if says_something(look) and look.derived_by is None else []
    if not measured and not looked:
        return None
    return Part(
        tables=(OPPOSED, LOOK) if looked else (OPPOSED,),
        reasons=(
            *(reason(known, f"{OPPOSED}: {known.finding}", direction) for known in measured),
            *(reason(known, f"{LOOK}: opposed-phase", direction) for known in looked),
        ),
        verdicts=verdicts,
        missing=_missing(case) if loss.interval is None else (),
    )


@lru_cache(maxsize=1024)
def _of_loss(loss: Interval, edge: Decimal) -> frozenset[str]:
    """Return what a loss may mean; a negative one is a gain of signal, less than the edge."""
    possible = (
        (_MALIGNANT, loss.meets(Decimal("-Infinity"), edge)),
        (_BENIGN, loss.meets(edge, Decimal("Infinity"))),
        (_OPEN, loss.contains(edge)),
    )
    return frozenset(verdict for verdict, holds in possible if holds)


def _missing(case: Case) -> tuple[str, ...]:
    """Return what would give the loss: the other signal of a pair, else the loss itself."""
    unsaid = [name for name in SIGNALS if not says_something(case.known(name))]
    return tuple(unsaid) if len(unsaid) == 1 else (LOSS,)


def fat_fraction(case: Case, _: Scale) -> Part | None:
    """Read a low fat fraction, for which the paper gives no number; one that is not low, or disputed, says nothing.

    Returns:
        None = no low one is stated.
    """
    known = case.known(FAT_FRACTION)
    if known.state is not State.PRESENT:
        return None
    return Part(
        tables=(OPPOSED,),
        reasons=(reason(known, f"{OPPOSED}: low-fat-fraction", "malignant"),),
        flags=("low-fat-fraction-supports-malignancy",),
    )
