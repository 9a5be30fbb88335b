"""The shape of a derivation: what it sees, what it returns, and when it speaks."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from service.findings.conflicts import ABSENT, tokens
from service.model.coded import Interval
from service.model.finding import Finding, State
from service.model.lesion import Known

Statements = Mapping[str, tuple[Finding, ...]]
"""Statements by finding."""


@dataclass(slots=True, kw_only=True, eq=False)
class View:
    """What a derivation sees: one lesion with study and patient, or study and patient alone.

    Attributes:
        own: what is known of the lesion; empty for the view of the case.
        study, patient: what is known at those scopes.
        statements: of the lesion; for the view of the case those of study and patient, and leptomeningeal ones.
        wide: statements of study and patient, for every view.
        levels: vertebrae of the lesion.
        others: the views of the other lesions.
        report_at: instant of the report; None = not stated.
    """

    own: dict[str, Known]
    study: dict[str, Known]
    patient: dict[str, Known]
    statements: Statements
    wide: Statements
    levels: frozenset[str] = frozenset()
    others: tuple["View", ...] = ()
    report_at: datetime | None = None

    def get(self, finding: str) -> Known | None:
        """Return what is known at the lesion, else of the study, else of the patient; None = never mentioned."""
        return self.own.get(finding) or self.study.get(finding) or self.patient.get(finding)

    def present(self, finding: str) -> Known | None:
        """Return what is known when the finding is present without contradiction; None otherwise."""
        known = self.get(finding)
        return known if known is not None and known.state is State.PRESENT else None

    def absent(self, finding: str) -> Known | None:
        """Return what is known when the finding is denied without contradiction; None otherwise."""
        known = self.get(finding)
        return known if known is not None and known.state is State.ABSENT else None

    def surely(self, finding: str, *values: str) -> Known | None:
        """Return what is known when every value that the finding may have is among these; None otherwise."""
        known = self.get(finding)
        if known is None:
            return None
        possible = tokens(known)
        return known if possible and set(values).issuperset(possible) else None

    def some(self, finding: str, *values: str) -> Known | None:
        """Return what is known when one of these is among the values of a multi-valued finding; None otherwise."""
        known = self.present(finding)
        return known if known is not None and not set(values).isdisjoint(known.values) else None

    def number(self, finding: str) -> tuple[Known, Interval] | None:
        """Return what is known with its interval, the hull where statements disagree; None = no number."""
        known = self.get(finding)
        return None if known is None or known.interval is None else (known, known.interval)

    def is_answered(self, finding: str) -> bool:
        """Tell whether anything at all is known of a finding."""
        known = self.get(finding)
        return known is not None and (known.state is not State.NOT_ASSESSED or bool(known.denied))

    def said(self, finding: str, *values: str) -> tuple[Finding, ...]:
        """Return the lesion's statements that the finding is present (with one of the values, where any are named)."""
        stated = self.statements.get(finding)
        if not stated:
            return ()
        return tuple([said for said in stated if said.state is State.PRESENT and (not values or said.value in values)])


Because = Known | Finding
"""What a derived finding rests on."""


@dataclass(frozen=True, slots=True)
class Derived:
    """One derived finding.

    Attributes:
        finding: key.
        value: `absent` for a denial; None = a number, or nothing but flags.
        because: what it rests on.
        interval: the number; None = not a number.
        flags: what must be said with it.
    """

    finding: str
    value: str | None
    because: tuple[Because, ...]
    interval: Interval | None = None
    flags: tuple[str, ...] = ()


def says(finding: str, value: str, *because: Because, flags: tuple[str, ...] = ()) -> Derived:
    """Return a derived value."""
    return Derived(finding, value, because, None, flags)


def affirms(finding: str, *because: Because) -> Derived:
    """Return a derived presence."""
    return Derived(finding, "present", because)


def denies(finding: str, *because: Because) -> Derived:
    """Return a derived denial."""
    return Derived(finding, ABSENT, because)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One derivation.

    Attributes:
        id: of derivations.csv.
        reads: findings whose change makes it speak.
        derive: the function; it sees a view and returns what follows.
        where: evaluated for each lesion, for study and patient, or for both.
        entails: True = what it derives follows of necessity, so that a contrary statement is a conflict; False = a contrary
            statement stands and nothing is derived.
        local: True = a study finding that is true of this lesion only, kept with it.
    """

    id: str
    reads: tuple[str, ...]
    derive: Callable[[View], Collection[Derived]]
    where: Literal["lesion", "case", "both"] = "lesion"
    entails: bool = False
    local: bool = False
