"""Somebody answers what the report left open: a new assessment with that source, which every later one hears."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from service.errors import ConflictError, Fault, InvalidInputError
from service.findings.amend import anchor_of
from service.intake.change import read_change, write_answered
from service.mapping.told import findings_of, wrong_place
from service.model.caller import Caller
from service.model.change import Anchor, Answered, Change
from service.model.coded import Source
from service.model.finding import Vocabulary
from service.model.lesion import Lesion
from service.parts import Parts
from service.pipeline.answered import answers_in, place_of
from service.pipeline.compute import Computed, compute
from service.pipeline.reopen import Reopened, reopen
from service.pipeline.store import document_of, store
from service.pipeline.what_if import refuse_unknown_lesions
from service.storage.answers import AnswerRow
from service.storage.terms import AnswerId, AssessmentId

AHEAD: Final = timedelta(minutes=5)
"""How far the clock of whoever answers may be ahead of ours."""

_SITED_BY: Final[Mapping[str, str]] = {"vertebral-level": "levels", "disc-level": "discs", "spinal-region": "regions"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """What an answer is answered with.

    Attributes:
        content: Assessment JSON of the assessment that came of it.
        assessment_id: its id.
        created: False = the same answer was given before.
    """

    content: bytes
    assessment_id: str
    created: bool


def answer(parts: Parts, assessment_id: str, body: bytes, caller: Caller) -> GivenAnswer:
    """Keep an answer and assess anew with it.

    The answer stands beside what the report says: where they disagree it is a conflict, and every value is kept. A later answer
    to the same question takes the place of an earlier one; `unset` takes answers back, never what the report says.

    Args:
        parts: rules, tables, database.
        assessment_id: the newest assessment of a report.
        body: `{"set": {"lesion-1": {"spinal-pain": "mechanical"}}, "who": "Practitioner/7", "when": "2026-03-01T10:00:00Z"}`.
        caller: for the audit.

    Raises:
        NotFoundError, GoneError: as `reopen`.
        ConflictError: the assessment was withdrawn, or a newer one took its place.
        InvalidJsonError, InvalidInputError: the body, or a lesion, finding or value in it, is not understood.
    """
    change = read_change(body, parts.limits, is_signed=True)
    found = reopen(parts, assessment_id, caller)
    content_hash = hashlib.sha256(found.row.id.encode() + b"|" + body).hexdigest()
    if (known := _known(parts, found, content_hash)) is not None:
        return known
    _refuse_superseded(found.successor)
    language = parts.languages[found.hospital.slug]
    before = compute(found.opened, language, parts.tables)
    refuse_unknown_lesions(change, before)
    anchors = _anchors(change, before)
    _refuse_what_cannot_hold(parts, found, change, before, anchors)
    row = _row(parts, found, change, write_answered(body, anchors), content_hash)
    found.opened.add((document_of(row),))
    return _kept(parts, found, row, compute(found.opened, language, parts.tables), caller)


def _known(parts: Parts, found: Reopened, content_hash: str) -> GivenAnswer | None:
    """Return what the same answer gave before; None = it is new."""
    with parts.database.read() as uow:
        before = uow.answers.find(found.row.series, content_hash)
        made = uow.assessments.get(before.made) if before is not None else None
    return None if made is None else GivenAnswer(content=made.content, assessment_id=made.id, created=False)


def _refuse_superseded(successor: AssessmentId | None) -> None:
    if successor is not None:
        raise ConflictError(f"This assessment was superseded; read assessments/{successor} and answer the newest one.")


def _anchors(change: Change, before: Computed) -> dict[str, Anchor]:
    """Describe every lesion that the change speaks of."""
    case = before.case
    if case is None:
        return {}
    places = {told.place for told in change.told} | {taken.place for taken in change.taken}
    version = before.reading.report.version
    return {lesion.id: anchor_of(lesion, case, version) for lesion in case.lesions if lesion.id in places}


def _refuse_what_cannot_hold(
    parts: Parts, found: Reopened, change: Change, before: Computed, anchors: Mapping[str, Anchor]
) -> None:
    """Refuse values that the vocabulary does not know, a site for a lesion that has one, and taking back what nobody answered.

    Raises:
        InvalidInputError: every problem is named with its path.
    """
    vocabulary = parts.languages[found.hospital.slug].mappings.vocabulary
    lesions = {lesion.id: lesion for lesion in (before.case.lesions if before.case is not None else ())}
    faults = [*_of_told(change, vocabulary, lesions), *_of_taken(change, found, vocabulary, anchors)]
    if change.at is not None and change.at > parts.clock() + AHEAD:
        faults.append(Fault(text="It lies in the future.", path="when", code="value"))
    if faults:
        raise InvalidInputError(f"{len(faults)} of the answers cannot be taken.", faults=tuple(faults))


def _of_told(change: Change, vocabulary: Vocabulary, lesions: Mapping[str, Lesion]) -> Iterator[Fault]:
    for told in change.told:
        made = findings_of(told, vocabulary, Source(reference="", version=None, path=told.path), observer=change.who)
        if isinstance(made, Fault):
            yield made
        elif told.finding in _SITED_BY and getattr(lesions[told.place].site, _SITED_BY[told.finding]):
            yield Fault(text="The report says where this lesion is; an answer cannot move it.", path=told.path, code="value")


def _of_taken(change: Change, found: Reopened, vocabulary: Vocabulary, anchors: Mapping[str, Anchor]) -> Iterator[Fault]:
    given = answers_in(found.opened)
    answered = {place_of(each, told) for each in given for told in each.change.told}
    asking = Answered(name="", change=change, anchors=anchors)
    for taken in change.taken:
        definition = vocabulary.get(taken.finding)
        wrong = "The vocabulary has no such finding." if definition is None else wrong_place(definition, taken.place)
        if wrong is None and place_of(asking, taken) not in answered:
            wrong = "Nobody answered it; what the report says is not taken back."
        if wrong is not None:
            yield Fault(text=wrong, path=taken.path, code="value")


def _row(parts: Parts, found: Reopened, change: Change, document: bytes, content_hash: str) -> AnswerRow:
    """Return the row of an answer; which assessment comes of it, and its place, are filled in when it is kept."""
    return AnswerRow(
        id=AnswerId(parts.new_id()),
        series=found.row.series,
        place=0,
        hospital=found.hospital.slug,
        answered=found.row.id,
        made=found.row.id,
        content_hash=content_hash,
        who=change.who or "",
        said_at=change.at or parts.clock(),
        body=document,
    )


def _kept(parts: Parts, found: Reopened, row: AnswerRow, computed: Computed, caller: Caller) -> GivenAnswer:
    """Store the assessment and the answer together, unless something newer came in between."""
    with parts.database.write() as uow:
        uow.assessments.lock(found.row.series)
        latest = uow.assessments.latest(found.row.series)
        if latest is None or latest.id != found.row.id:
            raise ConflictError("A newer assessment came in between; read it and answer that one.")
        stored = store(
            uow,
            parts,
            found.hospital,
            computed,
            found.opened.dossier,
            caller=caller,
            write_back=uow.deliveries.get(latest.id) is not None,
        )
        place = len(uow.answers.of_series(row.series)) + 1
        uow.answers.add(replace(row, place=place, made=stored.row.id))
    return GivenAnswer(content=stored.row.content, assessment_id=stored.row.id, created=True)
