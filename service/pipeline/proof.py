"""The mapping tables proved: with and without the rows that need a licence, for the base and for each hospital."""

from dataclasses import dataclass
from pathlib import Path

from service.errors import BrokenReleaseError, SettingsError
from service.hospitals import LOCAL_HOSPITAL
from service.mapping.check import shadowed
from service.mapping.mapfile import load
from service.mapping.table import has_tables
from service.settings import Settings, mappings_dir


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One set of tables.

    Attributes:
        name: the hospital's slug, or `base`.
        licensed: True = with the rows that need a SNOMED CT licence.
        summary: what was loaded, in words; None = nothing, there are problems.
        notes: base rows that a hospital overrides, tables that nobody uses: allowed, but worth a second look.
        problems: `file:line: sentence`; empty = the tables can be loaded.
    """

    name: str
    licensed: bool
    summary: str | None
    notes: tuple[str, ...]
    problems: tuple[str, ...]


def prove(settings: Settings, slug: str | None) -> tuple[Proof, ...]:
    """Load tables and say what is wrong with them.

    Args:
        settings: where the tables are.
        slug: one hospital; None = the base tables and every hospital that has its own.

    Raises:
        SettingsError: there is no such hospital.
    """
    base = mappings_dir(settings)
    folder = settings.hospitals_dir or base / "hospitals"
    if slug is not None and not (folder / slug).is_dir():
        raise SettingsError(f"mappings check: there is no folder for the hospital {slug}.")
    hospitals = [folder / slug] if slug else [None, *(each for each in sorted(folder.glob("[!_]*")) if has_tables(each))]
    return tuple(_proof(base, hospital, licensed=licensed) for hospital in hospitals for licensed in (False, True))


def _proof(base: Path, hospital: Path | None, *, licensed: bool) -> Proof:
    name = hospital.name if hospital else "base"
    try:
        loaded = load(base, snomed_affiliate=licensed, hospital=hospital)
    except BrokenReleaseError as error:
        problems = tuple(fault.text for fault in error.faults)
        return Proof(name=name, licensed=licensed, summary=None, notes=(), problems=problems)
    return Proof(
        name=name,
        licensed=licensed,
        summary=f"{len(loaded.vocabulary)} findings, {len(loaded.outcomes)} outcomes, version {loaded.version[:12]}",
        notes=_notes(base, hospital, licensed=licensed) if hospital else (),
        problems=(),
    )


def _notes(base: Path, hospital: Path, *, licensed: bool) -> tuple[str, ...]:
    is_registered = (hospital / "hospital.toml").is_file() or hospital.name == LOCAL_HOSPITAL
    unused = () if is_registered else (f"{hospital.name}: there is no hospital.toml, so no report is read with these tables.",)
    return unused + shadowed(base, hospital, snomed_affiliate=licensed)
