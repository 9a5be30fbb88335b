"""hospital.toml: read once, refused with the key and the remedy; the template documents every key."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from service.errors import SettingsError
from service.hospitals import KEYS, LOCAL_HOSPITAL, USUAL_SCOPE, find_hospital, load_hospitals, registrations
from service.model.hospital import Hospital, HospitalSlug, WriteBack
from service.settings import Settings
from tests.issuer import ec_key

ROOT = Path(__file__).resolve().parents[2]
BASE = 'base = "https://ehr.example/fhir"'


def hospital(folder: Path, content: str | bytes, environment: Mapping[str, str] | None = None, **changed: object) -> Hospital:
    (folder / "north").mkdir()
    file = folder / "north" / "hospital.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    values: dict[str, object] = {"hospitals_dir": folder, **changed}
    return load_hospitals(Settings(**values), environment or {})[_slug("north")]  # type: ignore[arg-type]


def _slug(name: str) -> HospitalSlug:
    return HospitalSlug(name)


def test_the_local_hospital_is_always_there_and_may_be_described(tmp_path: Path) -> None:
    assert load_hospitals(Settings(hospitals_dir=tmp_path), {})[LOCAL_HOSPITAL].ehr_base is None
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "hospital.toml").write_text('name = "Ours"')
    assert load_hospitals(Settings(hospitals_dir=tmp_path), {})[LOCAL_HOSPITAL].name == "Ours"


def test_the_template_is_not_registered() -> None:
    assert set(load_hospitals(Settings(), {})) == {LOCAL_HOSPITAL}


def test_a_hospitals_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SLS_HOSPITALS_DIR"):
        load_hospitals(Settings(hospitals_dir=tmp_path / "none"), {})


def test_a_full_hospital_is_read(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("certificates")
    content = f"""
        name = "North"
        [ehr]
        {BASE.replace('fhir"', 'fhir/"')}
        bearer_env = "TOKEN"
        ca_bundle = "{bundle}"
        timeout_seconds = 3.5
        provenance = true
        [webhook]
        secret_env = "SECRET"
        [context]
        days = 0
    """
    found = hospital(tmp_path, content, {"TOKEN": " t ", "SECRET": "s"})
    assert found == Hospital(
        slug=_slug("north"),
        name="North",
        ehr_base="https://ehr.example/fhir",
        ehr_bearer="t",
        webhook_secret="s",
        write_back=WriteBack.RISK_ASSESSMENT,
        provenance=True,
        context_days=0,
        ca_bundle=str(bundle),
        timeout_seconds=3.5,
    )


def test_what_the_file_leaves_out_is_taken_from_the_settings(tmp_path: Path) -> None:
    found = hospital(tmp_path, "", context_days=9)
    assert (found.name, found.context_days, found.write_back) == ("north", 9, WriteBack.NONE)


def test_a_hospital_may_be_read_only(tmp_path: Path) -> None:
    assert hospital(tmp_path, f'[ehr]\n{BASE}\n[write_back]\npolicy = "none"').write_back is WriteBack.NONE


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("name = ", "not TOML"),
        (b"name = '\xff'", "not TOML"),
        ("nmae = 'x'", "unknown nmae; known are context, ehr, name"),
        ("ehr = 5", r"\[ehr\] must be a table"),
        ("[ehr]\nbse = 'x'", r"\[ehr\] has no key bse; known are base"),
        ("[ehr]\nbase = 'ftp://x'", "ehr.base must be"),
        ("[ehr]\nbase = 'https://'", "ehr.base must be"),
        ("[ehr]\nbase = 'https://user:pw@ehr.example/fhir'", "ehr.base must be"),
        ("[ehr]\nbase = 'https://ehr.example/fhir?x=1'", "ehr.base must be"),
        (f"[ehr]\n{BASE}\nprovenance = 'no'", "ehr.provenance must be true or false"),
        (
            f"[ehr]\n{BASE}\nprovenance = true\n[write_back]\npolicy = 'none'",
            "write_back.policy is none. Set the policy to riskassessment",
        ),
        ("[ehr]\nprovenance = true", "write_back.policy is none"),
        ("[ehr]\nbase = 5", "ehr.base must be a text in quotes"),
        ("name = 7", "name must be a text in quotes"),
        ("name = ' '", "name must be a text in quotes"),
        ("[webhook]\nsecret_env = 5", "webhook.secret_env must be a text in quotes"),
        ("[webhook]\nsecret_file = true", "webhook.secret_file must be a text in quotes"),
        (f"[ehr]\n{BASE}\nbearer_env = 'UNSET'", "ehr.bearer_env names UNSET, which is not set. Export it"),
        (f"[ehr]\n{BASE}\nbearer_file = '/nowhere/t'", "ehr.bearer_file cannot be read"),
        (f"[ehr]\n{BASE}\nca_bundle = 1", "ehr.ca_bundle must be a text in quotes"),
        (f"[ehr]\n{BASE}\ntimeout_seconds = 0", "ehr.timeout_seconds must be a number from 0.1"),
        (f"[ehr]\n{BASE}\ntimeout_seconds = '20'", "ehr.timeout_seconds must be a number"),
        (f"[ehr]\n{BASE}\ntimeout_seconds = inf", "ehr.timeout_seconds must be a number"),
        (f"[ehr]\n{BASE}\nca_bundle = '/nowhere/ca.pem'", "ehr.ca_bundle names no file"),
        ("[context]\ndays = -3", "context.days must be a number from 0"),
        ("[context]\ndays = true", "context.days must be a number"),
        (f"[ehr]\n{BASE}\n[write_back]\npolicy = 'fax'", "write_back.policy must be one of riskassessment, none"),
        (
            f"[ehr]\n{BASE}\n[write_back]\npolicy = 'documentreference'",
            "documentreference is not in this release. Set it to riskassessment",
        ),
        (f"[ehr]\n{BASE}\n[write_back]\npolicy = 3", "write_back.policy must be one of"),
        ("[write_back]\npolicy = 'riskassessment'", "write_back.policy needs an EHR"),
        ("[webhook]\nsecret_env = 'UNSET'", "webhook.secret_env names UNSET, which is not set. Export it"),
        ("[webhook]\nsecret_env = 'BLANK'", "webhook.secret_env names BLANK, which is not set"),
        ("[webhook]\nsecret_file = '/nowhere/secret'", "webhook.secret_file cannot be read"),
        ("[webhook]\nsecret_file = '/nowhere/secret'\nsecret_env = 'SET'", "are both there. Keep one"),
    ],
)
def test_a_mistake_in_the_file_is_refused_with_its_key_and_the_remedy(tmp_path: Path, content: str | bytes, named: str) -> None:
    with pytest.raises(SettingsError, match=rf"^north/hospital.toml: .*{named}"):
        hospital(tmp_path, content, {"SET": "x", "BLANK": "  "})


def key_file(folder: Path) -> Path:
    file = folder / "ehr-key.pem"
    file.write_bytes(ec_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


def test_a_hospital_may_be_logged_in_at_through_a_proxy_with_a_certificate(tmp_path: Path) -> None:
    key = key_file(tmp_path)
    found = hospital(
        tmp_path,
        f"""
        [ehr]
        {BASE}
        proxy = "http://proxy.example:3128/"
        client_certificate = "{key}"
        client_key = "{key}"
        [ehr.smart]
        client_id = "us"
        key_files = ["{key}"]
        token_url = "https://login.example/token"
        """,
    )
    assert (found.proxy, found.client_certificate, found.client_key) == ("http://proxy.example:3128", str(key), str(key))
    assert found.smart is not None
    assert (found.smart.client_id, found.smart.scope, found.smart.token_url) == ("us", USUAL_SCOPE, "https://login.example/token")
    assert [each.public["alg"] for each in found.smart.keys] == ["ES384"]


SMART = f"[ehr]\n{BASE}\n[ehr.smart]\n"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[ehr.smart]\nclient_id = 'us'", "ehr.smart needs an EHR"),
        (f"[ehr]\n{BASE}\nsmart = 'yes'", r"\[ehr.smart\] must be a table"),
        (
            f"[ehr]\n{BASE}\nbearer_env = 'SET'\n[ehr.smart]\nclient_id = 'us'",
            "ehr.smart and a static bearer are both there",
        ),
        (f"{SMART}client = 'us'", r"\[ehr.smart\] has no key client; known are client_id"),
        (f"{SMART}scope = 'x'", "ehr.smart.client_id is missing: write the id"),
        (f"{SMART}client_id = 'us'", "ehr.smart.key_files is missing: name the PEM files"),
        (f"{SMART}client_id = 'us'\nkey_files = 'one.pem'", "ehr.smart.key_files must be a list of texts"),
        (
            f"{SMART}client_id = 'us'\nkey_files = ['/nowhere/k.pem']",
            "names /nowhere/k.pem, which cannot be used .FileNot",
        ),
        (
            f"{SMART}client_id = 'us'\nkey_files = ['{__file__}']",
            "which cannot be used .needed is RSA of 2048 bits or more",
        ),
        (f"[ehr]\n{BASE}\nproxy = 'proxy:3128'", "ehr.proxy must be http"),
        (f"[ehr]\n{BASE}\nclient_certificate = '/nowhere/c.pem'", "ehr.client_certificate names no file"),
        ("[webhook]\ncertificate = 'CN=ehr'", "webhook.certificate is compared .* Set SLS_CLIENT_CERTIFICATE_HEADER"),
        (f"[ehr]\n{BASE}\nclient_key = '{__file__}'", "ehr.client_key has no certificate"),
    ],
)
def test_a_mistake_in_how_the_ehr_is_reached_is_refused_too(tmp_path: Path, content: str, named: str) -> None:
    with pytest.raises(SettingsError, match=rf"^north/hospital.toml: .*{named}"):
        hospital(tmp_path, content, {"SET": "x"})


def template_keys() -> set[str]:
    """Return every `table.key` that the template sets or shows commented out."""
    table, found = "", set[str]()
    for line in (ROOT / "mappings" / "hospitals" / "_template" / "hospital.toml").read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"(?:# )?\[([a-z_.]+)\].*", line):
            table = f"{header[1]}."
        elif key := re.match(r"(?:# )?([a-z_]+) = ", line):
            found.add(f"{table}{key[1]}")
        found |= {f"{table}{other}" for other in re.findall(r"\bor ([a-z_]+) = ", line)}
    return found


def test_the_template_documents_every_key_and_no_other() -> None:
    tables = {name.rpartition(".")[2] for name in KEYS}
    keys = {f"{table}.{key}".removeprefix(".") for table, found in KEYS.items() for key in found - tables}
    assert template_keys() == keys


def test_the_template_is_a_hospital_once_its_secrets_are_set(tmp_path: Path) -> None:
    content = (ROOT / "mappings" / "hospitals" / "_template" / "hospital.toml").read_bytes()
    found = hospital(tmp_path, content, {"EXAMPLE_EHR_TOKEN": "t", "EXAMPLE_WEBHOOK_SECRET": "s"})
    assert (found.ehr_base, found.write_back) == ("https://ehr.example.org/fhir", WriteBack.RISK_ASSESSMENT)


def test_one_hospital_is_found_whatever_is_wrong_with_another(tmp_path: Path) -> None:
    for name, content in (("north", "name = 'North'"), ("south", "nmae = 'South'")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hospital.toml").write_text(content)
    settings = Settings(hospitals_dir=tmp_path)
    assert find_hospital(settings, "north").name == "North"
    assert find_hospital(settings, "local").ehr_base is None
    with pytest.raises(SettingsError, match="unknown nmae"):
        find_hospital(settings, "south")
    with pytest.raises(SettingsError, match=r"No hospital is registered as west\. Registered are: local, north, south"):
        find_hospital(settings, "west")
    found = registrations(settings, {})
    assert isinstance(found[_slug("north")], Hospital)
    assert isinstance(found[_slug("south")], SettingsError)


def test_a_folder_name_that_is_no_slug_is_refused(tmp_path: Path) -> None:
    (tmp_path / "North West").mkdir()
    (tmp_path / "North West" / "hospital.toml").write_text("")
    with pytest.raises(SettingsError, match=r"North West/hospital.toml: the folder name"):
        load_hospitals(Settings(hospitals_dir=tmp_path), {})


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "north" / "hospital.toml").mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_hospitals(Settings(hospitals_dir=tmp_path), {})


@pytest.mark.parametrize(
    ("content", "expected"), [(b" s3cret\n", "s3cret"), (b"\n", None), (b"\xff\xfe", None)], ids=["a secret", "empty", "no text"]
)
def test_a_secret_comes_from_a_file_and_never_into_an_error(tmp_path: Path, content: bytes, expected: str | None) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    told = f"[webhook]\nsecret_file = '{file}'"
    if expected is not None:
        assert hospital(tmp_path, told).webhook_secret == expected
        return
    with pytest.raises(SettingsError, match=r"webhook\.secret_file"):
        hospital(tmp_path, told)


def test_the_environment_of_the_process_is_asked_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "north").mkdir()
    (tmp_path / "north" / "hospital.toml").write_text("[webhook]\nsecret_env = 'NORTH_SECRET'")
    monkeypatch.setenv("NORTH_SECRET", "s3cret")
    assert load_hospitals(Settings(hospitals_dir=tmp_path))[_slug("north")].webhook_secret == "s3cret"
