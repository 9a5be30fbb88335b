"""Which report of a dossier is assessed, and whether it has been withdrawn.

Source: interfaces sections 1 (the version read is the version assessed) and 5 (retraction).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from service.errors import NoReportError
from service.intake.entry import Entry
from service.intake.opened import Opened
from service.intake.said import effective, stated
from service.model.coded import Issue, Severity
from service.model.dossier import Origin

WITHDRAWN: Final = frozenset({"entered-in-error", "cancelled"})
"""Status of reports and Observations that say nothing any more."""

GONE: Final = frozenset({404, 410})
"""HTTP status of what is not there any more."""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The report of a dossier.

    Attributes:
        report: the entry; None = it is gone.
        reference: the report's, also when it is gone.
        others: further reports of the posted Bundle, and those that searches brought.
        is_withdrawn: True = entered in error, cancelled, deleted or gone.
        issues: what must be said about the choice.
    """

    report: Entry | None
    reference: str | None
    others: tuple[Entry, ...] = ()
    is_withdrawn: bool = False
    issues: tuple[Issue, ...] = ()


def choose(opened: Opened) -> Choice:
    """Choose the report that a dossier is about.

    A report asked for by reference is the one read from the EHR. In a posted Bundle it is the latest (by effective, else issued,
    else meta.lastUpdated; the first of equals) that is not withdrawn.

    Raises:
        NoReportError: there is none, and none was deleted.
    """
    wanted = opened.dossier.report
    if wanted is None:
        return _choose_posted(opened)
    first = opened.dossier.documents[0]
    was_deleted = first.origin is Origin.POSTED and first.status in GONE
    if was_deleted or opened.answers.get(wanted) in GONE:
        return Choice(report=None, reference=wanted, is_withdrawn=True)
    versions = opened.versions_of(wanted)
    read = [each for each in versions if each.origin is Origin.READ]
    newest = _newest(read or versions)
    if newest is None:
        raise NoReportError("The report that was asked for is not among what was read.")
    others = tuple(each for each in _reports(opened) if each.identity != newest.identity)
    return Choice(report=newest, reference=wanted, others=others, is_withdrawn=_is_withdrawn(newest))


def _choose_posted(opened: Opened) -> Choice:
    deleted = [reference for reference in opened.deleted if reference.startswith("DiagnosticReport/")]
    every = [each for each in _reports(opened) if each.reference not in deleted]
    reports = [each for each in every if not each.is_searched]
    if not reports:
        if not deleted:
            raise NoReportError("The input holds no DiagnosticReport: send it together with what it refers to.", path=opened.root)
        return Choice(report=None, reference=deleted[0], is_withdrawn=True)
    standing = [each for each in reports if not _is_withdrawn(each)] or reports
    chosen = max(standing, key=_time)
    others = tuple(each for each in every if each is not chosen)
    return Choice(
        report=chosen,
        reference=chosen.reference,
        others=others,
        is_withdrawn=_is_withdrawn(chosen),
        issues=(_several(chosen),) if len(reports) > 1 else (),
    )


def _reports(opened: Opened) -> list[Entry]:
    return [each for each in opened.entries if each.kind == "DiagnosticReport" and each.owner is None]


def _newest(entries: list[Entry]) -> Entry | None:
    newest: Entry | None = None
    for each in entries:
        if newest is None or each.is_newer_than(newest):
            newest = each
    return newest


def _is_withdrawn(entry: Entry) -> bool:
    return entry.node.get("status") in tuple(WITHDRAWN)


def _time(entry: Entry) -> datetime:
    """Return when a report speaks of; the oldest time there is for one that never says."""
    dated = effective(entry.node)
    span = dated[1] if dated else stated(entry.node) or entry.updated
    return span.first if span is not None and span.first is not None else _LONG_AGO


def _several(chosen: Entry) -> Issue:
    return Issue(
        severity=Severity.INFORMATION,
        code="informational",
        text="The input holds several reports: the latest is assessed, the others are context.",
        path=chosen.path,
    )
