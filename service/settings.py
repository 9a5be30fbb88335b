"""Settings and the registry of hospitals: read once, frozen; missing or bad means that the service refuses to start.

Every setting is an environment variable `SLS_<NAME>`; `rows()` is the table that README and `--help` show.
"""

import os
import re
import sysconfig
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsError
from service.model.hospital import Hospital, HospitalSlug, WriteBack

LOCAL_HOSPITAL = HospitalSlug("local")
"""The built-in hospital: direct posts only, no EHR, no webhook secret."""

_SLUG = re.compile(r"^[a-z0-9][a-z0-9-]{0,63}$")
_PLAIN_ADDRESS = re.compile(r"https?://[^\s/@?#\\]+(/[^\s?#\\]*)?")
_MAX_TIMEOUT_SECONDS = 600
_POLICIES = (WriteBack.RISK_ASSESSMENT, WriteBack.NONE)
_MAX_CONTEXT_DAYS = 3660
_KNOWN_TABLES: Mapping[str, frozenset[str]] = {
    "ehr": frozenset({"base", "bearer_env", "bearer_file", "ca_bundle", "timeout_seconds", "provenance"}),
    "webhook": frozenset({"secret_env", "secret_file"}),
    "write_back": frozenset({"policy"}),
    "context": frozenset({"days"}),
}


class Settings(BaseSettings):
    """Every setting with its default; see `rows()` for the printed table."""

    model_config = SettingsConfigDict(env_prefix="SLS_", frozen=True, extra="ignore", allow_inf_nan=False)

    database_url: str = Field(
        default="sqlite:///data/service.db", description="SQLAlchemy URL: sqlite:///FILE or postgresql+psycopg://.."
    )
    mappings_dir: Path | None = Field(default=None, description="folder with base/ and snomed-affiliate/; default: the one shipped")
    hospitals_dir: Path | None = Field(default=None, description="folder with <slug>/hospital.toml; default: <mappings>/hospitals")
    snomed_affiliate: bool = Field(default=False, description="also read and emit codes that need a SNOMED CT licence")
    auth: Literal["none", "jwt"] = Field(default="none", description="who may call the API; none is for loopback only")
    clients_file: Path | None = Field(default=None, description="registered callers for SLS_AUTH=jwt, as docs/clients.example.toml")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="least severe event that is logged")
    context_days: int = Field(
        default=30, ge=0, le=3660, description="window around the report for findings of other reports; 0 = off"
    )
    max_body_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, description="largest request body")
    max_depth: int = Field(default=64, ge=8, le=200, description="deepest JSON nesting")
    max_entries: int = Field(default=5000, ge=1, description="most entries of a Bundle")
    worker_threads: int = Field(default=2, ge=0, le=64, description="workers inside serve; 0 = run `work` processes instead")
    lease_seconds: float = Field(default=15.0, gt=0, description="how long a worker may be silent before another takes over")
    debounce_seconds: float = Field(default=0.5, ge=0, description="wait for more of the same burst before assessing")
    debounce_max_seconds: float = Field(default=10.0, ge=0, description="longest such wait")
    max_attempts: int = Field(default=50, ge=1, description="tries before a job becomes a dead letter; with these waits, hours")
    backoff_seconds: float = Field(default=1.0, gt=0, description="first wait after a failure; doubles with full jitter")
    backoff_max_seconds: float = Field(default=900.0, gt=0, description="longest wait after a failure")


def rows() -> tuple[tuple[str, str, str], ...]:
    """Return (variable, default, meaning) of every setting, in the order of the class."""
    fields = Settings.model_fields.items()
    return tuple(
        (f"SLS_{name.upper()}", "" if field.default is None else str(field.default), field.description or "")
        for name, field in fields
    )


def load() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a value is out of its range; the text names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "SLS_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg']}. Set it to a value of that form or unset it.") from None


def mappings_dir(settings: Settings) -> Path:
    """Return the folder of the mapping tables: the setting, else ./mappings, the source tree's, or the installed one.

    Raises:
        SettingsError: none of them holds base/codings.csv.
    """
    shipped = Path(sysconfig.get_path("data")) / "share" / "spinal-lesion-service" / "mappings"
    defaults = (Path("mappings"), Path(__file__).resolve().parent.parent / "mappings", shipped)
    candidates = (settings.mappings_dir,) if settings.mappings_dir else defaults
    for candidate in candidates:
        if (candidate / "base" / "codings.csv").is_file():
            return candidate
    raise SettingsError("SLS_MAPPINGS_DIR: no base/codings.csv found there. Point it at the mappings folder of this release.")


def load_hospitals(settings: Settings, environment: Mapping[str, str] | None = None) -> dict[HospitalSlug, Hospital]:
    """Read every <slug>/hospital.toml; the built-in hospital `local` is always there unless a file defines it.

    Args:
        settings: where to look.
        environment: for the variables that hospital.toml names; None = the process environment.

    Raises:
        SettingsError: a file is not TOML, has an unknown key, or names a secret that is not set.
    """
    folder = settings.hospitals_dir or mappings_dir(settings) / "hospitals"
    if settings.hospitals_dir and not folder.is_dir():
        raise SettingsError("SLS_HOSPITALS_DIR: no such folder. Create it or unset the variable.")
    known = {LOCAL_HOSPITAL: Hospital(slug=LOCAL_HOSPITAL, name="Local", context_days=settings.context_days)}
    secrets = os.environ if environment is None else environment
    for file in sorted(folder.glob("*/hospital.toml")):
        if file.parent.name.startswith("_"):
            continue
        hospital = _hospital(file, settings, secrets)
        known[hospital.slug] = hospital
    return known


