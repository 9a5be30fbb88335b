"""GET /fhir/metadata says what the server does and nothing else."""

from typing import Any

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from service.resources import capability
from tests.integration.scene import Scene


def test_the_capabilities_are_a_valid_statement_of_routes_that_exist(scene: Scene) -> None:
    stated = scene.get("/fhir/metadata")
    CapabilityStatement.model_validate(stated)
    [rest] = stated["rest"]
    routes = {rule.rule for rule in scene.client.application.url_map.iter_rules()}
    assert {f"/fhir/{each['type']}" for each in rest["resource"]} <= {route.rpartition("/")[0] for route in routes}
    assert {f"/fhir/${each['name']}" for each in rest["operation"]} <= routes
    assert stated["fhirVersion"] == "4.0.1"


@pytest.mark.parametrize("needs_token", [True, False])
def test_it_says_how_callers_prove_themselves(needs_token: bool) -> None:
    built: Any = capability.build(version="1", released_on="2026-11-20", needs_token=needs_token)
    CapabilityStatement.model_validate(built)
    assert ("service" in built["rest"][0]["security"]) is needs_token
