"""Everything that we emit is valid R4: the library's classes, and the invariants that it does not check."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.provenance import Provenance
from fhir.resources.R4B.riskassessment import RiskAssessment
from fhir.resources.R4B.task import Task

from service import errors
from service.errors import (
    DeniedError,
    EhrConflictError,
    EhrRefusedError,
    Fault,
    ForbiddenError,
    ServiceError,
    UnauthenticatedError,
)
from service.model.assessment import Assessment
from service.model.case import Case
from service.model.coded import Coding, Issue, Severity
from service.model.lesion import Site
from service.model.outcome import Applicability
from service.resources import bundle, operation_outcome, provenance, risk_assessment, task
from service.resources.canonical import canonical
from service.resources.identity import CANON
from tests.unit.resources.example import SERVED, assessment, emission, lesion, outcome, report, withdrawn

_AT = "2026-03-01T10:00:06.000Z"
_OBSERVATION_STATUS = {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
_ISSUE_TYPES = {
    "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden",
    "suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long",
    "code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store", "exception",
    "timeout", "incomplete", "throttled", "informational",
}  # fmt: skip
_LABEL = Coding("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R", "restricted")

ASSESSMENTS = {
    "open and settled": assessment(),
    "withdrawn": withdrawn(),
    "posted, nothing known": assessment(
        report=report(reference=None, identity="https://h.example/ids|A-1", subject=None, encounter=None, effective="2026-03"),
        read=(("urn:uuid:6a1c3c56-5a0f-4c6e-9f8e-0d1f0a6f2b11", None),),
    ),
    "labelled, not applicable": assessment(
        outcome("sins", "stable", applicability=Applicability.NOT_APPLICABLE), report=report(security=(_LABEL,))
    ),
    "site unknown, below the conus, two candidates": assessment(
        outcome("escc", "grade-2", "grade-3", "high-grade", flags=("below-conus",)),
        outcome("mimics", "haemangioma", "enostosis"),
        case=Case(lesions=(lesion(site=Site(), source=None),), study={}, patient={}),
    ),
    "probability and published risk": assessment(
        outcome("iesl", "favours-iesl", probability=1.0), outcome("fracture-risk", "high-fracture-risk")
    ),
    "nothing to say": assessment(outcome("sins"), statements=()),
}


def _emitted(made: Assessment) -> Any:  # noqa: ANN401 - JSON
    """Return the RiskAssessment as it goes over the wire."""
    return orjson.loads(canonical(risk_assessment.build(made, emission(), served=SERVED)))


def _nodes(value: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(member)


@pytest.mark.parametrize("made", ASSESSMENTS.values(), ids=ASSESSMENTS.keys())
def test_a_risk_assessment_is_read_by_the_r4_class_and_written_back_unchanged(made: Assessment) -> None:
    sent = _emitted(made)
    read = RiskAssessment.model_validate_json(orjson.dumps(sent))
    assert orjson.loads(read.model_dump_json()) == sent


@pytest.mark.parametrize("made", ASSESSMENTS.values(), ids=ASSESSMENTS.keys())
def test_a_risk_assessment_keeps_the_invariants_of_r4(made: Assessment) -> None:
    sent = _emitted(made)
    assert sent["status"] in _OBSERVATION_STATUS
    for prediction in sent.get("prediction", ()):
        assert Decimal(str(prediction.get("probabilityDecimal", 0))) <= 100, "ras-2"
        assert ("probabilityDecimal" in prediction) == ("whenPeriod" in prediction), "a probability holds for a time"
        assert "probabilityRange" not in prediction, "ras-1"
        assert prediction["outcome"]["text"].partition(": ")[1] == prediction["rationale"].partition(": ")[1] == ": "
    for node in _nodes(sent):
        assert node not in ({}, [], "", None), "no empty element"
        if isinstance(node, dict) and "url" in node:
            assert ("extension" in node) != any(name.startswith("value") for name in node), "ext-1"
        if isinstance(node, dict) and {"low", "high"} <= set(node):
            assert node["low"]["value"] <= node["high"]["value"], "rng-2"


def test_every_definition_of_ours_stands_below_our_base() -> None:
    urls = {node["url"] for node in _nodes(_emitted(assessment())) if isinstance(node, dict) and "url" in node}
    assert {url for url in urls if not url.startswith(f"{CANON}/StructureDefinition/")} == {"source", "site"}


def test_no_code_is_emitted_that_the_emission_table_does_not_hold() -> None:
    allowed = {each.code for codings in emission().outcome_codings.values() for each in codings}
    allowed |= {each.code for codings in emission().site_codings.values() for each in codings} | {"709510001"}
    sent = _emitted(assessment())
    external = [node for node in _nodes(sent) if isinstance(node, dict) and not node.get("system", CANON).startswith(CANON)]
    assert external
    assert {node["code"] for node in external} <= allowed


def _without_instants(resource: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave out what the R4 class writes in another form of the same instant."""
    instants = {"recorded", "occurredDateTime", "authoredOn", "lastModified"}
    assert instants & resource.keys()
    return {name: value for name, value in resource.items() if name not in instants}


