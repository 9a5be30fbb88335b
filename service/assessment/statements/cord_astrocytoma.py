"""What is said of the bones of a patient with an astrocytoma of the cord."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import missing, notes
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_SCRUTINISE: Final = "scrutinise-for-bone-metastasis"
_NOTES: Final[Mapping[str, str]] = {
    "mri-spine": "MRI of the spine is most sensitive",
    "consider-bone-biopsy": "biopsy of bone may be needed",
    "repeat-or-open-biopsy": "specimen not sufficient: repeat or open biopsy",
    "negative-scan-does-not-exclude": "a negative scan does not exclude",
    "pet-not-routine": "PET-CT is not advocated as routine",
}


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        yield "no astrocytoma of the cord, by what is stated"
        return
    if outcome.verdicts == (_SCRUTINISE,):
        yield "high-grade astrocytoma of the cord with an abnormality of bone: look closely for bone metastases"
    elif _SCRUTINISE in outcome.verdicts:
        yield "astrocytoma of the cord: whether to look for bone metastases is open"
    else:
        yield "astrocytoma of the cord outside the published rule, bone metastasis not excluded"
    yield missing(outcome)
    yield from notes(outcome, _NOTES)


def _order(outcome: Outcome) -> Order:
    if outcome.applicability is Applicability.NOT_APPLICABLE:
        return Tier.NOT_APPLICABLE, 0, 0
    return (Tier.NATURE if _SCRUTINISE in outcome.verdicts else Tier.REST), 0, int(outcome.verdicts != (_SCRUTINISE,))


SAYER: Final = Sayer(words=_words, order=_order)
