"""API callers over real HTTP with `SLS_AUTH=jwt`: tokens good and bad, scopes, hospitals, keys that change."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests import builders
from tests.issuer import (
    CREATE,
    READ,
    Token,
    bearer,
    good_claims,
    jwks,
    registry,
    rsa_jwk,
    rsa_key,
    write_registry,
)
from tests.key_server import KeyServer
from tests.running import RunningService, write_hospital

Json = dict[str, Any]
SECRET: Final = "s3cret-of-north"
CLIENTS: Final = {"engine": {"hospitals": ["north"]}, "board": {"hospitals": ["north", "south"]}, "south": {"hospitals": ["south"]}}


def guarded(folder: Path, clients_file: Path, *arguments: str) -> RunningService:
    """Return a service with authentication, and hospitals north and south."""
    running = RunningService(
        folder,
        environment={"SLS_AUTH": "jwt", "SLS_CLIENTS_FILE": str(clients_file), "NORTH_SECRET": SECRET},
        arguments=arguments,
    )
    write_hospital(running.hospitals, "north", ehr_base=None, secret_env="NORTH_SECRET")
    write_hospital(running.hospitals, "south", ehr_base=None)
    return running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("guarded")
    with guarded(folder, write_registry(folder, CLIENTS)) as running:
        yield running


def report(identifier: str) -> Json:
    own = builders.observation(id="o1")
    return builders.bundle(builders.patient(), own, builders.report(own, id=identifier))


def by_hand(header: Json, sign: bool = True) -> str:
    """Sign with HMAC and the issuer's public key, as if it were a secret."""

    def part(content: bytes) -> str:
        return urlsafe_b64encode(content).rstrip(b"=").decode()

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(good_claims()).encode())}"
    secret = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), hashlib.sha256)) if sign else ''}"


