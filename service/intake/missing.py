"""What intake lacks and the EHR may have: the next requests, nothing that was asked before.

Source: interfaces section 1 (reaching findings, context of the same patient).
"""

from collections.abc import Iterator

from service.errors import NoReportError
from service.intake.choice import GONE, choose
from service.intake.enquiry import enquire
from service.intake.identity import Identities
from service.intake.opened import Opened
from service.intake.pending import request_of
from service.intake.survey import Survey, survey
from service.model.dossier import Interest, Wanted


def missing(opened: Opened, interest: Interest | None = None) -> tuple[Wanted, ...]:
    """Return what to ask the EHR next; () = nothing is left.

    Results and members are needed; the patient, structures and context are not. What came back empty is not asked again.

    Args:
        opened: the dossier so far.
        interest: what of the patient's record is worth asking for; None = the report alone.
    """
    if opened.dossier.ehr_base is None:
        return ()
    wanted = opened.dossier.report
    if wanted is not None and wanted not in opened.answers and not _began_with_deletion(opened):
        return (Wanted(request=wanted, needed=True),)
    try:
        choice = choose(opened)
    except NoReportError:
        return ()
    report = choice.report
    if report is None or choice.is_withdrawn or not opened.is_sound(report):
        return ()
    made = survey(opened, choice, report)
    asked: dict[str, Wanted] = {}
    record = enquire(opened, made, interest) if interest is not None else ()
    for each in (*_open_references(opened, made), *record):
        if each.request not in opened.answers:
            asked.setdefault(each.request, each)
    return tuple(asked.values())


def _began_with_deletion(opened: Opened) -> bool:
    return opened.dossier.documents[0].status in GONE


def _open_references(opened: Opened, made: Survey) -> Iterator[Wanted]:
    for each in made.pending:
        if (request := request_of(opened, each)) is not None:
            yield Wanted(request=request, needed=each.needed)
    identities = Identities(opened, frozenset(each.order for each in made.foreign))
    for branch in made.tree.branches:
        identities.of(branch, ())
    for each in identities.pending:
        if (request := request_of(opened, each)) is not None:
            yield Wanted(request=request, needed=False)