def _proof(made: Assessment, *, target: str = "RiskAssessment/5/_history/2") -> Any:  # noqa: ANN401 - JSON
    return provenance.build(_emitted(made), target=target, recorded=_AT, assessed_at=_AT, is_first=True)


@pytest.mark.parametrize("made", ASSESSMENTS.values(), ids=ASSESSMENTS.keys())
def test_a_provenance_is_read_by_the_r4_class_and_written_back_unchanged(made: Assessment) -> None:
    built = _proof(made)
    read = Provenance.model_validate_json(orjson.dumps(built))
    assert _without_instants(orjson.loads(read.model_dump_json())) == _without_instants(built)
    assert [node for node in _nodes(built) if node in ({}, [], "", None)] == []


@pytest.mark.parametrize("status", list(task.TaskStatus))
@pytest.mark.parametrize("report", [None, "https://ehr.example/fhir/DiagnosticReport/7"])
def test_a_task_is_valid_in_every_status(status: task.TaskStatus, report: str | None) -> None:
    refused = task.EhrAnswer(http_status=422, refusal=b"The encounter is closed.")
    part = task.PartView(
        status=status,
        report=report,
        stage="delivered",
        reason="The EHR refused.",
        risk_assessment="sls-1",
        answer=task.EhrAnswer(http_status=201, reference="https://ehr.example/fhir/RiskAssessment/5", refusal=b"odd"),
        provenance=task.ProvenanceView(state="refused", reason="The EHR refuses.", answer=refused),
    )
    view = task.TaskView(
        id="6a1c3c56-5a0f-4c6e-9f8e-0d1f0a6f2b11",
        hospital="general",
        authored_at=_AT,
        modified_at=_AT,
        parts=(part, replace(part, answer=None, provenance=None)),
        focus="https://ehr.example/fhir/DiagnosticReport/7",
    )
    built: Any = task.build(view)
    read = Task.model_validate_json(orjson.dumps(built))
    assert _without_instants(orjson.loads(read.model_dump_json())) == _without_instants(built)
    pointed_at = {each["valueReference"]["reference"] for each in built["output"] if "valueReference" in each}
    assert {f"#{each['id']}" for each in built["contained"]} <= pointed_at, "dom-3"


def _subclasses(kind: type[ServiceError]) -> list[type[ServiceError]]:
    return [each for direct in kind.__subclasses__() for each in (direct, *_subclasses(direct))]


_MADE: dict[type[ServiceError], Callable[[str], ServiceError]] = {
    EhrRefusedError: partial(EhrRefusedError, http_status=422),
    EhrConflictError: partial(EhrConflictError, http_status=409),
    **{kind: partial(kind, reason="word") for kind in (DeniedError, UnauthenticatedError, ForbiddenError)},
}


@pytest.mark.parametrize("kind", [ServiceError, *_subclasses(ServiceError)], ids=lambda kind: kind.__name__)
def test_every_failure_is_a_valid_operation_outcome(kind: type[ServiceError]) -> None:
    made = _MADE.get(kind, kind)("Words.")
    built: Any = operation_outcome.from_error(made)
    OperationOutcome.model_validate_json(orjson.dumps(built))
    assert {issue["code"] for issue in built["issue"]} <= _ISSUE_TYPES
    assert errors.__name__ == kind.__module__


def test_an_unexpected_failure_and_remarks_are_valid_operation_outcomes() -> None:
    remark = Issue(severity=Severity.WARNING, code="conflict", text="Two lesions.", path="Observation.bodySite")
    for built in (
        operation_outcome.build((remark, Fault(text="No code.", path="Observation.code", code="required"))),
        operation_outcome.build(()),
        operation_outcome.from_error(ServiceError("x"), reference="3f2a"),
    ):
        OperationOutcome.model_validate_json(orjson.dumps(built))


@pytest.mark.parametrize("address", ["urn:uuid:6a1c3c56-5a0f-4c6e-9f8e-0d1f0a6f2b11", "https://us.example/fhir/RiskAssessment/1"])
def test_a_collection_of_what_we_emit_is_a_valid_bundle(address: str) -> None:
    entries = ((address, _emitted(assessment())), (None, _proof(assessment())), (None, operation_outcome.build(())))
    read = Bundle.model_validate_json(orjson.dumps(bundle.collection(entries)))
    assert [each.resource is None for each in read.entry or ()] == [False] * 3
