"""The instruments alone: what the rules cost beside validating the report that they read."""

from collections.abc import Callable
from typing import Final
from unittest.mock import patch

from fhir.resources.R4B.bundle import Bundle

from benchmarks.ground import HOSPITAL, Ground, opened_parts
from benchmarks.report import VALIDATION, bundle
from benchmarks.runner import Row, Times, interleaved, timed
from service.assessment.assess import assess
from service.assessment.statements import say
from service.evidence.tables import Tables
from service.findings.build import build
from service.intake.opened import open_dossier
from service.intake.read import read
from service.mapping.translate import translate
from service.model.case import Case
from service.model.coded import Reading
from service.model.dossier import Document, Dossier, Origin
from service.model.hospital import HospitalSlug
from service.parts import Language, Parts

LIMIT: Final = 0.15


def reading_of(parts: Parts, body: bytes) -> Reading:
    """Return what intake reads of a posted Bundle."""
    hospital = parts.hospital(HOSPITAL)
    posted = Document(origin=Origin.POSTED, request="", status=200, body=body)
    dossier = Dossier(
        hospital=hospital.slug,
        ehr_base=None,
        report=None,
        context_days=hospital.context_days,
        strict=True,
        documents=(posted,),
    )
    return read(open_dossier(dossier, parts.limits))


def language_of(parts: Parts) -> Language:
    """Return the mapping tables that the benchmark's hospital is read with."""
    return parts.languages[HospitalSlug(HOSPITAL)]


def _case_of(parts: Parts, body: bytes) -> Case:
    reading, mappings = reading_of(parts, body), language_of(parts).mappings
    return build(translate(reading, mappings), reading, mappings.vocabulary).case


def _of_instruments(ground: Ground) -> Times:
    """Measure the catalogue without what follows from its outcomes."""
    with patch("service.assessment.assess.POINTERS", ()):
        return _measure(ground, assess)


def _of_assessment(ground: Ground) -> Times:
    """Measure everything between the case and its rendering."""
    return _measure(ground, _assess_and_say)


def _assess_and_say(case: Case, tables: Tables) -> None:
    say(case, assess(case, tables))


def _measure(ground: Ground, judge: Callable[[Case, Tables], object]) -> Times:
    bodies = [bundle(number) for number in range(ground.effort.turns())]
    with opened_parts(ground.sqlite()) as parts:
        cases = [_case_of(parts, body) for body in bodies]
        return interleaved(
            (timed(lambda case=case: judge(case, parts.tables)) for case in cases),  # type: ignore[misc]
            (timed(lambda body=body: Bundle.model_validate_json(body)) for body in bodies),  # type: ignore[misc]
            warm_up=ground.effort.warm_up,
        )


ROWS: Final = (
    Row(
        name="instruments",
        what="all instruments alone, on the three lesions of the report",
        against=VALIDATION,
        limit=LIMIT,
        measure=_of_instruments,
    ),
    Row(
        name="assessment",
        what="all instruments, the pointers that follow from them, and the statements, on the three lesions of the report",
        against=VALIDATION,
        limit=None,
        measure=_of_assessment,
    ),
)
