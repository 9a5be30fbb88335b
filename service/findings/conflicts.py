"""Statements of one finding become one thing known: the same value once, a more specific value, or a conflict that keeps all.

Source: clinical rules, sections 0 and 2; derivations D52, D93, D94, D96.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from service.findings.intervals import hull, overlap
from service.model.coded import Interval
from service.model.finding import LEAST_SPECIFIC, Definition, Finding, Kind, Scope, State
from service.model.lesion import Known

ABSENT: Final = "absent"
"""Stands for the denial of a finding beside its values."""

CONFLICTING: Final = "conflicting-input"
FROM_OTHER_REPORT: Final = "from-other-report"

_NUMBERS: Final = frozenset({Kind.QUANTITY, Kind.COUNT})
_CT: Final = frozenset({"ct", "dual-energy-ct", "ct-myelography", "spect-ct", "pet-ct", "fdg-pet-ct"})

_LESS_SPECIFIC: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "vertebral-collapse": {
        "some": frozenset({"over-50", "under-50"}),
        ABSENT: frozenset({"none", "no-collapse-over-50-involved"}),
    },
    "posterolateral-involvement": {
        "at-least-unilateral": frozenset({"unilateral", "bilateral"}),
        ABSENT: frozenset({"none"}),
    },
    "spinal-pain": {ABSENT: frozenset({"none"})},
    "pedicle-destruction": {"side-not-stated": frozenset({"unilateral", "bilateral"})},
    "vertebral-fracture": {"unspecified": frozenset({"compression"})},
    "spinal-irradiation": {"extent-not-stated": frozenset({"whole-spine", "partial"})},
    "neurological-deficit": {"present": frozenset({"severe-or-progressive"})},
    "cord-astrocytoma-grade": {"grade-not-stated": frozenset({"high", "low"})},
    "lesion-treatment": {"kind-not-stated": frozenset({"radiotherapy", "systemic-therapy", "ablation", "cement-augmentation"})},
    "collection-enhancement": {
        "peripheral": frozenset({"peripheral-necrotic-core"}),
        ABSENT: frozenset({"none"}),
    },
    "enhancement-pattern": {ABSENT: frozenset({"none"})},
    "cord-oedema": {"extent-not-stated": frozenset({"extensive"})},
}
"""General word -> the specific ones it never conflicts with (D93); a denial is the general word of "none" (D16, D25, D44)."""


def merge(definition: Definition, statements: Sequence[Finding]) -> Known:
    """Return what statements of one finding of one place say together.

    Args:
        definition: of the finding.
        statements: at least one; all of this finding, none superseded. Uncertain and unknown ones never override an answer.
    """
    flags = {flag for said in statements for flag in said.flags}
    if len(statements) == 1 and (value := _plain_value(definition, statements[0])):
        return _known(definition, State.PRESENT, values=(value,), sources=tuple(statements), flags=flags)
    answers = [said for said in statements if is_answer(definition, said)]
    if not answers:
        return _known(definition, State.NOT_ASSESSED, sources=tuple(statements), flags=flags)
    if definition.kind in _NUMBERS:
        intervals = [said.interval for said in answers if said.interval]
        return _number(definition, intervals, sources=tuple(answers), flags=flags)
    if definition.key == "bone-lesion":
        answers, values, derived_by = d52_density(answers)
        denied = _read(definition, answers)[1]
    else:
        values, denied, derived_by = _read(definition, answers)
    return _settle(definition, values, denied, sources=tuple(answers), flags=flags, derived_by=derived_by)


def _plain_value(definition: Definition, said: Finding) -> str | None:
    """Return the word of a statement that states one value and denies nothing; None = it does something else."""
    if said.state is not State.PRESENT or definition.kind in _NUMBERS or said.value == ABSENT:
        return None
    return said.value or ("present" if definition.kind is Kind.BOOLEAN else None)


def is_answer(definition: Definition, said: Finding) -> bool:
    """Tell whether a statement answers its finding; the denial of an enum counts only where the vocabulary says what it means."""
    if said.state is State.NOT_ASSESSED:
        return False
    if definition.kind in _NUMBERS:
        return said.interval is not None
    if said.state is State.PRESENT or definition.kind is Kind.BOOLEAN:
        return said.value is not None or definition.kind is Kind.BOOLEAN
    return said.value is not None or definition.absent_means is not None


def combine(definition: Definition, first: Known, second: Known, derived_by: str | None = None) -> Known:
    """Return what two things known of one finding say together; both stay visible where they disagree.

    Args:
        definition: of the finding.
        first: of any state; its sources stand first.
        second: of any state.
        derived_by: derivation id that the result carries; None = it is as stated.
    """
    sources = _joined(first.sources, second.sources)
    flags = {*first.flags, *second.flags} - {FROM_OTHER_REPORT}
    if definition.kind in _NUMBERS:
        intervals = [known.interval for known in (first, second) if known.interval]
        agreed = State.CONFLICT not in {first.state, second.state}
        return _number(definition, intervals, sources=sources, flags=flags, derived_by=derived_by, agreed=agreed)
    values = {*tokens(first), *tokens(second)}
    if definition.key == "bone-lesion" and {"lytic", "blastic"} <= values:
        values.add("mixed")
    denied = {*first.denied, *second.denied}
    return _settle(definition, values, denied, sources=sources, flags=flags, derived_by=derived_by)


def tokens(known: Known) -> tuple[str, ...]:
    """Return the values that a finding may have by what is known, `absent` for a denial; empty = not assessed or a number."""
    return (ABSENT,) if known.state is State.ABSENT else known.values


def d93_more_specific(finding: str, values: Collection[str]) -> frozenset[str]:
    """Drop less specific values beside specific ones: `some` beside `over-50` is no conflict."""
    general = _LESS_SPECIFIC.get(finding)
    if general is None or len(values) == 1:
        return frozenset(values)
    return frozenset(value for value in values if not general.get(value, frozenset()) & frozenset(values))


def d94_denied(definition: Definition, value: str) -> frozenset[str]:
    """Return what the denial of one value removes: the finding as a whole (`absent`), or the value with its special cases."""
    if LEAST_SPECIFIC.get(definition.key) == value:
        return frozenset({ABSENT})
    return frozenset({value}) | _LESS_SPECIFIC.get(definition.key, {}).get(value, frozenset())


def d96_is_conflict(definition: Definition, values: Collection[str], denied: Collection[str]) -> bool:
    """Tell whether values (`absent` for a denial) contradict one another or what was denied singly."""
    if any(value in denied for value in values):
        return True
    return len(values) > 1 and (not definition.multi_valued or ABSENT in values)


def d52_density(answers: Sequence[Finding]) -> tuple[list[Finding], set[str], str | None]:
    """Read the density of a lesion: CT wins over X-ray; lytic and blastic by one observer in one study is mixed.

    Returns:
        The statements that count, the values they leave (lytic and blastic by two observers or studies: all three), and the
        derivation id where a value is not as stated.
    """
    if any(_CT.intersection(said.modality) for said in answers):
        answers = [said for said in answers if set(said.modality) != {"x-ray"}]
    readings: dict[tuple[str | None, str], set[str]] = {}
    for said in answers:
        if said.state is State.PRESENT and said.value:
            readings.setdefault((said.observer, said.study), set()).add(said.value)
    values: set[str] = set()
    for reading in readings.values():
        values |= {"mixed"} if {"lytic", "blastic"} <= reading else reading
    as_stated = values <= {said.value for said in answers}
    if {"lytic", "blastic"} <= values:
        values.add("mixed")
    return list(answers), values, None if as_stated else "D52"


def _read(definition: Definition, answers: Iterable[Finding]) -> tuple[set[str], set[str], str | None]:
    """Return values with `absent` for denials, values denied singly, and the derivation that turned a denial into one."""
    values: set[str] = set()
    denied: set[str] = set()
    for said in answers:
        if said.state is State.PRESENT:
            values.add(said.value or "present")
        elif definition.kind is Kind.BOOLEAN or said.value is None:
            values.add(ABSENT)
        else:
            denied |= d94_denied(definition, said.value)
    if ABSENT in denied:
        return values | {ABSENT}, denied - {ABSENT}, "D94" if values <= {ABSENT} else None
    return values, denied, None


def _settle(
    definition: Definition,
    values: Collection[str],
    denied: Collection[str],
    *,
    sources: tuple[Finding, ...],
    flags: set[str],
    derived_by: str | None,
) -> Known:
    """Return the state that values and single denials leave."""
    if len(values) == 1 and not denied and ABSENT not in values:
        return _known(definition, State.PRESENT, values=tuple(values), sources=sources, flags=flags, derived_by=derived_by)
    left = d93_more_specific(definition.key, values)
    state = State.PRESENT if left else State.NOT_ASSESSED
    if d96_is_conflict(definition, left, denied):
        state = State.CONFLICT
        flags = flags | {CONFLICTING}
        if not definition.multi_valued and any(value in denied for value in left):
            # A reader denies what another states: nothing is excluded any more, so every value stays possible.
            left = frozenset(definition.values) | ({ABSENT} if definition.absent_means else frozenset())
    elif left == {ABSENT}:
        state, left = State.ABSENT, frozenset()
    return _known(
        definition,
        state,
        values=tuple(value for value in (*definition.values, *_beyond(definition)) if value in left),
        denied=() if state is State.ABSENT else tuple(value for value in definition.values if value in denied),
        sources=sources,
        flags=flags,
        derived_by=derived_by,
    )


def _beyond(definition: Definition) -> tuple[str, ...]:
    return () if definition.kind is Kind.BOOLEAN else (ABSENT,)


def _number(
    definition: Definition,
    intervals: list[Interval],
    *,
    sources: tuple[Finding, ...],
    flags: set[str],
    derived_by: str | None = None,
    agreed: bool = True,
) -> Known:
    """Return what all numbers have in common, or the hull of numbers that disagree or did so before."""
    common = overlap(intervals) if agreed else None
    return _known(
        definition,
        State.PRESENT if common else State.CONFLICT,
        interval=common or hull(intervals),
        sources=sources,
        flags=flags if common else flags | {CONFLICTING},
        derived_by=derived_by,
    )


def _known(
    definition: Definition,
    state: State,
    *,
    sources: tuple[Finding, ...],
    flags: set[str],
    values: tuple[str, ...] = (),
    denied: tuple[str, ...] = (),
    interval: Interval | None = None,
    derived_by: str | None = None,
) -> Known:
    if is_from_elsewhere(sources):
        flags = flags | {FROM_OTHER_REPORT}
    return Known(
        finding=definition.key,
        state=state,
        values=values,
        denied=denied,
        interval=interval,
        sources=sources,
        derived_by=derived_by,
        flags=tuple(sorted(flags)),
    )


def is_from_elsewhere(sources: Sequence[Finding]) -> bool:
    """Tell whether statements are all of other reports."""
    return bool(sources) and all(said.source.from_other_report for said in sources)


def with_flags(known: Known, flags: Iterable[str]) -> Known:
    """Return the same with further flags."""
    return replace(known, flags=tuple(sorted({*known.flags, *flags})))


def is_patient_wide_list(definition: Definition) -> bool:
    """Tell whether each value is a question of its own, so that other reports add to the list (`primary-cancer`)."""
    return definition.multi_valued and definition.scope is Scope.PATIENT


def _joined(first: tuple[Finding, ...], second: tuple[Finding, ...]) -> tuple[Finding, ...]:
    seen = set(map(id, first))
    return first + tuple(said for said in second if id(said) not in seen)
