"""Coded items: what a report says and where it says it, before any meaning."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Coding:
    """One FHIR Coding as sent; None = the element is absent."""

    system: str | None
    code: str
    display: str | None = None


def _plain(number: Decimal | None) -> str:
    """Write a decimal with the digits it was stated in, without exponent: 1.50 stays 1.50."""
    return "" if number is None else f"{number:f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A number known to lie between two bounds; an exact number has equal closed bounds.

    Attributes:
        low, high: bounds; None = unbounded on that side.
        low_open, high_open: True = the bound itself is not included (`> 50` is low 50, open).
    """

    low: Decimal | None
    high: Decimal | None
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def exactly(cls, value: Decimal) -> "Interval":
        """Return the interval that holds one number."""
        return cls(low=value, high=value)

    @property
    def is_exact(self) -> bool:
        """Tell whether the interval holds exactly one number."""
        return self.low is not None and self.low == self.high and not self.low_open and not self.high_open

    def contains(self, number: Decimal) -> bool:
        """Tell whether the number may be this one."""
        above = self.low is None or number > self.low or (number == self.low and not self.low_open)
        below = self.high is None or number < self.high or (number == self.high and not self.high_open)
        return above and below

    def meets(self, low: Decimal, high: Decimal) -> bool:
        """Tell whether some number strictly between the two bounds may be this one."""
        lowest = low if self.low is None else max(low, self.low)
        highest = high if self.high is None else min(high, self.high)
        return lowest < highest or (low < lowest == highest < high and self.contains(lowest))

    @property
    def text(self) -> str:
        """The number as it is written: `50`, `>50`, `<=20`, `>=20 to <40`; empty = any number."""
        if self.is_exact:
            return _plain(self.low)
        lower = f"{'>' if self.low_open else '>='}{_plain(self.low)}" if self.low is not None else ""
        upper = f"{'<' if self.high_open else '<='}{_plain(self.high)}" if self.high is not None else ""
        return " to ".join(bound for bound in (lower, upper) if bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedValue:
    """valueCodeableConcept, valueCode or one coded answer: every coding, and the text beside them."""

    codings: tuple[Coding, ...]
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanValue:
    """valueBoolean."""

    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityValue:
    """valueQuantity, valueInteger, valueRange or valueDecimal as an interval; comparators are open or closed bounds.

    Attributes:
        interval: the number(s), in the unit sent.
        unit_system, unit_code: UCUM system and code; None = not sent.
        unit_text: Quantity.unit as sent; None = not sent.
    """

    interval: Interval
    unit_system: str | None = None
    unit_code: str | None = None
    unit_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextValue:
    """valueString and every other form that carries no code and no number: evidence for people, never scored."""

    text: str


Value = CodedValue | BooleanValue | QuantityValue | TextValue


class ItemKind(StrEnum):
    """Which element of which resource an item comes from."""

    OBSERVATION = "observation"
    COMPONENT = "component"
    CONCLUSION = "conclusion"
    EXAM = "exam"
    CONDITION = "condition"
    PROCEDURE = "procedure"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a statement stands.

    Attributes:
        reference: the resource, `Observation/7` (version-less), or `DiagnosticReport/7#o1` for a contained one, or the
            fullUrl of an entry that has no id.
        version: meta.versionId; None = the server gives none.
        path: FHIRPath from the root of the document (`Bundle.entry[2].resource.component[1]`).
        from_other_report: True = context: not part of the assessed report.
        said_at: effective (else issued) instant of the statement in UTC; None = not stated.
    """

    reference: str
    version: str | None
    path: str
    from_other_report: bool = False
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedItem:
    """One statement in codes: a question with its value, or an assertion, with everything around it that decides its meaning.

    Attributes:
        source: where it stands.
        kind: element it comes from.
        status: status of its resource as sent (`final`, `entered-in-error`, `not-done`, ..).
        verification: Condition.verificationStatus code; None = not a Condition or not stated.
        clinical: Condition.clinicalStatus code; None as above.
        code: every coding of the question or assertion.
        code_text: text beside the codings; evidence only.
        value: None = no value[x].
        absent_reason: dataAbsentReason codings; empty = none.
        interpretation: every coding of every interpretation.
        sites: codings of bodySite, else of the nearest parent that has one; BodyStructure location and qualifiers included.
        site_text: words of a bodySite that has no coding, inherited as `sites` are; None = none. Never read, but it is a place.
        own_site: False = `sites` is inherited.
        method: codings of method, else of the nearest parent, else of the report's exam code.
        own_method: False = `method` is inherited.
        study: key of the examination (method code, else exam code, else the report itself).
        observer: performer reference, identifier or display, inherited through hasMember and component; None = not stated.
        parents: hasMember ancestors, nearest first, by source reference; a component's first parent is its Observation.
        members: number of hasMember members and components below the item (0 = a leaf).
        identities: lesion identities, strongest first (`structure:..`, `tracking:..`, `identifier:..`), own or inherited;
            empty = none.
        is_searched: True = context that a search of ours brought: nobody sent it with the report.
        is_recent: False = history that was said outside the context window, or found without a date: it counts as history of
            cancer or of treatment only.
    """

    source: Source
    kind: ItemKind
    status: str
    code: tuple[Coding, ...]
    code_text: str | None = None
    value: Value | None = None
    verification: str | None = None
    clinical: str | None = None
    absent_reason: tuple[Coding, ...] = ()
    interpretation: tuple[Coding, ...] = ()
    sites: tuple[Coding, ...] = ()
    site_text: str | None = None
    own_site: bool = False
    method: tuple[Coding, ...] = ()
    own_method: bool = False
    study: str = ""
    observer: str | None = None
    parents: tuple[str, ...] = ()
    members: int = 0
    identities: tuple[str, ...] = ()
    is_searched: bool = False
    is_recent: bool = True


class Severity(StrEnum):
    """FHIR issue severity."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Something said about the input that is not a finding; never holds a patient's name or value text.

    Attributes:
        severity: FHIR issue severity.
        code: FHIR issue-type code (`invalid`, `not-found`, `conflict`, `informational`, ..).
        text: one sentence for a person.
        path: FHIRPath; None = the input as a whole.
    """

    severity: Severity
    code: str
    text: str
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The assessed DiagnosticReport as far as later stages need it.

    Attributes:
        reference: `DiagnosticReport/7`; None = it has neither id nor fullUrl.
        identity: what makes two receipts speak of the same report: `reference` below the EHR base, else
            `identifier` as `system|value`; None = neither (a dry run only).
        version: meta.versionId; None = none given (its content hash stands in).
        last_updated: meta.lastUpdated as sent; None = none.
        status: DiagnosticReport.status.
        subject: Patient reference as sent, made relative (`Patient/9`); None = not stated.
        encounter: Encounter reference, relative; None.
        effective: effectiveDateTime (or Period start) as sent, with the report's own precision; None.
        said_at: the same as an instant in UTC, else issued; None.
        security: strictest meta.security codings of the inputs, sorted.
    """

    reference: str | None
    identity: str | None
    version: str | None
    last_updated: str | None
    status: str
    subject: str | None
    encounter: str | None
    effective: str | None
    said_at: datetime | None
    security: tuple[Coding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What intake makes of a dossier.

    Attributes:
        report: the assessed report.
        birth_date: Patient.birthDate as sent (`1971`, `1971-05`, `1971-05-03`); None.
        gender: Patient.gender; None.
        items: every coded item in document order.
        read: (reference, version) of every resource used, in document order; literal references only.
        issues: what was left out, and why.
        withdrawn: True = the report is entered-in-error, cancelled or gone.
        dropped: what was left out before translation.
        searched: references of context that a search of ours brought; what of it says nothing is no source of the result.
    """

    report: Report
    birth_date: str | None
    gender: str | None
    items: tuple[CodedItem, ...]
    read: tuple[tuple[str, str | None], ...]
    issues: tuple[Issue, ...]
    withdrawn: bool = False
    dropped: tuple["Dropped", ...] = field(default=())
    searched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A resource that was left out before translation; its codings become unmapped rows.

    Attributes:
        codings: codings of its code element.
        path: FHIRPath of the resource.
        reason: of interfaces section 1 (`not-for-this-patient`, `excluded-status`, `superseded`, `condition-not-met`).
        why: what it would have needed, in words; None = the reason says it all.
    """

    codings: tuple[Coding, ...]
    path: str
    reason: str
    why: str | None = None
