"""Task: what became of a trigger, as a view of its receipt.

A trigger that names no report (an Observation) concerns any number of them: each is told by outputs that carry the report in an
extension. What an EHR said to what it refused is contained, and pointed at by an output.

Source: interfaces section 2 (`GET /fhir/Task/{id}`); FHIR R4 Task (inv-1: not modified before it was authored), dom-3.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.resources import ehr_answer
from service.resources.element import Element, device, extension
from service.resources.identity import CONCERNED_REPORT


class TaskStatus(StrEnum):
    """How far a trigger has come: the codes of FHIR task-status that we use."""

    REQUESTED = "requested"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrAnswer:
    """What the EHR said to one write, or to the read that ended the work.

    Attributes:
        http_status: of its answer; None = it did not answer.
        reference: the resource it now holds, with version where it gives one; None = none.
        refusal: the body of an answer that refuses; None = it did not refuse.
    """

    http_status: int | None = None
    reference: str | None = None
    refusal: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceView:
    """What became of the Provenance of a delivered version.

    Attributes:
        state: one word: `pending`, `delivered`, `refused` or `not-offered`.
        reason: our sentence for why there is none; None = there is one, or it is pending.
        answer: what the EHR said; None = it was not asked yet.
    """

    state: str
    reason: str | None = None
    answer: EhrAnswer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """What became of one report.

    Attributes:
        status: how far it is.
        report: which one; None = the report that the trigger itself speaks of.
        stage: one word for how it stands (`assessed`, `delivered`, `superseded`, `ignored`, `unchanged`); None = not yet.
        reason: sentence or word without patient data for why it failed or nothing was done; None = nothing to explain.
        risk_assessment: id of the RiskAssessment; None = none came of it.
        answer: what the EHR said; None = it was asked nothing that counts here.
        provenance: of the delivered version; None = none is wanted.
    """

    status: TaskStatus
    report: str | None = None
    stage: str | None = None
    reason: str | None = None
    risk_assessment: str | None = None
    answer: EhrAnswer | None = None
    provenance: ProvenanceView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """What is known of one receipt.

    Attributes:
        id: of the receipt.
        hospital: who sent the trigger.
        authored_at: FHIR instant of the receipt.
        modified_at: FHIR instant of the last change; not before `authored_at`.
        parts: what became of each report; one at least.
        focus: what was sent, absolute where its EHR has a base (`https://ehr/fhir/DiagnosticReport/7`); None = it names nothing.
    """

    id: str
    hospital: str
    authored_at: str
    modified_at: str
    parts: tuple[PartView, ...]
    focus: str | None = None


def build(view: TaskView) -> Element:
    """Return the Task as a plain dictionary."""
    contained: list[Element] = []
    output: list[Element] = []
    for number, part in enumerate(view.parts, start=1):
        refusals = _refusals(part, number)
        contained += refusals.values()
        output += _output(part, refusals)
    task: Element = {"resourceType": "Task", "id": view.id} | ({"contained": contained} if contained else {})
    task |= {
        "status": _together([part.status for part in view.parts]).value,
        "intent": "order",
        "code": {"text": "Assess spinal lesions"},
        "authoredOn": view.authored_at,
        "lastModified": view.modified_at,
        "requester": {"display": view.hospital},
        "owner": device(),
    }
    if reasons := _each_once(part.reason for part in view.parts):
        task["statusReason"] = {"text": " ".join(reasons)}
    if stages := _each_once(part.stage for part in view.parts):
        task["businessStatus"] = {"text": ", ".join(stages)}
    if view.focus is not None:
        task["focus"] = {"reference": view.focus}
    return task | ({"output": output} if output else {})


def _each_once(words: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word is not None))


def _together(found: list[TaskStatus]) -> TaskStatus:
    """Return how far all parts are: failed with the first that failed, completed with the last that is."""
    if TaskStatus.FAILED in found:
        return TaskStatus.FAILED
    return found[0] if len(set(found)) == 1 else TaskStatus.IN_PROGRESS


def _refusals(part: PartView, number: int) -> dict[str, Element]:
    """Return what the EHR said to what it refused, by the name of the output that points at it."""
    answers = {"Answer of the EHR": (f"answer-{number}", part.answer)}
    if part.provenance is not None:
        answers["Answer of the EHR to the Provenance"] = (f"provenance-answer-{number}", part.provenance.answer)
    return {
        name: said
        for name, (own_id, answer) in answers.items()
        if answer is not None and answer.refusal and (said := ehr_answer.build(answer.refusal, own_id=own_id)) is not None
    }


def _output(part: PartView, refusals: Mapping[str, Element]) -> Iterator[Element]:
    """Yield an output for everything that came of one report."""
    told = [*_told(part), *((name, "Reference", {"reference": f"#{said['id']}"}) for name, said in refusals.items())]
    for name, kind, value in told:
        output: Element = {"type": {"text": name}, f"value{kind}": value}
        if part.report is not None:
            output = {"extension": [extension(CONCERNED_REPORT, "Reference", {"reference": part.report})], **output}
        yield output


def _told(part: PartView) -> Iterator[tuple[str, str, object]]:
    """Yield name, kind of value and value of everything but refusals."""
    if part.report is not None:
        yield "Stage", "String", part.stage or part.status.value
    if part.risk_assessment is not None:
        yield "RiskAssessment", "Reference", {"reference": f"RiskAssessment/{part.risk_assessment}"}
    if part.answer is not None and part.answer.reference is not None:
        yield "Resource in the EHR", "Reference", {"reference": part.answer.reference}
    if part.answer is not None and part.answer.http_status is not None:
        yield "HTTP status of the EHR", "Integer", part.answer.http_status
    if (found := part.provenance) is not None:
        if found.answer is not None and found.answer.reference is not None:
            yield "Provenance in the EHR", "Reference", {"reference": found.answer.reference}
        else:
            yield "Provenance", "String", ": ".join(word for word in (found.state, found.reason) if word is not None)
