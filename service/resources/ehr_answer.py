"""What an EHR said when it refused, for those who may read the Task: an OperationOutcome, bounded in every direction.

It is the EHR's text and may speak of a patient, so it stands in the Task alone: never in a log, a metric or an error of ours.

Source: FHIR R4 OperationOutcome (issue-severity and issue-type are required bindings); interfaces section 6 (dead letters).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from service.resources.element import Element

MOST_ISSUES: Final = 10
LONGEST_TEXT: Final = 1000
"""Characters of one text that are shown."""

_SEVERITIES: Final = frozenset({"fatal", "error", "warning", "information"})
_TYPES: Final = frozenset(
    {
        *("invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden"),
        *("suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long"),
        *("code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store"),
        *("exception", "timeout", "incomplete", "throttled", "informational"),
    }
)
_TAG: Final = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NOT_PRINTED: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


def build(body: bytes, *, own_id: str) -> Element | None:
    """Return what an EHR's answer says, as an OperationOutcome to be contained; None = it says nothing.

    Args:
        body: the bytes of the answer: an OperationOutcome, or whatever came instead (the text of an error page).
        own_id: id within the resource that contains it.
    """
    issues = list(_issues(_json(body))) or list(_plain(body))
    return {"resourceType": "OperationOutcome", "id": own_id, "issue": issues} if issues else None


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _issues(content: object) -> Iterator[Element]:
    """Yield the issues of an OperationOutcome that say something; of anything else, none."""
    if not isinstance(content, dict) or content.get("resourceType") != "OperationOutcome":
        return
    found = content.get("issue")
    for issue in found[:MOST_ISSUES] if isinstance(found, list) else ():
        if isinstance(issue, dict):
            yield _issue(issue)


def _issue(issue: dict[str, Any]) -> Element:
    severity, code = issue.get("severity"), issue.get("code")
    shown: Element = {
        "severity": severity if severity in _SEVERITIES else "error",
        "code": code if code in _TYPES else "processing",
    }
    if details := _words(_details(issue.get("details"))):
        shown["details"] = {"text": details}
    if diagnostics := _words(issue.get("diagnostics")):
        shown["diagnostics"] = diagnostics
    expressions = issue.get("expression")
    if isinstance(expressions, list) and (named := [said for each in expressions[:MOST_ISSUES] if (said := _words(each))]):
        shown["expression"] = named
    return shown


def _details(details: object) -> object:
    """Return the text of a CodeableConcept, else what its first coding says."""
    if not isinstance(details, dict):
        return None
    codings = details.get("coding")
    first = codings[0] if isinstance(codings, list) and codings and isinstance(codings[0], dict) else {}
    return details.get("text") or first.get("display") or first.get("code")


def _plain(body: bytes) -> Iterator[Element]:
    """Yield the text of an answer that is no OperationOutcome, without its markup."""
    if text := _words(_TAG.sub(" ", body.decode("utf-8", errors="replace"))):
        yield {"severity": "error", "code": "processing", "diagnostics": text}


def _words(text: object) -> str | None:
    """Return a text without control characters, cut where it is too long; None = there is none."""
    if not isinstance(text, str) or not (said := _NOT_PRINTED.sub(" ", text).strip()):
        return None
    return said if len(said) <= LONGEST_TEXT else f"{said[: LONGEST_TEXT - 3]} .."
