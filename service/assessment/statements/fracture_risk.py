"""What is said of the risk of a pathologic fracture: high, or not high by this criterion, never low."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, notes
from service.model.case import Case
from service.model.outcome import Outcome

_HIGH: Final = "high-fracture-risk"
_VERDICTS: Final[Mapping[str, str]] = {
    _HIGH: "high",
    "not-high-by-this-criterion": "not high by this criterion, which does not mean low",
}
_NOTES: Final[Mapping[str, str]] = {
    "already-fractured": "already fractured, see SINS",
    "cortical-blurring-seen": "cortex blurred, a very specific sign of tumour",
    "bone-weakened-by-ablation": "bone weakened by ablation",
}
_SHARE: Final = "cortex-destroyed-percent"


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.verdicts:
        share = next(reason.value for reason in outcome.reasons if reason.finding == _SHARE)
        verdicts = either(_VERDICTS[verdict] for verdict in outcome.verdicts)
        yield f"risk of pathologic fracture {verdicts}: cortex destroyed {share} %"
    else:
        yield "risk of pathologic fracture not told: the share of the cortex that is destroyed is not stated"
    yield from notes(outcome, _NOTES)


def _order(outcome: Outcome) -> Order:
    return Tier.FRACTURE, int(_HIGH not in outcome.verdicts), int(len(outcome.verdicts) > 1)


SAYER: Final = Sayer(words=_words, order=_order)
