"""Perform the jobs of one claimed stream; every effect commits together with the job that caused it."""

import random
import secrets
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import structlog

from service.errors import EhrUnavailableError, LostLeaseError, NotFoundError, ServiceError
from service.logs import place_of
from service.model.dossier import Document, Dossier, Origin
from service.model.hospital import Hospital, HospitalSlug
from service.parts import Parts
from service.pipeline.compute import Computed, compute
from service.pipeline.dead_letter import bury
from service.pipeline.deliver import deliver_series
from service.pipeline.gather import gather, read_report
from service.pipeline.provenance import record_provenance
from service.pipeline.related import enqueue_related
from service.pipeline.settle import settle
from service.pipeline.store import with_every_answer
from service.storage.jobs import Claim, Job
from service.storage.receipts import Receipt
from service.storage.terms import AssessmentId, ReceiptId, SeriesId
from service.storage.unit_of_work import UnitOfWork

Claimed = Claim
"""A claimed stream, as the worker hands it from one call to the next."""

LONGEST_WAIT_SECONDS: Final = 86_400.0
"""What an EHR may ask us to wait; more is a mistake of some proxy, and would be a report that nobody misses."""

_LOG = structlog.get_logger("service.work")


def next_claim(parts: Parts, owner: str) -> Claim | None:
    """Claim the stream that has waited longest; None = nothing is due."""
    with parts.database.write() as uow:
        return uow.jobs.claim(owner, parts.settings.lease_seconds)


def keep_alive(parts: Parts, claim: Claim) -> None:
    """Extend the lease of a claim while its work goes on.

    Raises:
        LostLeaseError: another worker took the stream.
    """
    with parts.database.write() as uow:
        uow.jobs.heartbeat(claim, parts.settings.lease_seconds)


def perform(parts: Parts, claim: Claim) -> None:
    """Do the first piece of work of a claimed stream; what stands behind it is claimed anew, in order."""
    try:
        if claim.jobs:
            _attempt(parts, claim, _same_work(parts, claim.jobs))
        else:
            with parts.database.write() as uow:
                uow.jobs.release(claim)
    except LostLeaseError:
        _LOG.warning("lease_lost", stream=claim.key.partition("|")[0], fence=claim.fence)


