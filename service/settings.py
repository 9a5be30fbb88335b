"""Settings: read once, frozen; missing or bad means that the service refuses to start.

Every setting is an environment variable `SLS_<NAME>`; `rows()` is the table that README and `--help` show.
"""

import sysconfig
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsError


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
    client_certificate_header: str | None = Field(
        default=None, min_length=1, description="header in which the proxy in front names a verified client certificate"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="least severe event that is logged")
    context_days: int = Field(
        default=30, ge=0, le=3660, description="window around the report for findings of other reports; 0 = off"
    )
    max_body_bytes: int = Field(default=10 * 1024 * 1024, ge=1024, description="largest request body")
    max_depth: int = Field(default=64, ge=8, le=200, description="deepest JSON nesting")
    max_entries: int = Field(default=5000, ge=1, description="most entries of a Bundle")
    worker_threads: int = Field(default=2, ge=0, le=64, description="workers inside serve; 0 = run `work` processes instead")
    stop_seconds: float = Field(
        default=20.0, gt=0, le=3600, description="how long a process that is told to stop may finish the work in hand"
    )
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
