"""Writing statements and reading what follows from them: shared by the cases of the derivations and their tests."""

from decimal import Decimal
from typing import Final

from service.model.case import Case
from service.model.coded import Interval
from service.model.finding import Finding
from service.model.lesion import Known
from tests.unit.findings.statements import REPORT_AT, place, said

OVER: Final = Interval(low=Decimal(50), high=None, low_open=True)
UNDER: Final = Interval(low=None, high=Decimal(20), high_open=True)
AT_LEAST: Final = Interval(low=Decimal(50), high=Decimal(100))
FRACTURE_CODE: Final = "http://snomed.info/sct|274146004"
G: Final = "Observation/g"
Told = tuple[Finding, ...]
"""What is stated."""
Row = tuple[str, Told, dict[str, object]]
"""Id of the derivation, what is stated, and what must be known then (None = not assessed, a set = conflict)."""
BEFORE: Final = REPORT_AT.replace(year=2025)


def at(finding: str, told: object = "present", **more: object) -> Finding:
    """Return a statement of the lesion at T7."""
    return said(finding, told, "T7", **more)  # type: ignore[arg-type]


def part(finding: str, told: str, *parts: str, sides: tuple[str, ...] = ()) -> Finding:
    """Return a statement said of parts of T7."""
    return said(finding, told, place("T7", parts=parts, sides=sides))


def sided(finding: str, told: str, *sides: str, level: str = "T7") -> Finding:
    return said(finding, told, place(level, sides=sides))


def known(case: Case, finding: str) -> Known | None:
    """Return what is known of the lesion at T7, else of study and patient."""
    at_t7 = [lesion for lesion in case.lesions if "T7" in lesion.site.levels]
    seen = case.at(at_t7[0]).known(finding) if at_t7 else case.known(finding)
    return seen if seen.sources or seen.values or seen.interval or finding in {*case.study, *case.patient} else None
