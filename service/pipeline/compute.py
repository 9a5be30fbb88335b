"""Dossier to assessment: the stages in order, without clock, database or network."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from service.assessment.assess import assess
from service.assessment.assessed import Assessed
from service.assessment.document import document
from service.assessment.statements import say
from service.errors import Fault, InvalidInputError
from service.evidence.tables import Tables
from service.findings.build import Built, build
from service.intake.opened import Opened
from service.intake.read import read
from service.mapping.lookup import NO_MEANING_HERE
from service.mapping.translate import translate
from service.model.assessment import Assessment, Statement
from service.model.case import Case
from service.model.change import Change
from service.model.coded import Issue, Reading, Severity
from service.model.finding import Definition, Translation, Unmapped, Vocabulary
from service.parts import Language, utc_text
from service.pipeline.answered import amendments_of, answers_in, suppositions_of
from service.resources import canonical, risk_assessment

_OUTSIDE: Final[Mapping[str, str]] = {
    "out-of-range": "the number is outside its range",
    "unknown-answer": "the answer is not in the list",
}
"""What strict handling refuses (interfaces section 1); an answer that is merely incomplete carries a sentence of its own."""

_MOST_NAMED: Final = 12
"""Answers that one sentence names."""

_STATUS: Mapping[str, str] = {
    "partial": "preliminary",
    "preliminary": "preliminary",
    "unknown": "preliminary",
    "final": "final",
    "amended": "amended",
    "appended": "amended",
    "corrected": "corrected",
    "cancelled": "entered-in-error",
    "entered-in-error": "entered-in-error",
}
"""DiagnosticReport.status to RiskAssessment.status (interfaces section 3); `registered` is not assessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """Everything that follows from a dossier, before ids, time and order come in.

    Attributes:
        reading: what intake understood.
        case: None = withdrawn.
        assessed: outcomes; None = withdrawn.
        statements, unmapped, issues: as in the assessment.
        status: status of the assessment to be.
        concerns_spine: False = not one item of the report itself meant anything in our vocabulary.
        read: (reference, version) of every resource that the result rests on.
        heard: (name, None) of every answer that holds; they are read like resources.
    """

    reading: Reading
    case: Case | None
    assessed: Assessed | None
    statements: tuple[Statement, ...]
    unmapped: tuple[Unmapped, ...]
    issues: tuple[Issue, ...]
    status: str
    concerns_spine: bool
    read: tuple[tuple[str, str | None], ...]
    heard: tuple[tuple[str, str | None], ...] = ()


def compute(opened: Opened, language: Language, tables: Tables, supposed: Change | None = None) -> Computed:
    """Run intake, mapping, findings and assessment on one dossier, with the answers that it holds.

    Args:
        opened: the dossier, parsed once.
        language: the hospital's mapping tables.
        tables: evidence.
        supposed: what is to be as if it were so; None = nothing.

    Raises:
        InvalidInputError: strict handling and something is wrong, nothing can be assessed, or what is supposed is not understood.
    """
    reading = read(opened)
    if reading.withdrawn:
        return _withdrawn(reading)
    translation = translate(reading, language.mappings)
    if opened.dossier.strict:
        _refuse_outside(translation, language.mappings.vocabulary)
    answered, remarks = amendments_of(answers_in(opened), language.mappings.vocabulary)
    supposition = suppositions_of(supposed, language.mappings.vocabulary, reading.report.said_at) if supposed is not None else ()
    built: Built = build(
        translation, reading, language.mappings.vocabulary, prior=opened.prior, amendments=(*answered, *supposition)
    )
    assessed = assess(built.case, tables)
    return Computed(
        reading=reading,
        case=built.case,
        assessed=assessed,
        statements=say(built.case, assessed),
        unmapped=translation.unmapped + built.unmapped,
        issues=reading.issues + built.issues + remarks + _foreign(translation),
        status=_STATUS.get(reading.report.status, "preliminary"),
        concerns_spine=concerns_spine(translation),
        read=_used(reading, translation),
        heard=tuple((name, None) for name in dict.fromkeys(s.source.reference for each in answered for s in each.statements)),
    )


def _withdrawn(reading: Reading) -> Computed:
    """Return what a withdrawn report comes to: no case, nothing said."""
    return Computed(
        reading=reading,
        case=None,
        assessed=None,
        statements=(),
        unmapped=(),
        issues=reading.issues,
        status="entered-in-error",
        concerns_spine=True,
        read=reading.read,
    )


def concerns_spine(translation: Translation) -> bool:
    """Tell whether the report itself says anything in our vocabulary."""
    return any(not finding.source.from_other_report for finding in translation.findings)


