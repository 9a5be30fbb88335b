"""What real reports would leave unmapped: counted over many, for the people who keep a hospital's tables.

Nothing of a patient is in the result: codes, displays and reasons are; texts, values and ids are not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.errors import ServiceError
from service.intake.opened import open_dossier
from service.intake.parse import Limits
from service.intake.read import read
from service.mapping.translate import translate
from service.model.coded import ItemKind, Reading
from service.model.finding import Translation, Unmapped
from service.parts import Language
from service.pipeline.pool import Piece, Unread, pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One code that is left unmapped for one reason.

    Attributes:
        system, code, display: as sent; None = absent (a statement in words only has none of them).
        reason: as in `unmapped` of an assessment.
        why: our sentence; None = the reason says it all.
        count: how many statements carry it.
        example: file and FHIRPath of one of them.
    """

    system: str | None
    code: str | None
    display: str | None
    reason: str
    why: str | None
    count: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was looked at and what of it is used.

    Attributes:
        reports: reports looked at, and Observations that no report lists.
        statements: coded statements in them; headings of groups are none.
        used: those of them that say something in the vocabulary.
        gaps: everything else, most frequent first.
        unread: files and lines that could not be looked at.
    """

    reports: int
    statements: int
    used: int
    gaps: tuple[Gap, ...]
    unread: tuple[Unread, ...]


def cover(files: Iterable[tuple[str, bytes]], language: Language, limits: Limits, context_days: int) -> Coverage:
    """Look at reports and say what they leave unmapped.

    Args:
        files: name and content of each.
        language: tables of the hospital that the reports are from.
        limits: size limits of one resource.
        context_days: window for context.
    """
    gaps: dict[tuple[str | None, str | None, str], Gap] = {}
    unread: list[Unread] = []
    reports = statements = used = 0
    for piece in pieces(files, limits, context_days):
        looked = piece if isinstance(piece, Unread) else _look(piece, language, limits)
        if isinstance(looked, Unread):
            unread.append(looked)
            continue
        reading, translation = looked
        reports += 1
        saying, listed = _said(reading, translation)
        used += len(saying)
        statements += len(saying | listed)
        for row in translation.unmapped:
            _count(gaps, row, piece.name)
    ordered = sorted(gaps.values(), key=lambda gap: (-gap.count, gap.reason, gap.system or "", gap.code or ""))
    return Coverage(reports=reports, statements=statements, used=used, gaps=tuple(ordered), unread=tuple(unread))


def _look(piece: Piece, language: Language, limits: Limits) -> tuple[Reading, Translation] | Unread:
    try:
        reading = read(open_dossier(piece.dossier, limits))
    except ServiceError as error:
        return Unread(name=piece.name, text=error.faults[0].text)
    return reading, translate(reading, language.mappings)


def _said(reading: Reading, translation: Translation) -> tuple[set[str], set[str]]:
    """Return the paths of the statements that are used, and of those that are listed; a site is part of its statement."""
    paths = {item.source.path for item in reading.items if item.kind is not ItemKind.PATIENT}
    paths |= {dropped.path for dropped in reading.dropped}
    saying = {finding.source.path for finding in translation.findings} & paths
    return saying, {row.path for row in translation.unmapped} & paths


def _count(gaps: dict[tuple[str | None, str | None, str], Gap], row: Unmapped, name: str) -> None:
    key = (row.system, row.code, row.reason)
    known = gaps.get(key)
    if known is not None:
        gaps[key] = replace(known, count=known.count + 1, display=known.display or row.display)
        return
    gaps[key] = Gap(
        system=row.system,
        code=row.code,
        display=row.display,
        reason=row.reason,
        why=row.why,
        count=1,
        example=f"{name} {row.path}",
    )
