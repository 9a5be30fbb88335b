"""What an EHR offers, held against what we need of it, over real HTTP."""

import json
from dataclasses import replace
from typing import Any

import pytest

from service.ehr.client import EhrClient
from service.ehr.examine import Line, Mark
from service.model.hospital import Hospital, WriteBack
from service.pipeline.examine import Examined, examine
from tests.stand_in_ehr import Fault, StandInEhr

EVERYTHING = [
    "FHIR version 4.0.1 (Stand-in EHR)",
    "read DiagnosticReport by id",
    "read Observation by id",
    "read Patient by id",
    "search Observation by patient, code, date",
    "search DiagnosticReport by patient, date",
    "search Condition by patient",
    "search Procedure by patient",
    "search Patient by link",
    "search DiagnosticReport by result",
    "search Observation by has-member",
    "first write: PUT to an id of ours (updateCreate)",
    "later writes: PUT by id",
    "If-Match: honoured (versioned-update)",
    "history: earlier versions of a RiskAssessment stay readable",
    "Subscriptions: can be created here (rest-hook, see docs/integrators.md)",
    "authentication: the EHR names none, [ehr] configures none",
]


@pytest.fixture
def writing(hospital: Hospital) -> Hospital:
    """The hospital of a stand-in, to which RiskAssessments are written without a token."""
    return replace(hospital, write_back=WriteBack.RISK_ASSESSMENT, ehr_bearer=None)


def look(hospital: Hospital, **changed: Any) -> Examined:  # noqa: ANN401 - fields
    changed_hospital = replace(hospital, **changed)
    with EhrClient(changed_hospital) as client:
        return examine(client, changed_hospital)


def not_ok(found: Examined) -> list[tuple[str, str]]:
    return [(line.mark.value, line.text) for line in found.lines if line.mark is not Mark.OK]


def of(found: Examined, beginning: str) -> Line:
    [line] = [line for line in found.lines if line.text.startswith(beginning)]
    return line


def test_an_ehr_that_offers_everything_lacks_nothing(ehr: StandInEhr, writing: Hospital) -> None:
    found = look(writing)
    assert [line.text for line in found.lines] == EVERYTHING
    assert (found.failure, found.lacking, not_ok(found)) == (None, 0, [])
    assert {method for method, _ in ehr.asked()} == {"GET"}, "nothing is written"


def test_the_questions_name_nobody_and_ask_for_one_row_at_most(ehr: StandInEhr, writing: Hospital) -> None:
    ehr.put({"resourceType": "Patient", "id": "9", "gender": "male"})
    look(writing)
    asked = [path for _, path in ehr.asked() if path != "metadata"]
    assert asked
    assert all("spinal-lesion-service-check" in path for path in asked)
    assert all(path.endswith("_count=1") for path in asked if "?" in path)


@pytest.mark.parametrize(
    ("switches", "method", "looks_for_written"),
    [
        ({"update_create": False}, "conditional update by our identifier", True),
        ({"update_create": False, "conditional_update": False}, "conditional create (If-None-Exist) by our identifier", True),
        (
            {"update_create": False, "conditional_update": False, "conditional_create": False},
            "search for our identifier, then create, then look again",
            True,
        ),
        ({}, "PUT to an id of ours (updateCreate)", False),
    ],
)
def test_the_method_of_writing_is_the_one_that_delivery_will_use(
    ehr: StandInEhr, writing: Hospital, switches: dict[str, bool], method: str, looks_for_written: bool
) -> None:
    for name, value in switches.items():
        setattr(ehr.switches, name, value)
    found = look(writing)
    assert of(found, "first write").text == f"first write: {method}"
    assert any(line.text == "search RiskAssessment by identifier" for line in found.lines) is looks_for_written
    assert found.lacking == 0


def test_what_is_missing_is_named_with_what_follows_from_it(ehr: StandInEhr, writing: Hospital) -> None:
    ehr.switches.unsearchable = frozenset({"DiagnosticReport.result", "Observation.has-member", "Observation.date"})
    ehr.switches.if_match = "ignored"
    found = look(writing)
    assert found.lacking == 0, "reports can be assessed without them"
    assert {text: mark for mark, text in not_ok(found)} == {
        "search Observation by patient, code, date: refused (400). "
        "What stands outside the report (pain above all) is not found.": "note",
        "search DiagnosticReport by result: refused (400). "
        "A changed Observation leads only to reports that were assessed before.": "note",
        "search Observation by has-member: refused (400). "
        "A changed member of a group leads only to reports that were assessed before.": "note",
        "If-Match: not promised; somebody else's change is recognised by reading before each write": "note",
    }


