"""`mappings check [hospital]` proves the mapping tables: check digits, meanings, conditions, unknown findings."""

import argparse
import sys
from pathlib import Path

from service import settings
from service.errors import BrokenReleaseError, SettingsError
from service.mapping.check import shadowed
from service.mapping.mapfile import load


def add(parser: argparse.ArgumentParser) -> None:
    """Register the words of `mappings`."""
    parser.add_argument("action", choices=("check",))
    parser.add_argument("hospital", nargs="?", help="slug of one hospital; none = the base tables, and every hospital's")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Load every table with and without the licensed rows; print each problem; 0 only when there is none."""
    chosen = settings.load()
    base = settings.mappings_dir(chosen)
    folder = chosen.hospitals_dir or base / "hospitals"
    if arguments.hospital is not None and not (folder / arguments.hospital).is_dir():
        raise SettingsError(f"mappings check: there is no folder for the hospital {arguments.hospital}.")
    hospitals = [folder / arguments.hospital] if arguments.hospital else [None, *sorted(_own_tables(folder))]
    found = [
        problem
        for hospital in hospitals
        for affiliate in (False, True)
        for problem in _problems(base, hospital, affiliate=affiliate)
    ]
    for problem in dict.fromkeys(found):
        sys.stdout.write(problem + "\n")
    return 1 if found else 0


def _own_tables(folder: Path) -> list[Path]:
    return [file.parent for file in folder.glob("*/codings.csv") if not file.parent.name.startswith("_")]


def _problems(base: Path, hospital: Path | None, *, affiliate: bool) -> list[str]:
    name = hospital.name if hospital else "base"
    rows = "with licensed rows" if affiliate else "open rows only"
    try:
        loaded = load(base, snomed_affiliate=affiliate, hospital=hospital)
    except BrokenReleaseError as error:
        return [fault.text for fault in error.faults]
    if hospital is not None:
        sys.stdout.writelines(f"note: {note}\n" for note in shadowed(base, hospital, snomed_affiliate=affiliate))
    sys.stdout.write(
        f"{name}, {rows}: {len(loaded.vocabulary)} findings, {len(loaded.outcomes)} outcomes, version {loaded.version[:12]}\n"
    )
    return []
