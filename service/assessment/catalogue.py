"""The catalogue: every instrument, in the order in which outcomes are listed."""

from typing import Final

from service.instrument import Instrument
from service.instruments.escc import ESCC
from service.instruments.iesl import IESL
from service.instruments.origin import ORIGIN
from service.instruments.sins import SINS

CATALOGUE: Final[tuple[Instrument, ...]] = (SINS, ESCC, IESL, ORIGIN)

RULESET_VERSION: Final = "2"
"""Raised with every change of an instrument, a pointer or the catalogue itself."""
