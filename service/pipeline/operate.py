"""What an operator does: look at jobs, replay, discard, scrape; changes are audited in the same transaction."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.errors import ConflictError, NotFoundError
from service.metrics import counted
from service.model.caller import Caller
from service.parts import Parts
from service.pipeline.dead_letter import expect_again
from service.storage.jobs import Depth, Job
from service.storage.terms import AuditAction, DeliveryState, JobId, JobState, SeriesId
from service.storage.unit_of_work import UnitOfWork


def list_jobs(parts: Parts, state: JobState) -> tuple[Job, ...]:
    """Return every job of one state, in the order of their numbers."""
    found: list[Job] = []
    with parts.database.read() as uow:
        while page := uow.jobs.listing(state, after=found[-1].id if found else 0):
            found += page
    return tuple(found)


def show_job(parts: Parts, number: JobId) -> Job:
    """Return one job.

    Raises:
        NotFoundError: there is none with this number.
    """
    with parts.database.read() as uow:
        job = uow.jobs.show(number)
    if job is None:
        raise NotFoundError(f"There is no job {number}.")
    return job


def replay_job(parts: Parts, number: JobId, caller: Caller) -> None:
    """Open a dead letter again.

    Raises:
        NotFoundError: there is none with this number.
        ConflictError: it is not dead, or a newer assessment of the same report is to be delivered or was.
    """
    with parts.database.write() as uow:
        job = uow.jobs.show(number)
        if job is not None and job.kind == "deliver" and _is_overtaken(uow, job):
            raise ConflictError(f"Job {number} is overtaken: a newer assessment of the report takes its place.")
        uow.jobs.replay(number)
        if job is not None:
            expect_again(uow, job)
        uow.audit.add(parts.fact(caller, AuditAction.EXECUTE, "operation", entity=f"Job/{number}", detail="replay"))


def discard_job(parts: Parts, number: JobId, caller: Caller) -> None:
    """Close a dead letter for good.

    Raises:
        NotFoundError: there is none with this number.
        ConflictError: it is not dead.
    """
    with parts.database.write() as uow:
        uow.jobs.discard(number)
        uow.audit.add(parts.fact(caller, AuditAction.EXECUTE, "operation", entity=f"Job/{number}", detail="discard"))


def _is_overtaken(uow: UnitOfWork, job: Job) -> bool:
    """Tell whether a newer assessment of the series is on its way, or the newest is with the EHR."""
    current = uow.deliveries.current(SeriesId(job.payload["series"]))
    return current is not None and (current.assessment_id != job.payload["assessment"] or current.state == DeliveryState.DELIVERED)


def scrape(parts: Parts) -> bytes:
    """Return counters and the state of the queue in the text format of Prometheus.

    Raises:
        StorageDownError: the database does not answer.
    """
    with parts.database.read() as uow:
        depth = uow.jobs.depth()
    waiting = CollectorRegistry()
    waiting.register(_Queue(depth))
    return counted() + generate_latest(waiting)


class _Queue(Collector):
    """The queue as gauges that no process keeps: a Gauge of the library would leave a value of each process behind, for good."""

    def __init__(self, depth: Depth) -> None:
        """Show what the database has just said."""
        self._depth = depth

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one gauge for each figure."""
        yield GaugeMetricFamily("sls_jobs_open", "Jobs that wait or run", value=self._depth.open)
        yield GaugeMetricFamily("sls_jobs_dead", "Dead letters", value=self._depth.dead)
        oldest = self._depth.oldest_seconds or 0.0
        yield GaugeMetricFamily("sls_jobs_oldest_seconds", "Age of the oldest open job; 0 = none", value=oldest)
