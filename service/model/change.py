"""Changes to what a report says: what somebody supposes (what-if) or answers, for one lesion, the study or the patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.model.coded import Interval
from service.model.finding import Finding

STUDY: Final = "study"
PATIENT: Final = "patient"
"""Places beside the lesions (`lesion-1`, ..)."""

Answer = str | bool | Interval
"""A word of the vocabulary (`absent` = denied), yes or no, or a number in the unit of the vocabulary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One finding with its value, before it is held against the vocabulary.

    Attributes:
        place: lesion id, `study` or `patient`.
        finding: key as sent.
        answers: one, or several of a multi-valued finding.
        path: where it stands in the body (`set.lesion-1.spinal-pain`).
    """

    place: str
    finding: str
    answers: tuple[Answer, ...]
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One finding that is to be as if nobody had stated it; fields as in `Told`."""

    place: str
    finding: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A posted change.

    Attributes:
        told, taken: in the order of the body; never both empty, and no finding of a place in both.
        who: who says it; None = nobody (what-if).
        at: when it was said, in UTC; None as above.
    """

    told: tuple[Told, ...]
    taken: tuple[Taken, ...]
    who: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The lesion that was spoken of, described so that it is found again in another version of the report.

    Attributes:
        site: its site in words then (`T12`).
        lesion: its id then, where others had the same site; None = it was the only one there.
        identities: lesion identities that its statements bore then.
        report_version: version of the report then; None = the server gives none.
    """

    site: str
    lesion: str | None = None
    identities: frozenset[str] = frozenset()
    report_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer as it was kept.

    Attributes:
        name: `assessments/../answers/..`: the assessment that was answered, and the answer.
        change: what was answered, signed.
        anchors: the lesions it speaks of, by the ids that it uses.
    """

    name: str
    change: Change
    anchors: Mapping[str, Anchor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One finding of one place, put in beside what the report says or in its place.

    Attributes:
        anchor: the lesion; None = `place` says it.
        place: `study`, `patient`, or the id of a lesion of this very case.
        finding: key of the vocabulary.
        statements: what is put in; empty = nothing.
        replaces: True = what the report says of it is left out; False = it stands beside it, and disagreement is a conflict.
        path: where it stands in the body it came from.
    """

    place: str
    finding: str
    statements: tuple[Finding, ...]
    replaces: bool
    path: str
    anchor: Anchor | None = None
