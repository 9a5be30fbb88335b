"""What is said of a lesion within the cord: a label where its context is known, else the differential."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, missing, notes
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_DIFFERENTIAL: Final = "differential-only"
_LESION: Final = "intramedullary-lesion"
_NAMES: Final[Mapping[str, str]] = {
    "favours-intramedullary-metastasis": "metastasis",
    "favours-demyelination": "demyelination",
    "favours-spinal-avm": "spinal arteriovenous malformation",
}
_NOTES: Final[Mapping[str, str]] = {
    "suggests-melanoma": "bright on T1: melanoma",
    "suggests-haemorrhage": "dark on T2 or T2*: haemorrhage",
    "size-does-not-exclude": "its size excludes nothing",
}


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        yield "no lesion within the cord, by what is stated"
        return
    named = [_NAMES[verdict] for verdict in outcome.verdicts if verdict != _DIFFERENTIAL]
    what = "lesion within the cord" if _is_stated(outcome) else "cord, no lesion within it is stated"
    if not named:
        yield f"{what}: differential only, no label"
    elif _DIFFERENTIAL in outcome.verdicts:
        yield f"{what}: may favour {either(named)}, by some of the statements"
    else:
        yield f"{what}: favours {either(named)}, others not excluded"
    yield missing(outcome)
    yield from notes(outcome, _NOTES)


def _is_stated(outcome: Outcome) -> bool:
    return any(reason.finding == _LESION for reason in outcome.reasons)


def _order(outcome: Outcome) -> Order:
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        return Tier.NOT_APPLICABLE, 0, 0
    return Tier.NATURE, 0, int(outcome.verdicts == (_DIFFERENTIAL,))


SAYER: Final = Sayer(words=_words, order=_order)
