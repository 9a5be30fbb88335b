"""Concepts: what one code means, in every place where it can stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Role(StrEnum):
    """Where a code stands (column `role` of codings.csv)."""

    QUESTION = "question"
    ANSWER = "answer"
    PRESENCE = "presence"
    MODALITY = "modality"
    SITE = "site"
    ASSERTION = "assertion"
    PRIMARY = "primary"
    HISTORY = "history"


class Polarity(StrEnum):
    """What is said of a finding (column `polarity`)."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCERTAIN = "uncertain"
    UNKNOWN = "unknown"


class Match(IntEnum):
    """How well a code says the finding (column `match`), best first."""

    EXACT = 0
    CLOSE = 1
    BROADER = 2


class Condition(StrEnum):
    """What must be true around a code before it counts (column `condition` of conditional.csv)."""

    NONE = "none"
    SPINAL_SITE = "needs-spinal-site"
    VERTEBRA_SITE = "needs-vertebra-site"
    SAME_LESION_SITE = "needs-same-lesion-site"
    BONE_LESION = "needs-bone-lesion"
    BONE_SCAN = "needs-bone-scan"
    FDG_PET = "needs-fdg-pet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One row of codings.csv with its row of conditional.csv.

    Attributes:
        finding: key of the vocabulary.
        value: value of the finding; None = the row names none (open questions, "indeterminate").
        polarity: what the code says by itself.
        role: where the code stands.
        match: how well it says the finding.
        condition: what must be true around it.
        why: reason of the condition or of the match; None = none given.
        code: `system|code`.
        modality: examination that the code itself names; empty = none.
    """

    finding: str
    value: str | None
    polarity: Polarity
    role: Role
    match: Match
    condition: Condition
    why: str | None
    code: str
    modality: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Barred:
    """One row of excluded.csv: what the code must not be read as.

    Attributes:
        finding: the nearest finding; None = none is near.
        value: the value that is barred; None = any.
        why: our sentence.
    """

    finding: str | None
    value: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """One code and everything it can mean.

    Attributes:
        code: `system|code`.
        terms: its displays in the tables, as `codes.term` writes them.
        keys: (finding, value) pairs and presence words that its terms may stand for.
        needs_display: True = it counts only beside its own display (RadElement value codes).
        is_wrapper: True = the finding stands in the value ("Clinical finding", ASSERTION).
        questions, assertions, history, exams, sites: meanings by place; `assertions` holds role primary too.
        answers: meanings as an answer, by finding; rows of role answer before all others.
        presence: the word for present, absent, .. that it is; None = it is none.
        is_vertebra: True = it names a vertebra, if only by kind ("thoracic vertebra").
        barred: why it is not read, or not read as something.
    """

    code: str
    terms: frozenset[str] = frozenset()
    keys: frozenset[tuple[str, str]] = frozenset()
    needs_display: bool = False
    is_wrapper: bool = False
    questions: tuple[Meaning, ...] = ()
    assertions: tuple[Meaning, ...] = ()
    history: tuple[Meaning, ...] = ()
    exams: tuple[Meaning, ...] = ()
    sites: tuple[Meaning, ...] = ()
    answers: Mapping[str, tuple[Meaning, ...]] = field(default_factory=dict)
    presence: Polarity | None = None
    is_vertebra: bool = False
    barred: tuple[Barred, ...] = ()
