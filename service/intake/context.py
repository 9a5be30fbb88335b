"""Context of the same patient: other reports, clinical Observations, Conditions and Procedures.

Observations count within `context_days` of the report. Conditions and Procedures are read whenever they began, but not after the
report; those that the window does not hold are marked, because only the history of cancer and of treatment has no limit, and what
is such a history the mapping tables know. What does not count is said with its number.

Source: interfaces section 1 (context); terminology, presence rules 1 and 7; docs/decisions/0009.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from service.intake.entry import Entry
from service.intake.instants import Span
from service.intake.invariants import CLINICAL_STATUS, VERIFICATION_STATUS, coded_in
from service.intake.items import Frame, Writer, study_key
from service.intake.modifier import modifier_of
from service.intake.opened import Opened
from service.intake.others import Other, judge
from service.intake.said import begun, recorded, stated
from service.intake.survey import Survey
from service.intake.tree import LeftOut, Tree
from service.intake.values import read_all_codings, read_codings
from service.intake.window import Window, window_of
from service.model.coded import CodedItem, Issue, ItemKind, Severity, Source

_WITHDRAWN: Final = "entered in error or cancelled"
_MODIFIED: Final = "they have a modifier that is not understood"
_ABSENT: Final = "the EHR does not have them"


@dataclass(slots=True, kw_only=True)
class Context:
    """What was read besides the report.

    Attributes:
        trees: Observations that were read, each tree with those that it leaves out and why.
        used: Conditions and Procedures that were read, and other reports.
        withdrawn: Conditions and Procedures entered in error, and the Observations of withdrawn reports.
        unused: number of resources by reason.
        unlisted: resources that somebody sent beside the report and that are not used, with the reason, by their place.
    """

    trees: list[Tree] = field(default_factory=list)
    used: list[Entry] = field(default_factory=list)
    withdrawn: list[Entry] = field(default_factory=list)
    unused: dict[str, int] = field(default_factory=dict)
    unlisted: dict[int, tuple[Entry, str]] = field(default_factory=dict)

    def leave(self, reason: str, number: int = 1) -> None:
        """Count resources that are not used."""
        self.unused[reason] = self.unused.get(reason, 0) + number

    def list_sent(self, reason: str, entries: Iterable[Entry]) -> None:
        """Keep resources that are not used: what somebody sent is listed, what a search brought is only counted."""
        for entry in entries:
            if not entry.is_searched:
                self.unlisted.setdefault(entry.order, (entry, reason))

    def take(self, tree: Tree) -> None:
        """Keep a tree; what in it was withdrawn is counted where a search brought it."""
        self.trees.append(tree)
        for entry, why in tree.left_out:
            if why is LeftOut.STATUS and entry.is_searched:
                self.leave(_WITHDRAWN)

    def withdraw(self, entry: Entry) -> None:
        """Leave out what was withdrawn: what somebody sent is listed, what a search brought is counted."""
        if entry.is_searched:
            self.leave(_WITHDRAWN)
        else:
            self.withdrawn.append(entry)

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
    window = window_of(opened, made.report)
    for other in judge(made, window):
        _read_report(context, other, writer)
    _read_loose(context, made, window, writer)
    foreign = {each.order for each in made.foreign}
    for entry in opened.entries:
        if (
            entry.kind in {"Condition", "Procedure"}
            and entry.owner is None
            and entry.order not in foreign
            and opened.is_sound(entry)
        ):
            _read_history(context, entry, window, writer)
    return context


def _read_report(context: Context, other: Other, writer: Writer) -> None:
    """Read the Observations and conclusions of another report."""
    report, tree = other.report, other.tree
    if other.is_withdrawn:
        for each in (report, *(branch.entry for branch in tree.branches)):
            context.withdraw(each)
        return
    if other.reason is not None:
        context.leave(other.reason, 1 + len(tree.branches))
        context.list_sent(other.reason, (report, *(branch.entry for branch in tree.branches)))
        return
    if tree.pending:
        context.leave(_ABSENT, len(tree.pending))
    context.take(tree)
    context.used.append(report)
    start = frame_of(report, is_context=True)
    writer.write(tree, start)
    writer.written.append((report.order, conclusions(report, start)))


def _read_loose(context: Context, made: Survey, window: Window, writer: Writer) -> None:
    """Read Observations that no report claims; a group counts or not as a whole."""
    counted, left = [], []
    for each in _roots(made):
        reason = window.why_not(stated(each.node))
        if reason is None:
            counted.append(each)
        else:
            left.append((each, reason))
            context.leave(reason)
    tree = made.grower.grow(counted)
    context.take(tree)
    for each, reason in left:
        context.list_sent(reason, made.grower.reach([each]).values())
    writer.write(tree, Frame(is_context=True))


def _roots(made: Survey) -> list[Entry]:
    """Return the topmost of the Observations that no report claims; of a circle of members, the first."""
    below = {member.order for each in made.loose for member in made.grower.members(each)}
    roots = [each for each in made.loose if each.order not in below]
    reached = set(made.grower.reach(roots))
    for each in made.loose:
        if each.order not in reached:
            roots.append(each)
            reached |= made.grower.reach([each]).keys()
    return roots


def _read_history(context: Context, entry: Entry, window: Window, writer: Writer) -> None:
    """Read a Condition or Procedure, dated or not, unless it begins after the report; what its date means stands in its item."""
    node = entry.node
    if "entered-in-error" in {node.get("status"), _verification(entry)}:
        context.withdraw(entry)
    elif (reason := window.why_no_history(_began(entry) or recorded(node))) is not None:
        context.leave(reason)
        context.list_sent(reason, [entry])
    elif modifier_of(node) is not None:
        context.leave(_MODIFIED)
        context.list_sent(_MODIFIED, [entry])
    elif "code" in node:
        context.used.append(entry)
        writer.written.append((entry.order, [_history(entry, window)]))


def _began(entry: Entry) -> Span | None:
    return begun(entry.node, "onset" if entry.kind == "Condition" else "performed")


def _verification(entry: Entry) -> str | None:
    return coded_in(entry.node.get("verificationStatus", {}), VERIFICATION_STATUS)


def _history(entry: Entry, window: Window) -> CodedItem:
    """Return the item of a Condition or Procedure.

    `is_recent` is what the window makes of it: True = begun or recorded within it, or without a date and sent by somebody beside
    the report; False = outside it, or found without a date.
    """
    node, dates = entry.node, [each for each in (recorded(entry.node), _began(entry)) if each is not None]
    return CodedItem(
        source=Source(
            reference=entry.reference,
            version=entry.version,
            path=entry.path,
            from_other_report=True,
            said_at=dates[0].first if dates else None,
        ),
        kind=ItemKind.CONDITION if entry.kind == "Condition" else ItemKind.PROCEDURE,
        status=node.get("status", ""),
        verification=_verification(entry),
        clinical=coded_in(node.get("clinicalStatus", {}), CLINICAL_STATUS),
        code=read_codings(node["code"]),
        code_text=node["code"].get("text"),
        sites=read_all_codings(node.get("bodySite", ())),
        own_site="bodySite" in node,
        study=entry.reference,
        is_searched=entry.is_searched,
        is_recent=any(window.why_not(each) is None for each in dates) or not (dates or entry.is_searched),
    )


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
            is_searched=report.is_searched and start.is_context,
        )
        for place, concept in enumerate(report.node.get("conclusionCode", ()))
    ]
