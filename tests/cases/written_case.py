"""Cases as sentences: findings of lesions, study and patient in the words of the vocabulary, and what must follow.

A statement is a value, a number, `"absent"` (denied), `"uncertain"`, or a table with `value` (or `denied`, or `low` and `high`) and
`comparator`, `observer`, `modality`, `site` (a `lesion-site` or a region) or `from_other_report`; a list holds several statements.
What is not named is not assessed. `prior` is the caller's prior probability.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from service.findings.build import build
from service.mapping.mapfile import load
from service.mapping.unit import fits, is_void_divisor
from service.model.case import Case
from service.model.coded import CodedItem, Interval, ItemKind, Reading, Report, Source
from service.model.finding import Definition, Finding, Kind, Place, State, Translation, Unmapped, Vocabulary

HERE: Final = Path(__file__).parent
_MAPPINGS: Final = HERE.parent.parent / "mappings"
_PATIENT: Final = "patient"
_BELOW: Final = frozenset({"<", "<="})
_STRICT: Final = frozenset({"<", ">"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenCase:
    """One sentence of a case file.

    Attributes:
        id, why, source: what it is, the reasoning, where it is printed.
        lesions, study, patient: statements by finding.
        prior: the caller's prior probability; None = none is stated.
        expected: by instrument, what must hold of the outcome (of the first lesion written, or of the patient).
    """

    id: str
    why: str
    source: str
    lesions: tuple[Mapping[str, Any], ...]
    study: Mapping[str, Any]
    patient: Mapping[str, Any]
    prior: Decimal | None
    expected: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltCase:
    """A written case after the findings stage.

    Attributes:
        case: what the instruments see.
        first: id of the first lesion written; None = the case has none.
        refused: findings with a value that the vocabulary does not allow.
    """

    case: Case
    first: str | None
    refused: frozenset[str]


def written_cases() -> tuple[WrittenCase, ...]:
    """Read every case file of this folder."""
    return tuple(
        WrittenCase(
            id=told["id"],
            why=told["why"],
            source=told["source"],
            lesions=tuple(told.get("lesion", ())),
            study=told.get("study", {}),
            patient=told.get("patient", {}),
            prior=Decimal(str(told["prior"])) if "prior" in told else None,
            expected=told["expected"],
        )
        for file in sorted(HERE.glob("*.toml"))
        for told in tomllib.loads(file.read_text("utf-8"))["case"]
    )


def build_case(written: WrittenCase) -> BuiltCase:
    """Turn the statements into findings and these into a case, as for a report whose lesions carry identities."""
    findings: list[Finding] = []
    refused: list[Unmapped] = []
    items: list[CodedItem] = []
    for whose, told in _told(written):
        place = _place(whose, told)
        for number, (finding, answer) in enumerate((key, each) for key, said in told.items() for each in _listed(said)):
            definition = _vocabulary()[finding]
            source = Source(reference=f"Observation/{whose}-{number}", version="1", path=f"{whose}.{finding}[{number}]")
            items.append(CodedItem(source=source, kind=ItemKind.OBSERVATION, status="final", code=()))
            if _is_allowed(definition, answer):
                findings.append(_finding(definition, answer, source, place))
            else:
                refused.append(_refusal(definition, source, place))
    reading = Reading(report=_report(), birth_date=None, gender=None, items=tuple(items), read=(), issues=())
    case = build(Translation(findings=tuple(findings), unmapped=tuple(refused)), reading, _vocabulary(), prior=written.prior).case
    first = next((lesion.id for lesion in case.lesions if str(lesion.source).startswith("Observation/lesion1-")), None)
    return BuiltCase(case=case, first=first, refused=frozenset(row.finding for row in refused if row.finding))


def _told(written: WrittenCase) -> Iterable[tuple[str, Mapping[str, Any]]]:
    yield from ((f"lesion{number}", told) for number, told in enumerate(written.lesions, start=1))
    yield from (("study", written.study), (_PATIENT, written.patient))


def _place(whose: str, told: Mapping[str, Any]) -> Place:
    if not whose.startswith("lesion"):
        return Place()
    levels, discs, regions = (tuple(_listed(told.get(each, []))) for each in ("vertebral-level", "disc-level", "spinal-region"))
    return Place(levels=levels, discs=discs, regions=regions, own=True, identities=(f"tracking:{whose}",))


def _placed(place: Place, site: str | None) -> Place:
    """Return the place of a statement that names its own part of the body."""
    if site is None:
        return place
    is_part = site in _vocabulary()["lesion-site"].values
    return replace(place, own=True, parts=(site,)) if is_part else replace(place, own=True, regions=(site,))


def _finding(definition: Definition, answer: object, source: Source, place: Place) -> Finding:
    told: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {"value": answer}
    state, value, interval = _meaning(definition, told)
    context = bool(told.get("from_other_report", False))
    return Finding(
        finding=definition.key,
        state=state,
        value=value,
        interval=interval,
        source=Source(reference=source.reference, version=source.version, path=source.path, from_other_report=context),
        place=_placed(place, told.get("site")),
        modality=tuple(_listed(told.get("modality", []))),
        study=str(told.get("modality", "")),
        observer=told.get("observer"),
        flags=("uncertain-input",) if told.get("value") == "uncertain" else (),
    )


def _meaning(definition: Definition, told: Mapping[str, Any]) -> tuple[State, str | None, Interval | None]:
    if "denied" in told:
        return State.ABSENT, told["denied"], None
    if told.get("value") == "uncertain":
        return State.NOT_ASSESSED, None, None
    if definition.kind in {Kind.QUANTITY, Kind.COUNT}:
        return State.PRESENT, None, _interval(told)
    match told["value"]:
        case "absent":
            return State.ABSENT, None, None
        case value:
            return State.PRESENT, value, None


def _interval(told: Mapping[str, Any]) -> Interval:
    if "low" in told:
        return Interval(low=Decimal(str(told["low"])), high=Decimal(str(told["high"])))
    number, comparator = Decimal(str(told["value"])), told.get("comparator")
    if comparator is None:
        return Interval.exactly(number)
    if comparator in _BELOW:
        return Interval(low=None, high=number, high_open=comparator in _STRICT)
    return Interval(low=number, high=None, low_open=comparator in _STRICT)


def _is_allowed(definition: Definition, answer: object) -> bool:
    """Tell whether mapping would take the value: in the list, or in the range."""
    value = answer.get("value") if isinstance(answer, Mapping) else answer
    if isinstance(value, str):
        return value in {*definition.values, "absent", "uncertain"}
    if value is None:
        return True
    number = Interval.exactly(Decimal(str(value)))
    return fits(number, definition.low, definition.high) and not is_void_divisor(definition.key, number)


def _refusal(definition: Definition, source: Source, place: Place) -> Unmapped:
    reason = "out-of-range" if definition.unit else "unknown-answer"
    return Unmapped(system=None, code=None, display=None, path=source.path, reason=reason, finding=definition.key, place=place)


def _report() -> Report:
    return Report(
        reference="DiagnosticReport/1",
        identity="DiagnosticReport/1",
        version="1",
        last_updated=None,
        status="final",
        subject=None,
        encounter=None,
        effective=None,
        said_at=None,
    )


def _listed(answer: object) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


@cache
def _vocabulary() -> Vocabulary:
    """The finding vocabulary shipped with the service."""
    return load(_MAPPINGS, snomed_affiliate=False).vocabulary
