"""What is said of the cause of a fracture: which side the signs favour, with the tally and what limits it."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, notes, words
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_VERDICTS: Final[Mapping[str, str]] = {
    "favours-metastatic": "favours a metastatic fracture",
    "favours-osteoporotic": "favours an osteoporotic fracture",
    "indeterminate": "is indeterminate",
}
_WORST_FIRST: Final = tuple(_VERDICTS)
_NOTES: Final[Mapping[str, str]] = {
    "reliable-sign": "soft-tissue mass or posterior elements involved, a reliable sign",
    "mixed-signs": "signs on both sides",
    "concept-conflict": "signs of one concept disagree, it counts for neither side",
    "unweighted-tally": "unweighted tally, not validated",
}
_NAMED: Final = 4
"""Findings that are named before they are only counted; the outcome lists all."""


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.measure is None:
        yield "no cause to tell: a fracture of the vertebra is denied"
        return
    if outcome.applicability is Applicability.UNKNOWN:
        yield "no fracture is stated beyond dispute, what follows would hold for one"
    verdicts = either(_VERDICTS[verdict] for verdict in outcome.verdicts)
    yield f"fracture cause {verdicts}: {_tally(outcome.measure)}"
    yield "fewer than two concepts with a sign" if outcome.requests else ""
    yield _missing(outcome.missing)
    yield from notes(outcome, _NOTES)


def _tally(measure: Mapping[str, float]) -> str:
    """Write the concepts on each side."""
    metastatic, osteoporotic = (int(measure[side]) for side in ("metastatic", "osteoporotic"))
    return f"{metastatic} metastatic and {osteoporotic} osteoporotic {'concept' if metastatic + osteoporotic == 1 else 'concepts'}"


def _missing(missing: tuple[str, ...]) -> str:
    """Name what is not assessed, or count it."""
    if len(missing) > _NAMED:
        return f"{len(missing)} findings that could change it are not assessed"
    return f"missing {', '.join(words(finding) for finding in missing)}" if missing else ""


def _order(outcome: Outcome) -> Order:
    if outcome.measure is None:
        return Tier.NOT_APPLICABLE, 0, 0
    worst = min(_WORST_FIRST.index(verdict) for verdict in outcome.verdicts)
    return Tier.FRACTURE, int(outcome.applicability is Applicability.UNKNOWN), worst


SAYER: Final = Sayer(words=_words, order=_order)
