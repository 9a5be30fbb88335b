"""Context of the same patient: other reports, clinical Observations, Conditions and Procedures.

Observations count within `context_days` of the report; what a patient has or was treated for counts without limit, but must not
begin after the report. What does not count is said with its number.

Source: interfaces section 1 (context); terminology, presence rules 1 and 7.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from service.intake.choice import WITHDRAWN
from service.intake.entry import Entry
from service.intake.instants import Span
from service.intake.invariants import CLINICAL_STATUS, VERIFICATION_STATUS, coded_in
from service.intake.items import Frame, Writer, study_key
from service.intake.modifier import modifier_of
from service.intake.opened import Opened
from service.intake.said import begun, recorded, stated
from service.intake.survey import Survey
from service.intake.tree import Tree
from service.intake.values import read_all_codings, read_codings
from service.model.coded import CodedItem, Issue, ItemKind, Severity, Source

_OUTSIDE: Final = "outside the context window"
_UNDATED: Final = "they or the report have no date"
_OFF: Final = "context is switched off"
_AFTER: Final = "begun after the report"


@dataclass(slots=True, kw_only=True)
class Context:
    """What was read besides the report.

    Attributes:
        trees: Observations that were not used, with their reasons, are in these trees.
        used: Conditions and Procedures that were read, and other reports.
        withdrawn: Conditions and Procedures entered in error, and the Observations of withdrawn reports.
        unused: number of resources by reason.
    """

    trees: list[Tree] = field(default_factory=list)
    used: list[Entry] = field(default_factory=list)
    withdrawn: list[Entry] = field(default_factory=list)
    unused: dict[str, int] = field(default_factory=dict)

    def leave(self, reason: str, number: int = 1) -> None:
        """Count resources that are not used."""
        self.unused[reason] = self.unused.get(reason, 0) + number

    def issues(self) -> list[Issue]:
        """Say how many resources were not used, and why."""
        return [
            Issue(
                severity=Severity.INFORMATION,
                code="informational",
                text=f"{number} resource(s) of the patient beside the report are not used: {reason}.",
            )
            for reason, number in self.unused.items()
        ]


def read_context(opened: Opened, made: Survey, writer: Writer) -> Context:
    """Write the items of everything that counts beside the report.

    Args:
        opened: the dossier.
        made: the report among everything else.
        writer: takes the items.
    """
    context = Context()
    now = stated(made.report.node)
    window = timedelta(days=opened.dossier.context_days)
    for report, tree in made.others:
        _read_report(context, report, tree, _why_not(report, now, window), writer)
    _read_loose(context, made, now, window, writer)
    foreign = {each.order for each in made.foreign}
    for entry in opened.entries:
        if (
            entry.kind in {"Condition", "Procedure"}
            and entry.owner is None
            and entry.order not in foreign
            and opened.is_sound(entry)
        ):
            _read_history(context, entry, now, window, writer)
    return context


def _why_not(entry: Entry, now: Span | None, window: timedelta) -> str | None:
    """Return why an Observation or another report does not count; None = it does."""
    if not window:
        return _OFF
    then = stated(entry.node)
    if then is None or now is None:
        return _UNDATED
    return None if then.is_near(now, window) else _OUTSIDE


def _read_report(context: Context, report: Entry, tree: Tree, reason: str | None, writer: Writer) -> None:
    """Read the Observations and conclusions of another report."""
    if report.node["status"] in WITHDRAWN:
        context.withdrawn += [report, *(branch.entry for branch in tree.branches)]
        return
    if reason is not None:
        context.leave(reason, 1 + len(tree.branches))
        return
    context.trees.append(tree)
    context.used.append(report)
    start = frame_of(report, is_context=True)
    writer.write(tree, start)
    writer.written.append((report.order, conclusions(report, start)))


def _read_loose(context: Context, made: Survey, now: Span | None, window: timedelta, writer: Writer) -> None:
    """Read Observations that no report claims; a group counts or not as a whole."""
    below = {member.order for each in made.loose for member in made.grower.members(each)}
    roots = [each for each in made.loose if each.order not in below]
    counted = []
    for each in roots or made.loose:
        reason = _why_not(each, now, window)
        if reason is None:
            counted.append(each)
        else:
            context.leave(reason)
    tree = made.grower.grow(counted)
    context.trees.append(tree)
    writer.write(tree, Frame(is_context=True))


def _read_history(context: Context, entry: Entry, now: Span | None, window: timedelta, writer: Writer) -> None:
    """Read a Condition or Procedure: undated ones count, those that begin after the report do not."""
    node = entry.node
    verification = coded_in(node.get("verificationStatus", {}), VERIFICATION_STATUS)
    if "entered-in-error" in {node.get("status"), verification}:
        context.withdrawn.append(entry)
        return
    is_condition = entry.kind == "Condition"
    began = begun(node, "onset" if is_condition else "performed") or recorded(node)
    if not window:
        context.leave(_OFF)
    elif began is not None and now is not None and not began.may_precede(now):
        context.leave(_AFTER)
    elif "code" in node and modifier_of(node) is None:
        said = recorded(node) or began
        context.used.append(entry)
        item = CodedItem(
            source=Source(
                reference=entry.reference,
                version=entry.version,
                path=entry.path,
                from_other_report=True,
                said_at=said.first if said else None,
            ),
            kind=ItemKind.CONDITION if is_condition else ItemKind.PROCEDURE,
            status=node.get("status", ""),
            verification=verification,
            clinical=coded_in(node.get("clinicalStatus", {}), CLINICAL_STATUS),
            code=read_codings(node["code"]),
            code_text=node["code"].get("text"),
            sites=read_all_codings(node.get("bodySite", ())),
            own_site="bodySite" in node,
            study=entry.reference,
        )
        writer.written.append((entry.order, [item]))


def frame_of(report: Entry, *, is_context: bool) -> Frame:
    """Return what the Observations of a report inherit from it: its exam code, and for context its date."""
    exam = read_codings(report.node.get("code"))
    span = stated(report.node)
    prefix = f"{report.reference}:" if is_context else ""
    return Frame(
        method=exam,
        study=f"{prefix}{study_key(exam) or report.reference}",
        said_at=span.first if span else None,
        is_context=is_context,
        prefix=prefix,
    )


def conclusions(report: Entry, start: Frame) -> list[CodedItem]:
    """Return the items of conclusionCode."""
    return [
        CodedItem(
            source=Source(
                reference=report.reference,
                version=report.version,
                path=f"{report.path}.conclusionCode[{place}]",
                from_other_report=start.is_context,
                said_at=start.said_at,
            ),
            kind=ItemKind.CONCLUSION,
            status=report.node["status"],
            code=read_codings(concept),
            code_text=concept.get("text"),
            method=start.method,
            study=start.study or "",
        )
        for place, concept in enumerate(report.node.get("conclusionCode", ()))
    ]
