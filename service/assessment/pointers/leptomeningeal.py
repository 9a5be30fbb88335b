"""Whether the CSF may be punctured where leptomeningeal disease is suspected: not while something may block it.

Source: clinical rules 10. CSF cytology is recommended after imaging has excluded obstruction, mass effect or block (ext: common
practice, not printed in Shah 2011); it is withheld beside hydrocephalus without a cause, and where an ESCC of 1c or more is
stated or not excluded at some lesion. Where no lesion is reported the canal is not described: it is withheld too.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from service.assessment.assessed import Assessed
from service.instrument import is_stated
from service.instruments.leptomeningeal import LEPTOMENINGEAL, PUNCTURES, SUSPECTED
from service.model.case import Case
from service.model.outcome import Outcome

_CYTOLOGY: Final = "csf-cytology"
_REPEAT: Final = "repeat-lumbar-puncture"
_ORDER: Final = ("whole-neuraxis-mri-gd", _CYTOLOGY, _REPEAT, "csf-flow-study")
_HYDROCEPHALUS: Final = "unexplained-hydrocephalus"
_GRADES: Final = "grade-"
_CANAL_FREE: Final = frozenset({"grade-0", "grade-1a", "grade-1b"})
_FEW: Final = (Decimal(1), Decimal(2))
"""Numbers of negative punctures after which another one still finds disease (Shah 2011: three find 90 %)."""

MRI_IMPOSSIBLE: Final = "mri-contraindicated"
_WITHOUT_MRI: Final = "MRI is stated to be impossible: the next imaging names what takes its place."

_PRECONDITION: Final = "ext: CSF cytology only after imaging has excluded obstruction, mass effect and block."


def qualify(case: Case, assessed: Assessed) -> Assessed:
    """Add the recommendations that need the epidural disease of all lesions, or say why they are withheld."""
    return assessed.with_patient(
        lambda outcome: _qualified(case, assessed, outcome) if outcome.instrument == LEPTOMENINGEAL.key else outcome
    )


def _qualified(case: Case, assessed: Assessed, outcome: Outcome) -> Outcome:
    if SUSPECTED in outcome.verdicts and is_stated(case.known(MRI_IMPOSSIBLE)):
        outcome = replace(outcome, caveats=(*outcome.caveats, _WITHOUT_MRI))
    wanted = tuple(_wanted(case, outcome))
    if not wanted:
        return outcome
    if why := "; ".join(_blocking(case, assessed)):
        return replace(outcome, caveats=(*outcome.caveats, f"Puncture of the CSF is not recommended here: {why}.", _PRECONDITION))
    recommended = {*outcome.recommendations, *wanted}
    return replace(
        outcome,
        recommendations=tuple(each for each in _ORDER if each in recommended),
        caveats=(*outcome.caveats, _PRECONDITION),
    )


def _wanted(case: Case, outcome: Outcome) -> Iterator[str]:
    """Yield what would be recommended if nothing blocked the CSF."""
    if SUSPECTED in outcome.verdicts:
        yield _CYTOLOGY
    negative = case.known(PUNCTURES).interval
    if negative is not None and any(negative.contains(number) for number in _FEW):
        yield _REPEAT


def _blocking(case: Case, assessed: Assessed) -> Iterator[str]:
    """Yield what blocks the CSF or may do so."""
    if is_stated(case.known(_HYDROCEPHALUS)):
        yield "hydrocephalus without a cause is stated"
    if not case.lesions:
        yield "no lesion is reported, so that the epidural space is not known"
    narrow = [lesion.site.text for lesion in case.lesions if not _is_canal_free(assessed.at(lesion.id, "escc"))]
    if narrow:
        yield f"ESCC 1c or more is not excluded ({', '.join(narrow)})"


def _is_canal_free(escc: Outcome | None) -> bool:
    """Tell whether every grade that is still possible is below 1c; without a grade nothing is known."""
    grades = {verdict for verdict in (escc.verdicts if escc is not None else ()) if verdict.startswith(_GRADES)}
    return bool(grades) and grades <= _CANAL_FREE
