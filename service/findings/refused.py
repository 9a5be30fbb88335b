"""Refused answers keep their place: a value that was not understood leaves its lesion's finding not assessed, and says so.

Source: interfaces, section 1 (values outside their range or list); clinical rules, section 0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from service.model.coded import CodedItem, Coding, Reading
from service.model.finding import Finding, Place, State, Translation, Unmapped, Vocabulary

REFUSED: Final = "invalid-input"
_REASONS: Final = frozenset({"unknown-answer", "unit-not-understood", "out-of-range"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Answers that mapping refused.

    Attributes:
        statements: one for each whose item is known: not assessed, flagged `invalid-input`, at its place.
        rows: finding and path of every one; all are listed as unmapped already.
    """

    statements: tuple[Finding, ...] = ()
    rows: frozenset[tuple[str, str]] = frozenset()


def read_refused(translation: Translation, reading: Reading, vocabulary: Vocabulary) -> Refused:
    """Turn refused answers into statements that are grouped like all others."""
    rows = [(row, row.finding) for row in translation.unmapped if row.reason in _REASONS and row.finding in vocabulary]
    if not rows:
        return Refused()
    told = {(said.finding, said.source.path) for said in translation.findings if REFUSED in said.flags}
    items = {item.source.path: item for item in reading.items}
    places = _places(translation.findings, items)
    statements: dict[tuple[str, str], Finding] = {}
    for row, finding in rows:
        item = items.get(row.path)
        if finding and item and (finding, row.path) not in told:
            statements[finding, row.path] = _statement(row, finding, item, places)
    return Refused(statements=tuple(statements.values()), rows=frozenset((finding, row.path) for row, finding in rows if finding))


def _statement(row: Unmapped, finding: str, item: CodedItem, places: Mapping[tuple[Coding, ...], Place]) -> Finding:
    same_site = places.get(item.sites, Place())
    place = row.place or Place(
        levels=same_site.levels,
        discs=same_site.discs,
        regions=same_site.regions,
        own=item.own_site,
        parents=item.parents,
        identities=item.identities,
    )
    return Finding(
        finding=finding,
        state=State.NOT_ASSESSED,
        source=item.source,
        place=place,
        study=item.study,
        observer=item.observer,
        flags=(REFUSED,),
    )


def _places(findings: Iterable[Finding], items: Mapping[str, CodedItem]) -> Mapping[tuple[Coding, ...], Place]:
    """Return what the same site codings meant for understood statements."""
    found: dict[tuple[Coding, ...], Place] = {}
    for said in findings:
        item = items.get(said.source.path)
        if item is not None and item.sites:
            found.setdefault(item.sites, said.place)
    return found
