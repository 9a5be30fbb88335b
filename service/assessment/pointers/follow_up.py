"""Close follow-up rather than aggressive work-up of an indolent enhancing lesion: said only when nothing speaks against waiting.

Source: Wu 2022, conclusion; clinical rules 1.6. The conditions are ours: anything unknown among them suppresses it, and is named.
Beside a metastasis or a malignant biopsy that somebody states nobody is told to wait.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from service.assessment.assessed import Assessed
from service.assessment.pointers.answers import is_yes, spine_of
from service.instrument import is_stated
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome

INSTRUMENT: Final = "iesl"
_RECOMMENDATION: Final = "close-follow-up"
_SUPPRESSED: Final = "follow-up-pointer-suppressed"
_FAVOURS: Final = "favours-iesl"
_METASTASIS: Final = "favours-metastasis"


def qualify(case: Case, assessed: Assessed) -> Assessed:
    """Recommend close follow-up of a lesion whose pattern favours IESL, or say what suppresses it.

    Shown only if IESL applies and its pattern favours it, ESCC is known to be 1c or less, SINS cannot be unstable, a neurological
    deficit is denied and irradiation of the whole spine is recorded. Said to be suppressed where the pattern favours it, applicable
    or not known to be, and where the lesion of an applicable patient favours metastasis.
    """
    places = {lesion.id: case.at(lesion) for lesion in case.lesions}
    return assessed.with_lesions(
        lambda lesion, outcomes: tuple(_qualified(each, places[lesion], assessed, lesion) for each in outcomes)
    )


def _qualified(outcome: Outcome, case: Case, assessed: Assessed, lesion: str) -> Outcome:
    if outcome.instrument != INSTRUMENT or not _is_asked(outcome):
        return outcome
    against = tuple(_against(outcome, case, assessed, lesion))
    if not against:
        return replace(outcome, recommendations=(*outcome.recommendations, _RECOMMENDATION))
    return replace(
        outcome,
        flags=tuple(sorted({*outcome.flags, _SUPPRESSED})),
        caveats=(*outcome.caveats, f"Close follow-up is not pointed to: {'; '.join(against)}."),
    )


def _is_asked(outcome: Outcome) -> bool:
    """Tell whether somebody may think of waiting: not where the comparison is closed, nor where nothing is favoured."""
    if _FAVOURS in outcome.verdicts:
        return outcome.applicability is not Applicability.NOT_APPLICABLE
    return _METASTASIS in outcome.verdicts and outcome.applicability is Applicability.APPLICABLE


def _against(outcome: Outcome, case: Case, assessed: Assessed, lesion: str) -> Iterator[str]:
    """Yield everything that speaks against waiting, or is not known."""
    if _FAVOURS not in outcome.verdicts:
        yield "the pattern favours metastasis"
        return
    if outcome.applicability is Applicability.UNKNOWN:
        yield "the criteria of applicability are not all known"
    spine = spine_of(case, assessed, lesion)
    if outcome.verdicts != (_FAVOURS,):
        yield "the pattern is open"
    if is_stated(case.known("spinal-metastasis")) or "malignant" in case.known("biopsy-result").values:
        yield "a spinal metastasis or a malignant biopsy is stated"
    if spine.band != "low-grade":
        yield "ESCC is 2 or more" if spine.band == "high-grade" else "ESCC is not known to be 1c or less"
    if spine.sins is None or not spine.sins.verdicts or "unstable" in spine.sins.verdicts:
        yield "SINS can be unstable"
    deficit = case.known("neurological-deficit")
    if deficit.state is not State.ABSENT:
        yield f"a neurological deficit is {'stated' if is_yes(deficit) else 'not denied'}"
    if case.known("spinal-irradiation").value != "whole-spine":
        yield "irradiation of the whole spine is not recorded"
