"""Who may send webhooks: a secret, a certificate that the proxy in front has verified, or both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.app import build_parts, create_app
from service.pipeline.start import prepare
from service.settings import Settings
from tests import builders
from tests.running import FHIR_JSON

HEADER = "X-Client-Subject"
BOTH = {"Authorization": "Bearer s3cret", HEADER: "CN=ehr.example.org"}


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """Return a service with a hospital that asks for both, and one that asks for a certificate alone."""
    monkeypatch.setenv("SECRET", "s3cret")
    for slug, secret in (("both", 'secret_env = "SECRET"\n'), ("certificate", "")):
        (tmp_path / slug).mkdir()
        (tmp_path / slug / "hospital.toml").write_text(f'[webhook]\n{secret}certificate = "CN=ehr.example.org"\n')
    url = f"sqlite:///{tmp_path}/service.db"
    parts = build_parts(Settings(database_url=url, hospitals_dir=tmp_path, client_certificate_header=HEADER))
    prepare(parts)
    yield create_app(parts).test_client()
    parts.database.close()


def status(client: FlaskClient, slug: str, headers: dict[str, str]) -> int:
    named = {"Content-Type": FHIR_JSON, **headers}
    return client.post(f"/webhooks/{slug}", json=builders.patient(), headers=named).status_code


@pytest.mark.parametrize("missing", ["Authorization", HEADER])
def test_where_both_are_asked_for_neither_is_enough(client: FlaskClient, missing: str) -> None:
    assert status(client, "both", BOTH) == 202
    assert status(client, "both", {name: value for name, value in BOTH.items() if name != missing}) == 401


@pytest.mark.parametrize(
    "named", ["CN=other.example.org", "cn=ehr.example.org", "", "CN=ehr.example.org, O=x", "CN=ehr.example.örg"]
)
def test_another_certificate_is_refused(client: FlaskClient, named: str) -> None:
    assert status(client, "certificate", {HEADER: "CN=ehr.example.org"}) == 202
    assert status(client, "certificate", {HEADER: named}) == 401
    assert status(client, "both", {**BOTH, HEADER: named}) == 401
