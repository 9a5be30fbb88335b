"""OperationOutcome: what is said about a request or an input, from one renderer.

Source: FHIR R4 OperationOutcome (issue-severity, issue-type); conventions, Code.
"""

from collections.abc import Iterable

from service.errors import Fault, ServiceError
from service.model.coded import Issue, Severity
from service.resources.element import Element


def build(issues: Iterable[Issue | Fault]) -> Element:
    """Return an OperationOutcome; with nothing to say it says so, since R4 asks for one issue at least."""
    found = [_issue(each) for each in issues] or [_render(Severity.INFORMATION, "informational", "All OK.", None)]
    return {"resourceType": "OperationOutcome", "issue": found}


def from_error(error: ServiceError, *, reference: str | None = None) -> Element:
    """Return an OperationOutcome of a failure.

    Args:
        error: what went wrong, in our words.
        reference: number under which an unexpected error stands in the log, and nothing else is told of it; None = it was expected.
    """
    if reference is None:
        return build(error.faults)
    return build((Fault(text=unexpected_text(reference), code="exception"),))


def unexpected_text(reference: str) -> str:
    """Return the one sentence that an unexpected error is answered with."""
    return f"Something failed on our side; nothing was stored. Reference: {reference}."


def _issue(said: Issue | Fault) -> Element:
    severity = said.severity if isinstance(said, Issue) else Severity.ERROR
    return _render(severity, said.code, said.text, said.path)


def _render(severity: Severity, code: str, text: str, path: str | None) -> Element:
    issue: Element = {"severity": severity.value, "code": code, "details": {"text": text}}
    return issue if path is None else issue | {"expression": [path]}
