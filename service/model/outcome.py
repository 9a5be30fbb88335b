"""Outcomes: one instrument's result, with verdict sets, intervals, reasons and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from service.model.coded import Source


class Applicability(StrEnum):
    """Whether an instrument may be read for this patient."""

    APPLICABLE = "applicable"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A total with everything it can still be.

    Attributes:
        low, high: smallest and largest attainable total; equal when exact.
        attainable: every total that some completion reaches, ascending.
        of: largest total of the published scale; None = the scale has none.
    """

    low: int
    high: int
    attainable: tuple[int, ...]
    of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A likelihood ratio with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One entry of a ranking: `outcome` is a vocabulary value, `share` 0-1."""

    outcome: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A printed place: `paper` is the short citation, `locator` the table, figure or section."""

    paper: str
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One finding's part in an outcome.

    Attributes:
        finding: key of the vocabulary.
        value: what was read: a value, a number as text, `absent`, `not-assessed`, or alternatives joined by ` | `.
        points: (low, high) of score points; None = not a score.
        weight: a log likelihood ratio or other number; None = none.
        direction: word of the side it speaks for; None = none.
        evidence: table and cell it rests on (`montoya-table-3: pain`).
        kappa: how far readers agree on the component (between readers, ext: context only); None = not published.
        sources: where it was said; empty = nowhere (not assessed).
    """

    finding: str
    value: str
    evidence: str
    points: tuple[int, int] | None = None
    weight: float | None = None
    direction: str | None = None
    kappa: float | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One instrument's result (interfaces section 3). Empty tuples mean none; None means the instrument has no such figure.

    Attributes:
        verdicts: every verdict still possible, in the order of outcomes.csv, of all questions the instrument answers.
        missing: findings not assessed that could change the result.
        decisive: minimal sets of findings that would settle the verdict whatever the other missing ones are.
        flags, recommendations, requests: codes of outcomes.csv.
        caveats: sentences that must be printed with the result.
    """

    instrument: str
    version: str
    applicability: Applicability
    verdicts: tuple[str, ...] = ()
    score: Score | None = None
    likelihood_ratio: Ratio | None = None
    probability: float | None = None
    ranking: tuple[Share, ...] | None = None
    measure: Mapping[str, float] | None = None
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    decisive: tuple[tuple[str, ...], ...] = ()
    flags: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    caveats: tuple[str, ...] = field(default=())

    @property
    def is_silent(self) -> bool:
        """Tell whether nothing that the instrument reads was stated: then it is in the JSON, and no renderer speaks of it."""
        return not self.reasons
