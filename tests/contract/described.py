"""openapi.yaml, and the application that must be as it says: on a fresh SQLite file, with and without authentication."""

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import schemathesis
import yaml
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from service.app import build_parts, create_app
from service.pipeline.start import prepare
from service.settings import Settings
from tests.issuer import write_registry
from tests.running import write_hospital

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Json = dict[str, Any]
FILE: Final = Path(__file__).resolve().parents[2] / "openapi.yaml"
SECRET: Final = "s3cret-of-north"
METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})

CONFIG: Final[Json] = {
    "seed": 20261120,
    "cache": {"enabled": False},  # what failed before must not change what is asked now
    "generation": {
        "deterministic": True,
        "max-examples": 12,
        # NUL is refused wherever it stands (test_parse), which a schema cannot say of elements that it does not name
        "allow-x00": False,
    },
    "phases": {
        # only the links that openapi.yaml states: guessed ones lead from a webhook to itself, with parameters that it does not have
        "stateful": {"inference": {"algorithms": []}},
    },
    "checks": {
        # 422: references, subjects and invariants of FHIR are held too, which JSON Schema cannot say; 401, 403, 404 are what a
        # generated secret, hospital or id deserves; 409, 410 what an assessment deserves that is no longer open
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "410", "422"]},
    },
}
"""Every check and every phase, with a bounded number of requests that are the same in every run."""

GUARDED: Final[Json] = {
    **CONFIG,
    "generation": {**CONFIG["generation"], "max-examples": 4},
    # what is valid and what is not is held without authentication; here it is who may
    "phases": {"coverage": {"enabled": False}},
}
"""The same where callers prove themselves."""


def read() -> Json:
    """Return openapi.yaml."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def with_authentication(described: Json) -> Json:
    """Return the description as it holds under SLS_AUTH=jwt at hospital `north`: nobody comes in without token or secret."""
    guarded = copy.deepcopy(described)
    for name in ("slug", "hospital"):
        guarded["components"]["parameters"][name]["example"] = "north"
    for item in guarded["paths"].values():
        for method in METHODS & item.keys():
            item[method]["security"] = [each for each in item[method].get("security", []) if each]
    return guarded


def open_app(folder: Path, *, auth: bool = False) -> Flask:
    """Return the application with hospitals `local` and `north` (which has a webhook secret)."""
    write_hospital(folder / "hospitals", "north", ehr_base=None, secret_env="NORTH_SECRET")
    usual: Json = {"database_url": f"sqlite:///{folder}/service.db", "hospitals_dir": folder / "hospitals", "log_level": "ERROR"}
    if auth:
        usual |= {"auth": "jwt", "clients_file": write_registry(folder, {"engine": {"hospitals": ["north"]}})}
    parts = build_parts(Settings(**usual))
    prepare(parts)
    return create_app(parts)


class Door:
    """A WSGI application that is named when tests are collected and opened when they run.

    Attributes:
        app: what stands behind it.
    """

    app: Flask

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        return self.app(environ, start_response)


def load(described: Json, config: Json, door: Door) -> BaseSchema:
    """Return the description as Schemathesis holds it against what stands behind a door."""
    schema = schemathesis.openapi.from_dict(described, config=SchemathesisConfig.from_dict(config))
    schema.app = door
    return schema
