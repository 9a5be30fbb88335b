"""Problem details for routes that do not speak FHIR, with the same words as OperationOutcome.

Source: RFC 9457 (application/problem+json).
"""

from http import HTTPStatus

from service.errors import Fault, ServiceError
from service.resources.element import Element
from service.resources.operation_outcome import unexpected_text


def build(error: ServiceError, *, reference: str | None = None, instance: str | None = None) -> Element:
    """Return problem details of a failure.

    Args:
        error: what went wrong, in our words.
        reference: number under which an unexpected error stands in the log; then nothing else is told of it.
        instance: URI reference of this occurrence; None = left out.
    """
    problem: Element = {"type": "about:blank", "title": HTTPStatus(error.status).phrase, "status": error.status}
    if reference is None:
        problem |= {"detail": error.text, "code": error.issue, "issues": [_issue(fault) for fault in error.faults]}
    else:
        problem |= {"detail": unexpected_text(reference), "code": "exception", "reference": reference}
    return problem if instance is None else problem | {"instance": instance}


def _issue(fault: Fault) -> Element:
    issue: Element = {"code": fault.code, "text": fault.text}
    return issue if fault.path is None else issue | {"path": fault.path}
