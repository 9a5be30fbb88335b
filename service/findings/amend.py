"""Amendments enter after the lesions are gathered: what is told of a lesion joins it or takes the place of what the report says.

Source: interfaces section 2 (`what-if`, `answers`); clinical rules, section 0. That an answer follows its lesion is ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from service.findings.draft import PAIN, Draft
from service.findings.draft import strong as identities_in
from service.model.case import Case
from service.model.change import PATIENT, STUDY, Amendment, Anchor
from service.model.coded import Issue, Severity
from service.model.finding import Finding, Place
from service.model.lesion import Lesion

_WIDE: Final = frozenset({STUDY, PATIENT})
_PART_OF_PLACE: Final[Mapping[str, str]] = {"vertebral-level": "levels", "disc-level": "discs", "spinal-region": "regions"}
"""Findings that say where a lesion is, and the part of a place and of a draft that holds their values."""


@dataclass(slots=True, kw_only=True)
class Amended:
    """What became of the amendments of lesions.

    Attributes:
        pain: by index of the lesion, the statements that stand in place of all pain that the report ties to it.
        issues: amendments whose lesion is not found.
    """

    pain: dict[int, tuple[Finding, ...]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)


def amend_wide(statements: Iterable[Finding], amendments: Sequence[Amendment]) -> list[Finding]:
    """Return the statements of study and patient with the amendments of both."""
    kept = list(statements)
    for each in amendments:
        if each.place in _WIDE:
            kept = [said for said in kept if not (each.replaces and said.finding == each.finding)]
            kept.extend(each.statements)
    return kept


def amend_lesions(drafts: Sequence[Draft], amendments: Sequence[Amendment], report_version: str | None) -> Amended:
    """Put the amendments of lesions into the drafts.

    Args:
        drafts: the lesions in their order.
        amendments: of all places; those of study and patient are passed over.
        report_version: version of the assessed report; None = the server gives none.
    """
    amended = Amended()
    sites = [draft.site().text for draft in drafts]
    for each in amendments:
        if each.place in _WIDE:
            continue
        index = _find(each, drafts, sites, report_version)
        if index is None:
            amended.issues.append(_lost(each))
        else:
            _put(each, drafts[index])
            if each.finding == PAIN and each.replaces:
                amended.pain[index] = each.statements
    return amended


def _find(amendment: Amendment, drafts: Sequence[Draft], sites: Sequence[str], report_version: str | None) -> int | None:
    """Return the index of the lesion an amendment speaks of; None = none, or several.

    An answer is about a place: it follows the only lesion at its site; of several it takes the one with its identity, else, in
    the same version of the report, the one with its number.
    """
    anchor = amendment.anchor
    if anchor is None:
        number = int(amendment.place.removeprefix("lesion-"))
        return number - 1 if number <= len(drafts) else None
    found = [index for index, site in enumerate(sites) if site == anchor.site]
    if len(found) > 1 and anchor.identities:
        found = [index for index in found if anchor.identities & drafts[index].identities()]
    if len(found) > 1 and anchor.lesion is not None and anchor.report_version == report_version:
        found = [index for index in found if f"lesion-{index + 1}" == anchor.lesion]
    return found[0] if len(found) == 1 else None


def _put(amendment: Amendment, draft: Draft) -> None:
    if amendment.replaces:
        draft.statements = [said for said in draft.statements if said.finding != amendment.finding]
    if (part := _PART_OF_PLACE.get(amendment.finding)) is not None:
        _move(draft, part, amendment)
    draft.statements.extend(amendment.statements)


def _move(draft: Draft, part: str, amendment: Amendment) -> None:
    """Let a lesion be where the amendment says: its statements keep no other place of that kind."""
    said = {statement.value for statement in amendment.statements if statement.value}
    if amendment.replaces:
        draft.statements = [replace(each, place=_without(each.place, part)) for each in draft.statements]
        setattr(draft, part, said)
    else:
        setattr(draft, part, getattr(draft, part) | said)


def _without(place: Place, part: str) -> Place:
    match part:
        case "levels":
            return replace(place, levels=())
        case "discs":
            return replace(place, discs=())
        case _:
            return replace(place, regions=())


def anchor_of(lesion: Lesion, case: Case, report_version: str | None) -> Anchor:
    """Describe a lesion of a case so that it is found again; a report version of None is one that its server does not number."""
    alone = sum(other.site.text == lesion.site.text for other in case.lesions) == 1
    statements = [said for known in lesion.findings.values() if known.derived_by is None for said in known.sources]
    return Anchor(
        site=lesion.site.text,
        lesion=None if alone else lesion.id,
        identities=identities_in(statements),
        report_version=report_version,
    )


def _lost(amendment: Amendment) -> Issue:
    site = f" at {amendment.anchor.site}" if amendment.anchor is not None else ""
    text = f"What was answered of {amendment.finding}{site} fits no single lesion of this version of the report and was not used."
    return Issue(severity=Severity.WARNING, code="conflict", text=text, path=amendment.path)
