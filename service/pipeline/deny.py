"""Audit what was denied: every 403, and of unauthenticated requests one for each source address and minute."""

from service.errors import DeniedError, UnauthenticatedError
from service.model.caller import Caller
from service.parts import Parts
from service.storage.terms import AuditAction, AuditOutcome


def deny(parts: Parts, caller: Caller, error: DeniedError, *, reads: bool, entity: str, hospital: str | None) -> None:
    """Write the audit fact of a request that is being refused; called before the answer.

    Args:
        parts: where facts go.
        caller: who asked, as far as that is known.
        error: why it is refused.
        reads: whether it asked to read; everything else counts as executing.
        entity: what it asked for.
        hospital: slug of the hospital that was addressed; None = none.

    Raises:
        StorageDownError: the fact could not be stored, so the refusal must not be answered either.
    """
    is_unknown = isinstance(error, UnauthenticatedError)
    now = parts.clock()
    if is_unknown and parts.denials.is_recorded(caller.address, now):
        return
    fact = parts.fact(
        caller,
        AuditAction.READ if reads else AuditAction.EXECUTE,
        "read" if reads else "operation",
        entity=entity,
        hospital=hospital,
        outcome=AuditOutcome.SERIOUS_FAILURE,
        outcome_desc=f"{error.status} {error.reason}",
        detail=error.token_id,
    )
    with parts.database.write() as uow:
        uow.audit.add(fact)
    if is_unknown:
        parts.denials.record(caller.address, now)
