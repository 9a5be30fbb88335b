"""What to ask the EHR of a patient's record: other reports with their results, clinical Observations, Conditions and Procedures.

Asked by patient and, where a window holds, by date; the EHR's answers are read in pages by whoever fetches them. Nothing is asked
twice: an answer that came back empty or refused is an answer.

Source: interfaces section 1 (context of the same patient).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final
from urllib.parse import quote

from service.intake.addresses import localise, type_of
from service.intake.opened import Opened
from service.intake.others import judge
from service.intake.pending import Pending, request_of
from service.intake.survey import Survey, subject_reference
from service.intake.window import Window, window_of
from service.model.dossier import Interest, Wanted

CODES_PER_SEARCH: Final = 50
"""Codes of one search: longer addresses are cut off or refused by some servers."""

IDS_PER_SEARCH: Final = 50
"""Ids of one search, for the same reason."""

MERGED_PATIENTS: Final = 10
"""Patients that replaced one patient, at most: a search that brings more was not understood by the EHR."""

_BY_ID: Final = "Observation?_id="


def enquire(opened: Opened, made: Survey, interest: Interest) -> Iterator[Wanted]:
    """Yield what is worth asking of the record of the report's patient; nothing where context is off or nobody is named."""
    window = window_of(opened, made.report)
    patients = _patients(opened, made)
    if not window.reach or not patients:
        return
    for patient in patients:
        yield _context(f"Patient?link=Patient/{patient}&_count={MERGED_PATIENTS}", pages=1)
        yield from _of_patient(patient, window, interest)
    yield from _results(opened, made, window)


def _context(request: str, pages: int | None = None) -> Wanted:
    return Wanted(request=request, needed=False, pages=pages)


def _of_patient(patient: str, window: Window, interest: Interest) -> Iterator[Wanted]:
    dates = _dates(window)
    if dates is not None:
        for start in range(0, len(interest.codes), CODES_PER_SEARCH):
            chosen = ",".join(quote(code, safe="") for code in interest.codes[start : start + CODES_PER_SEARCH])
            yield _context(f"Observation?patient={patient}&code={chosen}&{dates}&_count=100")
        if interest.reports:
            yield _context(f"DiagnosticReport?patient={patient}&{dates}&_count=50")
    if interest.conditions:
        yield _context(f"Condition?patient={patient}&_count=100")
    if interest.procedures:
        yield _context(f"Procedure?patient={patient}&_count=100")


def _dates(window: Window) -> str | None:
    """Return the window as search parameters; None = the report does not say from when it is."""
    now = window.now
    if now is None or now.first is None:
        return None
    first, last = _shifted(now.first.date(), -window.reach), _shifted((now.last or now.first).date(), window.reach)
    return f"date=ge{first.isoformat()}&date=le{last.isoformat()}"


def _shifted(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _results(opened: Opened, made: Survey, window: Window) -> Iterator[Wanted]:
    """Yield searches for the results and members of other reports that count, many at once."""
    asked = {each for request in opened.answers if request.startswith(_BY_ID) for each in _ids_of(request)}
    wanted: dict[str, None] = {}
    for other in judge(made, window):
        if other.reason is None and not other.is_withdrawn:
            for each in other.tree.pending:
                if (one := _observation_id(opened, each)) is not None and one not in asked:
                    wanted[one] = None
    ids = list(wanted)
    for start in range(0, len(ids), IDS_PER_SEARCH):
        chosen = ids[start : start + IDS_PER_SEARCH]
        yield _context(f"{_BY_ID}{','.join(chosen)}&_count={len(chosen)}")


def _ids_of(request: str) -> list[str]:
    return request.removeprefix(_BY_ID).partition("&")[0].split(",")


def _observation_id(opened: Opened, pending: Pending) -> str | None:
    request = request_of(opened, pending)
    return request.partition("/")[2] if request is not None and request not in opened.answers else None


def _patients(opened: Opened, made: Survey) -> list[str]:
    """Return the EHR's ids of the report's patient and of those it was merged with; empty = the EHR can know none."""
    report = made.report
    reference = report.node.get("subject", {}).get("reference")
    if reference is None or reference.startswith("#") or report.base not in {None, opened.dossier.ehr_base}:
        return []
    named = [subject_reference(opened, made) or reference, *made.subjects.named(made.subject)]
    local = dict.fromkeys(localise(each, opened.dossier.ehr_base) for each in named)
    return [each.partition("/")[2] for each in local if each.startswith("Patient/") and type_of(each) == "Patient"]
