"""Other reports of the same patient: which of them are context, and why the others are not.

What a sender posts beside the report is taken as it comes. What a search of the EHR brings is every report of the patient within
the window, laboratory reports too: of those only imaging reports count, and no more than the nearest in time.

Source: interfaces section 1 (context of the same patient); HL7 v2 table 0074 (diagnostic service sections).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.intake.choice import WITHDRAWN
from service.intake.entry import Entry
from service.intake.instants import Span
from service.intake.said import stated
from service.intake.survey import Survey
from service.intake.tree import Tree
from service.intake.window import Window

REPORTS_READ: Final = 20
"""Reports that a search brought and that are read, the nearest in time first: nobody has more spine examinations in a month."""

_IMAGING: Final = frozenset({"RAD", "RX", "CT", "NMR", "NMS", "RUS", "XRC", "VUS", "CUS", "OUS", "IMG", "LP29684-5", "imaging"})
"""Categories of imaging reports: sections of HL7 v2 table 0074, LOINC part "Radiology", and a word that some senders use."""

_SECTIONS: Final = ("v2-0074", "v2/0074")
_NO_IMAGING: Final = "no imaging reports"
_TOO_MANY: Final = f"further from the report than the {REPORTS_READ} nearest reports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another report of the patient.

    Attributes:
        report: the report; sound.
        tree: its Observations as far as they are in the dossier, and what of them is not.
        is_withdrawn: True = entered in error or cancelled.
        reason: why it is no context; None = it is.
    """

    report: Entry
    tree: Tree
    is_withdrawn: bool
    reason: str | None


def judge(made: Survey, window: Window) -> tuple[Other, ...]:
    """Return every other report of the patient with what becomes of it, in the order of the dossier."""
    nearest = _nearest(made, window)
    return tuple(
        Other(
            report=report,
            tree=tree,
            is_withdrawn=report.node["status"] in WITHDRAWN,
            reason=_reason(report, window, nearest),
        )
        for report, tree in made.others
    )


def _reason(report: Entry, window: Window, nearest: frozenset[int]) -> str | None:
    if (reason := window.why_not(stated(report.node))) is not None:
        return reason
    if not report.is_searched:
        return None
    if not is_imaging(report):
        return _NO_IMAGING
    return None if report.order in nearest else _TOO_MANY


def _nearest(made: Survey, window: Window) -> frozenset[int]:
    """Return the places of the searched imaging reports that are nearest in time."""
    counted = [each for each, _ in made.others if _counts(each, window)]
    counted.sort(key=lambda each: (_distance(each, window), each.identity))
    return frozenset(each.order for each in counted[:REPORTS_READ])


def _counts(report: Entry, window: Window) -> bool:
    standing = report.node["status"] not in WITHDRAWN
    return standing and report.is_searched and is_imaging(report) and window.why_not(stated(report.node)) is None


def _distance(report: Entry, window: Window) -> timedelta:
    here, there = _begins(window.now), _begins(stated(report.node))
    return timedelta.max if here is None or there is None else abs(there - here)


def _begins(span: Span | None) -> datetime | None:
    return span.first if span is not None else None


def is_imaging(report: Entry) -> bool:
    """Tell whether a report is one of imaging: it says so, or it names no section that says something else."""
    sections = list(_sections(report))
    return not sections or not _IMAGING.isdisjoint(sections) or "imagingStudy" in report.node


def _sections(report: Entry) -> Iterator[str]:
    """Yield the codes of the report's categories that a section or an imaging report is known by."""
    for concept in report.node.get("category", ()):
        for coding in concept.get("coding", ()):
            code = coding.get("code", "")
            if code in _IMAGING or coding.get("system", "").endswith(_SECTIONS):
                yield code
