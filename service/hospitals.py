"""The registry of hospitals (`<slug>/hospital.toml`): read once; whatever is wrong in a file is refused with the way to mend it."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from service.errors import SettingsError
from service.model.hospital import Hospital, HospitalSlug, WriteBack
from service.settings import Settings, mappings_dir

LOCAL_HOSPITAL: Final = HospitalSlug("local")
"""The built-in hospital: direct posts only, no EHR, no webhook secret."""

TEMPLATE: Final = "_template/hospital.toml"
_SLUG: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,63}$")
_PLAIN_ADDRESS: Final = re.compile(r"https?://[^\s/@?#\\]+(/[^\s?#\\]*)?")
_MAX_TIMEOUT_SECONDS: Final = 600
_MAX_CONTEXT_DAYS: Final = 3660
_POLICIES: Final = (WriteBack.RISK_ASSESSMENT, WriteBack.NONE)

KEYS: Final[Mapping[str, frozenset[str]]] = {
    "ehr": frozenset({"base", "bearer_env", "bearer_file", "ca_bundle", "timeout_seconds", "provenance"}),
    "webhook": frozenset({"secret_env", "secret_file"}),
    "write_back": frozenset({"policy"}),
    "context": frozenset({"days"}),
}
"""Every key of every table of hospital.toml; beside the tables there is `name`."""

Table = Mapping[str, object]


def load_hospitals(settings: Settings, environment: Mapping[str, str] | None = None) -> dict[HospitalSlug, Hospital]:
    """Read every hospital; the built-in `local` is always there unless a file describes it.

    Args:
        settings: where to look.
        environment: for the variables that hospital.toml names; None = the process environment.

    Raises:
        SettingsError: a file is not TOML, has an unknown key, or names a secret that is not set.
    """
    known: dict[HospitalSlug, Hospital] = {}
    for slug, found in registrations(settings, environment).items():
        if isinstance(found, SettingsError):
            raise found
        known[slug] = found
    return known


def registrations(settings: Settings, environment: Mapping[str, str] | None = None) -> dict[HospitalSlug, Hospital | SettingsError]:
    """Return every hospital by slug, or what is wrong with its file; the built-in one first.

    Raises:
        SettingsError: there is no such folder.
    """
    folder = settings.hospitals_dir or mappings_dir(settings) / "hospitals"
    if settings.hospitals_dir and not folder.is_dir():
        raise SettingsError("SLS_HOSPITALS_DIR: no such folder. Create it or unset the variable.")
    secrets = os.environ if environment is None else environment
    local = Hospital(slug=LOCAL_HOSPITAL, name="Local", context_days=settings.context_days)
    found: dict[HospitalSlug, Hospital | SettingsError] = {LOCAL_HOSPITAL: local}
    for file in sorted(folder.glob("*/hospital.toml")):
        if not file.parent.name.startswith("_"):
            try:
                found[HospitalSlug(file.parent.name)] = _hospital(file, settings, secrets)
            except SettingsError as error:
                found[HospitalSlug(file.parent.name)] = error
    return found


def find_hospital(settings: Settings, slug: str) -> Hospital:
    """Return one registered hospital, whatever is wrong with the others.

    Raises:
        SettingsError: nobody is registered under that name, or something is wrong with its file.
    """
    found = registrations(settings)
    hospital = found.get(HospitalSlug(slug))
    if hospital is None:
        raise SettingsError(f"No hospital is registered as {slug}. Registered are: {', '.join(sorted(found))}.")
    if isinstance(hospital, SettingsError):
        raise hospital
    return hospital


def _hospital(file: Path, settings: Settings, environment: Mapping[str, str]) -> Hospital:
    where = f"{file.parent.name}/hospital.toml"
    if not _SLUG.match(file.parent.name):
        raise SettingsError(f"{where}: the folder name must be of the form [a-z0-9-]. Rename the folder.")
    content = _content(where, file)
    tables = _tables(where, content)
    ehr = tables["ehr"]
    base = _base(where, ehr.get("base"))
    policy = _policy(where, tables["write_back"].get("policy"), has_ehr=base is not None)
    return Hospital(
        slug=HospitalSlug(file.parent.name),
        name=_text(where, "name", content.get("name")) or file.parent.name,
        ehr_base=base,
        webhook_secret=_secret(where, "webhook.secret", tables["webhook"], "secret", environment),
        ehr_bearer=_secret(where, "ehr.bearer", ehr, "bearer", environment),
        write_back=policy,
        provenance=_provenance(where, ehr.get("provenance", False), policy),
        context_days=int(_number(where, "context.days", tables["context"].get("days", settings.context_days), _MAX_CONTEXT_DAYS)),
        ca_bundle=_file(where, "ehr.ca_bundle", ehr.get("ca_bundle")),
        timeout_seconds=_number(where, "ehr.timeout_seconds", ehr.get("timeout_seconds", 20), _MAX_TIMEOUT_SECONDS, least=0.1),
    )


def _content(where: str, file: Path) -> Table:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where}: not TOML ({type(error).__name__}). Compare with {TEMPLATE}.") from None
    except OSError as error:
        raise SettingsError(f"{where}: it cannot be read ({type(error).__name__}). Let the service's user read it.") from None


def _tables(where: str, content: Table) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for name, keys in KEYS.items():
        table = content.get(name, {})
        if not isinstance(table, dict):
            raise SettingsError(f"{where}: [{name}] must be a table. Compare with {TEMPLATE}.")
        if unknown := sorted(set(table) - keys):
            known = ", ".join(sorted(keys))
            raise SettingsError(f"{where}: [{name}] has no key {', '.join(unknown)}; known are {known}. Rename it or leave it out.")
        found[name] = table
    if unknown := sorted(set(content) - set(KEYS) - {"name"}):
        raise SettingsError(f"{where}: unknown {', '.join(unknown)}; known are name, {', '.join(KEYS)}. Rename it or leave it out.")
    return found


def _provenance(where: str, value: object, policy: WriteBack) -> bool:
    wanted = _flag(where, "ehr.provenance", value)
    if wanted and policy is not WriteBack.RISK_ASSESSMENT:
        raise SettingsError(
            f"{where}: ehr.provenance says where a RiskAssessment in the EHR comes from, and write_back.policy is {policy}. "
            "Set the policy to riskassessment, or leave ehr.provenance out."
        )
    return wanted


def _flag(where: str, what: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{where}: {what} must be true or false, without quotes.")
    return value


def _text(where: str, what: str, value: object) -> str | None:
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise SettingsError(f"{where}: {what} must be a text in quotes. Write one or leave it out.")
    return value


def _number(where: str, what: str, value: object, most: float, *, least: float = 0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise SettingsError(f"{where}: {what} must be a number from {least} to {most}, without quotes.")
    return value


def _policy(where: str, value: object, *, has_ehr: bool) -> WriteBack:
    """Read write_back.policy: where there is an EHR it gets the RiskAssessment unless the file says otherwise."""
    if value is None:
        return WriteBack.RISK_ASSESSMENT if has_ehr else WriteBack.NONE
    if value == WriteBack.DOCUMENT_REFERENCE:
        raise SettingsError(
            f"{where}: write_back.policy documentreference is not in this release. "
            "Set it to riskassessment, or to none where results are only read from us."
        )
    if not isinstance(value, str) or value not in _POLICIES:
        raise SettingsError(f"{where}: write_back.policy must be one of {', '.join(_POLICIES)}.")
    if value != WriteBack.NONE and not has_ehr:
        raise SettingsError(f"{where}: write_back.policy needs an EHR. Fill in ehr.base, or set the policy to none.")
    return WriteBack(value)


def _file(where: str, what: str, value: object) -> str | None:
    named = _text(where, what, value)
    if named is not None and not Path(named).is_file():
        raise SettingsError(f"{where}: {what} names no file. Mount it there, or leave it out.")
    return named


def _base(where: str, value: object) -> str | None:
    text = _text(where, "ehr.base", value)
    if text is None:
        return None
    plain = text.rstrip("/")
    if _PLAIN_ADDRESS.fullmatch(plain) is None:
        raise SettingsError(f"{where}: ehr.base must be http(s)://host[:port][/path] without user, query or fragment.")
    return plain


def _secret(where: str, what: str, table: Table, key: str, environment: Mapping[str, str]) -> str | None:
    """Read a secret from the variable `<key>_env` or the file `<key>_file`; None = neither is named."""
    variable = _text(where, f"{what}_env", table.get(f"{key}_env"))
    file = _text(where, f"{what}_file", table.get(f"{key}_file"))
    if variable is not None and file is not None:
        raise SettingsError(f"{where}: {what}_env and {what}_file are both there. Keep one of them.")
    if variable is not None:
        if not (value := environment.get(variable, "").strip()):
            raise SettingsError(f"{where}: {what}_env names {variable}, which is not set. Export it before starting.")
        return value
    return None if file is None else _secret_in(where, f"{what}_file", Path(file))


def _secret_in(where: str, what: str, file: Path) -> str:
    try:
        value = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        text = f"{where}: {what} cannot be read ({type(error).__name__}). Mount the secret there as UTF-8 text."
        raise SettingsError(text) from None
    if not value:
        raise SettingsError(f"{where}: {what} is empty. Write the secret into it.")
    return value
