"""A lesion: findings at one site of one report, each known once with everything that was said about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.model.coded import Interval
from service.model.finding import Finding, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of one finding at one place.

    Attributes:
        finding: key of the vocabulary.
        state: PRESENT, ABSENT, NOT_ASSESSED (asked, no answer), CONFLICT.
        values: PRESENT: the value (several for multi-valued findings). CONFLICT: every value stated, in vocabulary order;
            `absent` stands for a denial. Empty for numbers and for ABSENT.
        denied: single values that were denied while the finding as a whole was not.
        interval: the number; for CONFLICT the hull of all that was said; None = not a number.
        sources: the statements behind it, in document order; derived findings carry the statements they came from.
        derived_by: derivation id (`D05`); None = stated.
        flags: what must be said with it (`uncertain-input`, `from-other-report`, `collapse-exactly-50`, ..).
    """

    finding: str
    state: State
    values: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    interval: Interval | None = None
    sources: tuple[Finding, ...] = ()
    derived_by: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def value(self) -> str | None:
        """The one value; None = none, several, a denial or a conflict."""
        return self.values[0] if self.state is State.PRESENT and len(self.values) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the lesion is.

    Attributes:
        levels: vertebral levels, cranial to caudal; empty = not stated.
        discs, regions: as stated; empty = not stated.
        text: for people: `T12`, `T10-T11`, `thoracic spine`, `site not stated`.
    """

    levels: tuple[str, ...] = ()
    discs: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    text: str = "site not stated"

    @property
    def level(self) -> str | None:
        """The level when there is exactly one; None otherwise."""
        return self.levels[0] if len(self.levels) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """One lesion of the case.

    Attributes:
        id: `lesion-1`, .. counted cranial to caudal, then in document order.
        site: where it is.
        findings: what is known, by finding key (scopes lesion and level).
        source: reference of the lesion's own Observation (group parent), else of its first finding; None = none.
    """

    id: str
    site: Site
    findings: Mapping[str, Known]
    source: str | None = None
