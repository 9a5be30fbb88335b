"""Failures and remarks, as OperationOutcome and as problem JSON."""

from service.errors import Fault, InvalidInputError, NotFoundError, ServiceError
from service.model.coded import Issue, Severity
from service.resources import operation_outcome, problem


def test_an_issue_says_severity_code_text_and_place() -> None:
    issue = Issue(severity=Severity.WARNING, code="conflict", text="Two lesions at T11.", path="Observation.bodySite")
    assert operation_outcome.build((issue,)) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "warning",
                "code": "conflict",
                "details": {"text": "Two lesions at T11."},
                "expression": ["Observation.bodySite"],
            }
        ],
    }


def test_with_nothing_to_say_it_says_so() -> None:
    built = operation_outcome.build(())
    assert built["issue"] == [{"severity": "information", "code": "informational", "details": {"text": "All OK."}}]


def test_every_fault_of_the_input_is_an_error_of_its_own() -> None:
    faults = (Fault(text="No code.", path="Observation.code", code="required"), Fault(text="No status."))
    built = operation_outcome.from_error(InvalidInputError("Two faults.", faults=faults))
    assert built["issue"] == [
        {"severity": "error", "code": "required", "details": {"text": "No code."}, "expression": ["Observation.code"]},
        {"severity": "error", "code": "invalid", "details": {"text": "No status."}},
    ]


def test_an_unexpected_error_is_a_number_and_nothing_else() -> None:
    built = operation_outcome.from_error(ServiceError("inner words"), reference="3f2a")
    assert "inner words" not in str(built)
    assert "3f2a" in str(built)


def test_a_problem_has_title_status_and_detail() -> None:
    assert problem.build(NotFoundError("There is nothing here."), instance="/assessments/1") == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing here.",
        "code": "not-found",
        "issues": [{"code": "not-found", "text": "There is nothing here."}],
        "instance": "/assessments/1",
    }


def test_a_problem_lists_every_fault_with_its_place() -> None:
    fault = Fault(text="No code.", path="Observation.code", code="required")
    assert problem.build(InvalidInputError("One fault.", faults=(fault,)))["issues"] == [
        {"code": "required", "text": "No code.", "path": "Observation.code"}
    ]


def test_an_unexpected_problem_is_a_number_and_nothing_else() -> None:
    built = problem.build(ServiceError("inner words"), reference="3f2a")
    assert built["reference"] == "3f2a"
    assert built["status"] == 500
    assert "inner words" not in str(built)
