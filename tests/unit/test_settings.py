"""Settings: read once, refused with the variable and the remedy."""

from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import Settings, load, mappings_dir, refuse_open_door, rows


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


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1"])
def test_loopback_needs_no_authentication(host: str) -> None:
    refuse_open_door(Settings(), host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "service.example"])  # noqa: S104 - refused
def test_an_open_door_is_refused_with_the_remedy(host: str) -> None:
    with pytest.raises(SettingsError, match=r"SLS_AUTH.*Set SLS_AUTH=jwt"):
        refuse_open_door(Settings(), host)
    refuse_open_door(Settings(auth="jwt"), host)