def _used(reading: Reading, translation: Translation) -> tuple[tuple[str, str | None], ...]:
    """Return what the result rests on: everything that was sent or asked for by name, and of the rest what said something."""
    saying = {finding.source.reference for finding in translation.findings}
    return tuple(each for each in reading.read if each[0] not in reading.searched or each[0] in saying)


def _foreign(translation: Translation) -> tuple[Issue, ...]:
    """Say how much of the patient's record means nothing here."""
    number = translation.foreign_codes
    text = f"{number} coded item(s) of the patient's record are in no table: counted, not listed."
    return (Issue(severity=Severity.INFORMATION, code="informational", text=text),) if number else ()


def _refuse_outside(translation: Translation, vocabulary: Vocabulary) -> None:
    """Refuse values outside their range or list; lenient handling lists them and counts them as not assessed.

    Raises:
        InvalidInputError: naming every such value.
    """
    faults = tuple(
        Fault(text=f"{each.finding}: {_OUTSIDE[each.reason]}{_allowed(vocabulary[each.finding])}.", path=each.path, code="value")
        for each in translation.unmapped
        if each.finding is not None and each.reason in _OUTSIDE and each.why in {None, NO_MEANING_HERE}
    )
    if faults:
        raise InvalidInputError(f"{len(faults)} value(s) are not allowed; handling=lenient lists them instead.", faults=faults)


def _allowed(definition: Definition) -> str:
    """Return what is allowed: ` (0 to 100 %)`, ` (lytic, mixed, blastic)`; a level names no list, it is too long."""
    if definition.unit is not None:
        low, high = ("" if side is None else f"{side:f}" for side in (definition.low, definition.high))
        return f" ({low or 'any number'} to {high or 'any number'} {definition.unit})"
    return f" ({', '.join(definition.values)})" if 0 < len(definition.values) <= _MOST_NAMED else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What pipeline adds to a computed result.

    Attributes:
        id: of this version.
        series: of the RiskAssessment.
        hospital: slug.
        supersedes: id of the version before; None = first.
        assessed_at_instant: when, in UTC.
    """

    id: str
    series: str
    hospital: str
    supersedes: str | None
    assessed_at_instant: datetime


def assemble(computed: Computed, identity: Identity, language: Language) -> Assessment:
    """Join a computed result with its identity."""
    assessed = computed.assessed
    return Assessment(
        id=identity.id,
        series=identity.series,
        hospital=identity.hospital,
        status=computed.status,
        report=computed.reading.report,
        supersedes=identity.supersedes,
        assessed_at=utc_text(identity.assessed_at_instant),
        versions=language.versions,
        case=computed.case,
        lesion_outcomes=assessed.lesion_outcomes if assessed else {},
        patient_outcomes=assessed.patient_outcomes if assessed else (),
        statements=computed.statements,
        unmapped=computed.unmapped,
        issues=computed.issues,
        read=computed.read + computed.heard,
    )


_OF_THIS_VERSION: Final = frozenset({"id", "supersedes", "superseded_by", "assessed_at"})
"""Keys that differ between two assessments of equal input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The two renderings of one assessment.

    Attributes:
        content: canonical Assessment JSON.
        resource: RiskAssessment JSON.
        fingerprint: SHA-256 of the content without ids and time: equal inputs under equal versions have equal ones.
    """

    content: bytes
    resource: bytes
    fingerprint: str


def render(assessment: Assessment, language: Language, served: frozenset[str]) -> Rendered:
    """Render an assessment as JSON and as RiskAssessment.

    Args:
        assessment: the assembled assessment.
        language: codes that may be emitted.
        served: references that the target EHR serves; only these become literal in `basis`.
    """
    whole = document(assessment, language.mappings.vocabulary)
    timeless = {key: value for key, value in whole.items() if key not in _OF_THIS_VERSION}
    return Rendered(
        content=canonical.canonical(whole),
        resource=orjson.dumps(risk_assessment.build(assessment, language.emission, served=served)),
        fingerprint=hashlib.sha256(orjson.dumps(timeless, option=orjson.OPT_SORT_KEYS)).hexdigest(),
    )


def says_the_same(one: bytes, other: bytes) -> bool:
    """Tell whether two assessments differ in nothing but ids, time, and where in their input each statement stands."""
    return _said(orjson.loads(one)) == _said(orjson.loads(other))


def _said(content: dict[str, object]) -> object:
    return _without_paths({key: value for key, value in content.items() if key not in _OF_THIS_VERSION})


def _without_paths(element: object) -> object:
    if isinstance(element, dict):
        return {key: _without_paths(value) for key, value in element.items() if key != "path"}
    return [_without_paths(each) for each in element] if isinstance(element, list) else element


def series_of(hospital: str, identity: str) -> str:
    """Return the id of the RiskAssessment that all versions of one report update; a FHIR id, the same for ever."""
    return "sls-" + hashlib.sha256(f"{hospital}|{identity}".encode()).hexdigest()[:32]
