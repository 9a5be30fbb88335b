"""Derive until nothing new follows.

Every round reads what the round before left, so that the order of rules does not matter. What follows of necessity and
contradicts a statement makes that statement a conflict, and everything is derived anew from there: nothing rests on a word
that was contradicted.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from service.findings.conflicts import ABSENT, FROM_OTHER_REPORT, combine, is_from_elsewhere, tokens, with_flags
from service.findings.derive.rule import Because, Derived, Rule, View
from service.findings.derive.table import RULES
from service.model.finding import Definition, Finding, Scope, State, Vocabulary
from service.model.lesion import Known

_NOT_INHERITED: Final = frozenset({FROM_OTHER_REPORT, "invalid-input"})
_FROM_LESION_TO_LESION: Final = frozenset({"reported-diagnosis", "bone-lesion"})

Facts = dict[str, Known]


def _index(*places: str) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for number, rule in enumerate(RULES):
        if rule.where in places:
            for finding in rule.reads:
                found.setdefault(finding, []).append(number)
    return {finding: tuple(numbers) for finding, numbers in found.items()}


_OF_LESION: Final = _index("lesion", "both")
_OF_CASE: Final = _index("case", "both")


def saturate(views: Sequence[View], case: View, vocabulary: Vocabulary) -> None:
    """Add everything that follows to the facts of the views.

    Args:
        views: one for each lesion; they and `case` share the facts of study and patient.
        case: study and patient alone.
        vocabulary: definitions.
    """
    everything = (*views, case)
    scopes = [*(view.own for view in views), case.study, case.patient]
    stated = [dict(facts) for facts in scopes]
    while True:
        clashes = _rounds(everything, stated, scopes, vocabulary)
        if not clashes:
            return
        for number, finding, known in clashes:
            stated[number][finding] = known
        for facts, base in zip(scopes, stated, strict=True):
            facts.clear()
            facts.update(base)


def _rounds(
    views: Sequence[View], stated: Sequence[Facts], scopes: Sequence[Facts], vocabulary: Vocabulary
) -> list[tuple[int, str, Known]]:
    """Derive in rounds; return the statements that turned out to be contradicted: (scope, finding, conflict)."""
    crossing = {finding for view in views for finding in view.own if finding in _FROM_LESION_TO_LESION}
    changed = [{*view.own, *view.study, *view.patient, *view.statements, *crossing} for view in views]
    clashes: list[tuple[int, str, Known]] = []
    while any(changed):
        derived = [
            (number, rule, each)
            for number, view in enumerate(views)
            for rule in _due(frozenset(changed[number]), of_case=number == len(views) - 1)
            for each in rule.derive(view)
        ]
        changed = [set() for _ in views]
        for number, rule, each in derived:
            definition = vocabulary[each.finding]
            scope = _scope(number, rule, definition, len(scopes))
            before = views[number].get(each.finding) if rule.local else scopes[scope].get(each.finding)
            known = _applied(before, rule, each, definition)
            if known is None:
                continue
            if known.state is State.CONFLICT and each.finding in stated[scope]:
                clashes.append((scope, each.finding, known))
                continue
            scopes[scope][each.finding] = known
            _mark(changed, scope, each.finding)
        if clashes:
            return clashes
    return []


@lru_cache(maxsize=1024)
def _due(changed: frozenset[str], *, of_case: bool) -> tuple[Rule, ...]:
    """Return the rules that read one of the findings. Remembered: reports repeat the same sets of findings."""
    index = _OF_CASE if of_case else _OF_LESION
    return tuple(RULES[number] for number in sorted({number for finding in changed for number in index.get(finding, ())}))


def _scope(view: int, rule: Rule, definition: Definition, count: int) -> int:
    """Return the scope that a derived finding goes to: that of the view, or of study and patient, which are the last two."""
    if definition.scope is Scope.PATIENT:
        return count - 1
    return count - 2 if definition.scope is Scope.STUDY and not rule.local else view


def _mark(changed: Sequence[set[str]], scope: int, finding: str) -> None:
    """Note which views have something new to read."""
    shared = scope >= len(changed) - 1 or finding in _FROM_LESION_TO_LESION
    for findings in changed if shared else (changed[scope],):
        findings.add(finding)


def _applied(before: Known | None, rule: Rule, derived: Derived, definition: Definition) -> Known | None:
    """Return what is known of the finding with the derived word added; None = nothing changes."""
    if before is None:
        return _known(rule, derived)
    if _says_nothing_new(before, derived):
        return None
    added = _known(rule, derived)
    if before.state is State.NOT_ASSESSED and not before.denied:
        return with_flags(added, set(before.flags) - {FROM_OTHER_REPORT})
    both = combine(definition, before, added, before.derived_by if definition.multi_valued else rule.id)
    is_contrary = both.state is State.CONFLICT and before.state is not State.CONFLICT
    # What one rule draws from two statements that disagree is a conflict as theirs is, whichever stands first.
    if is_contrary and not rule.entails and before.derived_by != rule.id:
        return None
    if _word(both) != _word(before):
        return both
    extra = set(derived.flags) - set(before.flags)
    return with_flags(before, extra) if extra else None


def _says_nothing_new(before: Known, derived: Derived) -> bool:
    """Tell whether a derived word repeats what is known, or is only the refusal of an input."""
    if derived.value is None:
        return derived.interval is None
    return derived.value in tokens(before) and not derived.flags


def _word(known: Known) -> tuple[object, ...]:
    return (known.state, known.values, known.denied, known.interval)


def _known(rule: Rule, derived: Derived) -> Known:
    sources = _sources(derived.because)
    flags = {flag for each in derived.because for flag in each.flags} - _NOT_INHERITED | {*derived.flags}
    if is_from_elsewhere(sources):
        flags.add(FROM_OTHER_REPORT)
    state = State.PRESENT
    if derived.value is None and derived.interval is None:
        state = State.NOT_ASSESSED
    elif derived.value == ABSENT:
        state = State.ABSENT
    return Known(
        finding=derived.finding,
        state=state,
        values=(derived.value,) if derived.value and state is State.PRESENT else (),
        interval=derived.interval,
        sources=sources,
        derived_by=rule.id,
        flags=tuple(sorted(flags)),
    )


def _sources(because: Sequence[Because]) -> tuple[Finding, ...]:
    if len(because) == 1:
        only = because[0]
        return only.sources if isinstance(only, Known) else (only,)
    found: dict[int, Finding] = {}
    for each in because:
        for said in each.sources if isinstance(each, Known) else (each,):
            found.setdefault(id(said), said)
    return tuple(found.values())


def derived_alone(rule_id: str, derived: Derived) -> Known:
    """Return what a derivation from outside the findings says (Patient: D90, D91)."""
    return _known(Rule(id=rule_id, reads=(), derive=lambda _: ()), derived)
