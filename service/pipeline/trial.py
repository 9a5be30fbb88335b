"""One report, statement by statement: from its codes to the findings that instruments read. For people who keep mapping tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.assessment.catalogue import CATALOGUE, POINTERS
from service.evidence.tables import Tables
from service.intake.opened import open_dossier
from service.intake.parse import Limits
from service.intake.read import read
from service.mapping.codes import NAMES
from service.mapping.translate import translate
from service.model.case import Case
from service.model.dossier import Dossier
from service.model.finding import Finding, State, Unmapped
from service.model.lesion import Known
from service.parts import Language
from service.pipeline.compute import compute

STUDY: Final = "study"
PATIENT: Final = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One finding that a code says, or that follows from others.

    Attributes:
        path: FHIRPath of the statement; the derivation (`D18`) for what follows.
        code: short name of its system, and the code; empty for what follows.
        finding: key of the vocabulary.
        value: value, number with unit, `absent`, `not <value>`, or `not assessed`.
        place: lesion id, `study`, `patient`; None = it belongs to nothing that could be told.
        instruments: keys of the instruments that read the finding.
    """

    path: str
    code: str
    finding: str
    value: str
    place: str | None
    instruments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What becomes of every code of a report.

    Attributes:
        lesions: lesion id and where it is, in words.
        stated: what codes say, in document order.
        derived: what follows from it.
        unmapped: what was not understood or not used.
        issues: what else must be known, as sentences.
    """

    lesions: tuple[tuple[str, str], ...]
    stated: tuple[TrialRow, ...]
    derived: tuple[TrialRow, ...]
    unmapped: tuple[Unmapped, ...]
    issues: tuple[str, ...]


def attempt(dossier: Dossier, language: Language, tables: Tables, limits: Limits) -> Trial:
    """Look at one report; nothing is stored.

    Raises:
        InvalidJsonError, InvalidInputError, NoReportError: it cannot be read.
    """
    opened = open_dossier(dossier, limits)
    translation = translate(read(opened), language.mappings)
    computed = compute(opened, language, tables)
    case = computed.case
    places = _places(case) if case is not None else {}
    return Trial(
        lesions=tuple((lesion.id, lesion.site.text) for lesion in (case.lesions if case is not None else ())),
        stated=tuple(_stated(each, places, language) for each in translation.findings),
        derived=tuple(_derived(case, language)) if case is not None else (),
        unmapped=computed.unmapped,
        issues=tuple(f"{each.text} {each.path or ''}".strip() for each in computed.issues),
    )


def _places(case: Case) -> dict[tuple[str, str], str]:
    """Return which lesion, study or patient a statement went to, by reference and path."""
    found: dict[tuple[str, str], str] = {}
    for place, known in _known(case):
        for said in known.sources:
            found.setdefault((said.source.reference, said.source.path), place)
    return found


def _known(case: Case) -> Iterator[tuple[str, Known]]:
    for lesion in case.lesions:
        yield from ((lesion.id, known) for known in lesion.findings.values())
    yield from ((STUDY, known) for known in case.study.values())
    yield from ((PATIENT, known) for known in case.patient.values())


def _stated(said: Finding, places: dict[tuple[str, str], str], language: Language) -> TrialRow:
    return TrialRow(
        path=said.source.path,
        code=_named(said.code),
        finding=said.finding,
        value=_value(said.state, (said.value,) if said.value else (), said, language),
        place=places.get((said.source.reference, said.source.path)),
        instruments=_readers(said.finding),
    )


def _derived(case: Case, language: Language) -> Iterator[TrialRow]:
    for place, known in _known(case):
        if known.derived_by is not None:
            yield TrialRow(
                path=known.derived_by,
                code="",
                finding=known.finding,
                value=_value(known.state, known.values, known, language),
                place=place,
                instruments=_readers(known.finding),
            )


def _value(state: State, values: tuple[str, ...], said: Finding | Known, language: Language) -> str:
    """Write what is known of a finding in a word."""
    if state is State.NOT_ASSESSED:
        return "not assessed"
    if state is State.ABSENT:
        return f"not {values[0]}" if values else "absent"
    if said.interval is not None:
        return f"{said.interval.text} {language.mappings.vocabulary[said.finding].unit}"
    return " or ".join(values)


def _readers(finding: str) -> tuple[str, ...]:
    """Return the instruments and pointers that read a finding."""
    readers = (*((each.key, each.reads) for each in CATALOGUE), *((each.key, each.reads) for each in POINTERS))
    return tuple(key for key, reads in readers if finding in reads)


def _named(code: str) -> str:
    """Write `system|code` with the short name of the system where it has one."""
    system, _, word = code.rpartition("|")
    return f"{NAMES.get(system, system)} {word}"
