"""Findings to a case: group into lesions, settle conflicts, bring in context, derive what follows.

The case depends on what is said and where, not on the order in which it arrives.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.findings import meninges
from service.findings.amend import amend_lesions, amend_wide
from service.findings.context import OF_ONE_EXAMINATION, resolve
from service.findings.derive.rule import View
from service.findings.derive.saturate import Facts, saturate
from service.findings.draft import PAIN, Draft, Gathered
from service.findings.lesions import gather
from service.findings.pain import d13_mechanical, localise
from service.findings.refused import REFUSED, Refused, read_refused
from service.findings.restate import d42_without_contrast
from service.findings.superseded import superseded
from service.findings.view import case_view, lesion_view
from service.findings.wide import part_from_lesions
from service.model.case import Case
from service.model.change import Amendment
from service.model.coded import Issue, Reading, Severity
from service.model.finding import Finding, Kind, Scope, State, Translation, Unmapped, Vocabulary
from service.model.lesion import Known, Lesion

_OF_LESION: Final = frozenset({Scope.LESION, Scope.LEVEL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What the findings stage makes of a translation.

    Attributes:
        case: what the instruments see.
        issues: what could not be attributed or is incomplete.
        unmapped: context that was read and not used; every other coded item has its row already.
    """

    case: Case
    issues: tuple[Issue, ...]
    unmapped: tuple[Unmapped, ...] = ()


def build(
    translation: Translation,
    reading: Reading,
    vocabulary: Vocabulary,
    *,
    prior: Decimal | None = None,
    amendments: Sequence[Amendment] = (),
) -> Built:
    """Build the case of a report.

    Args:
        translation: findings and what was not understood.
        reading: what intake read: document order, report date, birth date and sex.
        vocabulary: every finding by key.
        prior: the caller's prior probability for IESL (0-1); None = none stated.
        amendments: what somebody answered or supposes, in the order in which it was said.
    """
    refused = read_refused(translation, reading, vocabulary)
    statements = d42_without_contrast(_in_document_order((*translation.findings, *refused.statements), reading))
    wide, local = part_from_lesions(
        [said for said in statements if _is_wide(said, vocabulary)],
        [said for said in statements if vocabulary[said.finding].scope in _OF_LESION],
    )
    bony, soft = meninges.set_aside(local)
    mine = [said for said in bony if not said.source.from_other_report]
    gathered = gather(mine, [said for said in bony if said.source.from_other_report])
    unattributed = tuple(_unattributed(refused, gathered))
    amended = amend_lesions(gathered.drafts, amendments, reading.report.version)
    case = case_view(amend_wide(wide, amendments), soft, reading, vocabulary)
    found, unused = localise(vocabulary[PAIN], gathered, d13_mechanical(case.patient))
    pains = {**found, **{place: resolve(vocabulary[PAIN], said) if said else None for place, said in amended.pain.items()}}
    views = _derived(gathered.drafts, pains, case, vocabulary)
    rank = {finding: place for place, finding in enumerate(vocabulary)}
    lesions = tuple(
        _lesion(place, draft, view, rank) for place, (draft, view) in enumerate(zip(gathered.drafts, views, strict=True))
    )
    whole = Case(
        lesions=lesions,
        study=_ranked(case.study, rank),
        patient=_ranked(case.patient, rank),
        invalid=_invalid(lesions, case, unattributed),
        prior=prior,
    )
    said_already = {path for _, path in refused.rows}
    issues = (*_incomplete(statements, vocabulary), *meninges.unused(soft), *gathered.issues, *unused, *amended.issues)
    facts = (*(lesion.findings for lesion in lesions), case.study, case.patient)
    return Built(
        case=whole,
        issues=tuple(issue for issue in issues if issue.path not in said_already),
        unmapped=tuple(dict.fromkeys(superseded(translation.findings, facts, {issue.path for issue in issues}))),
    )


def _derived(drafts: Sequence[Draft], pains: Mapping[int, Known | None], case: View, vocabulary: Vocabulary) -> list[View]:
    """Return what is known of each lesion, with all that follows; what follows for the whole case joins its view.

    Args:
        drafts: the lesions.
        pains: pain by the place of its lesion; None = an answer took it back.
        case: what is known of study and patient.
        vocabulary: every finding by key.
    """
    views = [lesion_view(draft, pains.get(place), case, vocabulary) for place, draft in enumerate(drafts)]
    for view in views:
        view.others = tuple(other for other in views if other is not view)
    saturate(views, case, vocabulary)
    return views


def _in_document_order(statements: Iterable[Finding], reading: Reading) -> list[Finding]:
    """Sort statements by the place of their item; what no item holds comes after, by reference and path."""
    place = {(item.source.reference, item.source.path): number for number, item in enumerate(reading.items)}
    last = len(place)
    return sorted(
        statements,
        key=lambda said: (
            place.get((said.source.reference, said.source.path), last),
            said.source.reference,
            said.source.path,
            said.finding,
            said.value or "",
            said.code,
        ),
    )


def _incomplete(statements: Iterable[Finding], vocabulary: Vocabulary) -> Iterable[Issue]:
    """Say where an enum is denied as a whole and the vocabulary gives that no meaning."""
    for said in statements:
        definition = vocabulary[said.finding]
        whole = said.state is State.ABSENT and said.value is None and definition.kind is not Kind.BOOLEAN
        if whole and definition.absent_means is None:
            yield Issue(
                severity=Severity.WARNING,
                code="incomplete",
                text=f"{said.finding} is denied as a whole, which says nothing: a value is needed.",
                path=said.source.path,
            )


def _is_wide(said: Finding, vocabulary: Vocabulary) -> bool:
    if vocabulary[said.finding].scope in _OF_LESION:
        return False
    return not said.source.from_other_report or said.finding not in OF_ONE_EXAMINATION


def _lesion(number: int, draft: Draft, view: View, rank: Mapping[str, int]) -> Lesion:
    return Lesion(id=f"lesion-{number + 1}", site=draft.site(), findings=_ranked(view.own, rank), source=draft.source())


def _ranked(facts: Facts, rank: Mapping[str, int]) -> Mapping[str, Known]:
    """Return what is known in the order of the vocabulary."""
    return {finding: facts[finding] for finding in sorted(facts, key=rank.__getitem__)}


def _unattributed(refused: Refused, gathered: Gathered) -> Iterable[str]:
    """Return the findings of refused answers that reached no lesion."""
    reached = {said.source.path for draft in gathered.drafts for said in draft.statements}
    reached |= {pain.said.source.path for pain in gathered.pains if gathered.drafts}
    return (finding for finding, path in refused.rows if path not in reached)


def _invalid(lesions: Iterable[Lesion], case: View, unattributed: Iterable[str]) -> frozenset[tuple[str | None, str]]:
    """Return every finding for which a value was refused; None = of study or patient, or of which lesion is not known."""
    found: set[tuple[str | None, str]] = {
        (lesion.id, known.finding) for lesion in lesions for known in lesion.findings.values() if REFUSED in known.flags
    }
    wide = (known for facts in (case.study, case.patient) for known in facts.values())
    found |= {(None, known.finding) for known in wide if REFUSED in known.flags}
    return frozenset(found | {(None, finding) for finding in unattributed})
