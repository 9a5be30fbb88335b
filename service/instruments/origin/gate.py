"""For whom a ranking is made: a spinal metastasis is accepted and its primary is unknown.

Source: clinical rules 7.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from service.instrument import is_stated
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability

METASTASIS: Final = "spinal-metastasis"
PRIMARY: Final = "primary-cancer"

_UNKNOWN_PRIMARY: Final = "unknown"
_ABSENT: Final = "absent"


class Primary(Enum):
    """What is stated of the primary: UNKNOWN = searched, none found; NOT_STATED = nobody spoke of it."""

    KNOWN = auto()
    DISPUTED = auto()
    UNKNOWN = auto()
    NOT_STATED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether origins may be ranked.

    Attributes:
        applicability: of the instrument.
        is_accepted: somebody states a spinal metastasis.
        primary: what is stated of the primary.
    """

    applicability: Applicability
    is_accepted: bool
    primary: Primary

    @property
    def is_ranked(self) -> bool:
        """Tell whether there is something to rank."""
        return self.is_accepted and self.primary is not Primary.KNOWN


def gate(case: Case) -> Gate:
    """Judge the patient."""
    metastasis, primary = case.known(METASTASIS), _primary(case.known(PRIMARY))
    if primary is Primary.KNOWN or metastasis.state is State.ABSENT:
        applicability = Applicability.NOT_APPLICABLE
    elif primary is Primary.UNKNOWN and metastasis.state is State.PRESENT:
        applicability = Applicability.APPLICABLE
    else:
        applicability = Applicability.UNKNOWN
    return Gate(applicability=applicability, is_accepted=is_stated(metastasis), primary=primary)


def named(known: Known) -> tuple[str, ...]:
    """Return the primaries that somebody names."""
    return tuple(value for value in known.values if value not in {_UNKNOWN_PRIMARY, _ABSENT})


def _primary(known: Known) -> Primary:
    if known.state is State.NOT_ASSESSED:
        return Primary.NOT_STATED
    if not named(known):
        return Primary.UNKNOWN if _UNKNOWN_PRIMARY in known.values else Primary.NOT_STATED
    disputed = known.state is State.CONFLICT and (_ABSENT in known.values or not set(named(known)) - set(known.denied))
    return Primary.DISPUTED if disputed else Primary.KNOWN
