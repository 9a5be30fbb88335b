"""Settings and hospital.toml: read once, refused with the variable or key and the remedy."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from service.errors import SettingsError
from service.model.hospital import Hospital, HospitalSlug, WriteBack
from service.settings import LOCAL_HOSPITAL, Settings, load, load_hospitals, mappings_dir, refuse_open_door, rows

BASE = 'base = "https://ehr.example/fhir"'


def hospital(folder: Path, content: str | bytes, environment: Mapping[str, str] | None = None, **changed: object) -> Hospital:
    (folder / "north").mkdir()
    file = folder / "north" / "hospital.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    values: dict[str, object] = {"hospitals_dir": folder, **changed}
    return load_hospitals(Settings(**values), environment or {})[_slug("north")]  # type: ignore[arg-type]


def _slug(name: str) -> HospitalSlug:
    return HospitalSlug(name)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SLS_AUTH", "maybe"), ("SLS_LOG_LEVEL", "LOUD"), ("SLS_CONTEXT_DAYS", "-1"), ("SLS_CONTEXT_DAYS", "many"),
        ("SLS_MAX_BODY_BYTES", "3"), ("SLS_MAX_DEPTH", "100000"), ("SLS_MAX_ENTRIES", "0"), ("SLS_WORKER_THREADS", "-1"),
        ("SLS_LEASE_SECONDS", "0"), ("SLS_LEASE_SECONDS", "inf"), ("SLS_BACKOFF_SECONDS", "nan"), ("SLS_DEBOUNCE_SECONDS", "-1"),
        ("SLS_MAX_ATTEMPTS", "0"), ("SLS_SNOMED_AFFILIATE", "perhaps"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_the_variable_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"^{variable}: .+ Set it to a value of that form or unset it") as refused:
        load()
    assert "Traceback" not in refused.value.text


def test_every_setting_has_its_row_and_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [name for name, _, _ in rows()] == [f"SLS_{name.upper()}" for name in Settings.model_fields]
    assert all(meaning for _, _, meaning in rows())
    monkeypatch.setenv("SLS_MAX_ENTRIES", "7")
    assert load().max_entries == 7


def test_the_mappings_are_found_or_the_variable_is_named(tmp_path: Path) -> None:
    assert (mappings_dir(Settings()) / "base" / "codings.csv").is_file()
    with pytest.raises(SettingsError, match="SLS_MAPPINGS_DIR"):
        mappings_dir(Settings(mappings_dir=tmp_path))


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
        provenance = false
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
        ("nmae = 'x'", "unknown nmae; known are name, ehr"),
        ("ehr = 5", r"\[ehr\] must be a table"),
        ("[ehr]\nbse = 'x'", r"\[ehr\] has no key bse; known are base"),
        ("[ehr]\nbase = 'ftp://x'", "ehr.base must be"),
        ("[ehr]\nbase = 'https://'", "ehr.base must be"),
        ("[ehr]\nbase = 'https://user:pw@ehr.example/fhir'", "ehr.base must be"),
        ("[ehr]\nbase = 'https://ehr.example/fhir?x=1'", "ehr.base must be"),
        (f"[ehr]\n{BASE}\nprovenance = 'no'", "ehr.provenance must be true or false"),
        (f"[ehr]\n{BASE}\nprovenance = true", "ehr.provenance is not in this release"),
        (f"[ehr]\n{BASE}\ntimeout_seconds = 0", "ehr.timeout_seconds must be a number from 0.1"),
        (f"[ehr]\n{BASE}\ntimeout_seconds = '20'", "ehr.timeout_seconds must be a number"),
        (f"[ehr]\n{BASE}\ntimeout_seconds = inf", "ehr.timeout_seconds must be a number"),
        (f"[ehr]\n{BASE}\nca_bundle = '/nowhere/ca.pem'", "ehr.ca_bundle names no file"),
        ("[context]\ndays = -3", "context.days must be a number from 0"),
        ("[context]\ndays = true", "context.days must be a number"),
        (f"[ehr]\n{BASE}\n[write_back]\npolicy = 'fax'", "write_back.policy must be one of riskassessment, none"),
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


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1"])
def test_loopback_needs_no_authentication(host: str) -> None:
    refuse_open_door(Settings(), host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "service.example"])  # noqa: S104 - refused
def test_an_open_door_is_refused_with_the_remedy(host: str) -> None:
    with pytest.raises(SettingsError, match=r"SLS_AUTH.*Set SLS_AUTH=jwt"):
        refuse_open_door(Settings(), host)
    refuse_open_door(Settings(auth="jwt"), host)
