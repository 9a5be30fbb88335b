"""What the statements leave possible for each sign: words as stated, measured values as the words of their cut-offs.

Source: clinical rules 5 and 9. The reference tissue of a T1 signal decides what `bright` means: normal marrow is brighter than
muscle (Shah 2011, section 2.7), so that brightness against muscle or disc alone is a word of its own here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.instrument import is_stated
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import State
from service.model.lesion import Known
from service.sign import Said, said_among, said_of

ATTENUATION: Final = "attenuation-mean"
MAXIMUM: Final = "attenuation-max"
LOSS: Final = "opposed-phase-loss-percent"
TREATMENT: Final = "lesion-treatment"
NAMED: Final = "reported-diagnosis"
T1: Final = "t1-signal"
BRIGHTER_THAN_MUSCLE: Final = "brighter-than-muscle"
NO_MEAN: Final = "no-mean"
NO_MAXIMUM: Final = "no-maximum"
DISAGREE: Final = "disagree"
OPEN_DENSITY: Final = frozenset({NO_MEAN, NO_MAXIMUM, DISAGREE})
"""Attenuation that decides nothing: no mean, a mean between the cut-offs without the maximum, or mean and maximum that disagree."""


COLLECTION: Final = "epidural-collection"
OF_COLLECTION: Final[Mapping[str, frozenset[str]]] = {
    "collection-position": frozenset({"dorsal", "ventral", "circumferential"}),
    "collection-multisegmental": frozenset({"present"}),
    "collection-ct-hyperdense": frozenset({"present"}),
    "collection-enhancement": frozenset({"peripheral", "peripheral-necrotic-core", "diffuse", "focal"}),
}
"""Answers that describe an epidural collection and so state that there is one."""

SPEAKING: Final = frozenset({NAMED, MAXIMUM, *OF_COLLECTION})
"""Findings that speak of a candidate though they are no sign that its rule needs."""

_CORD: Final = "intramedullary-lesion"
_ITS_OWN: Final = frozenset(
    {"t1-signal", "t1-vs-muscle", "t2-signal", "stir-signal", "lesion-margin", "enhancement", "enhancement-pattern", "expansile"}
)
"""Findings that describe the lesion itself: where it lies within the cord they say nothing of bone."""

_OF_SEVERAL: Final[Mapping[str, frozenset[str]]] = {
    "clinical-suspicion": frozenset({"infection"}),
    "primary-cancer": frozenset({"melanoma"}),
}
"""Findings with several answers at once: those that matter here."""

_OTHER_TISSUE: Final[Mapping[str, str]] = {"muscle": "t1-vs-muscle", "disc": "t1-vs-disc"}
_MARROW: Final = "marrow"
_HYPER: Final = "hyper"
_LOWEST: Final = Decimal("-Infinity")
_HIGHEST: Final = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Numbers that part the readings of measured values.

    Attributes:
        loss_percent: opposed-phase loss above which a lesion is benign, below which malignant.
        metastasis_below_hu, enostosis_reaching_hu: CT attenuation, Hounsfield units.
    """

    loss_percent: int
    metastasis_below_hu: int
    enostosis_reaching_hu: int


def read(case: Case, findings: frozenset[str], cuts: Cuts) -> dict[str, Said]:
    """Return what is said of the findings at the lesion under study.

    Args:
        case: with a lesion under study.
        findings: those that some rule reads.
        cuts: numbers of the evidence tables.
    """
    asked = findings - _ITS_OWN if is_within_cord(case) else findings
    found = {finding: said for finding in asked if (said := _READERS.get(finding, _plain)(case, finding, cuts)) is not None}
    if any(described & found[finding].words for finding, described in OF_COLLECTION.items() if finding in found):
        stated = found.get(COLLECTION, Said()).words
        found[COLLECTION] = Said(words=stated | {"present"})
    return found


def is_within_cord(case: Case) -> bool:
    """Tell whether somebody states that the lesion lies within the cord."""
    return is_stated(case.known(_CORD))


