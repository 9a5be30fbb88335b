"""`hospital list` shows who is registered, `hospital check <slug>` what that hospital's EHR offers; never a secret."""

import argparse
import sys

from service import settings
from service.app import open_ehr
from service.errors import SettingsError
from service.hospitals import find_hospital, registrations
from service.model.hospital import Hospital
from service.pipeline.examine import examine


def add(parser: argparse.ArgumentParser) -> None:
    """Register the words of `hospital`."""
    parser.add_argument("action", choices=("list", "check"))
    parser.add_argument("slug", nargs="?", help="which hospital (check)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; 2 = something is wrong with a registration, or the EHR cannot be reached.

    Raises:
        SettingsError: no hospital is named where one is needed.
    """
    chosen = settings.load()
    if arguments.action == "list":
        return _list(chosen)
    if arguments.slug is None:
        raise SettingsError("hospital check: say which hospital, by its slug; `hospital list` names them.")
    return _check(find_hospital(chosen, arguments.slug))


def _list(chosen: settings.Settings) -> int:
    """Print one line for each registered hospital; 2 = one of them cannot be used."""
    broken = 0
    for slug, found in registrations(chosen).items():
        if isinstance(found, SettingsError):
            broken += 1
            sys.stdout.write(f"{slug}\tcannot be used: {found.text}\n")
        else:
            sys.stdout.write(_registered(found))
    return 2 if broken else 0


def _registered(hospital: Hospital) -> str:
    words = (
        hospital.slug,
        hospital.name,
        hospital.ehr_base or "no EHR",
        f"write-back {hospital.write_back}",
        f"webhook secret {_is_set(hospital.webhook_secret)}{' and certificate' if hospital.webhook_certificate else ''}",
        f"EHR token {'by SMART login' if hospital.smart else _is_set(hospital.ehr_bearer)}",
    )
    return "\t".join(words) + "\n"


def _is_set(secret: str | None) -> str:
    return "none" if secret is None else "set"


def _check(hospital: Hospital) -> int:
    """Print what the EHR offers, line by line; 0 = everything needed is there, 1 = something lacks, 2 = it cannot be reached."""
    if hospital.ehr_base is None:
        sys.stdout.write(f"{hospital.slug}: registered without an EHR; results are only read from us, so nothing is needed.\n")
        return 0
    sys.stdout.write(f"{hospital.slug} ({hospital.name}): {hospital.ehr_base}\n")
    with open_ehr(hospital) as client:
        found = examine(client, hospital)
    if found.failure is not None:
        sys.stdout.write(f"  {found.failure}\n")
        return 2
    for line in found.lines:
        sys.stdout.write(f"  {line.mark:<5}  {line.text}\n")
    sys.stdout.write(f"{found.lacking} of what is needed is lacking\n" if found.lacking else "everything needed is there\n")
    return 1 if found.lacking else 0
