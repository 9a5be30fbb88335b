"""What intake lacks and the EHR may have: the next requests, nothing that was asked before.

Source: interfaces section 1 (reaching findings, context of the same patient).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final
from urllib.parse import quote

from service.errors import NoReportError
from service.intake.addresses import localise
from service.intake.choice import GONE, choose
from service.intake.identity import Identities
from service.intake.opened import Opened
from service.intake.pending import request_of
from service.intake.said import stated
from service.intake.survey import Survey, subject_reference, survey
from service.model.dossier import Wanted

CODES_PER_SEARCH: Final = 50
"""Codes of one search: longer addresses are cut off or refused by some servers."""


def missing(opened: Opened, context_codes: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Return what to ask the EHR next; () = nothing is left.

    Results and members are needed; the patient, structures and context are not. What came back empty is not asked again.

    Args:
        opened: the dossier so far.
        context_codes: codes of context findings, as `system|code`.
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
    for each in (*_open_references(opened, made), *_context(opened, made, context_codes)):
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


def _context(opened: Opened, made: Survey, codes: tuple[str, ...]) -> Iterator[Wanted]:
    """Yield the searches for clinical Observations of the patient around the report; for Conditions and Procedures none yet."""
    days = opened.dossier.context_days
    patient = _patient_id(opened, made)
    around = stated(made.report.node)
    if not days or patient is None or around is None or around.first is None:
        return
    window = timedelta(days=days)
    first, last = _shifted(around.first.date(), -window), _shifted((around.last or around.first).date(), window)
    for start in range(0, len(codes), CODES_PER_SEARCH):
        chosen = ",".join(quote(code, safe="") for code in codes[start : start + CODES_PER_SEARCH])
        dates = f"date=ge{first.isoformat()}&date=le{last.isoformat()}"
        yield Wanted(request=f"Observation?patient={patient}&code={chosen}&{dates}&_count=100", needed=False)


def _shifted(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _patient_id(opened: Opened, made: Survey) -> str | None:
    """Return the EHR's id of the report's patient; None = the report names none that the EHR could know."""
    report = made.report
    reference = report.node.get("subject", {}).get("reference")
    if reference is None or reference.startswith("#") or report.base not in {None, opened.dossier.ehr_base}:
        return None
    local = localise(subject_reference(opened, made) or reference, opened.dossier.ehr_base)
    kind, _, patient_id = local.partition("/")
    return patient_id if kind == "Patient" and patient_id and "/" not in patient_id and "#" not in patient_id else None
