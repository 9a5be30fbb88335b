"""A lesion in the making, and what is gathered of a report."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from service.findings.anatomy import site
from service.findings.groups import WEAK, Unit
from service.findings.tree import trunk
from service.model.coded import Issue
from service.model.finding import Finding
from service.model.lesion import Site

PAIN: Final = "spinal-pain"


@dataclass(slots=True, kw_only=True, eq=False)
class Draft:
    """A lesion in the making.

    Attributes:
        statements: everything said of it; what other reports say follows this report.
        levels, discs, regions: where it is; other reports add nothing to them.
        units: what it was made of, in document order.
    """

    statements: list[Finding] = field(default_factory=list)
    levels: set[str] = field(default_factory=set)
    discs: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    units: list[Unit] = field(default_factory=list)

    def take(self, unit: Unit) -> None:
        """Add a unit of this report."""
        self.units.append(unit)
        self.statements.extend(unit.statements)
        self.levels |= unit.levels
        self.discs |= unit.discs
        self.regions |= unit.regions

    def covers(self, unit: Unit) -> bool:
        """Tell whether the unit's place lies within the lesion: its vertebrae, else its discs, else the same regions."""
        if unit.levels:
            return unit.levels <= self.levels
        if unit.discs:
            return unit.discs <= self.discs
        return bool(unit.regions) and not self.levels and not self.discs and unit.regions == self.regions

    def identities(self) -> frozenset[str]:
        """Return every strong identity that its statements bear."""
        return strong(self.statements)

    def groups(self) -> frozenset[str]:
        """Return every Observation that holds or says one of its statements."""
        return frozenset(name for said in self.statements for name in trunk(said))

    def site(self) -> Site:
        """Return where it is."""
        return site(self.levels, self.discs, self.regions)

    def source(self) -> str:
        """Return the group it was reported in, else the resource of the first statement that makes it."""
        groups = [unit.group for unit in self.units if unit.group]
        return groups[0] if groups else self.first().source.reference

    def first(self) -> Finding:
        """Return the first statement that makes it; what is said of a whole region makes no lesion."""
        return self.units[0].statements[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pain:
    """Pain that no group of the report ties to a lesion.

    Attributes:
        said: the statement.
        levels: where it hurts; empty = not stated.
    """

    said: Finding
    levels: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The lesions of a report and what is left over.

    Attributes:
        drafts: cranial to caudal, then in document order; unplaced ones last.
        pains: of the report and of others.
        issues: what was not attributed.
    """

    drafts: tuple[Draft, ...]
    pains: tuple[Pain, ...]
    issues: tuple[Issue, ...]


def strong(statements: Iterable[Finding]) -> frozenset[str]:
    """Return the identities of lesions that statements bear; an Observation's own identifier is none."""
    return frozenset(name for said in statements for name in said.place.identities if not name.startswith(WEAK))
