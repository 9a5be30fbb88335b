"""Jobs: durable work, written in the transaction of what caused it, done in the transaction of its effect.

Jobs of one stream run one claim at a time, in the order of their ids; different streams run side by side. A claim is a lease
with a fence: whoever lost it cannot complete, and its effect is rolled back. A dedupe key names one piece of work for ever:
enqueuing it again does nothing, whether the first is open, done or dead. Who wants it done again uses another key.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from itertools import takewhile
from typing import Final

from sqlalchemy import Connection, Double, Integer, Row, bindparam, func, literal, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from service.errors import ConflictError, LostLeaseError, NotFoundError
from service.storage import streams
from service.storage.job_tables import IS_BUSY, IS_DEAD, IS_OPEN, job, stream
from service.storage.streams import NOW
from service.storage.terms import JobId, JobState, StreamKey
from service.storage.writing import insert_once

Payload = Mapping[str, str]
"""What a job needs to know: ids of our rows and FHIR references, as JSON."""

LEASE_EXPIRED: Final = "the worker's lease ran out"
"""`last_error` of a job whose worker died or hung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work.

    Attributes:
        id: its number, and its place in the stream.
        key: its stream.
        kind: which work.
        payload: ids it works on.
        attempts: how often it failed and was to be tried again, lost leases included.
        state: open, done or dead.
        last_error: of the last failure, without patient data; None = none. A done job with one was discarded.
    """

    id: JobId
    key: StreamKey
    kind: str
    payload: Payload
    attempts: int
    state: JobState
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A leased stream and its due jobs, in order; at least one unless an operator emptied the stream."""

    key: StreamKey
    fence: int
    owner: str
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How much work there is: open and dead jobs, and the age of the oldest open one in seconds (None = none open)."""

    open: int
    dead: int
    oldest_seconds: float | None


_FIELDS: Final = tuple(field.name for field in fields(Job))
_COLUMNS: Final = [job.c[name] for name in _FIELDS]
_ENQUEUE: Final = {
    name: add.values(
        enqueued_at=NOW,
        not_before=NOW + bindparam("delay", type_=Double()),
        run_by=NOW + bindparam("wait", type_=Double()),
        state=JobState.OPEN,
        attempts=0,
    )
    for name, add in insert_once(job, job.c.dedupe_key, job.c.id).items()
}
_IS_BACKING_OFF: Final = job.c.backoff.is_not(None) & ~streams.has_passed(job.c.not_before, job.c.backoff)
_CLAIMED: Final = (
    select(*_COLUMNS, _IS_BACKING_OFF.label("backing_off")).where(job.c.key == bindparam("stream"), IS_OPEN).order_by(job.c.id)
)
_COUNT_LOST_LEASE: Final = (
    update(job)
    .where(job.c.key == bindparam("stream"), IS_OPEN)
    .values(attempts=job.c.attempts + 1, last_error=literal(LEASE_EXPIRED))
)
_ONE_OF_CLAIM: Final = update(job).where(job.c.key == bindparam("stream"), job.c.id.in_(bindparam("ids", expanding=True)), IS_OPEN)
_COMPLETE: Final = _ONE_OF_CLAIM.values(state=JobState.DONE, last_error=None, backoff=None).returning(job.c.id)
_RETRY: Final = _ONE_OF_CLAIM.values(
    attempts=job.c.attempts + 1,
    not_before=NOW + bindparam("delay", type_=Double()),
    backoff=bindparam("delay", type_=Double()),
    last_error=bindparam("error"),
).returning(job.c.id)
_BURY: Final = _ONE_OF_CLAIM.values(state=JobState.DEAD, backoff=None, last_error=bindparam("error")).returning(job.c.id)
_REOPEN: Final = (
    update(job)
    .where(job.c.id == bindparam("job"), IS_DEAD)
    .values(state=JobState.OPEN, attempts=0, backoff=None, enqueued_at=NOW, not_before=NOW, run_by=NOW)
    .returning(job.c.key)
)
_DISCARD: Final = update(job).where(job.c.id == bindparam("job"), IS_DEAD).values(state=JobState.DONE).returning(job.c.key)
_SHOW: Final = select(*_COLUMNS).where(job.c.id == bindparam("id"))
_LISTING: Final = (
    select(*_COLUMNS).where(job.c.id > bindparam("after")).order_by(job.c.id).limit(bindparam("limit", type_=Integer()))
)
_LISTINGS: Final = {
    JobState.OPEN: _LISTING.where(IS_OPEN),
    JobState.DEAD: _LISTING.where(IS_DEAD),
    JobState.DONE: _LISTING.where(job.c.state == JobState.DONE),
}
_DEPTH: Final = select(
    select(func.coalesce(func.sum(stream.c.open_n), 0)).where(IS_BUSY).scalar_subquery().label("open"),
    select(func.count()).select_from(job).where(IS_DEAD).scalar_subquery().label("dead"),
    select(NOW - func.min(job.c.enqueued_at)).where(IS_OPEN).scalar_subquery().label("age"),
)


class Jobs:
    """The jobs of one transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        """Work on this connection."""
        self._connection = connection

    def enqueue(
        self,
        key: StreamKey,
        kind: str,
        payload: Payload,
        dedupe_key: str,
        *,
        delay_seconds: float = 0.0,
        max_wait_seconds: float | None = None,
    ) -> JobId | None:
        """Add a job to a stream.

        Args:
            key: the stream.
            kind: which work.
            payload: ids it works on.
            dedupe_key: names this work for ever.
            delay_seconds: the stream is due after so long, and whatever waits in it is pushed to then (debounce).
            max_wait_seconds: how long later jobs may push this one; None = no later than its own delay.

        Returns:
            The number of the job; None = this work was enqueued before.
        """
        wait = delay_seconds if max_wait_seconds is None else max_wait_seconds
        delay = min(delay_seconds, wait)
        row = {"key": key, "kind": kind, "payload": payload, "dedupe_key": dedupe_key, "delay": delay, "wait": wait}
        added = self._connection.execute(_ENQUEUE[self._connection.dialect.name], row).scalar_one_or_none()
        if added is None:
            return None
        streams.add_work(self._connection, key, delay=delay, wait=wait)
        return JobId(added)

    def claim(self, owner: str, lease_seconds: float) -> Claim | None:
        """Lease the stream that has waited longest, with its due jobs; None = no stream is due.

        Jobs that stand behind one in a backoff are not handed out. A stream taken over from a worker whose lease ran out
        counts an attempt for each open job, so that work that kills its worker reaches the limit of attempts too.
        """
        lease = streams.take(self._connection, owner, lease_seconds)
        if lease is None:
            return None
        if lease.expired:
            self._connection.execute(_COUNT_LOST_LEASE, {"stream": lease.key})
        rows = self._connection.execute(_CLAIMED, {"stream": lease.key}).all()
        due = [*rows[:1], *takewhile(lambda row: not row.backing_off, rows[1:])]
        return Claim(key=lease.key, fence=lease.fence, owner=owner, jobs=tuple(_job(row) for row in due))

    def heartbeat(self, claim: Claim, lease_seconds: float) -> None:
        """Let the lease run from now on again.

        Raises:
            LostLeaseError: another worker took the stream, or it was given up.
        """
        streams.extend(self._connection, claim.key, claim.fence, claim.owner, lease_seconds)

    def complete(self, claim: Claim, job_ids: Collection[JobId]) -> None:
        """Mark jobs as done and give up the stream, in the transaction of their effect.

        Raises:
            LostLeaseError: another worker took the stream, or a job is not open any more: the effect must be rolled back.
        """
        self._settle(claim, _COMPLETE, job_ids, {})

    def retry(self, claim: Claim, job_id: JobId, delay_seconds: float, error: str) -> None:
        """Try a job again after a backoff, during which the whole stream waits; gives up the stream.

        Raises:
            LostLeaseError: as above.
        """
        self._settle(claim, _RETRY, (job_id,), {"delay": delay_seconds, "error": error})

    def bury(self, claim: Claim, job_ids: Collection[JobId], error: str) -> None:
        """Make jobs dead letters, so that those behind them go on; gives up the stream; `attempts` stays.

        Raises:
            LostLeaseError: as above.
        """
        self._settle(claim, _BURY, job_ids, {"error": error})

    def release(self, claim: Claim) -> None:
        """Give up the stream with its jobs as they are; they are due at once.

        Raises:
            LostLeaseError: another worker took the stream.
        """
        self._settle(claim, _COMPLETE, (), {})

    def depth(self) -> Depth:
        """Count the work."""
        row = self._connection.execute(_DEPTH).one()
        return Depth(open=int(row.open), dead=row.dead, oldest_seconds=None if row.age is None else max(row.age, 0.0))

    def listing(self, state: JobState, *, after: int = 0, limit: int = 100) -> tuple[Job, ...]:
        """Return jobs of one state with ids above `after`, in order of their ids."""
        return tuple(_job(row) for row in self._connection.execute(_LISTINGS[state], {"after": after, "limit": limit}))

    def show(self, job_id: JobId) -> Job | None:
        """Return a job; None = there is none with this number."""
        row = self._connection.execute(_SHOW, {"id": job_id}).one_or_none()
        return None if row is None else _job(row)

    def replay(self, job_id: JobId) -> None:
        """Open a dead job again, with no attempt counted; it is due at once, in its old place.

        Raises:
            NotFoundError: there is no such job.
            ConflictError: the job is not dead.
        """
        streams.add_work(self._connection, self._change_dead(_REOPEN, job_id), delay=0.0, wait=0.0)

    def discard(self, job_id: JobId) -> None:
        """Close a dead job for good; its last error stays.

        Raises:
            NotFoundError: there is no such job.
            ConflictError: the job is not dead.
        """
        self._change_dead(_DISCARD, job_id)

    def _settle(
        self, claim: Claim, statement: ReturningUpdate[int], job_ids: Collection[JobId], values: Mapping[str, object]
    ) -> None:
        streams.hold(self._connection, claim.key, claim.fence, claim.owner)
        if job_ids:
            changed = self._connection.execute(statement, {"stream": claim.key, "ids": list(job_ids), **values}).all()
            if len(changed) != len(set(job_ids)):
                raise LostLeaseError("a job of the claim is not open any more")
        streams.free(self._connection, claim.key)

    def _change_dead(self, statement: ReturningUpdate[str], job_id: JobId) -> StreamKey:
        """Change a dead job and return its stream."""
        key = self._connection.execute(statement, {"job": job_id}).scalar_one_or_none()
        if key is not None:
            return StreamKey(key)
        if self.show(job_id) is None:
            raise NotFoundError(f"there is no job {job_id}")
        raise ConflictError(f"job {job_id} is not dead")


def _job(row: Row[*tuple[object, ...]]) -> Job:
    return Job(**{name: row._mapping[name] for name in _FIELDS})  # noqa: SLF001 (public in spite of its name)
