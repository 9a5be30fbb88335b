"""Streams: when a line of jobs is due, and who holds it.

`due_at` is NULL when nothing is open. Otherwise the stream may be claimed from then on: because work is due, a backoff has
passed, or the lease of a worker has run out. A time that lies further ahead than it did when it was set, plus a minute, was
set by a clock that has jumped back since, and counts as passed.

While a stream is held (leased, or in a backoff) new work does not move `due_at`; `free` works it out again from the open jobs.
"""

from typing import Final, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Connection, Double, and_, bindparam, case, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from service.errors import LostLeaseError
from service.storage.clock import EpochNow, Least
from service.storage.job_tables import IS_BUSY, IS_OPEN, job, stream
from service.storage.terms import StreamKey

CLOCK_TOLERANCE_SECONDS: Final = 60.0
"""How much longer than its length a lease or backoff may last when the clock jumps."""

NOW: Final = EpochNow()


class Lease(NamedTuple):
    """A stream that was just taken; `expired` = from a worker whose lease had run out."""

    key: StreamKey
    fence: int
    expired: bool


def has_passed(instant: ColumnElement[float], span: ColumnElement[float]) -> ColumnElement[bool]:
    """Return the condition that an instant, set `span` seconds ahead, has passed or was set by another clock."""
    return or_(instant <= NOW, instant > NOW + span + CLOCK_TOLERANCE_SECONDS)


def _seconds(name: str) -> BindParameter[float]:
    return bindparam(name, type_=Double())


# --- more work ---------------------------------------------------------------------------------------------------------

_DELAY: Final = _seconds("delay")
_WAIT: Final = _seconds("wait")
_IS_IDLE: Final = stream.c.due_at.is_(None)
_IS_HELD: Final = or_(stream.c.owner.is_not(None), stream.c.waiting_since > NOW)
_RUN_BY: Final = Least(stream.c.run_by, NOW + _WAIT)
_PUSHED: Final = Least(NOW + _DELAY, _RUN_BY)
_AFTER_MORE_WORK: Final = {
    "open_n": stream.c.open_n + 1,
    "due_at": case((_IS_IDLE, NOW + _DELAY), (_IS_HELD, stream.c.due_at), else_=_PUSHED),
    "span": case((_IS_IDLE, _DELAY), (_IS_HELD, stream.c.span), else_=_PUSHED - NOW),
    "run_by": case((_IS_IDLE, NOW + _WAIT), (_IS_HELD, stream.c.run_by), else_=_RUN_BY),
    "waiting_since": case((_IS_IDLE, NOW), else_=stream.c.waiting_since),
}


def _more_work(add: sqlite.Insert | postgresql.Insert) -> Insert:
    first = {"open_n": literal(1), "due_at": NOW + _DELAY, "span": _DELAY, "run_by": NOW + _WAIT, "waiting_since": NOW}
    filled = add.values(key=bindparam("stream"), fence=literal(0), owner=None, **first)
    return filled.on_conflict_do_update(index_elements=[stream.c.key], set_=_AFTER_MORE_WORK)


_MORE_WORK: Final = {"sqlite": _more_work(sqlite.insert(stream)), "postgresql": _more_work(postgresql.insert(stream))}


def add_work(connection: Connection, key: StreamKey, *, delay: float, wait: float) -> None:
    """Note one more open job: an idle stream is due after `delay`; a waiting one is pushed to that, within every job's `wait`.

    Args:
        connection: of the transaction that adds the job.
        key: the stream.
        delay: seconds until the job should run.
        wait: seconds after which it must not be pushed further by others.
    """
    connection.execute(_MORE_WORK[connection.dialect.name], {"stream": key, "delay": delay, "wait": wait})


# --- leases ------------------------------------------------------------------------------------------------------------

