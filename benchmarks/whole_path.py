"""The whole path: bytes to stored, audited assessment, on both databases, against two ways of doing less or the same."""

from collections.abc import Callable
from typing import Final
from unittest.mock import patch

from fhir.resources.R4B.bundle import Bundle

from benchmarks import instruments
from benchmarks.ground import CALLER, HOSPITAL, POSTGRESQL, SQLITE, Ground, opened_parts
from benchmarks.plain.path import assess_plainly
from benchmarks.report import VALIDATION, bundle
from benchmarks.runner import Row, Times, interleaved, timed
from service.assessment.catalogue import CATALOGUE
from service.model.hospital import HospitalSlug
from service.parts import Parts
from service.pipeline.direct import DirectRequest, assess

_WHAT: Final = "whole path: bytes checked, mapped, all instruments, RiskAssessment, stored, audited;"
_WITH_TWO: Final = _WHAT.replace("all instruments", "SINS and ESCC")
_SQLITE: Final = f"{_WHAT} {SQLITE}"
_POSTGRESQL: Final = f"{_WHAT} {POSTGRESQL}"
_MODELS: Final = "the same path on the same database with fhir.resources models at both ends"

TO_VALIDATION: Final = 1.5
"""What the path with two instruments, SINS and ESCC, may take."""

OF_ALL: Final = TO_VALIDATION + instruments.LIMIT
"""What it may take with all: what all instruments alone may take comes on top."""

TO_MODELS: Final = 0.6
_TWO: Final = ("sins", "escc")


def request(parts: Parts, body: bytes) -> DirectRequest:
    """Return what `POST /assessments` makes of a body."""
    hospital = parts.hospital(HOSPITAL)
    return DirectRequest(hospital=hospital, body=body, strict=True, store=True, write_back=False, prior=None, caller=CALLER)


def _against_validation(ground: Ground, url: str) -> Times:
    bodies = [bundle(number) for number in range(ground.effort.turns())]
    with opened_parts(url) as parts:
        return interleaved(
            (timed(lambda body=body: assess(parts, request(parts, body))) for body in bodies),  # type: ignore[misc]
            (timed(lambda body=body: Bundle.model_validate_json(body)) for body in bodies),  # type: ignore[misc]
            warm_up=ground.effort.warm_up,
        )


def _with_two_instruments(ground: Ground, url: str) -> Times:
    """Measure the path as it is where the catalogue holds SINS and ESCC alone."""
    two = tuple(each for each in CATALOGUE if each.key in _TWO)
    with patch.multiple("service.assessment.assess", CATALOGUE=two, POINTERS=(), QUALIFICATIONS=()):
        return _against_validation(ground, url)


def _against_models(ground: Ground, new_url: Callable[[], str]) -> Times:
    """Each way has a database of its own, for both store the same report."""
    bodies = [bundle(number) for number in range(ground.effort.turns())]
    slug = HospitalSlug(HOSPITAL)
    with opened_parts(new_url()) as parts, opened_parts(new_url()) as plain:
        return interleaved(
            (timed(lambda body=body: assess(parts, request(parts, body))) for body in bodies),  # type: ignore[misc]
            (timed(lambda body=body: assess_plainly(plain, slug, body, CALLER)) for body in bodies),  # type: ignore[misc]
            warm_up=ground.effort.warm_up,
        )


ROWS: Final = (
    Row(
        name="path-sins-escc",
        what=f"{_WITH_TWO} {SQLITE}",
        against=VALIDATION,
        limit=TO_VALIDATION,
        measure=lambda ground: _with_two_instruments(ground, ground.sqlite()),
    ),
    Row(
        name="path-sqlite",
        what=_SQLITE,
        against=VALIDATION,
        limit=OF_ALL,
        measure=lambda ground: _against_validation(ground, ground.sqlite()),
    ),
    Row(
        name="path-postgresql",
        what=_POSTGRESQL,
        against=VALIDATION,
        limit=None,
        measure=lambda ground: _against_validation(ground, ground.postgresql()),
    ),
    Row(
        name="models-sqlite",
        what=_SQLITE,
        against=_MODELS,
        limit=TO_MODELS,
        measure=lambda ground: _against_models(ground, ground.sqlite),
    ),
    Row(
        name="models-postgresql",
        what=_POSTGRESQL,
        against=_MODELS,
        limit=TO_MODELS,
        measure=lambda ground: _against_models(ground, ground.postgresql),
    ),
)
