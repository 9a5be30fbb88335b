"""What is said of the leptomeninges: suspected or not excluded, and whether the CSF may be punctured."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.pointers.leptomeningeal import MRI_IMPOSSIBLE
from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import notes, words
from service.instrument import is_stated
from service.model.case import Case
from service.model.outcome import Outcome

_SUSPECTED: Final = "leptomeningeal-suspected"
_CYTOLOGY: Final = "csf-cytology"
_CAUDA_EQUINA: Final = "cauda-equina-syndrome"
_EXCLUDES_NOTHING: Final = "does not exclude"

_NOTES: Final[Mapping[str, str]] = {
    "whole-neuraxis-mri-gd": "MRI of brain and spine with gadolinium recommended",
    _CYTOLOGY: "CSF cytology once imaging has excluded obstruction, mass effect and block",
    "repeat-lumbar-puncture": "repeat lumbar puncture, fewer than three were negative",
    "csf-flow-study": "CSF flow study before intrathecal chemotherapy",
    "massive-tumour-coating": "enhancing CSF: massive tumour",
    "poor-prognosis": "enhancement of the central nervous system: poor prognosis",
}


def _words(case: Case, outcome: Outcome) -> Iterable[str]:
    signs = [_sign(reason.finding, reason.value) for reason in outcome.reasons if reason.direction == f"for {_SUSPECTED}"]
    if _is_cauda_equina(outcome):
        yield "time-critical: cauda equina syndrome is stated"
    if signs:
        sure = outcome.verdicts == (_SUSPECTED,)
        yield f"leptomeningeal disease {'suspected' if sure else 'suspected by some statements'}: {', '.join(signs)}"
    else:
        yield "leptomeningeal disease not excluded"
    yield _in_vain(outcome)
    yield from notes(outcome, _NOTES)
    yield "MRI is stated to be impossible" if signs and is_stated(case.known(MRI_IMPOSSIBLE)) else ""
    if signs and _CYTOLOGY not in outcome.recommendations:
        yield "no puncture of the CSF while a block is not excluded"
    yield "enhancement not assessable without contrast" if "no-contrast-mri" in outcome.requests else ""


def _in_vain(outcome: Outcome) -> str:
    """Name what was looked for and not found, which excludes nothing."""
    found = [_denial(reason.finding, reason.value) for reason in outcome.reasons if reason.direction == _EXCLUDES_NOTHING]
    return f"looked for without result, which excludes nothing: {', '.join(found)}" if found else ""


def _sign(finding: str, value: str) -> str:
    if finding == "clinical-suspicion":
        return "clinical suspicion"
    return words(finding) if value == "present" else f"{words(finding)} ({words(value.replace(' | ', ' or '))})"


def _denial(finding: str, value: str) -> str:
    return words(finding) if value == "absent" else f"{words(finding)} ({value})"


def _is_cauda_equina(outcome: Outcome) -> bool:
    return any(reason.finding == _CAUDA_EQUINA for reason in outcome.reasons)


def _order(outcome: Outcome) -> Order:
    if _is_cauda_equina(outcome):
        return Tier.TIME_CRITICAL, 2, 0
    if _SUSPECTED in outcome.verdicts:
        return Tier.NATURE, 0, 0
    return Tier.REST, 1, 0


SAYER: Final = Sayer(words=_words, order=_order)