def _same_work(parts: Parts, jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    """Return the jobs that one run settles: every delivery of one series, every assessment of one report that is read anew.

    Where posted bytes are assessed each arrival has its own run: the last to arrive need not be the newest.
    """
    first = jobs[0]
    if first.kind == "deliver":
        name = "series"
    elif first.kind == "assess" and _is_read_anew(parts, first):
        name = "reference"
    else:
        return (first,)
    return tuple(each for each in jobs if each.kind == first.kind and each.payload.get(name) == first.payload[name])


def _is_read_anew(parts: Parts, job: Job) -> bool:
    """Tell whether the report is read from the EHR, whatever bytes the trigger brought."""
    hospital = parts.hospitals.get(HospitalSlug(job.payload["hospital"]))
    return hospital is not None and hospital.ehr_base is not None and _names_report(job)


def _names_report(job: Job) -> bool:
    return job.payload.get("reference", "").startswith("DiagnosticReport/")


def _attempt(parts: Parts, claim: Claim, jobs: tuple[Job, ...]) -> None:
    """Run one piece of work; whatever fails is scheduled again or buried, and so is work whose workers die of it."""
    if jobs[0].attempts >= parts.settings.max_attempts:
        _failed(parts, claim, jobs, jobs[0].last_error or "tried too often", retry=False, wait=None)
        return
    try:
        _RUNS[jobs[-1].kind](parts, claim, jobs)
    except LostLeaseError:
        raise
    except ServiceError as error:
        _failed(parts, claim, jobs, error.text, retry=error.retry, wait=error.retry_after, cause=error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the job must survive it and say where to look
        reference = secrets.token_hex(6)
        _LOG.error("unexpected_error", reference=reference, kind=type(error).__name__, job=jobs[-1].id, place=place_of(error))
        _failed(parts, claim, jobs, f"unexpected {type(error).__name__}, reference {reference}", retry=True, wait=None)


def _failed(
    parts: Parts,
    claim: Claim,
    jobs: tuple[Job, ...],
    text: str,
    *,
    retry: bool,
    wait: float | None,
    cause: ServiceError | None = None,
) -> None:
    """Schedule the next try, or bury what no repeat can mend, and say so in the Tasks that wait for it."""
    job = jobs[0]
    final = not retry or job.attempts + 1 >= parts.settings.max_attempts
    _LOG.warning("job_failed", job=job.id, kind=job.kind, attempts=job.attempts + 1, final=final, reason=text)
    with parts.database.write() as uow:
        if not final:
            uow.jobs.retry(claim, job.id, _backoff(parts, job.attempts, wait), text)
            return
        bury(uow, claim, jobs, text, cause)


def _backoff(parts: Parts, attempts: int, wait: float | None) -> float:
    """Return seconds until the next try: full jitter below a doubling ceiling, never shorter than Retry-After within a day."""
    ceiling = min(parts.settings.backoff_max_seconds, parts.settings.backoff_seconds * 2 ** min(attempts, 20))
    return max(min(wait or 0.0, LONGEST_WAIT_SECONDS), random.uniform(0, ceiling))  # noqa: S311 - spreads load, keeps no secret


def _assess(parts: Parts, claim: Claim, jobs: tuple[Job, ...]) -> None:
    """Assess one report once for all the triggers that speak of it."""
    hospital = parts.hospital(jobs[-1].payload["hospital"])
    dossier = _dossier(parts, hospital, jobs[-1])
    _refuse_missing(parts, dossier, jobs)
    opened = gather(parts, hospital, dossier)
    computed = compute(opened, parts.languages[hospital.slug], parts.tables)

    def keep(uow: UnitOfWork, computed: Computed) -> None:
        settlement = settle(uow, parts, hospital, computed, opened.dossier)
        for job in jobs:
            uow.receipts.settle(ReceiptId(job.payload["receipt"]), settlement, report=job.payload.get("reference"))
        uow.jobs.complete(claim, [job.id for job in jobs])

    with_every_answer(parts, hospital, opened, computed, keep)


def _refuse_missing(parts: Parts, dossier: Dossier, jobs: tuple[Job, ...]) -> None:
    """Wait for a report that the EHR announced and does not have: only a deletion or 410 withdraws it, a lagging replica never.

    Raises:
        EhrUnavailableError: the EHR answers 404 and nobody said that the report was deleted.
    """
    first = dossier.documents[0]
    absent = first.origin is Origin.READ and first.status == HTTPStatus.NOT_FOUND
    if absent and all(_receipt(parts, job).method != "DELETE" for job in jobs):
        raise EhrUnavailableError("The EHR does not have the report that it announced (404).")


def _dossier(parts: Parts, hospital: Hospital, job: Job) -> Dossier:
    """Start the dossier of a triggered report: read anew from the EHR, else from the bytes that were posted."""
    if _is_read_anew(parts, job):
        return read_report(parts, hospital, job.payload["reference"])
    receipt = _receipt(parts, job)
    deleted = receipt.method == "DELETE"
    return Dossier(
        hospital=hospital.slug,
        ehr_base=hospital.ehr_base,
        report=job.payload.get("reference") if deleted else None,
        context_days=hospital.context_days,
        strict=False,
        documents=(Document(origin=Origin.POSTED, request="", status=410 if deleted else 200, body=receipt.body),),
    )


def _receipt(parts: Parts, job: Job) -> Receipt:
    with parts.database.read() as uow:
        found = uow.receipts.get(ReceiptId(job.payload["receipt"]))
    if found is None:
        raise NotFoundError("The receipt of this job was removed by retention.")
    return found


def _context(parts: Parts, claim: Claim, jobs: tuple[Job, ...]) -> None:
    """Find the reports that a changed Observation or other context belongs to, and have them assessed again."""
    enqueue_related(parts, parts.hospital(jobs[-1].payload["hospital"]), claim, jobs)


def _deliver(parts: Parts, claim: Claim, jobs: tuple[Job, ...]) -> None:
    """Deliver the newest assessment of a series."""
    payload = jobs[-1].payload
    deliver_series(parts, parts.hospital(payload["hospital"]), SeriesId(payload["series"]), claim, [job.id for job in jobs])


def _provenance(parts: Parts, claim: Claim, jobs: tuple[Job, ...]) -> None:
    """Write the Provenance of a delivered assessment."""
    payload = jobs[-1].payload
    assessment_id = AssessmentId(payload["assessment"])
    record_provenance(parts, parts.hospital(payload["hospital"]), assessment_id, claim, [job.id for job in jobs])


_RUNS: Final[Mapping[str, Callable[[Parts, Claim, tuple[Job, ...]], None]]] = {
    "assess": _assess,
    "context": _context,
    "deliver": _deliver,
    "provenance": _provenance,
}