def test_a_server_without_findings_or_results_lacks_what_is_needed(ehr: StandInEhr, writing: Hospital) -> None:
    ehr.switches.unknown_types = frozenset({"RiskAssessment", "Observation"})
    ehr.strike(Fault(method="GET", path="Observation", status=501))
    found = look(writing)
    assert found.lacking == 2
    assert of(found, "read Observation").text.endswith("The findings of a report that are not contained in it cannot be read.")
    assert "takes no RiskAssessment" in of(found, "first write").text
    assert not any(line.text.startswith("later writes") for line in found.lines)


def stated(ehr: StandInEhr, **elements: object) -> None:
    """Let the EHR state this and nothing else."""
    statement = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", **elements}
    ehr.strike(Fault(path="metadata", status=200, body=json.dumps(statement).encode()))


@pytest.mark.parametrize(
    ("version", "mark", "said"),
    [
        ("5.0.0", Mark.LACKS, "FHIR version 5.0.0: R4 (4.0.x) is needed. Register the R4 base of this server."),
        ("4.3.0", Mark.LACKS, "FHIR version 4.3.0: R4 (4.0.x) is needed. Register the R4 base of this server."),
        ("4.0.0", Mark.OK, "FHIR version 4.0.0"),
        (None, Mark.NOTE, "FHIR version: not stated; R4 (4.0.x) is spoken"),
    ],
)
def test_the_version_must_be_r4(ehr: StandInEhr, writing: Hospital, version: str | None, mark: Mark, said: str) -> None:
    stated(ehr, fhirVersion=version)
    assert look(writing).lines[0] == Line(mark=mark, text=said)


def test_what_is_served_counts_although_it_is_not_promised(ehr: StandInEhr, writing: Hospital) -> None:
    stated(ehr)
    found = look(writing, write_back=WriteBack.NONE)
    assert of(found, "read DiagnosticReport").text == "read DiagnosticReport by id (not promised, but served)"
    assert of(found, "search DiagnosticReport by result").mark is Mark.OK
    assert of(found, "write-back").text == "write-back: none, by write_back.policy; nothing is written to this EHR"
    assert found.lacking == 0


def test_a_result_that_could_not_be_updated_later_lacks(ehr: StandInEhr, writing: Hospital) -> None:
    resource = {"type": "RiskAssessment", "interaction": [{"code": "create"}, {"code": "search-type"}]}
    stated(ehr, rest=[{"mode": "server", "resource": [resource]}])
    found = look(writing)
    assert [text.partition(":")[0] for mark, text in not_ok(found) if mark == "lacks"] == ["later writes"]
    assert of(found, "history").mark is Mark.NOTE


def test_a_server_without_capability_statement_is_tried_out(ehr: StandInEhr, writing: Hospital) -> None:
    ehr.switches.metadata = False
    found = look(writing)
    assert (found.lacking, found.lines[0].mark) == (0, Mark.NOTE)
    assert "nothing is promised" in found.lines[0].text
    assert of(found, "first write").text.endswith("search for our identifier, then create, then look again")
    assert of(found, "read Observation").mark is Mark.OK


def test_a_question_that_is_promised_and_refused_only_because_it_names_nobody_is_no_lack(
    ehr: StandInEhr, writing: Hospital
) -> None:
    ehr.strike(Fault(method="GET", path="Observation?patient", status=400))
    line = of(look(writing), "search Observation by patient")
    assert (line.mark, "promised" in line.text, "400" in line.text) == (Mark.NOTE, True, True)


def test_a_search_that_ignores_its_parameter_is_pointed_out(ehr: StandInEhr, writing: Hospital) -> None:
    subject = {"reference": "Patient/9"}
    ehr.put({"resourceType": "DiagnosticReport", "id": "7", "status": "final", "code": {"text": "MRI"}, "subject": subject})
    ehr.switches.ignored_parameters = frozenset({"result"})
    line = of(look(writing), "search DiagnosticReport by result")
    assert (line.mark, "ignores the question" in line.text) == (Mark.NOTE, True)


