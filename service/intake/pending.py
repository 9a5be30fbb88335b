"""References that point to nothing in the dossier: what may be asked of the EHR, and what is said when it stays open."""

from dataclasses import dataclass

from service.errors import Fault
from service.intake.addresses import is_absolute, localise, type_of
from service.intake.entry import Entry
from service.intake.opened import Opened
from service.model.coded import Issue, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One reference without its resource.

    Attributes:
        reference: as sent; None = it names no address.
        path: FHIRPath of the reference.
        kind: resource type that is read there.
        needed: True = the report cannot be understood without it.
        source: resource that refers.
        is_other: True = the resource is here, and of another type.
    """

    reference: str | None
    path: str
    kind: str
    needed: bool
    source: Entry
    is_other: bool = False


def request_of(opened: Opened, pending: Pending) -> str | None:
    """Return the read that would bring the resource; None = it cannot be asked, or another type than the one read there.

    A relative reference in a resource whose fullUrl lies on another server belongs to that server.
    """
    base = opened.dossier.ehr_base
    if base is None or pending.reference is None or pending.is_other:
        return None
    elsewhere = pending.source.root.base not in {None, base}
    if elsewhere and not is_absolute(pending.reference):
        return None
    request = localise(pending.reference, base)
    return request if not is_absolute(request) and type_of(request) == pending.kind else None


def issue_of(opened: Opened, pending: Pending) -> Issue:
    """Say that a reference was not resolved, and why."""
    code, text = _reason(opened, pending)
    severity = Severity.WARNING if pending.needed else Severity.INFORMATION
    return Issue(severity=severity, code=code, text=f"{pending.kind} not resolved: {text}.", path=pending.path)


def fault_of(pending: Pending) -> Fault | None:
    """Return what FHIR forbids about a reference, whatever an EHR may hold; None = it may point elsewhere."""
    if pending.is_other:
        return Fault(text=f"The reference must be to a resource of type {pending.kind}.", path=pending.path, code="structure")
    if pending.reference is not None and pending.reference.startswith("#"):
        return Fault(text="ref-1: the resource contains nothing of that name.", path=f"{pending.path}.reference", code="invariant")
    return None


def _reason(opened: Opened, pending: Pending) -> tuple[str, str]:
    reference = pending.reference
    if reference is None:
        return "not-found", "the reference names no address"
    request = request_of(opened, pending)
    if request is not None:
        status = opened.answers.get(request)
        return "not-found", "the EHR was not asked" if status is None else f"the EHR answered {status}"
    kind = type_of(reference)
    if pending.is_other or kind not in {None, pending.kind}:
        return "not-supported", "the reference names another type of resource"
    if reference.startswith("#"):
        return "not-found", "the resource contains none of that name"
    return "not-found", "foreign address" if is_absolute(reference) else "it is not in the input"
