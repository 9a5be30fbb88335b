"""The tables of the queue: streams that keep order and hold the lease, and the jobs in them.

Due times, leases and waiting times are seconds since 1970 by the database's clock, because only the database compares them.
"""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Double, ForeignKey, Index, Integer, String, Table, literal_column

from service.storage.metadata import COUNTED, METADATA, words
from service.storage.terms import JobState

stream: Final = Table(
    "stream",
    METADATA,
    Column("key", String, primary_key=True),
    Column("open_n", Integer, nullable=False),
    # NULL = idle; else claimable from then on: work is due, a backoff or a lease ends
    Column("due_at", Double),
    # how far ahead due_at lay when it was set: tells a clock that jumped back
    Column("span", Double),
    # due_at is never pushed beyond it by further work
    Column("run_by", Double),
    # order among due streams; lies ahead while a backoff runs
    Column("waiting_since", Double),
    Column("fence", BigInteger, nullable=False),
    # NULL = nobody holds a lease
    Column("owner", String),
    sqlite_with_rowid=False,
)
IS_BUSY: Final = stream.c.due_at.is_not(None)
Index("ix_stream_waiting", stream.c.waiting_since, sqlite_where=IS_BUSY, postgresql_where=IS_BUSY)

job: Final = Table(
    "job",
    METADATA,
    Column("id", COUNTED, primary_key=True),
    # checked at commit: the job is written first, because its dedupe key decides whether the stream is touched
    Column("key", ForeignKey("stream.key", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("dedupe_key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("enqueued_at", Double, nullable=False),
    Column("not_before", Double, nullable=False),
    Column("run_by", Double, nullable=False),
    # seconds of the running backoff; NULL = none
    Column("backoff", Double),
    Column("state", words(JobState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", String),
    sqlite_autoincrement=True,
)
# words written out, because neither database matches a bound parameter with the condition of a partial index
IS_OPEN: Final = job.c.state == literal_column(f"'{JobState.OPEN}'")
IS_DEAD: Final = job.c.state == literal_column(f"'{JobState.DEAD}'")
Index("ix_job_open", job.c.key, job.c.id, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
Index("ix_job_dead", job.c.id, sqlite_where=IS_DEAD, postgresql_where=IS_DEAD)
