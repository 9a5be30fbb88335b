"""The catalogue: every instrument and every pointer, in the order in which outcomes are listed."""

from typing import Final

from service.assessment.pointers import consultation, follow_up, leptomeningeal
from service.assessment.pointers.management import MANAGEMENT
from service.assessment.pointers.next_imaging import NEXT_IMAGING
from service.assessment.pointers.pointer import Pointer, Qualification
from service.instrument import Instrument
from service.instruments.cord_astrocytoma import CORD_ASTROCYTOMA
from service.instruments.escc import ESCC
from service.instruments.fracture_cause import FRACTURE_CAUSE
from service.instruments.fracture_risk import FRACTURE_RISK
from service.instruments.iesl import IESL
from service.instruments.intramedullary import INTRAMEDULLARY
from service.instruments.leptomeningeal import LEPTOMENINGEAL
from service.instruments.lesion_nature import LESION_NATURE
from service.instruments.mimics import MIMICS
from service.instruments.origin import ORIGIN
from service.instruments.sins import SINS
from service.instruments.treatment_response import TREATMENT_RESPONSE

CATALOGUE: Final[tuple[Instrument, ...]] = (
    SINS,
    ESCC,
    FRACTURE_CAUSE,
    FRACTURE_RISK,
    LESION_NATURE,
    MIMICS,
    INTRAMEDULLARY,
    TREATMENT_RESPONSE,
    IESL,
    LEPTOMENINGEAL,
    CORD_ASTROCYTOMA,
    ORIGIN,
)

QUALIFICATIONS: Final[tuple[Qualification, ...]] = (consultation.qualify, follow_up.qualify, leptomeningeal.qualify)
"""What outcomes may say only beside others, in the order in which it is added."""

POINTERS: Final[tuple[Pointer, ...]] = (MANAGEMENT, NEXT_IMAGING)
"""What follows from outcomes; each sees the outcomes of those before it."""

RULESET_VERSION: Final = "7"
"""Raised with every change of an instrument, a pointer or the catalogue itself."""


def versions() -> dict[str, str]:
    """Return the version of every instrument and pointer by key."""
    return {each.key: each.version for each in CATALOGUE} | {each.key: each.version for each in POINTERS}


def titles() -> dict[str, str]:
    """Return what people call every instrument and pointer, by key."""
    return {each.key: each.title for each in CATALOGUE} | {each.key: each.title for each in POINTERS}
