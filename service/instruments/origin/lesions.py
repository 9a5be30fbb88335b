"""Which lesions of a patient speak of the primary: those that nobody calls something else than a metastasis.

A ranking is made for accepted metastases (An 2013, Methods); a haemangioma beside them, bright on T1, would speak for lung.
Source: clinical rules 7. That a named benign lesion is left out is ours.
"""

from dataclasses import replace
from typing import Final

from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Lesion

DIAGNOSIS: Final = "reported-diagnosis"
BIOPSY: Final = "biopsy-result"
SAYS_WHAT_IT_IS: Final = (DIAGNOSIS, BIOPSY)

_BENIGN: Final = frozenset(
    {
        "haemangioma",
        "discogenic-endplate-change",
        "discitis-osteomyelitis",
        "enostosis",
        "osteonecrosis",
        "paget-disease",
        "osteoporotic-fracture",
    }
)
"""Diagnoses of the bone itself; a haematoma or an abscess beside a metastasis says nothing of it."""


def without_benign(case: Case) -> tuple[Case, tuple[Lesion, ...]]:
    """Return the case with the lesions that count, and those that do not."""
    left_out = tuple(lesion for lesion in case.lesions if _is_benign(lesion))
    if not left_out:
        return case, ()
    return replace(case, lesions=tuple(lesion for lesion in case.lesions if lesion not in left_out)), left_out


def _is_benign(lesion: Lesion) -> bool:
    """Tell whether a benign diagnosis alone is named, or an adequate biopsy held no tumour cells; a dispute leaves it in."""
    diagnosis, biopsy = lesion.findings.get(DIAGNOSIS), lesion.findings.get(BIOPSY)
    if biopsy is not None and "malignant" in biopsy.values:
        return False
    if biopsy is not None and biopsy.value == "no-malignancy":
        return True
    return diagnosis is not None and diagnosis.state is State.PRESENT and _BENIGN.issuperset(diagnosis.values)