def _hospital(file: Path, settings: Settings, environment: Mapping[str, str]) -> Hospital:
    where = f"{file.parent.name}/hospital.toml"
    if not _SLUG.match(file.parent.name):
        raise SettingsError(f"{where}: the folder name must be of the form [a-z0-9-].")
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where}: not TOML ({type(error).__name__}). Compare with _template/hospital.toml.") from None
    except OSError as error:
        raise SettingsError(f"{where}: it cannot be read ({type(error).__name__}). Let the service's user read it.") from None
    tables = _tables(where, content)
    ehr = tables["ehr"]
    return Hospital(
        slug=HospitalSlug(file.parent.name),
        name=str(content.get("name", file.parent.name)),
        ehr_base=_base(where, ehr.get("base")),
        webhook_secret=_secret(where, "webhook.secret", tables["webhook"], "secret", environment),
        ehr_bearer=_secret(where, "ehr.bearer", ehr, "bearer", environment),
        write_back=_policy(where, tables["write_back"].get("policy"), ehr.get("base") is not None),
        provenance=_no_provenance(where, ehr),
        context_days=int(_number(where, "context.days", tables["context"].get("days", settings.context_days), _MAX_CONTEXT_DAYS)),
        ca_bundle=_ca_bundle(where, ehr.get("ca_bundle")),
        timeout_seconds=_number(where, "ehr.timeout_seconds", ehr.get("timeout_seconds", 20), _MAX_TIMEOUT_SECONDS, least=0.1),
    )


def _no_provenance(where: str, ehr: Mapping[str, object]) -> bool:
    """Refuse what this release cannot do, instead of accepting it and doing nothing."""
    if _flag(where, "ehr.provenance", ehr.get("provenance", False)):
        raise SettingsError(f"{where}: ehr.provenance is not in this release. Leave it out.")
    return False


def _flag(where: str, what: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{where}: {what} must be true or false, without quotes.")
    return value


def _number(where: str, what: str, value: object, most: float, *, least: float = 0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise SettingsError(f"{where}: {what} must be a number from {least} to {most}, without quotes.")
    return value


def _policy(where: str, value: object, has_ehr: bool) -> WriteBack:
    """Read write_back.policy: where there is an EHR it gets the RiskAssessment unless the file says otherwise."""
    if value is None:
        return WriteBack.RISK_ASSESSMENT if has_ehr else WriteBack.NONE
    if not isinstance(value, str) or value not in _POLICIES:
        raise SettingsError(f"{where}: write_back.policy must be one of {', '.join(_POLICIES)}.")
    if value != WriteBack.NONE and not has_ehr:
        raise SettingsError(f"{where}: write_back.policy needs an EHR. Fill in ehr.base, or set the policy to none.")
    return WriteBack(value)


def _ca_bundle(where: str, value: object) -> str | None:
    if value is not None and not Path(str(value)).is_file():
        raise SettingsError(f"{where}: ehr.ca_bundle names no file. Mount the certificates there, or leave it out.")
    return None if value is None else str(value)


def _tables(where: str, content: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    for name, keys in _KNOWN_TABLES.items():
        table = content.get(name, {})
        if not isinstance(table, dict):
            raise SettingsError(f"{where}: [{name}] must be a table.")
        if unknown := sorted(set(table) - keys):
            raise SettingsError(f"{where}: [{name}] has no key {', '.join(unknown)}; known are {', '.join(sorted(keys))}.")
        found[name] = table
    if unknown := sorted(set(content) - set(_KNOWN_TABLES) - {"name"}):
        raise SettingsError(f"{where}: unknown {', '.join(unknown)}; known are name, {', '.join(_KNOWN_TABLES)}.")
    return found


def _base(where: str, value: object) -> str | None:
    if value is None:
        return None
    text = str(value).rstrip("/")
    if _PLAIN_ADDRESS.fullmatch(text) is None:
        raise SettingsError(f"{where}: ehr.base must be http(s)://host[:port][/path] without user, query or fragment.")
    return text


def _secret(where: str, what: str, table: Mapping[str, object], key: str, environment: Mapping[str, str]) -> str | None:
    """Read a secret from the variable `<key>_env` or the file `<key>_file`; None = neither is named."""
    variable, file = table.get(f"{key}_env"), table.get(f"{key}_file")
    if variable is not None and file is not None:
        raise SettingsError(f"{where}: {what}_env and {what}_file are both there. Keep one of them.")
    if variable is not None:
        if not (value := environment.get(str(variable), "").strip()):
            raise SettingsError(f"{where}: {what}_env names {variable}, which is not set. Export it before starting.")
        return value
    if file is not None:
        try:
            value = Path(str(file)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            text = f"{where}: {what}_file cannot be read ({type(error).__name__}). Mount the secret there as UTF-8 text."
            raise SettingsError(text) from None
        if not value:
            raise SettingsError(f"{where}: {what}_file is empty. Write the secret into it.")
        return value
    return None


def refuse_open_door(settings: Settings, host: str) -> None:
    """Refuse to listen beyond loopback without authentication.

    Raises:
        SettingsError: SLS_AUTH is none and the host is not a loopback address.
    """
    loopback = host in {"localhost", "::1"} or host.startswith("127.")
    if settings.auth == "none" and not loopback:
        raise SettingsError(
            f"SLS_AUTH is none, which is for loopback only, and --host is {host}. "
            "Set SLS_AUTH=jwt and SLS_CLIENTS_FILE, or listen on 127.0.0.1 behind an authenticating proxy."
        )
