"""Answers of people become amendments; a result is stored only when it has heard every answer to its report."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from service.errors import Fault, InvalidInputError
from service.intake.change import read_answered
from service.intake.opened import Opened
from service.mapping.told import findings_of
from service.model.change import Amendment, Answered, Change, Taken, Told
from service.model.coded import Issue, Severity, Source
from service.model.dossier import Origin
from service.model.finding import Finding, Vocabulary

WHAT_IF = "what-if"
"""Source of what nobody said: it is only supposed."""

_SUPERSEDED = "superseded-input"
_Place = tuple[object, ...]


def answers_in(opened: Opened) -> tuple[Answered, ...]:
    """Return the answers of a dossier, in the order in which they were given."""
    documents = (each for each in opened.dossier.documents if each.origin is Origin.ANSWERED)
    return tuple(read_answered(document, opened.limits) for document in documents)


def amendments_of(answered: Iterable[Answered], vocabulary: Vocabulary) -> tuple[tuple[Amendment, ...], tuple[Issue, ...]]:
    """Return what the answers say together: the last answer to a question of a place holds, one that was taken back does not.

    Answers stand beside what the report says: where they disagree it is a conflict. What the vocabulary does not know any more
    is an issue.
    """
    standing: dict[_Place, Amendment] = {}
    issues: list[Issue] = []
    for each in answered:
        for taken in each.change.taken:
            standing.pop(place_of(each, taken), None)
        for told in each.change.told:
            found = findings_of(told, vocabulary, _source(each, told), observer=each.change.who)
            if isinstance(found, Fault):
                issues.append(_not_understood(told))
                continue
            place = place_of(each, told)
            before = standing.pop(place, None)
            standing[place] = _amendment(each, told, _marked(found, before))
    return tuple(standing.values()), (*issues, *(_said(each) for each in standing.values()))


def suppositions_of(change: Change, vocabulary: Vocabulary, at: datetime | None) -> tuple[Amendment, ...]:
    """Return what a what-if supposes: it takes the place of what is said, as if said with the report.

    Args:
        change: what is supposed.
        vocabulary: every finding by key.
        at: instant of the report; None = not stated.

    Raises:
        InvalidInputError: the vocabulary does not know a finding or a value; every problem is named with its path.
    """
    made: list[Amendment] = []
    faults: list[Fault] = []
    for told in change.told:
        found = findings_of(told, vocabulary, Source(reference=WHAT_IF, version=None, path=told.path, said_at=at), observer=None)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            made.append(Amendment(place=told.place, finding=told.finding, statements=found, replaces=True, path=told.path))
    for taken in change.taken:
        if taken.finding not in vocabulary:
            faults.append(Fault(text="The vocabulary has no such finding.", path=taken.path, code="value"))
        made.append(Amendment(place=taken.place, finding=taken.finding, statements=(), replaces=True, path=taken.path))
    if faults:
        raise InvalidInputError(f"{len(faults)} of the findings or values are not understood.", faults=tuple(faults))
    return tuple(made)


def place_of(answered: Answered, said: Told | Taken) -> _Place:
    """Return what tells whether two answers speak of one finding of one place."""
    anchor = answered.anchors.get(said.place)
    if anchor is None:
        return said.place, said.finding
    return anchor.site, anchor.identities, anchor.lesion, said.finding


def _source(answered: Answered, told: Told) -> Source:
    return Source(reference=answered.name, version=None, path=told.path, said_at=answered.change.at)


def _amendment(answered: Answered, told: Told, statements: tuple[Finding, ...]) -> Amendment:
    return Amendment(
        place=told.place,
        finding=told.finding,
        statements=statements,
        replaces=False,
        path=f"{answered.name}: {told.path}",
        anchor=answered.anchors.get(told.place),
    )


def _marked(statements: tuple[Finding, ...], before: Amendment | None) -> tuple[Finding, ...]:
    """Flag an answer that replaces a different one."""
    if before is None or [_word(each) for each in before.statements] == [_word(each) for each in statements]:
        return statements
    return tuple(replace(each, flags=(*each.flags, _SUPERSEDED)) for each in statements)


def _word(said: Finding) -> tuple[object, ...]:
    return said.state, said.value, said.interval


def _said(amendment: Amendment) -> Issue:
    said = amendment.statements[0]
    at = said.source.said_at.isoformat(timespec="seconds") if said.source.said_at else "an unknown time"
    where = amendment.anchor.site if amendment.anchor is not None else amendment.place
    text = f"{amendment.finding} ({where}) was answered by {said.observer} at {at}."
    return Issue(severity=Severity.INFORMATION, code="informational", text=text, path=amendment.path)


def _not_understood(told: Told) -> Issue:
    text = f"An answer to {told.finding} is not understood under the mapping tables in force and was not used."
    return Issue(severity=Severity.WARNING, code="not-supported", text=text, path=told.path)
