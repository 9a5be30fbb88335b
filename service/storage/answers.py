"""Answers: what people said of an assessment that the report left open, in their order within the series."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from service.model.hospital import HospitalSlug
from service.storage.clock import InstantNow
from service.storage.tables import answer
from service.storage.terms import AnswerId, AssessmentId, SeriesId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One answer.

    Attributes:
        id: its own id (UUID text).
        series: whose report it is about.
        place: 1, 2, .. within the series.
        hospital: slug.
        answered: the assessment that was looked at.
        made: the assessment that came of it.
        content_hash: of the posted bytes and `answered`: the same answer twice is one.
        who: who answered, as posted.
        said_at: when, as posted.
        body: the document that the dossier keeps of it.
    """

    id: AnswerId
    series: SeriesId
    place: int
    hospital: HospitalSlug
    answered: AssessmentId
    made: AssessmentId
    content_hash: str
    who: str
    said_at: datetime
    body: bytes

    @property
    def name(self) -> str:
        """The name under which statements and dossiers refer to it."""
        return name_of(self.answered, self.id)


def name_of(answered: AssessmentId, answer_id: AnswerId) -> str:
    """Return the name of an answer: the address of the assessment that was answered, and its own id."""
    return f"assessments/{answered}/answers/{answer_id}"


_FIELDS: Final = tuple(field.name for field in fields(AnswerRow))
_ANY: Final = select(*(answer.c[name] for name in _FIELDS))
_ADD: Final = insert(answer).values(given_at=InstantNow())
_OF_SERIES: Final = _ANY.where(answer.c.series == bindparam("series"), answer.c.purged_at.is_(None)).order_by(answer.c.place)
_FIND: Final = _ANY.where(answer.c.series == bindparam("series"), answer.c.content_hash == bindparam("content_hash"))


class Answers:
    """The answers of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def add(self, new: AnswerRow) -> None:
        """Keep an answer.

        Raises:
            ConflictError: the series has one at this place, or the same one, already.
        """
        self._connection.execute(_ADD, {name: getattr(new, name) for name in _FIELDS})

    def of_series(self, series: SeriesId) -> tuple[AnswerRow, ...]:
        """Return every answer about a report, oldest first."""
        rows = self._connection.execute(_OF_SERIES, {"series": series})
        return tuple(AnswerRow(**row._mapping) for row in rows)  # noqa: SLF001 (public in spite of its name)

    def find(self, series: SeriesId, content_hash: str) -> AnswerRow | None:
        """Return the same answer where it was given before; None = it was not."""
        row = self._connection.execute(_FIND, {"series": series, "content_hash": content_hash}).one_or_none()
        return None if row is None else AnswerRow(**row._mapping)  # noqa: SLF001 (as above)
