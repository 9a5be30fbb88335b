"""What becomes of a computed report: stored where there is something to store, else said in a word."""

from dataclasses import replace
from typing import Final

from service.errors import InvalidInputError
from service.model.caller import OURSELVES
from service.model.dossier import Dossier
from service.model.hospital import Hospital
from service.parts import Parts
from service.pipeline.compute import Computed, series_of
from service.pipeline.store import store
from service.storage.receipts import Settlement
from service.storage.terms import ReceiptState, SeriesId
from service.storage.unit_of_work import UnitOfWork

_NAMELESS: Final = "Nothing says which report this is: it needs an identifier with system and value, or an EHR."
_SEVERAL: Final = (
    "Several reports were assessed under this id, so a deletion does not say which one is meant; "
    "send the report with its identifier and status entered-in-error."
)


def settle(uow: UnitOfWork, parts: Parts, hospital: Hospital, computed: Computed, dossier: Dossier) -> Settlement:
    """Store a computed result where there is something to store; return what the Task is to say.

    A report that is assessed already is assessed again whatever its new version says: findings that were taken out of it must
    not stand in the EHR as if nothing had happened.

    Raises:
        InvalidInputError: nothing says which report it is.
    """
    computed = _named(uow, hospital, computed)
    report = computed.reading.report
    if report.status == "registered":
        return _nothing("registered-without-result")
    known = None if report.identity is None else uow.assessments.latest(SeriesId(series_of(hospital.slug, report.identity)))
    if known is None and computed.case is None:
        return _nothing("withdrawn-before-assessment")
    if known is None and not computed.concerns_spine:
        return _nothing("nothing-of-the-spine")
    stored = store(uow, parts, hospital, computed, dossier, caller=OURSELVES, write_back=True, any_envelope=True)
    return Settlement(state=ReceiptState.COMPLETED, reason=stored.reason, assessment_id=stored.row.id)


def _nothing(reason: str) -> Settlement:
    return Settlement(state=ReceiptState.COMPLETED, reason=reason)


def _named(uow: UnitOfWork, hospital: Hospital, computed: Computed) -> Computed:
    """Give a withdrawn report its identity where only its id is said: that of the one report which was assessed under this id.

    Raises:
        InvalidInputError: nothing says which report it is, or several were assessed under the id.
    """
    report = computed.reading.report
    if report.identity is not None:
        return computed
    if computed.case is not None or report.reference is None:
        raise InvalidInputError(_NAMELESS)
    rows = uow.assessments.of_report(hospital.slug, report.reference)
    if len(rows) > 1:
        raise InvalidInputError(_SEVERAL)
    if not rows:
        return computed
    named = replace(report, identity=rows[0].report_identity)
    return replace(computed, reading=replace(computed.reading, report=named))
