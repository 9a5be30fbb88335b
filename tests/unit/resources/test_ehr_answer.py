"""What an EHR said when it refused: an OperationOutcome, bounded, whatever came over the wire."""

import json
from typing import Any

import orjson
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from service.resources.ehr_answer import LONGEST_TEXT, MOST_ISSUES, build


def said(body: bytes | object) -> Any:  # noqa: ANN401 - JSON
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = build(sent, own_id="answer-1")
    if made is not None:
        OperationOutcome.model_validate_json(orjson.dumps(made))
        assert made["id"] == "answer-1"
    return made


def outcome(*issues: object) -> dict[str, object]:
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def test_an_operation_outcome_is_shown_with_severity_code_words_and_place() -> None:
    issue = {
        "severity": "fatal",
        "code": "business-rule",
        "details": {"text": "The encounter is closed."},
        "diagnostics": "HAPI-0389",
        "expression": ["RiskAssessment.encounter"],
        "location": ["left out: deprecated"],
    }
    assert said(outcome(issue))["issue"] == [{name: issue[name] for name in issue if name != "location"}]


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ({"coding": [{"code": "MSG_BAD", "display": "Bad syntax"}]}, "Bad syntax"),
        ({"coding": [{"code": "MSG_BAD"}]}, "MSG_BAD"),
        ({"coding": ["odd"]}, None),
        ({"coding": []}, None),
        ("odd", None),
    ],
)
def test_details_without_text_are_told_by_their_code(details: object, text: str | None) -> None:
    [shown] = said(outcome({"severity": "error", "code": "invalid", "details": details}))["issue"]
    assert shown.get("details") == (None if text is None else {"text": text})


def test_words_that_r4_does_not_know_are_replaced() -> None:
    [shown] = said(outcome({"severity": "terrible", "code": "nonsense", "diagnostics": "x", "expression": "no list"}))["issue"]
    assert shown == {"severity": "error", "code": "processing", "diagnostics": "x"}


def test_it_is_bounded_in_every_direction() -> None:
    long = {"severity": "error", "code": "invalid", "diagnostics": "x" * 5000, "expression": ["y" * 5000] * 50}
    shown = said(outcome(*[long] * 100))["issue"]
    assert len(shown) == MOST_ISSUES
    assert all(len(each["diagnostics"]) <= LONGEST_TEXT and each["diagnostics"].endswith(" ..") for each in shown)
    assert all(len(each["expression"]) == MOST_ISSUES for each in shown)
    assert all(len(words) <= LONGEST_TEXT for each in shown for words in each["expression"])


def test_control_characters_do_not_reach_the_task() -> None:
    [shown] = said(outcome({"severity": "error", "code": "invalid", "diagnostics": "one\u0000\u001b[31m\ntwo"}))["issue"]
    assert shown["diagnostics"] == "one [31m two"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"Scope RiskAssessment.write is missing", "Scope RiskAssessment.write is missing"),
        (b"<html><style>p {}</style><h1>413</h1> <script>x()</script>Too large</html>", "413 Too large"),
        (b'{"error": "no FHIR"}', '{"error": "no FHIR"}'),
        (b"\xff\xfe!", "\ufffd\ufffd!"),
        (json.dumps({"resourceType": "OperationOutcome", "issue": ["odd"]}).encode(), None),
    ],
    ids=["text", "a page", "other JSON", "no text", "an outcome without issues"],
)
def test_what_is_no_operation_outcome_is_shown_as_its_text(body: bytes, text: str | None) -> None:
    [shown] = said(body)["issue"]
    assert (shown["severity"], shown["code"]) == ("error", "processing")
    assert shown["diagnostics"] == (text or body.decode())


@pytest.mark.parametrize("body", [b"", b"  \n", b"<html></html>"])
def test_an_answer_that_says_nothing_is_none(body: bytes) -> None:
    assert said(body) is None
