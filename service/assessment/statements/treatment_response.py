"""What is said of the response to treatment, and of what imaging cannot tell after it."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import missing, notes
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_FLARE: Final = "osteoblastic-flare"
_RESPONSE: Final = "favours-response"
_UNDECIDABLE: Final = "undecidable"
_NOTES: Final[Mapping[str, str]] = {
    "flare-not-established": "new sclerosis, a flare is not established without other signs of response",
    "active-tumour-or-fibrosis": "persistent low T1 signal: active tumour or fibrosis",
    "response-or-lytic-conversion": "fading sclerosis: response or osteolytic conversion",
    "mri-overcalls-after-treatment": "MRI over-calls after treatment",
}
_SENTENCES: Final[Mapping[tuple[str, ...], str]] = {
    (_FLARE,): "favours osteoblastic flare, healing and not progression",
    (_FLARE, _UNDECIDABLE): "may favour osteoblastic flare, not decided by what is stated",
    (_RESPONSE,): "favours response to treatment",
    (_RESPONSE, _UNDECIDABLE): "may favour response to treatment, not decided by what is stated",
    (_FLARE, _RESPONSE): "favours response to treatment, possibly an osteoblastic flare",
    (_FLARE, _RESPONSE, _UNDECIDABLE): "response to treatment open",
    (_UNDECIDABLE,): "response to treatment undecidable by what is stated",
}


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        yield "treatment response not applicable: stated to be untreated"
        return
    yield _SENTENCES[outcome.verdicts]
    yield missing(outcome)
    yield from notes(outcome, _NOTES)


def _order(outcome: Outcome) -> Order:
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        return Tier.NOT_APPLICABLE, 0, 0
    return Tier.REST, 0, int(_UNDECIDABLE in outcome.verdicts)


SAYER: Final = Sayer(words=_words, order=_order)
