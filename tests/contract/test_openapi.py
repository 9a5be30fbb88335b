"""openapi.yaml is valid OpenAPI and names exactly the routes that the application answers."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from flask import Flask
from openapi_spec_validator import validate

from service.app import build_parts, create_app
from service.settings import Settings

Json = dict[str, Any]
METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})


@pytest.fixture(scope="module")
def described() -> Json:
    content = yaml.safe_load((Path(__file__).resolve().parents[2] / "openapi.yaml").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("openapi")
    return create_app(build_parts(Settings(database_url=f"sqlite:///{folder}/service.db")))


def test_the_description_is_valid_openapi(described: Json) -> None:
    validate(described)


def test_the_description_names_exactly_the_routes(described: Json, app: Flask) -> None:
    told = {(method.upper(), path) for path, item in described["paths"].items() for method in item if method in METHODS}
    answered = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert told == answered


def test_every_operation_says_how_it_is_answered(described: Json) -> None:
    operations = [item[method] for item in described["paths"].values() for method in item if method in METHODS]
    assert operations
    assert all(operation["responses"] for operation in operations)
