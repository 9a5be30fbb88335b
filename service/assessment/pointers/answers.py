"""What pointers read in the same way: a yes or no that is not in dispute, and what two instruments settle of a lesion."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from service.assessment.assessed import Assessed
from service.instrument import input_flags
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Outcome, Reason

CATEGORIES: Final = frozenset({"stable", "potentially-unstable", "unstable"})
BANDS: Final = frozenset({"low-grade", "high-grade"})
_ONLY_BONE: Final = "grade-0"
_OF_SINS: Final = frozenset({"pain-not-localised", "collapse-exactly-50"})
"""What findings bring along for the rows of SINS, which says it itself."""


def flags_of_inputs(case: Case, findings: Collection[str]) -> frozenset[str]:
    """Return what must be said about the inputs of a pointer: as for every instrument, without what concerns the rows of SINS."""
    return input_flags(case, findings) - _OF_SINS


def is_yes(known: Known) -> bool | None:
    """Return the answer to a yes/no finding; None = not assessed, or in dispute."""
    match known.state:
        case State.PRESENT:
            return True
        case State.ABSENT:
            return False
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """What SINS and ESCC say of one lesion.

    Attributes:
        sins, escc: their outcomes; None = there is none.
        category: the settled word of stability; None = open.
        band: `low-grade` or `high-grade`; None = open.
        extends: tumour reaches the epidural space; None = open.
    """

    sins: Outcome | None
    escc: Outcome | None
    category: str | None
    band: str | None
    extends: bool | None


def spine_of(case: Case, assessed: Assessed, lesion: str) -> Spine:
    """Read stability, compression and epidural extension of a lesion.

    Args:
        case: with that lesion under study.
        assessed: the outcomes of the instruments.
        lesion: its id.
    """
    sins, escc = assessed.at(lesion, "sins"), assessed.at(lesion, "escc")
    grades = {verdict for verdict in (escc.verdicts if escc is not None else ()) if verdict not in BANDS}
    extends = _extends(grades) if grades else is_yes(case.known("epidural-involvement"))
    return Spine(sins=sins, escc=escc, category=_only(sins, CATEGORIES), band=_only(escc, BANDS), extends=extends)


def _extends(grades: set[str]) -> bool | None:
    """Tell whether tumour reaches the epidural space by the grades that are still possible; None = some say so, some do not."""
    if grades == {_ONLY_BONE}:
        return False
    return None if _ONLY_BONE in grades else True


def _only(outcome: Outcome | None, words: frozenset[str]) -> str | None:
    """Return the one verdict among these words; None = none or several."""
    found = words.intersection(outcome.verdicts) if outcome is not None else frozenset[str]()
    return next(iter(found)) if len(found) == 1 else None


def reason_of_outcome(outcome: Outcome, evidence: str) -> Reason:
    """Say what another outcome is to a pointer; its sources are all that it rests on."""
    sources = [source for reason in outcome.reasons for source in reason.sources]
    return Reason(
        finding=outcome.instrument,
        value=" | ".join(outcome.verdicts) or outcome.applicability.value,
        evidence=evidence,
        sources=tuple(dict.fromkeys(sources)),
    )
