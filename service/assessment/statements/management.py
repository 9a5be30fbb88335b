"""What is said of the pointers to treatment: each in the review's words, and what is asked for before one can follow."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.pointers.gate import closed_by
from service.assessment.statements.escc import names_at
from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import PARTLY_ELSEWHERE, missing, notes
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_POINTERS: Final[Mapping[str, str]] = {
    "urgent-surgical-evaluation": "urgent surgical evaluation",
    "stabilisation-or-cement": "surgical stabilisation or percutaneous cement (cement only where epidural extension is denied)",
    "minimal-decompression": "minimal initial surgical decompression",
    "surgical-consultation-soon": "surgical consultation as soon as possible",
    "radiation-initial-therapy": "radiation considered as initial therapy",
    "cementoplasty": "cementoplasty for pain",
    "ablation-with-cement": "ablation with cement in selected oligometastases",
    "embolisation": "embolisation (before resection of a hypervascular lesion, or for pain without surgery)",
}
_NOTES: Final[Mapping[str, str]] = {
    "radiosensitive-exception": "no decompression pointer: the tumour is very radiosensitive",
    "unfit-exception": "no decompression pointer: the patient cannot tolerate surgery",
    "cementoplasty-not-indicated": "no cementoplasty pointer: the tumour extends into the epidural space",
    "earlier-radiotherapy": "earlier radiotherapy of this lesion is recorded",
}
_REQUESTS: Final[Mapping[str, str]] = {
    "complete-sins": "no pointer from stability while SINS is open",
    "axial-t2": "no pointer from compression while ESCC is open: axial T2 at the worst level is asked for",
}


_EXCEPTIONS: Final = frozenset({"very-radiosensitive-tumour", "fit-for-surgery"})
"""Findings without which nobody knows whether high-grade compression is one of the review's exceptions."""


def _words(case: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.applicability is Applicability.UNKNOWN:
        yield from (f"no pointer: {doubt.removesuffix('.')}" for doubt in closed_by(outcome))
        return
    pointed = [said for code, said in _POINTERS.items() if code in outcome.recommendations]
    own = notes(outcome, _NOTES)
    parts = [
        f"the review points to {', '.join(pointed)}" if pointed else "",
        _unless(outcome),
        *(said for code, said in _REQUESTS.items() if code in outcome.requests),
        *own,
    ]
    if set(parts) - {"", PARTLY_ELSEWHERE}:
        yield from parts
        yield missing(outcome, names_at(case))


def _unless(outcome: Outcome) -> str:
    """Say the review's exceptions where one of them is not known and so no procedure follows."""
    if _EXCEPTIONS.isdisjoint(outcome.missing):
        return ""
    return "no decompression pointer: minimal initial decompression, unless very radiosensitive or unfit, which is not known"


def _order(outcome: Outcome) -> Order:
    return Tier.REST, -int(bool(outcome.recommendations)), 0


SAYER: Final = Sayer(words=_words, order=_order)
