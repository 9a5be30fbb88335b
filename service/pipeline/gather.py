"""Complete a dossier from the EHR in bounded rounds: ask for what is missing until nothing is."""

from typing import Final

from service.ehr.fetch import fetch
from service.intake.missing import missing
from service.intake.opened import Opened, open_dossier
from service.model.dossier import Dossier, Wanted
from service.model.hospital import Hospital
from service.parts import Parts

MAX_ROUNDS: Final = 8
"""Rounds of questions to the EHR: a hasMember tree deeper than this stays unresolved, which the assessment says."""


def gather(parts: Parts, hospital: Hospital, dossier: Dossier) -> Opened:
    """Open a dossier and fill it from the hospital's EHR.

    Raises:
        EhrUnavailableError: the EHR did not answer; the job is tried again.
    """
    opened = open_dossier(dossier, parts.limits)
    if hospital.ehr_base is None:
        return opened
    client = parts.ehr(hospital)
    codes = parts.languages[hospital.slug].mappings.context_codes
    for _ in range(MAX_ROUNDS):
        wanted = missing(opened, codes)
        if not wanted:
            break
        opened.add(fetch(client, wanted))
    return opened


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
