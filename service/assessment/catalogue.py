"""The catalogue: every instrument, in the order in which outcomes are listed."""

from typing import Final

from service.instrument import Instrument
from service.instruments.cord_astrocytoma import CORD_ASTROCYTOMA
from service.instruments.escc import ESCC
from service.instruments.intramedullary import INTRAMEDULLARY
from service.instruments.leptomeningeal import LEPTOMENINGEAL
from service.instruments.mimics import MIMICS
from service.instruments.sins import SINS
from service.instruments.treatment_response import TREATMENT_RESPONSE

CATALOGUE: Final[tuple[Instrument, ...]] = (
    SINS,
    ESCC,
    MIMICS,
    INTRAMEDULLARY,
    TREATMENT_RESPONSE,
    LEPTOMENINGEAL,
    CORD_ASTROCYTOMA,
)

RULESET_VERSION: Final = "2"
"""Raised with every change of an instrument, a pointer or the catalogue itself."""
