"""Complete a dossier from the EHR in bounded rounds: ask for what is missing until nothing is."""

from typing import Final

from service.ehr.client import EhrClient
from service.ehr.fetch import fetch
from service.errors import InvalidInputError, NoReportError
from service.intake.missing import missing
from service.intake.opened import Opened, open_dossier
from service.intake.read import read
from service.mapping.mapfile import Mappings
from service.mapping.translate import translate
from service.model.dossier import Dossier, Interest, Wanted
from service.model.hospital import Hospital
from service.parts import Parts
from service.pipeline.compute import concerns_spine

MAX_ROUNDS: Final = 8
"""Rounds of questions to the EHR, once for the report and once more with its record; a deeper tree stays unresolved and is said."""


def gather(parts: Parts, hospital: Hospital, dossier: Dossier) -> Opened:
    """Open a dossier and fill it from the hospital's EHR: the report first, then the patient's record.

    The record is asked only for a report that says something of the spine: every other report of the hospital comes by here too.

    Raises:
        EhrUnavailableError: the EHR did not answer; the job is tried again.
    """
    opened = open_dossier(dossier, parts.limits)
    if hospital.ehr_base is None:
        return opened
    client = parts.ehr(hospital)
    mappings = parts.languages[hospital.slug].mappings
    _fill(opened, client, None)
    if _is_worth_asking(opened, mappings):
        _fill(opened, client, mappings.interest)
    return opened


def _fill(opened: Opened, client: EhrClient, interest: Interest | None) -> None:
    for _ in range(MAX_ROUNDS):
        wanted = missing(opened, interest)
        if not wanted:
            return
        opened.add(fetch(client, wanted))


def _is_worth_asking(opened: Opened, mappings: Mappings) -> bool:
    try:
        reading = read(opened)
    except (InvalidInputError, NoReportError):
        return False  # whoever computes says what is wrong with it
    return not reading.withdrawn and bool(opened.dossier.context_days) and concerns_spine(translate(reading, mappings))


def read_report(parts: Parts, hospital: Hospital, reference: str) -> Dossier:
    """Read a report anew from the EHR and start a dossier with it: the version read is the version assessed."""
    client = parts.ehr(hospital)
    documents = fetch(client, (Wanted(request=reference, needed=True),))
    return Dossier(
        hospital=hospital.slug,
        ehr_base=hospital.ehr_base,
        report=reference,
        context_days=hospital.context_days,
        strict=False,
        documents=documents,
    )
