"""What is said of the ranking of five primary cancers."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, figure, missing, notes, words
from service.model.case import Case
from service.model.outcome import Outcome, Share

_FAVOURED: Final = "favoured-"
_NO_FAVOURITE: Final = "no-clear-favourite"
_NOT_MODELLED: Final = "not-modelled"
_PRIMARY: Final = "primary-cancer"
_NAMES: Final[Mapping[str, str]] = {"hcc": "HCC"}
_SHOWN: Final = 3
"""Primaries that a sentence names; all five stand in the ranking."""

_NOTES: Final[Mapping[str, str]] = {
    "five-primaries-only": "30 patients only; prostate, thyroid, kidney and other primaries are absent from the data",
    "not-robust": "not robust",
    "unmodelled-primary-plausible": "a primary outside the five is plausible",
    "worms-in-a-bag-sign": "worms-in-a-bag enhancement was seen with HCC only",
    "rim-enhancement-sign": "rim enhancement was seen with stomach only",
    "t1-hyperintensity-sign": "brightness on T1 was seen with lung only",
    "non-enhancing-sign": "missing enhancement was seen with stomach and colorectal only",
    "anterior-ligament-cue": "spread along the anterior longitudinal ligament is described for lung and breast, no weight",
    "density-prior": "the literature's primaries for this density stand in the caveats",
}


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.ranking is None:
        yield f"Origin not ranked: the primary is known ({_known(outcome)})"
        return
    yield f"Origin, {_verdict(outcome)} among five primaries: relative support {', '.join(map(_share, outcome.ranking[:_SHOWN]))}"
    if _PRIMARY in outcome.missing:
        yield "nobody states that the primary is unknown"
    yield missing(outcome)
    yield from notes(outcome, _NOTES)


def _known(outcome: Outcome) -> str:
    """Name the known primary."""
    return either(words(value) for reason in outcome.reasons for value in reason.value.split(" | ") if value != "unknown")


def _verdict(outcome: Outcome) -> str:
    """Write what is favoured, or what may be."""
    favoured = [_name(each.removeprefix(_FAVOURED)) for each in outcome.verdicts if each.startswith(_FAVOURED)]
    open_ones = [words(each) for each in outcome.verdicts if each == _NO_FAVOURITE]
    open_ones += ["not to be ranked"] if _NOT_MODELLED in outcome.verdicts else []
    return either([f"{name} favoured" for name in favoured] + open_ones)


def _share(share: Share) -> str:
    return f"{_name(share.outcome)} {figure(share.share)}"


def _name(primary: str) -> str:
    return _NAMES.get(primary, primary)


def _order(outcome: Outcome) -> Order:
    if outcome.ranking is None:
        return Tier.NOT_APPLICABLE, 1, 0
    return Tier.REST, int(not any(each.startswith(_FAVOURED) for each in outcome.verdicts)), 0


SAYER: Final = Sayer(words=_words, order=_order)
