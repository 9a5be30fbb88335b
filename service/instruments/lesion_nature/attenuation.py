"""CT attenuation of an untreated sclerotic lesion: metastasis or enostosis.

Source: evidence tables montoya-attenuation and ulano-2016; clinical rules 5. The reading of a mean without a maximum, of a maximum
without a mean and of two that disagree is ours.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final

from service.instrument import says_something
from service.instruments.lesion_nature.part import Part, in_order, reason
from service.instruments.lesion_nature.scale import ATTENUATION, CUT_OFFS, NOT_BEYOND, Scale
from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import State
from service.model.lesion import Known

MEAN: Final = "attenuation-mean"
MAXIMUM: Final = "attenuation-max"
TREATMENT: Final = "lesion-treatment"
DENSITY: Final = "bone-lesion"
READS: Final = (MEAN, MAXIMUM, TREATMENT, DENSITY)

_METASTASIS: Final = "attenuation-favours-metastasis"
_ENOSTOSIS: Final = "attenuation-favours-enostosis"
_OPEN: Final = "attenuation-indeterminate"
_TREATED: Final = "attenuation-not-applicable-treated"
_VERDICTS: Final = (_METASTASIS, _ENOSTOSIS, _OPEN, _TREATED)
_DIRECTIONS: Final = {_METASTASIS: "metastasis", _ENOSTOSIS: "enostosis"}
_EVIDENCE: Final = {MEAN: f"{ATTENUATION}: metastasis", MAXIMUM: f"{ATTENUATION}: enostosis"}
_LEAST: Final = Decimal("-Infinity")
_MOST: Final = Decimal("Infinity")


def attenuation(case: Case, scale: Scale) -> Part | None:
    """Read mean and maximum; of a lesion not known to be untreated and sclerotic they are shown without a label.

    Whether it is sclerotic is a reason of the density.

    Returns:
        Numbers in HU; None = neither is stated.
    """
    mean, maximum, treatment, density = (case.known(finding) for finding in READS)
    if mean.interval is None and maximum.interval is None:
        return None
    verdicts = _verdicts(treatment.state, density.value, _labels(mean.interval, maximum.interval, scale))
    direction = _DIRECTIONS.get(verdicts[0]) if len(verdicts) == 1 else None
    asked = _asked(mean, maximum, treatment, density, scale)
    requests = (("attenuation-treatment-unknown", TREATMENT in asked), ("missing-density", DENSITY in asked))
    return Part(
        tables=(ATTENUATION, CUT_OFFS, NOT_BEYOND),
        reasons=(
            *(reason(known, _EVIDENCE[known.finding], direction) for known in (mean, maximum) if known.interval is not None),
            *((reason(treatment, f"{ATTENUATION}: untreated"),) if says_something(treatment) else ()),
        ),
        verdicts=verdicts,
        requests=tuple(request for request, holds in requests if holds),
        missing=asked,
    )


def _verdicts(treatment: State, density: str | None, labels: frozenset[str]) -> tuple[str, ...]:
    """Return what is possible; a label only where the lesion is sclerotic, and where nobody says if it was treated none."""
    is_sclerotic = density == "blastic"
    match treatment:
        case State.PRESENT:
            return (_TREATED,)
        case State.ABSENT if is_sclerotic:
            return in_order(labels, _VERDICTS)
        case State.CONFLICT if is_sclerotic:
            return in_order(labels | {_TREATED}, _VERDICTS)
        case _:
            return ()


def _asked(mean: Known, maximum: Known, treatment: Known, density: Known, scale: Scale) -> tuple[str, ...]:
    """Return what is not stated and could change the result; nothing could for a treated lesion or one that is not sclerotic."""
    if treatment.state is State.PRESENT or (density.value is not None and density.value != "blastic"):
        return ()
    silent = [known.finding for known in (treatment, density) if known.state is State.NOT_ASSESSED]
    if mean.interval is None or (maximum.interval is None and not _is_above(mean.interval, scale.high_hu)):
        silent.append(MEAN if mean.interval is None else MAXIMUM)
    return tuple(silent)


@lru_cache(maxsize=1024)
def _labels(mean: Interval | None, maximum: Interval | None, scale: Scale) -> frozenset[str]:
    """Return the labels that the values leave possible."""
    if maximum is None:
        parted = ((_METASTASIS, _LEAST, scale.mean_hu), (_OPEN, scale.mean_hu, scale.high_hu), (_ENOSTOSIS, scale.high_hu, _MOST))
        return frozenset(label for label, low, high in parted if mean is not None and _lies(mean, low, high))
    return frozenset(_joint_labels(mean, maximum, scale))


def _joint_labels(mean: Interval | None, maximum: Interval, scale: Scale) -> Iterator[str]:
    """Yield the labels of a maximum with a mean; a mean that is not stated is at most the maximum."""
    low_mean = mean is None or _lies(mean, _LEAST, scale.mean_hu)
    high_mean = _lies(maximum if mean is None else mean, scale.mean_hu, _MOST)
    low_maximum, high_maximum = _lies(maximum, _LEAST, scale.high_hu), _lies(maximum, scale.high_hu, _MOST)
    if low_mean and low_maximum:
        yield _METASTASIS
    if high_mean and high_maximum:
        yield _ENOSTOSIS
    if (low_mean and high_maximum) or (
        high_mean and low_maximum and (mean is not None or _lies(maximum, scale.mean_hu, scale.high_hu))
    ):
        yield _OPEN


def _lies(values: Interval, low: Decimal, high: Decimal) -> bool:
    """Tell whether a value may lie between two bounds, the lower one included."""
    return values.contains(low) or values.meets(low, high)


def _is_above(values: Interval, bound: Decimal) -> bool:
    """Tell whether no value lies below a bound."""
    return not values.meets(_LEAST, bound)