@pytest.mark.parametrize(
    "entry",
    [
        {"search": {"mode": "outcome"}, "resource": {"resourceType": "OperationOutcome"}},
        {"resource": {"resourceType": "OperationOutcome"}},
        {"search": "odd", "resource": "odd"},
    ],
)
def test_remarks_in_an_answer_are_no_matches(ehr: StandInEhr, writing: Hospital, entry: object) -> None:
    body = {"resourceType": "Bundle", "type": "searchset", "entry": [entry]}
    ehr.strike(Fault(path="DiagnosticReport?result", status=200, body=json.dumps(body).encode()))
    assert of(look(writing), "search DiagnosticReport by result").mark is Mark.OK


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_lacks_and_names_the_scope(ehr: StandInEhr, writing: Hospital, status: int) -> None:
    ehr.strike(Fault(method="GET", path="Observation?", status=status))
    found = look(writing)
    line = of(found, "search Observation by patient")
    assert (line.mark, found.lacking) == (Mark.LACKS, 2)
    assert "Check the credentials of [ehr] and their scopes (system/Observation.rs)." in line.text
    ehr.clear()
    ehr.switches.bearer = "s3cret"
    assert look(writing).lacking == 10, "every question is refused"
    assert look(writing, ehr_bearer="s3cret").lacking == 0


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(path="Observation/", status=503), "not answered (503)"),
        (Fault(path="Observation/", lost=True), "not answered (connection-cut-off)"),
        (Fault(path="Observation/", status=302), "not answered (302)"),
    ],
)
def test_a_question_that_is_not_answered_lacks_where_it_is_needed(
    ehr: StandInEhr, writing: Hospital, fault: Fault, said: str
) -> None:
    ehr.strike(fault)
    line = of(look(writing), "read Observation")
    assert (line.mark, said in line.text) == (Mark.LACKS, True)


def test_subscriptions_that_are_not_offered_leave_polling_or_an_engine(ehr: StandInEhr, writing: Hospital) -> None:
    ehr.switches.unknown_types = frozenset({"Subscription"})
    line = of(look(writing), "Subscriptions")
    assert (line.mark, line.text.endswith("polling is possible (DiagnosticReport by _lastUpdated)")) == (Mark.NOTE, True)
    ehr.switches.unsearchable = frozenset({"DiagnosticReport._lastUpdated"})
    line = of(look(writing), "Subscriptions")
    assert (line.mark, line.text.endswith("New reports cannot be found by polling.")) == (Mark.NOTE, True)


@pytest.mark.parametrize(
    ("switches", "lacking", "said"),
    [
        ({}, 0, "Provenance: PUT to an id of ours (updateCreate)"),
        ({"unknown_types": frozenset({"Provenance"})}, 1, "Provenance: asked for by ehr.provenance, and this EHR takes none."),
        ({"update_create": False}, 0, "search Provenance by target"),
        (
            {"update_create": False, "unsearchable": frozenset({"Provenance.target"})},
            0,
            "search Provenance by target: refused (400).",
        ),
        (
            {"update_create": False, "conditional_create": False, "unsearchable": frozenset({"Provenance.target"})},
            1,
            "search Provenance by target: refused (400).",
        ),
    ],
)
def test_a_provenance_that_is_asked_for_must_be_possible(
    ehr: StandInEhr, writing: Hospital, switches: dict[str, object], lacking: int, said: str
) -> None:
    for name, value in switches.items():
        setattr(ehr.switches, name, value)
    found = look(writing, provenance=True)
    assert found.lacking == lacking
    assert any(line.text.startswith(said) for line in found.lines)


def test_what_the_ehr_names_and_what_we_configure_is_compared(ehr: StandInEhr, writing: Hospital) -> None:
    stated(ehr, rest=[{"mode": "server", "security": {"service": [{"coding": [{"code": "SMART-on-FHIR"}]}]}}])
    none = of(look(writing), "authentication")
    assert (none.mark, "SMART-on-FHIR" in none.text, "bearer_env" in none.text) == (Mark.NOTE, True, True)
    bearer = look(writing, ehr_bearer="t")
    assert of(bearer, "authentication").text == "authentication: the EHR names SMART-on-FHIR, [ehr] configures a static bearer"
    assert of(bearer, "ehr.base is http").mark is Mark.NOTE


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=200, body=b"<html>login</html>"), "below it /metadata must answer FHIR JSON"),
        (Fault(status=200, body=b""), "below it /metadata must answer FHIR JSON"),
        (Fault(status=503), "cannot serve us now"),
        (Fault(status=401), "Check the credentials"),
        (Fault(status=301), "Register the address it redirects to"),
        (Fault(lost=True), "Look at the log of the EHR"),
        (Fault(delay_seconds=3), "Set ehr.timeout_seconds higher"),
    ],
)
def test_an_ehr_that_cannot_be_asked_says_why_and_what_to_do(ehr: StandInEhr, writing: Hospital, fault: Fault, said: str) -> None:
    ehr.strike(fault)
    found = look(writing, timeout_seconds=0.5)
    assert (found.lines, said in (found.failure or "")) == ((), True)


def test_an_ehr_that_is_down_says_so(ehr: StandInEhr, writing: Hospital) -> None:
    ehr.stop()
    assert "Nothing listens at the host and port of ehr.base." in (look(writing).failure or "")
