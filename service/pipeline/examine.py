"""Look at one hospital's EHR before anybody depends on it: nothing of a patient is asked, nothing is written, nothing is stored."""

from dataclasses import dataclass

from service.ehr import examine as against_needs
from service.ehr.client import EhrClient
from service.ehr.conformance import read_conformance
from service.ehr.examine import Line, Mark
from service.ehr.unreachable import REMEDIES, Unreachable
from service.errors import EhrError
from service.model.hospital import Hospital


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found.

    Attributes:
        lines: in the order in which they are read; empty = it could not be reached.
        failure: why it could not be reached, and what can be done; None = it was.
    """

    lines: tuple[Line, ...] = ()
    failure: str | None = None

    @property
    def lacking(self) -> int:
        """How many things that are needed are not there."""
        return sum(line.mark is Mark.LACKS for line in self.lines)


def examine(client: EhrClient, hospital: Hospital) -> Examined:
    """Read the EHR's CapabilityStatement, ask harmless questions, and hold both against what we need."""
    try:
        conformance = read_conformance(client)
    except EhrError as error:
        return Examined(failure=f"{error.text} {_remedy(error)}".strip())
    return Examined(lines=against_needs.examine(client, hospital, conformance))


def _remedy(error: EhrError) -> str:
    """Say what can be done where the CapabilityStatement could not be read."""
    if error.reason is not None:
        return REMEDIES[Unreachable(error.reason)]
    if error.http_status is None:
        return "Check that ehr.base is the FHIR base itself: below it /metadata must answer FHIR JSON."
    return ""
