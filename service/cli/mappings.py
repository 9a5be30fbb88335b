"""`mappings check|coverage|try`: prove the mapping tables, and see what they make of real reports."""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from service import settings
from service.app import build_parts
from service.cli.columns import columns
from service.errors import SettingsError
from service.hospitals import LOCAL_HOSPITAL
from service.model.dossier import Document, Dossier, Origin
from service.parts import Parts
from service.pipeline.coverage import Coverage, cover
from service.pipeline.pool import EXPORT_SUFFIXES
from service.pipeline.proof import Proof, prove
from service.pipeline.trial import Trial, TrialRow, attempt

_REPORTS: Final = frozenset({".json", *EXPORT_SUFFIXES})


def add(parser: argparse.ArgumentParser) -> None:
    """Register the words of `mappings`."""
    actions = parser.add_subparsers(dest="action", required=True)
    checking = actions.add_parser("check", help="prove the tables: check digits, meanings, conditions, unknown findings")
    checking.add_argument("hospital", nargs="?", help="slug of one hospital; none = the base tables, and every hospital's")
    checking.set_defaults(run=check)
    covering = actions.add_parser("coverage", help="what a folder of real reports would leave unmapped, most frequent first")
    covering.add_argument("files", nargs="+", type=Path, help="JSON (Bundles, reports), NDJSON exports, or folders of them")
    covering.set_defaults(run=coverage)
    trying = actions.add_parser("try", help="one report: from its codes to the findings that instruments read")
    trying.add_argument("file", type=Path, help="FHIR JSON: a Bundle with a DiagnosticReport, Parameters, or a report")
    trying.set_defaults(run=attempt_one)
    for each in (covering, trying):
        each.add_argument("--hospital", default=LOCAL_HOSPITAL, help="whose tables (default: %(default)s)")


def check(arguments: argparse.Namespace) -> int:
    """Load every table with and without the licensed rows; print each problem once; 0 only when there is none."""
    proofs = prove(settings.load(), arguments.hospital)
    sys.stdout.writelines(f"{line}\n" for line in dict.fromkeys(line for proof in proofs for line in _of_proof(proof)))
    return 1 if any(proof.problems for proof in proofs) else 0


def _of_proof(proof: Proof) -> Iterator[str]:
    yield from proof.problems
    yield from (f"note: {note}" for note in proof.notes)
    if proof.summary is not None:
        yield f"{proof.name}, {'with licensed rows' if proof.licensed else 'open rows only'}: {proof.summary}"


def coverage(arguments: argparse.Namespace) -> int:
    """Print what the reports would leave unmapped; 1 when some file could not be looked at."""
    with _parts() as parts:
        hospital = parts.hospital(arguments.hospital)
        files = ((str(file), _read(file)) for file in _files(arguments.files))
        found = cover(files, parts.languages[hospital.slug], parts.limits, hospital.context_days)
    sys.stdout.writelines(f"{line}\n" for line in _of_coverage(found))
    return 1 if found.unread else 0


def _of_coverage(found: Coverage) -> Iterator[str]:
    share = f"{100 * found.used / found.statements:.0f} %" if found.statements else "none"
    yield f"{found.reports} report(s), {found.statements} coded statement(s), {found.used} used ({share})"
    if found.gaps:
        rows = [
            (str(gap.count), gap.reason, gap.system or "-", gap.code or "-", gap.display or "-", gap.why or "-", gap.example)
            for gap in found.gaps
        ]
        yield ""
        yield from columns(("count", "reason", "system", "code", "display", "why", "example"), rows)
    yield from (f"not read: {each.name}: {each.text}" for each in found.unread)


def attempt_one(arguments: argparse.Namespace) -> int:
    """Print what becomes of every code of one report."""
    with _parts() as parts:
        hospital = parts.hospital(arguments.hospital)
        dossier = Dossier(
            hospital=hospital.slug,
            ehr_base=None,
            report=None,
            context_days=hospital.context_days,
            strict=False,
            documents=(Document(origin=Origin.POSTED, request="", status=200, body=_read(arguments.file)),),
        )
        tried = attempt(dossier, parts.languages[hospital.slug], parts.tables, parts.limits)
    sys.stdout.writelines(f"{line}\n" for line in _of_trial(tried))
    return 0


def _of_trial(tried: Trial) -> Iterator[str]:
    yield from (f"{lesion}: {site}" for lesion, site in tried.lesions)
    yield ""
    head = ("path", "code", "finding = value", "of", "read by")
    yield from columns(head, [_of_row(each) for each in (*tried.stated, *tried.derived)])
    if tried.unmapped:
        yield ""
        rows = [
            (row.path, f"{row.system or '-'}|{row.code or '-'}", row.display or "-", row.reason, row.why or "-")
            for row in tried.unmapped
        ]
        yield from columns(("not used: path", "code", "display", "reason", "why"), rows)
    if tried.issues:
        yield ""
        yield from (f"note: {issue}" for issue in tried.issues)


def _of_row(row: TrialRow) -> tuple[str, ...]:
    return row.path, row.code or "(follows)", f"{row.finding} = {row.value}", row.place or "-", " ".join(row.instruments) or "-"


@contextmanager
def _parts() -> Iterator[Parts]:
    """Build the parts on a database that nothing is written to."""
    with tempfile.TemporaryDirectory() as folder:
        parts = build_parts(settings.load().model_copy(update={"database_url": f"sqlite:///{folder}/unused.db"}))
        yield parts
        parts.database.close()


def _files(named: Iterable[Path]) -> Iterator[Path]:
    """Yield files, and of a folder all that look like reports, by name."""
    for path in named:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.suffix in _REPORTS and each.is_file())
        else:
            yield path


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"mappings: a file cannot be read ({type(error).__name__}).") from None
