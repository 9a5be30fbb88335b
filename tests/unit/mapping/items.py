"""Coded items as intake makes them: valid by default, a test overrides one thing."""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from service.mapping import codes
from service.mapping.mapfile import Mappings, load
from service.mapping.translate import translate
from service.model.coded import (
    BooleanValue,
    CodedItem,
    CodedValue,
    Coding,
    Interval,
    ItemKind,
    QuantityValue,
    Reading,
    Report,
    Source,
    TextValue,
    Value,
)
from service.model.finding import Finding, State, Translation, Unmapped

MAPPINGS: Final = Path(__file__).resolve().parents[3] / "mappings"

T12: Final = Coding(codes.RADLEX, "RID29209", "twelfth thoracic vertebra")
LIVER: Final = Coding(codes.RADLEX, "RID58", "liver")
MRI: Final = Coding(codes.LOINC, "24980-5", "MR Thoracic spine")
CORD_COMPRESSION: Final = Coding(codes.SNOMED, "71286001", "Spinal cord compression")
COLLAPSE: Final = Coding(codes.SNOMED, "84138006", "Collapse of vertebra")
COLLAPSE_QUESTION: Final = Coding(codes.RADELEMENT, "RDE155", "Collapse")
PRESENT: Final = Coding(codes.SNOMED, "52101004", "Present")
ABSENT: Final = Coding(codes.SNOMED, "2667000", "Absent")


@cache
def mappings(*, affiliate: bool = False) -> Mappings:
    """Return the tables of the repository, loaded once."""
    return load(MAPPINGS, snomed_affiliate=affiliate)


def local(code: str, display: str | None = None) -> Coding:
    return Coding(codes.LOCAL, code, display)


def radlex(number: int, display: str | None = None) -> Coding:
    return Coding(codes.RADLEX, f"RID{number}", display)


def interpretation(code: str) -> Coding:
    return Coding(codes.INTERPRETATION, code)


def coded(*codings: Coding, text: str | None = None) -> CodedValue:
    return CodedValue(codings=codings, text=text)


def true() -> BooleanValue:
    return BooleanValue(value=True)


def false() -> BooleanValue:
    return BooleanValue(value=False)


def number(low: str | None, high: str | None = None, unit: str | None = "%", **fields: object) -> QuantityValue:
    """Return a number, or with `high` an interval, in a UCUM unit."""
    interval = Interval(
        low=None if low is None else Decimal(low),
        high=Decimal(high) if high is not None else (None if low is None else Decimal(low)),
    )
    known: dict[str, Any] = {"unit_system": codes.UCUM if unit else None, "unit_code": unit, **fields}
    return QuantityValue(interval=interval, **known)


def text(words: str) -> TextValue:
    return TextValue(text=words)


def item(*code: Coding, value: Value | None = None, name: str = "Observation/1", **fields: object) -> CodedItem:
    """Return a final Observation with this code."""
    known: dict[str, Any] = {
        "source": Source(reference=name, version="1", path=name.replace("/", "-")),
        "kind": ItemKind.OBSERVATION,
        "status": "final",
        "code": code,
        "value": value,
    }
    if "sites" in fields:
        known["own_site"] = True
    return CodedItem(**(known | fields))


def component(parent: CodedItem, *code: Coding, value: Value | None = None, **fields: object) -> CodedItem:
    """Return a component of an Observation: it shares the resource and inherits the site."""
    known: dict[str, Any] = {
        "source": replace(parent.source, path=f"{parent.source.path}.component"),
        "kind": ItemKind.COMPONENT,
        "parents": (parent.source.reference, *parent.parents),
        "sites": parent.sites,
        "own_site": False,
    }
    return item(*code, value=value, **(known | fields))


def member(
    parent: CodedItem, *code: Coding, value: Value | None = None, name: str = "Observation/2", **fields: object
) -> CodedItem:
    """Return an Observation that its parent lists in hasMember."""
    known: dict[str, Any] = {"parents": (parent.source.reference, *parent.parents), "sites": parent.sites, "own_site": False}
    return item(*code, value=value, name=name, **(known | fields))


def reading(*items: CodedItem, **fields: object) -> Reading:
    report = Report(
        reference="DiagnosticReport/1",
        identity=None,
        version=None,
        last_updated=None,
        status="final",
        subject=None,
        encounter=None,
        effective=None,
        said_at=None,
    )
    known: dict[str, Any] = {"report": report, "birth_date": None, "gender": None, "items": items, "read": (), "issues": ()}
    return Reading(**(known | fields))


def understood(*items: CodedItem, affiliate: bool = False) -> Translation:
    return translate(reading(*items), mappings(affiliate=affiliate))


def said(*items: CodedItem, affiliate: bool = False) -> list[tuple[str, State, str | None]]:
    """Return what the items mean as (finding, state, value); nothing may be left unmapped."""
    translation = understood(*items, affiliate=affiliate)
    assert translation.unmapped == ()
    return [(each.finding, each.state, each.value) for each in translation.findings]


def refused(*items: CodedItem, affiliate: bool = False) -> list[tuple[str, str | None]]:
    """Return what the items leave unmapped as (reason, finding); nothing may be understood."""
    translation = understood(*items, affiliate=affiliate)
    assert translation.findings == ()
    return [(each.reason, each.finding) for each in translation.unmapped]


def only_finding(*items: CodedItem, affiliate: bool = False) -> Finding:
    (finding,) = understood(*items, affiliate=affiliate).findings
    return finding


def only_unmapped(*items: CodedItem, affiliate: bool = False) -> Unmapped:
    (unmapped,) = understood(*items, affiliate=affiliate).unmapped
    return unmapped
