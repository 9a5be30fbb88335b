"""The catalogue: every instrument, in the order in which outcomes are listed."""

from typing import Final

from service.instrument import Instrument
from service.instruments.escc import ESCC
from service.instruments.fracture_cause import FRACTURE_CAUSE
from service.instruments.fracture_risk import FRACTURE_RISK
from service.instruments.lesion_nature import LESION_NATURE
from service.instruments.sins import SINS

CATALOGUE: Final[tuple[Instrument, ...]] = (
    SINS,
    ESCC,
    FRACTURE_CAUSE,
    FRACTURE_RISK,
    LESION_NATURE,
)

RULESET_VERSION: Final = "2"
"""Raised with every change of an instrument, a pointer or the catalogue itself."""
