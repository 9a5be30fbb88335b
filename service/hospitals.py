"""The registry of hospitals (`<slug>/hospital.toml`): read once; whatever is wrong in a file is refused with the way to mend it."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from service.errors import SettingsError
from service.model.hospital import Hospital, HospitalSlug, SmartLogin, WriteBack
from service.settings import Settings, mappings_dir
from service.signing import SigningKey
from service.toml_table import TomlTable

LOCAL_HOSPITAL: Final = HospitalSlug("local")
"""The built-in hospital: direct posts only, no EHR, no webhook secret."""

USUAL_SCOPE: Final = " ".join(
    (
        *(f"system/{name}.rs" for name in ("DiagnosticReport", "Observation", "Patient", "Condition", "Procedure")),
        *(f"system/{name}.rs" for name in ("ImagingStudy", "BodyStructure")),
        "system/RiskAssessment.crus",
        "system/Provenance.crus",
    )
)
"""What is asked for at an EHR where hospital.toml does not say."""

_SLUG: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,63}$")
_MAX_TIMEOUT_SECONDS: Final = 600
_MAX_CONTEXT_DAYS: Final = 3660
_POLICIES: Final = (WriteBack.RISK_ASSESSMENT, WriteBack.NONE)

KEYS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"name", "ehr", "webhook", "write_back", "context"}),
    "ehr": frozenset(
        {
            *("base", "bearer_env", "bearer_file", "smart", "ca_bundle", "proxy", "client_certificate", "client_key"),
            *("timeout_seconds", "provenance"),
        }
    ),
    "ehr.smart": frozenset({"client_id", "key_files", "scope", "token_url"}),
    "webhook": frozenset({"secret_env", "secret_file", "certificate"}),
    "write_back": frozenset({"policy"}),
    "context": frozenset({"days"}),
}
"""Every key of every table of hospital.toml; "" is the file itself."""


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

    Args:
        settings: where the folder is.
        environment: variables that hold secrets; None = those of this process.

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
    content = TomlTable(where, "", _content(where, file))
    content.refuse_unknown(KEYS[""])
    ehr, webhook, write_back, context = (content.table(name) for name in ("ehr", "webhook", "write_back", "context"))
    for table in (ehr, webhook, write_back, context):
        table.refuse_unknown(KEYS[table.name])
    base = ehr.address("base")
    policy = _policy(write_back, has_ehr=base is not None)
    return Hospital(
        slug=HospitalSlug(file.parent.name),
        name=content.text("name") or file.parent.name,
        ehr_base=base,
        webhook_secret=webhook.secret("secret", environment),
        webhook_certificate=_certificate(webhook, settings),
        ehr_bearer=ehr.secret("bearer", environment),
        smart=_smart(ehr),
        write_back=policy,
        provenance=_provenance(ehr, policy),
        context_days=int(context.number("days", settings.context_days, most=_MAX_CONTEXT_DAYS)),
        ca_bundle=ehr.file("ca_bundle"),
        proxy=ehr.address("proxy"),
        client_certificate=ehr.file("client_certificate"),
        client_key=_client_key(ehr),
        timeout_seconds=ehr.number("timeout_seconds", 20, most=_MAX_TIMEOUT_SECONDS, least=0.1),
    )


def _content(where: str, file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        text = f"{where}: not TOML ({type(error).__name__}). Compare with _template/hospital.toml."
        raise SettingsError(text) from None
    except OSError as error:
        raise SettingsError(f"{where}: it cannot be read ({type(error).__name__}). Let the service's user read it.") from None


def _certificate(webhook: TomlTable, settings: Settings) -> str | None:
    named = webhook.text("certificate")
    if named is not None and settings.client_certificate_header is None:
        text = "is compared with what the proxy in front says. Set SLS_CLIENT_CERTIFICATE_HEADER to the header in which it does."
        raise webhook.refused("certificate", text)
    return named


def _provenance(ehr: TomlTable, policy: WriteBack) -> bool:
    wanted = ehr.flag("provenance")
    if wanted and policy is not WriteBack.RISK_ASSESSMENT:
        text = f"says where a RiskAssessment in the EHR comes from, and write_back.policy is {policy}. "
        raise ehr.refused("provenance", text + "Set the policy to riskassessment, or leave ehr.provenance out.")
    return wanted


def _policy(write_back: TomlTable, *, has_ehr: bool) -> WriteBack:
    """Read write_back.policy: where there is an EHR it gets the RiskAssessment unless the file says otherwise."""
    value = write_back.content.get("policy")
    if value is None:
        return WriteBack.RISK_ASSESSMENT if has_ehr else WriteBack.NONE
    if value == WriteBack.DOCUMENT_REFERENCE:
        text = "documentreference is not in this release. Set it to riskassessment, or to none where results are only read from us."
        raise write_back.refused("policy", text)
    if not isinstance(value, str) or value not in _POLICIES:
        raise write_back.refused("policy", f"must be one of {', '.join(_POLICIES)}.")
    if value != WriteBack.NONE and not has_ehr:
        raise write_back.refused("policy", "needs an EHR. Fill in ehr.base, or set the policy to none.")
    return WriteBack(value)


def _client_key(ehr: TomlTable) -> str | None:
    key = ehr.file("client_key")
    if key is not None and ehr.text("client_certificate") is None:
        raise ehr.refused("client_key", "has no certificate. Name it as ehr.client_certificate, or leave the key out.")
    return key


def _smart(ehr: TomlTable) -> SmartLogin | None:
    """Read [ehr.smart]; None = it is left out."""
    if "smart" not in ehr.content:
        return None
    smart = ehr.table("smart")
    smart.refuse_unknown(KEYS["ehr.smart"])
    if ehr.text("base") is None:
        raise ehr.refused("smart", "needs an EHR. Fill in ehr.base.")
    if {"bearer_env", "bearer_file"} & ehr.content.keys():
        raise ehr.refused("smart", "and a static bearer are both there. Keep one of them.")
    client_id = smart.text("client_id")
    if client_id is None:
        raise smart.refused("client_id", "is missing: write the id under which the EHR registered us.")
    return SmartLogin(
        client_id=client_id,
        keys=_keys(smart),
        scope=smart.text("scope") or USUAL_SCOPE,
        token_url=smart.address("token_url"),
    )


def _keys(smart: TomlTable) -> tuple[SigningKey, ...]:
    files = smart.texts("key_files")
    if not files:
        raise smart.refused("key_files", "is missing: name the PEM files of our private keys, the one that signs first.")
    keys = []
    for file in files:
        try:
            keys.append(SigningKey.from_pem(Path(file).read_bytes()))
        except (OSError, ValueError) as error:
            why = type(error).__name__ if isinstance(error, OSError) else "needed is RSA of 2048 bits or more, or P-384, as PEM"
            raise smart.refused("key_files", f"names {file}, which cannot be used ({why}). Mount the private key there.") from None
    return tuple(keys)
