"""Statements in few words: findings as mapping hands them over, and the case that is built of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

from service.findings.build import Built, build
from service.mapping.table import read
from service.mapping.vocabulary import read_vocabulary
from service.model.change import Amendment
from service.model.coded import CodedItem, Coding, Interval, ItemKind, Reading, Report, Source
from service.model.finding import Finding, Place, State, Translation, Unmapped, Vocabulary
from service.model.lesion import Known, Lesion

_MAPPINGS: Final = Path(__file__).parents[3] / "mappings"
_NUMBERS: Final = count(1)
REPORT_AT: Final = datetime(2026, 1, 10, 9, tzinfo=UTC)


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary that is shipped."""
    return read_vocabulary(read(_MAPPINGS, snomed_affiliate=False).findings)


def place(
    *levels: str,
    discs: Sequence[str] = (),
    regions: Sequence[str] = (),
    parts: Sequence[str] = (),
    sides: Sequence[str] = (),
    own: bool = True,
    parents: Sequence[str] = (),
    identities: Sequence[str] = (),
) -> Place:
    """Return a place; `place("T7")` is a site of the statement's own."""
    return Place(
        levels=levels,
        discs=tuple(discs),
        regions=tuple(regions),
        parts=tuple(parts),
        sides=tuple(sides),
        own=own,
        parents=tuple(parents),
        identities=tuple(identities),
    )


def said(
    finding: str,
    told: str | Interval | Decimal | float | None = "present",
    where: Place | str | None = None,
    *,
    context: bool = False,
    at: datetime | None = None,
    observer: str | None = None,
    study: str = "",
    modality: Sequence[str] = (),
    code: str = "",
    flags: Sequence[str] = (),
    reference: str | None = None,
    path: str | None = None,
) -> Finding:
    """Return one statement.

    Args:
        finding: key.
        told: a value, `absent`, `not <value>` (one value denied), `?` (uncertain), or a number.
        where: a level or a place; None = not stated.
        context: True = of another report.
        at: when it was said.
        observer, study, modality, code, flags: as in Finding.
        reference, path: where it stands; None = an Observation of its own.
    """
    here = reference or f"Observation/{next(_NUMBERS)}"
    site = place(where) if isinstance(where, str) else where or Place()
    state, value, interval = _told(told)
    return Finding(
        finding=finding,
        state=state,
        value=value,
        interval=interval,
        source=Source(reference=here, version="1", path=path or here, from_other_report=context, said_at=at),
        place=site,
        modality=tuple(modality),
        study=study,
        observer=observer,
        code=code,
        flags=(*flags, "uncertain-input") if told == "?" else tuple(flags),
    )


def _told(told: str | Interval | Decimal | float | None) -> tuple[State, str | None, Interval | None]:
    match told:
        case "?":
            return State.NOT_ASSESSED, None, None
        case "absent":
            return State.ABSENT, None, None
        case str() if told.startswith("not "):
            return State.ABSENT, told.removeprefix("not "), None
        case str() | None:
            return State.PRESENT, told, None
        case Interval():
            return State.PRESENT, None, told
        case _:
            return State.PRESENT, None, Interval.exactly(Decimal(str(told)))


def component(
    owner: str, number: int, finding: str, told: str | Interval | float = "present", where: Place | None = None
) -> Finding:
    """Return a component of an Observation; its site is that of its owner."""
    site = replace(where or Place(), own=False, parents=(owner, *(where.parents if where else ())))
    return said(finding, told, site, reference=owner, path=f"{owner}.component[{number}]")


def member(
    group: str | Sequence[str], finding: str, told: str | Interval | float = "present", where: Place | None = None
) -> Finding:
    """Return a member of a group (or of nested groups, the nearest first)."""
    parents = (group,) if isinstance(group, str) else tuple(group)
    return said(finding, told, replace(where or Place(), parents=parents))


def item(statement: Finding, *, sites: Sequence[Coding] = ()) -> CodedItem:
    """Return the coded item of a statement."""
    return CodedItem(
        source=statement.source,
        kind=ItemKind.OBSERVATION,
        status="final",
        code=(),
        sites=tuple(sites),
        own_site=bool(sites) and statement.place.own,
        parents=statement.place.parents,
        identities=statement.place.identities,
    )


def reading(
    items: Iterable[CodedItem] = (),
    *,
    birth_date: str | None = None,
    gender: str | None = None,
    effective: str | None = "2026-01-10T10:00:00+01:00",
    at: datetime | None = REPORT_AT,
) -> Reading:
    """Return what intake read."""
    report = Report(
        reference="DiagnosticReport/1",
        identity="DiagnosticReport/1",
        version="1",
        last_updated=None,
        status="final",
        subject="Patient/1",
        encounter=None,
        effective=effective,
        said_at=at,
    )
    return Reading(report=report, birth_date=birth_date, gender=gender, items=tuple(items), read=(), issues=())


def built(
    *statements: Finding,
    of: Reading | None = None,
    unmapped: Sequence[Unmapped] = (),
    prior: Decimal | None = None,
    amendments: Sequence[Amendment] = (),
) -> Built:
    """Build the case of statements in document order."""
    known = of or reading(map(item, statements))
    translation = Translation(findings=statements, unmapped=tuple(unmapped))
    return build(translation, known, vocabulary(), prior=prior, amendments=amendments)


def lesions(*statements: Finding) -> tuple[Lesion, ...]:
    """Return the lesions of statements."""
    return built(*statements).case.lesions


def only(*statements: Finding) -> Lesion:
    """Return the one lesion of statements."""
    (lesion,) = lesions(*statements)
    return lesion


def word(known: Known | None) -> object:
    """Return what is known in short: a value, `absent`, `?`, a set of conflicting values, a tuple of several, or an interval."""
    if known is None:
        return None
    if known.interval is not None:
        return known.interval.low if known.interval.is_exact else (known.interval.low, known.interval.high)
    match known.state:
        case State.ABSENT:
            return "absent"
        case State.NOT_ASSESSED:
            return "?"
        case State.CONFLICT:
            return set(known.values)
        case _:
            return known.values[0] if len(known.values) == 1 else known.values


def words(lesion: Lesion) -> dict[str, object]:
    """Return everything known of a lesion in short."""
    return {finding: word(known) for finding, known in lesion.findings.items()}
