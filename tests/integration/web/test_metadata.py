"""GET /fhir/metadata says what the server does and nothing else; the operation that it names is defined, and its example works."""

import json
import re
from decimal import Decimal
from typing import Any, Final

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationdefinition import OperationDefinition
from fhir.resources.R4B.parameters import Parameters

from service.intake.operation import read_parameters
from service.model.asked import Asked
from service.resources import capability, definitions
from tests.integration.scene import Scene

Json = dict[str, Any]
READ: Final = re.compile(r"/fhir/([A-Z]\w+)/<\w+>")
OPERATION: Final = re.compile(r"/fhir/\$(\w+)")


def test_the_capabilities_are_a_valid_statement_of_exactly_the_routes(shared: Scene) -> None:
    stated = shared.get("/fhir/metadata")
    CapabilityStatement.model_validate(stated)
    [rest] = stated["rest"]
    routes = {rule.rule for rule in shared.client.application.url_map.iter_rules()}
    assert {each["type"] for each in rest["resource"]} == {found[1] for route in routes if (found := READ.fullmatch(route))}
    assert {each["name"] for each in rest["operation"]} == {found[1] for route in routes if (found := OPERATION.fullmatch(route))}
    assert {interaction["code"] for each in rest["resource"] for interaction in each["interaction"]} == {"read"}
    assert not any("searchParam" in each for each in rest["resource"])
    assert stated["fhirVersion"] == "4.0.1"


def test_every_format_that_is_stated_is_given_and_no_other(shared: Scene) -> None:
    stated = shared.get("/fhir/metadata")["format"]
    assert stated
    for name in stated:
        assert shared.client.get("/fhir/metadata", query_string={"_format": name}).status_code == 200
    assert shared.client.get("/fhir/metadata?_format=xml").status_code == 406


def test_a_read_is_conditional_where_it_says_so(shared: Scene) -> None:
    [stated] = [each for each in shared.get("/fhir/metadata")["rest"][0]["resource"] if each["type"] == "RiskAssessment"]
    assert (stated["versioning"], stated["conditionalRead"], stated["readHistory"]) == ("versioned", "not-match", False)
    report = definitions_example()["parameter"][0]["resource"]
    report["entry"][0]["resource"]["identifier"] = [{"system": "urn:x", "value": "conditional"}]
    made = shared.post("/assessments", report).get_json()
    for tag, status in (('W/"1"', 304), ('"1"', 304), ('W/"7", W/"1"', 304), ("*", 304), ('W/"2"', 200), ("", 200)):
        answer = shared.client.get(f"/fhir/RiskAssessment/{made['id']}", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.headers["ETag"]) == (status, 'W/"1"'), tag


@pytest.mark.parametrize("mode", ["full", "normative", "terminology"])
def test_every_mode_is_answered_with_the_same_statement(shared: Scene, mode: str) -> None:
    assert shared.get(f"/fhir/metadata?mode={mode}") == shared.get("/fhir/metadata")


@pytest.mark.parametrize("query", ["mode=", "mode=some", "mode=full&mode=full"])
def test_another_mode_is_400(shared: Scene, query: str) -> None:
    assert shared.client.get(f"/fhir/metadata?{query}").status_code == 400


@pytest.mark.parametrize("needs_token", [True, False])
def test_it_says_how_callers_prove_themselves(needs_token: bool) -> None:
    built: Any = capability.build(version="1", released_on="2026-11-20", needs_token=needs_token)
    CapabilityStatement.model_validate(built)
    assert ("service" in built["rest"][0]["security"]) is needs_token


def test_the_operation_that_is_stated_is_defined(shared: Scene) -> None:
    [operation] = shared.get("/fhir/metadata")["rest"][0]["operation"]
    defined = shared.get(f"/fhir/OperationDefinition/{operation['definition'].rpartition('/')[2]}")
    OperationDefinition.model_validate(defined)
    assert (defined["url"], defined["code"]) == (operation["definition"], operation["name"])
    assert (defined["system"], defined["type"], defined["instance"]) == (True, False, False)
    assert shared.client.get("/fhir/OperationDefinition/other").status_code == 404


def test_its_parameters_are_those_that_are_read(shared: Scene) -> None:
    defined = {each["name"]: each for each in shared.get("/fhir/OperationDefinition/assess")["parameter"]}
    values: Json = {
        "Bundle": {"resource": {"resourceType": "Bundle"}},
        "decimal": {"valueDecimal": 1},
        "boolean": {"valueBoolean": True},
    }
    sent = [{"name": name, **values[each["type"]]} for name, each in defined.items() if each["use"] == "in"]
    read = read_parameters({"resourceType": "Parameters", "parameter": sent})
    assert read.asked == Asked(prior=Decimal(1), store=True, write_back=True)
    assert read.resource == {"resourceType": "Bundle"}
    assert [name for name, each in defined.items() if each["use"] == "out"] == ["return"]
    refused = shared.post("/fhir/$assess?unknown=1", definitions_example())
    assert all(name in refused.text for name in defined.keys() - {"bundle", "return"})


def definitions_example() -> Json:
    """Return the example of the definition, as it stands in its comment."""
    example: Json = json.loads(definitions.example_text())
    return example


def test_its_example_is_answered_as_it_is_printed(shared: Scene) -> None:
    comment: str = shared.get("/fhir/OperationDefinition/assess")["comment"]
    request, _, printed = comment.partition("    POST [base]/")[2].partition("\n    Content-Type: application/fhir+json\n\n")
    assert json.loads(printed) == definitions_example()
    Parameters.model_validate_json(printed)
    answer = shared.post(f"/fhir/{request}", printed.encode())
    assert answer.status_code == 200, answer.text
    found = [each["resource"] for each in answer.get_json(force=True)["entry"]]
    assert [each["resourceType"] for each in found] == ["RiskAssessment", "Provenance", "OperationOutcome"]
    assert "T12" in found[0]["text"]["div"]
    assert found[-1]["issue"][0]["details"]["text"] == "All OK."
