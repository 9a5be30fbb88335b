"""What we ask of an EHR, with a harmless question for each: it names a resource that nobody has, and asks for one row at most."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from service.ehr.body import children, json_object
from service.ehr.client import EhrClient
from service.errors import EhrError

NOBODY: Final = "spinal-lesion-service-check"
"""An id that no resource has."""

_CANON: Final = "https%3A%2F%2Fspinal-lesion-service.github.io%2Ffhir%2F"
_DENIED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that we ask of an EHR.

    Attributes:
        resource_type: of what.
        parameters: of the search; () = a read by id.
        query: the harmless question, with `{nobody}` for the id and `{canon}` for our own systems; empty = a read.
        without: what is not done where the EHR does not offer it.
    """

    resource_type: str
    parameters: tuple[str, ...] = ()
    query: str = ""
    without: str

    @property
    def title(self) -> str:
        """What is asked, in words."""
        if not self.parameters:
            return f"read {self.resource_type} by id"
        return f"search {self.resource_type} by {', '.join(self.parameters)}"

    @property
    def request(self) -> str:
        """The harmless question, relative to the base."""
        if not self.parameters:
            return f"{self.resource_type}/{NOBODY}"
        return f"{self.resource_type}?{self.query.format(nobody=NOBODY, canon=_CANON)}&_count=1"


REPORT: Final = Need(resource_type="DiagnosticReport", without="No report can be read, so nothing can be assessed.")
FINDINGS: Final = Need(resource_type="Observation", without="The findings of a report that are not contained in it cannot be read.")
PATIENT: Final = Need(resource_type="Patient", without="Age and merged records of the patient stay unknown.")
PAIN: Final = Need(
    resource_type="Observation",
    parameters=("patient", "code", "date"),
    query="patient={nobody}&code={canon}CodeSystem%2Ffinding%7Cspinal-pain&date=ge2000-01-01&date=le2000-01-02",
    without="What stands outside the report (pain above all) is not found.",
)
OTHER_REPORTS: Final = Need(
    resource_type="DiagnosticReport",
    parameters=("patient", "date"),
    query="patient={nobody}&date=ge2000-01-01&date=le2000-01-02",
    without="Other imaging reports of the patient fill no gaps.",
)
CONDITIONS: Final = Need(
    resource_type="Condition",
    parameters=("patient",),
    query="patient={nobody}",
    without="The cancer of the patient is known only where the report or a posted Bundle says it.",
)
PROCEDURES: Final = Need(
    resource_type="Procedure",
    parameters=("patient",),
    query="patient={nobody}",
    without="Earlier treatment is known only where the report or a posted Bundle says it.",
)
MERGED: Final = Need(
    resource_type="Patient",
    parameters=("link",),
    query="link=Patient%2F{nobody}",
    without="A merge is followed only where the old Patient names the new one.",
)
REPORT_OF: Final = Need(
    resource_type="DiagnosticReport",
    parameters=("result",),
    query="result=Observation%2F{nobody}",
    without="A changed Observation leads only to reports that were assessed before.",
)
GROUP_OF: Final = Need(
    resource_type="Observation",
    parameters=("has-member",),
    query="has-member=Observation%2F{nobody}",
    without="A changed member of a group leads only to reports that were assessed before.",
)
WRITTEN: Final = Need(
    resource_type="RiskAssessment",
    parameters=("identifier",),
    query="identifier={canon}identifier%2Fassessment%7C{nobody}",
    without="A result could not be found again, so none is written.",
)
PROVEN: Final = Need(
    resource_type="Provenance",
    parameters=("target",),
    query="target=RiskAssessment%2F{nobody}",
    without="A Provenance could not be found again, so none is written unless conditional create is offered.",
)
CHANGED: Final = Need(
    resource_type="DiagnosticReport",
    parameters=("_lastUpdated",),
    query="_lastUpdated=ge9999-01-01",
    without="New reports cannot be found by polling.",
)


class Reply(StrEnum):
    """How an EHR met a harmless question."""

    SERVED = "served"
    IGNORED = "parameter ignored"
    DENIED = "authorisation refused"
    REFUSED = "refused"
    NO_ANSWER = "not answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a harmless question: how it was met, and the status or the word for why there was no answer."""

    reply: Reply
    said: str


def ask(client: EhrClient, need: Need) -> Tried:
    """Ask the harmless question of one need; nothing of the answer is kept but how it was met."""
    try:
        answer = client.get(need.request, accepted=_DENIED)
    except EhrError as error:
        return Tried(reply=Reply.NO_ANSWER, said=error.reason or str(error.http_status or "cannot be understood"))
    if answer.status in _DENIED:
        return Tried(reply=Reply.DENIED, said=str(answer.status))
    return Tried(reply=_met(need, answer.status, answer.body), said=str(answer.status))


def _met(need: Need, status: int, body: bytes) -> Reply:
    if not need.parameters:
        return Reply.SERVED if status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.GONE} else Reply.REFUSED
    content = json_object(body)
    if status != HTTPStatus.OK or content.get("resourceType") != "Bundle":
        return Reply.REFUSED
    return Reply.IGNORED if any(_rows(content)) else Reply.SERVED


def _rows(content: dict[str, object]) -> Iterator[bool]:
    """Tell of each entry whether it is a match: a search for what nobody has finds nothing."""
    for entry in children(content, "entry"):
        search, resource = entry.get("search"), entry.get("resource")
        mode = search.get("mode", "match") if isinstance(search, dict) else "match"
        yield mode == "match" and isinstance(resource, dict) and resource.get("resourceType") != "OperationOutcome"
