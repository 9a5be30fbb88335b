"""Context that was read and not used: every statement of it is a source of what is known, an issue, or listed here.

Source: interfaces section 1 (unmapped: reason superseded; context fills only what the report leaves not assessed).
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Final

from service.findings.context import OF_ONE_EXAMINATION
from service.findings.tree import LEVEL_ANSWERS, QUALIFIERS
from service.model.finding import Finding, Unmapped
from service.model.lesion import Known

_PLACING: Final = LEVEL_ANSWERS | QUALIFIERS
"""Findings that say where others are: they are used with those, or named with them."""

_SUPERSEDED: Final = "superseded"
_STANDS: Final = "what the report itself says, or a later statement, stands"
_UNMET: Final = "condition-not-met"
_OTHER_EXAM: Final = "it describes another examination"


def superseded(
    statements: Iterable[Finding], known: Iterable[Mapping[str, Known]], said_already: Container[str | None]
) -> Iterator[Unmapped]:
    """Yield the statements of other reports and records that nothing known rests on.

    Args:
        statements: everything that was said, of this report and of others.
        known: what is known of each lesion, of the study and of the patient.
        said_already: paths that an issue speaks of; None in it names none.
    """
    used = {_place(said) for facts in known for each in facts.values() for said in each.sources}
    for said in statements:
        if not said.source.from_other_report or said.finding in _PLACING:
            continue
        if _place(said) not in used and said.source.path not in said_already:
            yield _row(said)


def _place(said: Finding) -> tuple[str, str]:
    return said.source.reference, said.source.path


def _row(said: Finding) -> Unmapped:
    system, _, code = said.code.rpartition("|")
    of_exam = said.finding in OF_ONE_EXAMINATION
    return Unmapped(
        system=system or None,
        code=code or None,
        display=None,
        path=said.source.path,
        reason=_UNMET if of_exam else _SUPERSEDED,
        why=_OTHER_EXAM if of_exam else _STANDS,
        finding=said.finding,
    )
