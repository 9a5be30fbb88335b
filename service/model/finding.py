"""Findings: radiological statements in our vocabulary, each with its source; and the vocabulary itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from service.model.coded import Interval, Source


class Kind(StrEnum):
    """Form of a finding's answer (column `kind` of findings.csv)."""

    BOOLEAN = "boolean"
    ENUM = "enum"
    LEVEL = "level"
    QUANTITY = "quantity"
    COUNT = "count"


class Scope(StrEnum):
    """What a finding belongs to (column `scope` of findings.csv); lesion and level both belong to a lesion of the case."""

    LESION = "lesion"
    LEVEL = "level"
    STUDY = "study"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One finding of the vocabulary.

    Attributes:
        key: kebab-case name (`bone-lesion`).
        kind, scope: as above.
        values: allowed answers in the order of the table; empty for numbers. Booleans have `present`, `absent`.
        unit: UCUM unit of a number; None = no number.
        low, high: inclusive range of a number; None = open.
        multi_valued: True = two values are no conflict.
        absent_means: for enums, what a denial means (text of "absent = .."); None = a denial is incomplete.
        meaning: the sentence of the table.
        instruments: instruments that read it.
    """

    key: str
    kind: Kind
    scope: Scope
    values: tuple[str, ...]
    unit: str | None
    low: Decimal | None
    high: Decimal | None
    multi_valued: bool
    absent_means: str | None
    meaning: str
    instruments: tuple[str, ...]


Vocabulary = Mapping[str, Definition]
"""Every finding by key."""


LEAST_SPECIFIC: Final[Mapping[str, str]] = {
    "vertebral-collapse": "some",
    "posterolateral-involvement": "at-least-unilateral",
    "pedicle-destruction": "side-not-stated",
    "vertebral-fracture": "unspecified",
    "spinal-irradiation": "extent-not-stated",
    "neurological-deficit": "present",
    "cord-astrocytoma-grade": "grade-not-stated",
    "lesion-treatment": "kind-not-stated",
    "cord-oedema": "extent-not-stated",
}
"""The value that says no more than "present": what that word answers (D92), and what denies the finding when denied (D94)."""


class State(StrEnum):
    """What is known of a finding."""

    PRESENT = "present"
    ABSENT = "absent"
    NOT_ASSESSED = "not-assessed"
    CONFLICT = "conflict"


NOWHERE: Final = "site:"
"""How the identity of a place begins that is stated in codes which are not understood: it is nobody else's place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a finding sits, in our words; every part may be empty (= not stated).

    Attributes:
        levels: vertebral levels of its site (`T12`).
        discs: disc levels (`T12-L1`).
        regions: `spinal-region` values.
        parts: `lesion-site` values (`pedicle`).
        sides: `laterality` values.
        own: True = stated on the item itself, False = inherited from a parent.
        parents: hasMember ancestors, nearest first.
        identities: lesion identities, strongest first.
    """

    levels: tuple[str, ...] = ()
    discs: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    own: bool = False
    parents: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement: a finding has a value, is denied, or was looked at without an answer.

    Attributes:
        finding: key of the vocabulary.
        state: PRESENT (with `value` or `interval`), ABSENT (denied) or NOT_ASSESSED (said to be uncertain or unknown).
        value: the answer; for ABSENT of an enum, the one value that is denied, None = the finding as a whole. Booleans carry
            `present`. None for numbers and NOT_ASSESSED.
        interval: the number in the vocabulary's unit; None = not a number.
        source: where it is said.
        place: where it sits.
        modality: `modality` values of the examination it was seen on, sorted; empty = not stated.
        study: key of the examination.
        observer: who said it; None = not stated.
        code: `system|code` that carried the meaning.
        flags: outcome flags it brings along (`uncertain-input`, `invalid-input`, ..).
    """

    finding: str
    state: State
    source: Source
    value: str | None = None
    interval: Interval | None = None
    place: Place = Place()
    modality: tuple[str, ...] = ()
    study: str = ""
    observer: str | None = None
    code: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """A coded item that was not understood or not used, and why.

    Attributes:
        system, code, display: as sent; None = absent.
        path: FHIRPath.
        reason: unknown-code, unknown-system, unknown-answer, excluded, excluded-status, display-mismatch,
            condition-not-met, unit-not-understood, out-of-range, level-not-understood, not-for-this-patient, superseded.
        why: our sentence for `excluded` and conditions; None = the reason says it all.
        finding: the finding it would have answered; None = none known. Outcomes that read it carry `invalid-input` when the
            reason is unknown-answer, unit-not-understood or out-of-range.
        place: where the refused answer sits, so that it stays with its lesion; None = not known.
    """

    system: str | None
    code: str | None
    display: str | None
    path: str
    reason: str
    why: str | None = None
    finding: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What mapping makes of the coded items.

    Attributes:
        findings: in document order.
        unmapped: every item that was not understood or not used, with its reason.
        foreign_codes: coded items that a search of the patient's record brought and that are in no table (a broken arm, a blood
            count): counted, because nobody sent them and listing them would bury what was.
    """

    findings: tuple[Finding, ...]
    unmapped: tuple[Unmapped, ...]
    foreign_codes: int = 0
