"""What the assessment would be if findings were otherwise: it enters at the findings, and nothing is stored."""

from service.errors import Fault, InvalidInputError
from service.intake.change import read_change
from service.model.caller import Caller
from service.model.change import PATIENT, STUDY, Change
from service.parts import Parts
from service.pipeline.compute import Computed, Identity, assemble, compute, render
from service.pipeline.reopen import reopen
from service.pipeline.store import served_references


def what_if(parts: Parts, assessment_id: str, body: bytes, caller: Caller) -> bytes:
    """Return the Assessment JSON as it would be.

    Args:
        parts: rules, tables, database.
        assessment_id: the stored assessment that is asked about.
        body: `{"set": {"lesion-1": {"spinal-pain": "mechanical"}}, "unset": {"study": ["contrast-given"]}}`.
        caller: for the audit.

    Raises:
        NotFoundError, ConflictError, GoneError: as `reopen`.
        InvalidJsonError, InvalidInputError: the body, or a lesion, finding or value in it, is not understood.
    """
    change = read_change(body, parts.limits, is_signed=False)
    found = reopen(parts, assessment_id, caller)
    language = parts.languages[found.hospital.slug]
    computed = compute(found.opened, language, parts.tables, change)
    refuse_unknown_lesions(change, computed)
    identity = Identity(
        id=parts.new_id(),
        series=found.row.series,
        hospital=found.row.hospital,
        supersedes=found.row.id,
        assessed_at_instant=parts.clock(),
    )
    return render(assemble(computed, identity, language), language, served_references(computed, found.hospital)).content


def refuse_unknown_lesions(change: Change, computed: Computed) -> None:
    """Refuse a change that names a lesion which the assessment does not have.

    Raises:
        InvalidInputError: naming each.
    """
    known = {STUDY, PATIENT, *(lesion.id for lesion in (computed.case.lesions if computed.case is not None else ()))}
    places = dict.fromkeys([*((each.place, "set") for each in change.told), *((each.place, "unset") for each in change.taken)])
    faults = tuple(
        Fault(text="The assessment has no such lesion.", path=f"{key}.{place}", code="not-found")
        for place, key in places
        if place not in known
    )
    if faults:
        raise InvalidInputError("The assessment has no such lesion.", faults=faults)
