"""What other reports say of the same patient: it fills gaps and shows disagreement, it never replaces what this report says.

Source: interfaces, section 1 (context); clinical rules, section 0.
"""

from collections.abc import Sequence
from typing import Final

from service.findings.conflicts import combine, is_answer, is_patient_wide_list, merge, with_flags
from service.model.finding import Definition, Finding, State
from service.model.lesion import Known

SUPERSEDED: Final = "superseded-input"

OF_ONE_EXAMINATION: Final = frozenset({"modality", "mr-sequence", "field-strength", "contrast-given", "axial-t2-at-worst-level"})
"""Study findings that describe the examination itself: another one's say nothing about this one."""


def resolve(definition: Definition, statements: Sequence[Finding]) -> Known:
    """Return what this report and the others say together of one finding at one place.

    Args:
        definition: of the finding.
        statements: at least one; of this report and of others, in document order.
    """
    mine = [said for said in statements if not said.source.from_other_report]
    if len(mine) == len(statements):
        return merge(definition, mine)
    others, superseded = newest(definition, [said for said in statements if said.source.from_other_report])
    theirs = merge(definition, others)
    if superseded:
        theirs = with_flags(theirs, {SUPERSEDED})
    return join(definition, merge(definition, mine), theirs) if mine else theirs


def join(definition: Definition, mine: Known, theirs: Known) -> Known:
    """Return this report's word, filled where it is silent and in conflict where others disagree."""
    if theirs.state is State.NOT_ASSESSED and not theirs.denied:
        return mine
    if mine.state is State.NOT_ASSESSED and not mine.denied:
        return with_flags(theirs, mine.flags)
    both = combine(definition, mine, theirs)
    disagree = both.state is State.CONFLICT and mine.state is not State.CONFLICT
    silent = mine.state is State.NOT_ASSESSED
    return both if disagree or silent or is_patient_wide_list(definition) else mine


def newest(definition: Definition, statements: Sequence[Finding]) -> tuple[list[Finding], bool]:
    """Return the statements of other reports that still stand, and whether one of them replaced a different, older answer.

    A later answer supersedes an earlier one; an undated one neither supersedes nor is superseded. Values of a multi-valued
    finding stand side by side whatever their dates: only a later denial ends them, and a later value ends a denial.
    """
    answers = [said for said in statements if is_answer(definition, said)]
    standing = [said for said in answers if not any(_replaces(definition, later, said) for later in answers)]
    replaced = any(_replaces(definition, later, said) and _word(later) != _word(said) for said in answers for later in standing)
    silent = [said for said in statements if not is_answer(definition, said)]
    return standing + silent, replaced


def _replaces(definition: Definition, later: Finding, earlier: Finding) -> bool:
    if later.source.said_at is None or earlier.source.said_at is None or later.source.said_at <= earlier.source.said_at:
        return False
    return not definition.multi_valued or later.state is not earlier.state


def _word(said: Finding) -> tuple[object, ...]:
    return (said.state, said.value, said.interval)
