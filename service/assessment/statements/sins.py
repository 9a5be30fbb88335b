"""What is said of a SINS."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, missing, notes, settling, words
from service.model.case import Case
from service.model.outcome import Outcome, Score

_CATEGORIES: Final = ("stable", "potentially-unstable", "unstable")
_NOTES: Final[Mapping[str, str]] = {
    "surgical-consultation": "consultation for surgery",
    "surgical-consultation-possible": "consultation for surgery possible",
    "no-surgical-consultation": "SINS alone does not call for consultation",
    "level-not-in-table": "level not in the SINS table",
    "spans-location-bins": "several location bands, the highest used",
    "collapse-exactly-50": "collapse of exactly 50 % lies in neither row",
    "pain-not-localised": "pain not placed at one lesion",
    "bone-quality-sensitive": "the category is another when bone quality is read one row otherwise",
    "neoplasm-not-stated": "no neoplasm is stated, nothing follows from it",
}


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.score is None:
        yield "SINS not applicable: a benign diagnosis is reported and no malignancy is stated"
        return
    categories = either(words(verdict) for verdict in outcome.verdicts)
    yield f"SINS {_figure(outcome.score)} of {outcome.score.of}: {categories}"
    yield missing(outcome)
    yield settling(outcome, "category")
    yield from notes(outcome, _NOTES)


def _figure(score: Score) -> str:
    """Write the totals that are still attainable."""
    if len(score.attainable) <= 2:  # noqa: PLR2004 - one total, or one of two
        return either(str(total) for total in score.attainable)
    return f"{score.low} to {score.high}"


def _order(outcome: Outcome) -> Order:
    if outcome.score is None:
        return Tier.NOT_APPLICABLE, 0, 0
    return Tier.INSTABILITY, -max(_CATEGORIES.index(verdict) for verdict in outcome.verdicts), -outcome.score.low


SAYER: Final = Sayer(words=_words, order=_order)