BAD_TOKENS: Final = {
    "none at all": None,
    "expired": Token(claims={"iat": int(time.time()) - 900, "exp": int(time.time()) - 600}),
    "of the future": Token(claims={"nbf": int(time.time()) + 600}),
    "wrong audience": Token(claims={"aud": "https://other.example"}),
    "wrong issuer": Token(claims={"iss": "https://other.example"}),
    "unknown client": Token(claims={"client_id": "nobody"}),
    "unknown kid": Token(header={"kid": "rsa-9"}),
    "no kid": Token(header={"kid": None}),
    "another key": Token(key=rsa_key("mallory")),
    "RS256": Token(algorithm="RS256", key=rsa_key()),
    "alg none": by_hand({"alg": "none", "kid": "rsa-1"}, sign=False),
    "alg none, signed": by_hand({"alg": "none", "kid": "rsa-1"}),
    "HS256 with the public key": by_hand({"alg": "HS256", "kid": "rsa-1"}),
    "the secret of a webhook": SECRET,
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_401_and_nothing_is_told_or_done(service: RunningService, token: Token | str | None) -> None:
    text = token.text() if isinstance(token, Token) else token
    headers = {} if text is None else {"Authorization": f"Bearer {text}"}
    posted = service.post("/assessments", report("refused"), **headers)
    read = service.get("/fhir/RiskAssessment/a", **headers)
    for answer in (posted, read):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        OperationOutcome.model_validate_json(answer.content)
        assert answer.json()["issue"][0]["details"]["text"] == "This needs a valid access token: Authorization: Bearer."
    assert "Location" not in posted.headers


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_a_good_token_posts_and_reads(service: RunningService, algorithm: str) -> None:
    headers = {"Authorization": f"Bearer {Token(algorithm=algorithm).text()}"}
    made = service.post("/assessments", report(f"good-{algorithm}"), **headers)
    assert made.status_code == 201, made.text
    assert made.json()["hospital"] == "north"
    assert service.get(made.headers["Location"], **headers).json() == made.json()


def test_a_missing_scope_is_403_and_says_which(service: RunningService) -> None:
    for query in ("", "?store=false"):
        answer = service.post(f"/assessments{query}", report("scope"), **bearer(scope=READ))
        assert answer.status_code == 403
        assert CREATE in answer.json()["issue"][0]["details"]["text"]
    made = service.post("/assessments", report("scope"), **bearer(scope=CREATE))
    assert made.status_code == 201
    assert service.get(made.headers["Location"], **bearer(scope=CREATE)).status_code == 403


def test_hospitals_are_kept_apart(service: RunningService) -> None:
    made = service.post("/fhir/$assess", report("apart"), **bearer("engine"))
    identifier = made.headers["Location"].rpartition("/")[2]
    sent = service.webhook("north", builders.report(id="apart"), SECRET)
    for path in (f"/assessments/{identifier}", f"/fhir/RiskAssessment/{identifier}", sent.headers["Location"]):
        assert service.get(path, **bearer("engine")).status_code == 200
        assert service.get(path, **bearer("board")).status_code == 200
        assert service.get(path, **bearer("south")).status_code == 404
    assert service.post("/assessments?hospital=south", report("apart"), **bearer("engine")).status_code == 403
    assert service.post("/assessments", report("apart"), **bearer("board")).status_code == 400
    assert service.post("/assessments?hospital=south", report("apart"), **bearer("board")).json()["hospital"] == "south"


def test_operations_stay_open(service: RunningService) -> None:
    assert service.get("/health/live").status_code == 200
    assert service.get("/health/ready").status_code == 200


def test_nothing_of_a_token_stands_in_the_log(service: RunningService) -> None:
    token = Token(claims={"jti": "in-no-log"}).text()
    service.get("/assessments/a", Authorization=f"Bearer {token}")
    service.get("/assessments/a", Authorization=f"Bearer {token}x")
    log = service.log.read_text(encoding="utf-8")
    assert '"reason": "signature"' in log or '"reason": "malformed"' in log
    assert not any(part in log for part in token.split("."))


def test_a_new_key_of_the_issuer_is_used_and_strange_ones_do_not_flood_it(tmp_path: Path) -> None:
    with KeyServer(jwks(), Cache_Control="max-age=600") as issuer:
        file = tmp_path / "clients.toml"
        file.write_text(registry(CLIENTS, {"jwks_uri": issuer.uri}), encoding="utf-8")
        with guarded(tmp_path, file) as service:
            assert issuer.asked == []
            rotated = {"Authorization": f"Bearer {Token(header={'kid': 'new'}, key=rsa_key('new')).text()}"}
            issuer.answer(jwks(rsa_jwk(), rsa_jwk("new", rsa_key("new"))))
            assert service.get("/assessments/a", **rotated).status_code == 404
            for number in range(20):
                strange = Token(header={"kid": f"guess-{number}"}).text()
                assert service.get("/assessments/a", Authorization=f"Bearer {strange}").status_code == 401
            assert len(issuer.asked) == 1


def test_an_issuer_that_is_down_is_503_and_the_service_starts_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(registry(CLIENTS, {"jwks_uri": "http://127.0.0.1:9/jwks"}), encoding="utf-8")
    with guarded(tmp_path, file) as service:
        answer = service.get("/fhir/Task/a", **bearer())
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "127.0.0.1:9" not in answer.text


def test_with_authentication_it_listens_beyond_loopback_in_several_processes(tmp_path: Path) -> None:
    with guarded(tmp_path, write_registry(tmp_path, CLIENTS), "--host", "0.0.0.0", "--workers", "2") as service:  # noqa: S104 - the point
        assert {service.get("/assessments/a").status_code for _ in range(6)} == {401}
        assert {service.get("/assessments/a", **bearer()).status_code for _ in range(6)} == {404}
        assert service.post("/assessments?store=false", report("gunicorn"), **bearer()).status_code == 200


# refused to start


def refusal(folder: Path, *arguments: str, **settings: str) -> str:
    """Start, expect a refusal, and return what it says."""
    (folder / "hospitals").mkdir(exist_ok=True)
    usual = {"SLS_DATABASE_URL": f"sqlite:///{folder}/service.db", "SLS_HOSPITALS_DIR": str(folder / "hospitals")}
    ended = subprocess.run(
        [sys.executable, "-m", "service", "serve", "--port", "0", *arguments],
        env={**os.environ, **usual, **settings},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode not in {0, None}
    assert b"Traceback" not in ended.stderr
    return ended.stderr.decode()


def test_without_authentication_it_does_not_listen_beyond_loopback(tmp_path: Path) -> None:
    assert "Set SLS_AUTH=jwt and SLS_CLIENTS_FILE" in refusal(tmp_path, "--host", "0.0.0.0")  # noqa: S104 - the point


def test_authentication_without_a_registry_does_not_start(tmp_path: Path) -> None:
    assert "SLS_CLIENTS_FILE is not set" in refusal(tmp_path, SLS_AUTH="jwt")


def test_a_registry_that_names_an_unknown_hospital_does_not_start(tmp_path: Path) -> None:
    file = write_registry(tmp_path, {"engine": {"hospitals": ["nowhere"]}})
    said = refusal(tmp_path, SLS_AUTH="jwt", SLS_CLIENTS_FILE=str(file))
    assert "[[client]] 1: hospitals names nowhere, which is not registered; known are local" in said


def test_a_registry_whose_keys_are_not_there_does_not_start(tmp_path: Path) -> None:
    file = write_registry(tmp_path, {"engine": {"hospitals": ["local"]}})
    (tmp_path / "jwks.json").unlink()
    assert "jwks_file cannot be read" in refusal(tmp_path, SLS_AUTH="jwt", SLS_CLIENTS_FILE=str(file))


def test_a_registry_beside_no_authentication_does_not_start(tmp_path: Path) -> None:
    file = write_registry(tmp_path, {"engine": {"hospitals": ["local"]}})
    assert "nobody would be checked" in refusal(tmp_path, SLS_CLIENTS_FILE=str(file))
