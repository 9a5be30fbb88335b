"""What an outcome says about each question its instrument answers: settled, or which verdicts remain.

Source: terminology/vocabulary, outcomes.csv (columns question, kind, emit_codings); interfaces section 4.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, assert_never

from service.model.coded import Coding
from service.model.outcome import Applicability, Outcome
from service.resources.emission import Emission
from service.resources.identity import OUTCOME_SYSTEM, RADLEX, SNOMED

BELOW_CONUS: Final = "below-conus"
"""Flag of a level at L2 or lower, where no cord runs."""

_CORD_COMPRESSION: Final = frozenset({(SNOMED, "71286001"), (RADLEX, "RID28797")})
_WITHOUT_CORD: Final = {("escc", "high-grade"): "High-grade compression of the thecal sac or cauda equina"}
"""Words that replace a display which speaks of the cord, below the conus (clinical rules, section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question with every verdict still possible.

    Attributes:
        question: column `question` of outcomes.csv.
        verdicts: in the order of outcomes.csv; one = settled.
        unsettled: the instrument's `open` code for the question; None = settled, or it has none.
    """

    question: str
    verdicts: tuple[str, ...]
    unsettled: str | None

    @property
    def is_settled(self) -> bool:
        """Tell whether one verdict remains."""
        return len(self.verdicts) == 1


def answers(outcome: Outcome, emission: Emission) -> tuple[Answer, ...]:
    """Return the questions that an outcome has something to say about, in the order of its verdicts."""
    return _answers(outcome.instrument, outcome.verdicts, emission)


@lru_cache(maxsize=1024)
def _answers(instrument: str, verdicts: tuple[str, ...], emission: Emission) -> tuple[Answer, ...]:
    by_question: dict[str, list[str]] = {}
    for verdict in verdicts:
        question = emission.questions.get((instrument, verdict), instrument)
        by_question.setdefault(question, []).append(verdict)
    return tuple(_answer(instrument, question, tuple(found), emission) for question, found in by_question.items())


def _answer(instrument: str, question: str, verdicts: tuple[str, ...], emission: Emission) -> Answer:
    unsettled = None if len(verdicts) == 1 else emission.open_outcomes.get((instrument, question))
    return Answer(question=question, verdicts=verdicts, unsettled=unsettled)


def words_of(outcome: Outcome, verdict: str, emission: Emission) -> str:
    """Return the words for a verdict at this site."""
    return words_at(outcome.instrument, verdict, emission, below_conus=BELOW_CONUS in outcome.flags)


def words_at(instrument: str, verdict: str, emission: Emission, *, below_conus: bool) -> str:
    """Return the words for a verdict above or below the conus."""
    instead = _WITHOUT_CORD.get((instrument, verdict)) if below_conus else None
    return instead or emission.display(instrument, verdict)


def codings_of(outcome: Outcome, verdict: str, emission: Emission) -> tuple[Coding, ...]:
    """Return the codes that may be emitted for a verdict at this site: ours always, external ones where they are true.

    Below the conus no code of cord compression is given. An external code reads as a statement about the patient, so it is
    withheld where the instrument does not apply, and for a verdict that merely favours where that is unknown.
    """
    codings = emission.codings(outcome.instrument, verdict)
    if _is_withheld(outcome, verdict):
        return tuple(each for each in codings if each.system == OUTCOME_SYSTEM)
    if BELOW_CONUS in outcome.flags:
        return tuple(each for each in codings if (each.system, each.code) not in _CORD_COMPRESSION)
    return codings


def _is_withheld(outcome: Outcome, verdict: str) -> bool:
    match outcome.applicability:
        case Applicability.APPLICABLE:
            return False
        case Applicability.NOT_APPLICABLE:
            return True
        case Applicability.UNKNOWN:
            return "favours-" in verdict
        case _:
            assert_never(outcome.applicability)
