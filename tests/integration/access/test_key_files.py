"""Keys of an issuer in a file: good from the start, read again while the service runs."""

import json
from functools import partial
from pathlib import Path

import pytest

from service.errors import IssuerUnavailableError, SettingsError
from service.tokens.keys import FILE_SECONDS, Keys, read_file, refuse_useless_file
from tests.issuer import ec_jwk, jwks, rsa_jwk, rsa_key


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jwks.json"


def test_a_file_with_a_usable_key_is_accepted(file: Path) -> None:
    file.write_bytes(jwks(rsa_jwk(alg="RS256"), ec_jwk()))
    refuse_useless_file(file)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no JSON Web Key Set. Save the issuer's JSON Web Key Set there"),
        (json.dumps({"keys": []}).encode(), "holds no public key with a kid for RS384"),
        (jwks(rsa_jwk(alg="RS256")), "holds no public key"),
        (jwks(rsa_jwk(key=rsa_key("small", 1024))), "2048 bits or more"),
    ],
    ids=["empty", "no key", "another algorithm", "small key"],
)
def test_a_file_with_which_nothing_could_be_checked_is_refused(file: Path, content: bytes, sentence: str) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=sentence):
        refuse_useless_file(file)


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(SettingsError, match="jwks_file cannot be read"):
        refuse_useless_file(file)


def test_a_new_key_in_the_file_is_found_without_a_restart(file: Path) -> None:
    file.write_bytes(jwks(rsa_jwk("old")))
    now = 0.0
    keys = Keys(partial(read_file, file), clock=lambda: now)
    assert keys.find("old", "RS384")
    file.write_bytes(jwks(rsa_jwk("new")))
    now = FILE_SECONDS
    assert keys.find("new", "RS384")
    assert keys.find("old", "RS384") is None


def test_a_file_that_went_away_keeps_its_keys_for_a_while(file: Path) -> None:
    file.write_bytes(jwks())
    now = 0.0
    keys = Keys(partial(read_file, file), clock=lambda: now)
    assert keys.find("rsa-1", "RS384")
    file.unlink()
    now = FILE_SECONDS
    assert keys.find("rsa-1", "RS384")
    now = 100 * FILE_SECONDS
    with pytest.raises(IssuerUnavailableError):
        keys.find("rsa-1", "RS384")
