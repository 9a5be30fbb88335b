"""What a dead letter leaves behind where people look: in the trigger, the delivery or the Provenance that it belongs to.

Our own sentence goes to the job, the log and the Task; what the EHR answered is kept with what failed, because it may speak of a
patient, and is shown in the Task alone.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from service.errors import EhrError, ServiceError
from service.storage.jobs import Claim, Job
from service.storage.receipts import REQUESTED, Settlement
from service.storage.terms import AssessmentId, DeliveryState, ReceiptId, ReceiptState
from service.storage.unit_of_work import UnitOfWork

LONGEST_ANSWER: Final = 64 * 1024
"""Bytes that are kept of what an EHR answered to something that failed."""


def bury(uow: UnitOfWork, claim: Claim, jobs: Collection[Job], reason: str, cause: ServiceError | None) -> None:
    """Make dead letters of jobs and say so where people look, in one transaction.

    Args:
        uow: the transaction.
        claim: the lease under which the jobs are held.
        jobs: what is given up.
        reason: our sentence for why.
        cause: the failure; None = it was tried too often, or a mistake of ours.

    Raises:
        LostLeaseError: another worker took the stream.
    """
    uow.jobs.bury(claim, [each.id for each in jobs], reason)
    failure = Settlement(state=ReceiptState.FAILED, reason=reason)
    if isinstance(cause, EhrError):
        failure = replace(failure, http_status=cause.http_status, answer=cause.outcome[:LONGEST_ANSWER] or None)
    for each in jobs:
        _say(uow, each, failure)


def expect_again(uow: UnitOfWork, job: Job) -> None:
    """Say that the work of a dead letter is to be done after all."""
    match job.kind:
        case "deliver":
            uow.deliveries.mark(_assessment(job), DeliveryState.PENDING)
        case "provenance":
            uow.provenances.mark(_assessment(job), DeliveryState.PENDING)
        case _:
            uow.receipts.settle(ReceiptId(job.payload["receipt"]), REQUESTED, report=job.payload.get("reference"))


def _say(uow: UnitOfWork, job: Job, failure: Settlement) -> None:
    match job.kind:
        case "deliver":
            _say_of_delivery(uow, _assessment(job), failure)
        case "provenance":
            uow.provenances.mark(
                _assessment(job),
                DeliveryState.DEAD,
                reason=failure.reason,
                http_status=failure.http_status,
                answer=failure.answer,
            )
        case _:
            uow.receipts.settle(ReceiptId(job.payload["receipt"]), failure, report=job.payload.get("reference"))


def _say_of_delivery(uow: UnitOfWork, assessment_id: AssessmentId, failure: Settlement) -> None:
    """Mark a delivery as dead unless a newer one has taken its place."""
    found = uow.deliveries.get(assessment_id)
    if found is not None and found.state == DeliveryState.PENDING:
        uow.deliveries.mark(
            assessment_id, DeliveryState.DEAD, reason=failure.reason, http_status=failure.http_status, answer=failure.answer
        )


def _assessment(job: Job) -> AssessmentId:
    return AssessmentId(job.payload["assessment"])
