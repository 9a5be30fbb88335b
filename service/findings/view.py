"""What is said of a place, settled before anything is derived: of study and patient together, and of each lesion."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from service.findings.context import resolve
from service.findings.derive.patient import d90_age, d91_sex
from service.findings.derive.rule import View
from service.findings.derive.saturate import Facts, derived_alone
from service.findings.draft import PAIN, Draft
from service.findings.place import placed
from service.findings.restate import ENHANCEMENT, SIDED, d19_pedicle_sides, d27_new_deformity, d47_collection_enhancement
from service.model.coded import ItemKind, Reading
from service.model.finding import Finding, Scope, State, Vocabulary
from service.model.lesion import Known

_RESTATED: Final[tuple[tuple[str, frozenset[str], Callable[[Sequence[Finding]], tuple[Finding, ...]]], ...]] = (
    ("D19", SIDED, d19_pedicle_sides),
    ("D27", frozenset({"spinal-deformity"}), d27_new_deformity),
    ("D47", ENHANCEMENT, d47_collection_enhancement),
)
"""Derivation, the findings that it restates, and the function."""


def _by_finding(statements: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    found: dict[str, list[Finding]] = {}
    for said in statements:
        found.setdefault(said.finding, []).append(said)
    return {finding: tuple(alike) for finding, alike in found.items()}


def _resolved(statements: Mapping[str, tuple[Finding, ...]], vocabulary: Vocabulary, scope: Scope) -> Facts:
    return {
        finding: resolve(vocabulary[finding], alike) for finding, alike in statements.items() if vocabulary[finding].scope is scope
    }


def case_view(said: Sequence[Finding], soft: Sequence[Finding], reading: Reading, vocabulary: Vocabulary) -> View:
    """Settle what is said of study and patient; age and sex come from Patient where no statement answers them (D90, D91).

    Args:
        said: statements about study and patient.
        soft: statements of the leptomeninges, which belong to no lesion; derivations read them.
        reading: report date, birth date and sex.
        vocabulary: every finding by key.
    """
    wide = _by_finding(said)
    patient = _resolved(wide, vocabulary, Scope.PATIENT)
    because = tuple(
        Finding(finding="sex", state=State.PRESENT, source=item.source) for item in reading.items if item.kind is ItemKind.PATIENT
    )
    for rule_id, derived in (("D90", d90_age(reading, because)), ("D91", d91_sex(reading, because))):
        if derived is not None and not _is_answered(patient.get(derived.finding)):
            patient[derived.finding] = derived_alone(rule_id, derived)
    return View(
        own={},
        study=_resolved(wide, vocabulary, Scope.STUDY),
        patient=patient,
        statements={**wide, **_by_finding(soft)},
        wide=wide,
        report_at=reading.report.said_at,
    )


def _is_answered(known: Known | None) -> bool:
    return known is not None and known.state is not State.NOT_ASSESSED


def lesion_view(draft: Draft, pain: Known | None, case: View, vocabulary: Vocabulary) -> View:
    """Settle what is said of one lesion, before anything is derived.

    Args:
        draft: its statements and its place.
        pain: its pain; None = nothing is said of it, or an answer took it back.
        case: what is known of study and patient.
        vocabulary: every finding by key.
    """
    statements, restated = _restated(draft.statements)
    said = _by_finding(statements)
    own = {finding: resolve(vocabulary[finding], alike) for finding, alike in said.items() if finding != PAIN}
    for finding, rule_id in restated.items():
        own[finding] = replace(own[finding], derived_by=rule_id)
    if pain is not None:
        own[PAIN] = pain
    own.update(placed(draft, own))
    return View(
        own=own,
        study=case.study,
        patient=case.patient,
        statements=said,
        wide=case.wide,
        levels=frozenset(draft.levels),
        report_at=case.report_at,
    )


def _restated(statements: Sequence[Finding]) -> tuple[Sequence[Finding], Mapping[str, str]]:
    """Return statements in the words that their site or side gives them, and the findings all of whose statements are such."""
    rule_of: dict[int, str] = {}
    spoken = {said.finding for said in statements}
    for rule_id, findings, restate in _RESTATED:
        if spoken.isdisjoint(findings):
            continue
        before = set(map(id, statements))
        statements = restate(statements)
        rule_of.update((id(said), rule_id) for said in statements if id(said) not in before)
    if not rule_of:
        return statements, {}
    plain = {said.finding for said in statements if id(said) not in rule_of}
    return statements, {said.finding: rule_of[id(said)] for said in statements if said.finding not in plain}