_NEXT: Final = (
    select(stream.c.key, stream.c.owner)
    .where(IS_BUSY, has_passed(stream.c.due_at, stream.c.span))
    .order_by(stream.c.waiting_since, stream.c.key)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_LEASE: Final = {"due_at": NOW + _seconds("lease"), "span": _seconds("lease")}
_TAKE: Final = (
    update(stream)
    .where(stream.c.key == bindparam("stream"))
    .values(owner=bindparam("by"), fence=stream.c.fence + 1, **_LEASE)
    .returning(stream.c.fence)
)
_IS_OURS: Final = and_(
    stream.c.key == bindparam("stream"), stream.c.fence == bindparam("at_fence"), stream.c.owner == bindparam("by")
)
_EXTEND: Final = update(stream).where(_IS_OURS).values(_LEASE).returning(stream.c.key)


def take(connection: Connection, owner: str, lease_seconds: float) -> Lease | None:
    """Lease the stream that has waited longest for a worker; None = none is due."""
    row = connection.execute(_NEXT).one_or_none()
    if row is None:
        return None
    fence = connection.execute(_TAKE, {"stream": row.key, "by": owner, "lease": lease_seconds}).scalar_one()
    return Lease(key=row.key, fence=fence, expired=row.owner is not None)


def extend(connection: Connection, key: StreamKey, fence: int, owner: str, lease_seconds: float) -> None:
    """Let the lease run from now on again.

    Raises:
        LostLeaseError: it is not ours any more.
    """
    row = {"stream": key, "at_fence": fence, "by": owner, "lease": lease_seconds}
    if connection.execute(_EXTEND, row).one_or_none() is None:
        raise LostLeaseError("the stream is no longer ours")


# --- the end of a lease ------------------------------------------------------------------------------------------------

# A stream that we freed and nobody took since is still ours to settle: a run may complete one job and bury another.
_HOLD: Final = (
    select(stream.c.key)
    .where(stream.c.key == bindparam("stream"), stream.c.fence == bindparam("at_fence"))
    .where(or_(stream.c.owner == bindparam("by"), stream.c.owner.is_(None)))
    .with_for_update()
)
_OPEN: Final = select(
    func.count().label("open_n"),
    func.max(job.c.not_before).label("not_before"),
    func.min(job.c.run_by).label("run_by"),
    func.min(job.c.enqueued_at).label("enqueued_at"),
    NOW.label("now"),
).where(job.c.key == bindparam("stream"), IS_OPEN)
_HEAD: Final = select(job.c.not_before, job.c.backoff).where(job.c.key == bindparam("stream"), IS_OPEN).order_by(job.c.id).limit(1)
_SCHEDULE: Final = (
    update(stream)
    .where(stream.c.key == bindparam("stream"))
    .values({name: bindparam(name) for name in ("open_n", "due_at", "span", "run_by", "waiting_since")} | {"owner": None})
)
_IDLE: Final = {"open_n": 0, "due_at": None, "span": None, "run_by": None, "waiting_since": None}


def hold(connection: Connection, key: StreamKey, fence: int, owner: str) -> None:
    """Lock the stream until the transaction ends, so that nobody takes it and no new job is overlooked.

    Raises:
        LostLeaseError: somebody took it since.
    """
    if connection.execute(_HOLD, {"stream": key, "at_fence": fence, "by": owner}).one_or_none() is None:
        raise LostLeaseError("another worker took the stream")


def free(connection: Connection, key: StreamKey) -> None:
    """Give up the lease and work out from the open jobs when the stream is due."""
    left = connection.execute(_OPEN, {"stream": key}).one()
    if left.open_n == 0:
        connection.execute(_SCHEDULE, {"stream": key, **_IDLE})
        return
    head = connection.execute(_HEAD, {"stream": key}).one()
    due_at, since = min(left.not_before, left.run_by), left.enqueued_at
    if head.backoff is not None:
        # order is kept: whatever stands behind the job that is tried again waits with it, and is not late meanwhile
        due_at = since = head.not_before
    schedule = {"open_n": left.open_n, "due_at": due_at, "span": max(due_at - left.now, 0.0), "run_by": left.run_by}
    connection.execute(_SCHEDULE, {"stream": key, **schedule, "waiting_since": since})
