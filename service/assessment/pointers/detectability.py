"""Whether an X-ray could show a lesion at all: its size and its loss of mineral, both at once.

Source: Shah 2011, 2.1 (1 cm and 50 % at minimum); Montoya-Bordón 2023, Plain X-ray (larger than 1 cm): exactly 1 cm is borderline.
"""

from decimal import Decimal
from typing import Final

from service.evidence.tables import Tables, whole
from service.model.case import Case
from service.model.coded import Interval

FINDINGS: Final = ("lesion-diameter", "mineral-loss-percent")
POSSIBLE: Final = "xray-detectable-possible"
BORDERLINE: Final = "xray-detectable-borderline"
NOT: Final = "xray-not-detectable"
_BEST_FIRST: Final = (POSSIBLE, BORDERLINE, NOT)
_TABLE: Final = "shah-imaging"
_ROW: Final = "x-ray-detectability"
_ANY: Final = Interval(low=None, high=None)


def verdicts(case: Case, tables: Tables) -> tuple[str, ...]:
    """Return what an X-ray could show of the patient's most detectable lesion; () = no lesion says enough.

    Args:
        case: the patient's lesions.
        tables: evidence.
    """
    row = tables[_TABLE].row(_ROW)
    size, loss = Decimal(whole(row, "diameter_cm")), Decimal(whole(row, "mineral_loss_percent"))
    best: set[str] = set()
    for lesion in case.lesions:
        if possible := _of_lesion(case.at(lesion), size, loss):
            best = {_better(one, other) for one in best or {NOT} for other in possible}
    return tuple(verdict for verdict in _BEST_FIRST if verdict in best)


def _better(one: str, other: str) -> str:
    """Return which of two lesions an X-ray shows rather."""
    return min(one, other, key=_BEST_FIRST.index)


def _of_lesion(case: Case, size: Decimal, loss: Decimal) -> frozenset[str]:
    """Return every verdict that the stated size and loss leave; empty = the loss is not stated and the size decides nothing."""
    diameter, mineral = (case.known(finding).interval for finding in FINDINGS)
    if diameter is None and mineral is None:
        return frozenset()
    across, lost = diameter or _ANY, mineral or _ANY
    enough = lost.contains(loss) or lost.meets(loss, Decimal("Infinity"))
    found = set[str]()
    if enough and across.meets(size, Decimal("Infinity")):
        found.add(POSSIBLE)
    if enough and across.contains(size):
        found.add(BORDERLINE)
    if across.meets(Decimal("-Infinity"), size) or lost.meets(Decimal("-Infinity"), loss):
        found.add(NOT)
    return frozenset(found) if mineral is not None or found == {NOT} else frozenset()
