"""Every route of the application with its access rule; a route that is not listed here, or has no rule, fails."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from flask import Flask

from service.app import build_parts, create_app
from service.settings import Settings
from service.web.guard import rules_of

ROOT: Final = Path(__file__).resolve().parents[2]
OPEN: Final = "open"
SECRET: Final = "webhook secret of the hospital"
RULES: Final = {
    ("POST", "/assessments"): "system/RiskAssessment.c",
    ("GET", "/assessments/<assessment_id>"): "system/RiskAssessment.r",
    ("POST", "/assessments/<assessment_id>/what-if"): "system/RiskAssessment.r",
    ("POST", "/assessments/<assessment_id>/answers"): "system/RiskAssessment.u",
    ("GET", "/fhir/metadata"): OPEN,
    ("POST", "/fhir/$assess"): "system/RiskAssessment.c",
    ("GET", "/fhir/RiskAssessment/<resource_id>"): "system/RiskAssessment.r",
    ("GET", "/fhir/Task/<task_id>"): "system/Task.r",
    ("POST", "/webhooks/<slug>"): SECRET,
    ("PUT", "/webhooks/<slug>"): SECRET,
    ("PUT", "/webhooks/<slug>/<resource_type>/<resource_id>"): SECRET,
    ("POST", "/webhooks/<slug>/<resource_type>/<resource_id>"): SECRET,
    ("DELETE", "/webhooks/<slug>/<resource_type>/<resource_id>"): SECRET,
    ("GET", "/.well-known/jwks.json"): OPEN,
    ("GET", "/health/live"): OPEN,
    ("GET", "/health/ready"): OPEN,
    ("GET", "/metrics"): OPEN,
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return the application; its database is never opened."""
    folder = tmp_path_factory.mktemp("rules")
    return create_app(build_parts(Settings(database_url=f"sqlite:///{folder}/unused.db", hospitals_dir=folder)))


def test_every_route_has_the_rule_that_stands_here(app: Flask) -> None:
    rules = rules_of(app)
    found = {
        (method, route.rule): str(rules[route.endpoint])
        for route in app.url_map.iter_rules()
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == RULES


def operations() -> dict[tuple[str, str], Any]:
    """Return every operation of openapi.yaml by method and path, the path in Flask's form."""
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))["paths"]
    methods = {"get", "put", "post", "delete", "patch"}
    return {
        (method.upper(), path.replace("{", "<").replace("}", ">")): operation
        for path, item in paths.items()
        for method, operation in item.items()
        if method in methods
    }


def test_openapi_says_the_same() -> None:
    offered: dict[str, Any] = {OPEN: None, SECRET: [{}, {"webhookSecret": []}]}
    written = {key: operation.get("security") for key, operation in operations().items()}
    assert written == {key: offered.get(rule, [{}, {"accessToken": [rule]}]) for key, rule in RULES.items()}


def test_openapi_says_how_a_caller_is_refused() -> None:
    for key, operation in operations().items():
        refused = {"401", "403"} if RULES[key].startswith("system/") else {"401"} if RULES[key] == SECRET else set()
        assert {status for status in operation["responses"] if status in {"401", "403"}} == refused