def could_change(case: Case, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the missing findings that would be read at the lesion under study."""
    return tuple(finding for finding in missing if finding not in _ITS_OWN) if is_within_cord(case) else missing


def is_collection_disputed(case: Case) -> bool:
    """Tell whether a collection is denied and described."""
    if case.known(COLLECTION).state is not State.ABSENT:
        return False
    return any(described.intersection(case.known(finding).values) for finding, described in OF_COLLECTION.items())


def _plain(case: Case, finding: str, _: Cuts) -> Said | None:
    return said_of(case.known(finding))


def _of_several(case: Case, finding: str, _: Cuts) -> Said | None:
    return said_among(case.known(finding), _OF_SEVERAL[finding])


def _t1(case: Case, finding: str, _: Cuts) -> Said | None:
    """Read the T1 signal; what is bright against muscle or disc alone says so."""
    known = case.known(finding)
    said = said_of(known)
    if said is None or _HYPER not in said.words or not _is_against_other_tissue(case, known):
        return said
    return Said(words=said.words - {_HYPER} | {BRIGHTER_THAN_MUSCLE}, denied=said.denied)


def _is_against_other_tissue(case: Case, signal: Known) -> bool:
    """Tell whether every bright T1 signal is one against muscle or disc.

    A reference stands for a signal where it was derived from it (D34, D35). Beside a signal against marrow each statement counts
    for itself.
    """
    tissues = case.known("signal-reference").values
    weaker = [case.known(finding) for tissue, finding in _OTHER_TISSUE.items() if tissue in tissues]
    weaker = [known for known in weaker if _HYPER in known.values]
    if _MARROW not in tissues:
        return bool(weaker)
    behind = {id(said) for known in weaker for said in known.sources}
    bright = [said for said in signal.sources if said.value == _HYPER]
    return bool(bright) and all(id(said) in behind for said in bright)


def _loss(case: Case, finding: str, cuts: Cuts) -> Said | None:
    """Read the loss of signal by its cut-off; exactly the cut-off is neither."""
    interval = case.known(finding).interval
    if interval is None:
        return None
    cut = Decimal(cuts.loss_percent)
    possible = {
        "malignant": interval.meets(_LOWEST, cut),
        "open": interval.contains(cut),
        "benign": interval.meets(cut, _HIGHEST),
    }
    return _possible(possible)


def _attenuation(case: Case, finding: str, cuts: Cuts) -> Said | None:
    """Read the attenuation by the mean, and by mean and maximum together where both are stated."""
    mean, maximum = case.known(finding).interval, case.known(MAXIMUM).interval
    low, high = Decimal(cuts.metastasis_below_hu), Decimal(cuts.enostosis_reaching_hu)
    if mean is None:
        return None if maximum is None else Said(words=frozenset({NO_MEAN}))
    below = mean.meets(_LOWEST, low)
    if maximum is None:
        between = mean.contains(low) or mean.meets(low, high)
        return _possible({"metastasis": below, NO_MAXIMUM: between, "enostosis": _reaches(mean, high)})
    rises, falls, peaks = _reaches(mean, low), maximum.meets(_LOWEST, high), _reaches(maximum, high)
    disagree = (below and peaks) or (rises and falls)
    return _possible({"metastasis": below and falls, DISAGREE: disagree, "enostosis": rises and peaks})


def _reaches(interval: Interval, cut: Decimal) -> bool:
    return interval.contains(cut) or interval.meets(cut, _HIGHEST)


def _possible(words: Mapping[str, bool]) -> Said:
    return Said(words=frozenset(word for word, possible in words.items() if possible))


_READERS: Final[Mapping[str, Callable[[Case, str, Cuts], Said | None]]] = {
    T1: _t1,
    LOSS: _loss,
    ATTENUATION: _attenuation,
    **dict.fromkeys(_OF_SEVERAL, _of_several),
}
