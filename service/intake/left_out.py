"""What a dossier holds and the reading does not: as issues for people, and as rows with the codings of what was sent.

Source: interfaces sections 1 (nothing is passed over in silence), 5 and 12.
"""

from typing import Final

from service.intake.context import Context
from service.intake.entry import Entry
from service.intake.modifier import modifier_of
from service.intake.opened import Opened
from service.intake.survey import Survey
from service.intake.tree import LeftOut
from service.intake.values import read_codings
from service.model.coded import Dropped, Issue, Severity
from service.model.dossier import UNREAD

_UNREFERENCED: Final = "nothing refers to it"
_LEFT_OUT: Final = {
    LeftOut.MODIFIER: "it, or the group it belongs to, has a modifier that is not understood",
    LeftOut.FAULT: "the group it belongs to breaks FHIR R4",
}
"""Why sound Observations are not used, where their status is not the reason."""

_CODED: Final = frozenset({"Observation", "Condition", "Procedure"})
"""Types whose older versions are listed."""

_FIRST_ERROR_STATUS: Final = 400


def faulty(opened: Opened) -> list[Issue]:
    """Say what is wrong with what was left out; of what a search brought only how much it is."""
    faults = [*opened.faults, *opened.searched_faults]
    faults += [fault for each in opened.entries if not each.is_searched for fault in opened.faults_of(each)]
    issues = [Issue(severity=Severity.WARNING, code=each.code, text=f"{each.text} Left out.", path=each.path) for each in faults]
    return issues + _counted(
        sum(each.is_searched and not opened.is_sound(each) for each in opened.entries),
        "resource(s) that a search of the EHR brought break FHIR R4. Left out.",
        "invalid",
    )


def _counted(number: int, text: str, code: str) -> list[Issue]:
    return [Issue(severity=Severity.WARNING, code=code, text=f"{number} {text}")] if number else []


def passed_over(opened: Opened, made: Survey, left_out: list[tuple[Entry, LeftOut]]) -> list[Issue]:
    """Say which sound Observations were left out, and that resources belong to somebody else."""
    foreign = {each.order for each in made.foreign}
    sent = [each for each in made.foreign if not each.is_searched]
    issues = [_said(Severity.WARNING, "conflict", "It belongs to another patient. Left out.", each.path) for each in sent]
    strangers = sum(each.is_searched and each.kind != "Patient" for each in made.foreign)
    issues += _counted(strangers, "resource(s) that a search of the EHR brought belong to another patient. Left out.", "conflict")
    for entry, reason in left_out:
        if not opened.is_sound(entry) or entry.order in foreign or reason is LeftOut.STATUS:
            continue
        if (modifier := modifier_of(entry.node)) is not None:
            text = "It may change the meaning of the resource and is not understood. Left out."
            issues.append(_said(Severity.WARNING, "not-supported", text, f"{entry.path}.{modifier}"))
        else:
            text = "The group it belongs to is left out, and so is it."
            issues.append(_said(Severity.WARNING, "incomplete", text, entry.path))
    return issues


def taken_for_granted(made: Survey) -> list[Issue]:
    """Say what was taken for granted about the patient."""
    text = "The patient was merged into another one; both are read as one."
    merges = made.subjects.merges(made.subject)
    issues = [_said(Severity.INFORMATION, "informational", text, path) for path in merges[:1]]
    if made.is_subject_inferred:
        text = "The report names no subject; that of its Observations or the only patient is taken."
        issues.append(_said(Severity.INFORMATION, "informational", text, f"{made.report.path}.subject"))
    return issues


def unanswered(opened: Opened) -> list[Issue]:
    """Say which searches of the patient's record the EHR did not answer, or not to their end: that context is not here."""
    searches = [(request, status) for request, status in opened.answers.items() if "?" in request and status >= _FIRST_ERROR_STATUS]
    return [
        Issue(severity=Severity.WARNING, code="incomplete", text=_refusal_text(request, status))
        for request, status in dict.fromkeys((request.partition("?")[0], status) for request, status in searches)
    ]


def _refusal_text(kind: str, status: int) -> str:
    if status == UNREAD:
        return "The EHR holds more of this patient than is read: the last pages of a search were left."
    return f"The EHR refuses the search for {kind} of this patient ({status}): context from there is not used."


def unreferenced(opened: Opened, made: Survey) -> list[Issue]:
    """Say which contained Observations nothing refers to: what they belong to is not known."""
    text = "A contained Observation that nothing refers to is not read."
    return [_said(Severity.INFORMATION, "informational", text, each.path) for each in _alone(opened, made)]


def _alone(opened: Opened, made: Survey) -> list[Entry]:
    inner = [each for each in opened.entries if each.kind == "Observation" and each.owner is not None]
    return [each for each in inner if not made.grower.has_taken(each)]


def _said(severity: Severity, code: str, text: str, path: str) -> Issue:
    return Issue(severity=severity, code=code, text=text, path=path)


def dropped(opened: Opened, made: Survey, context: Context, left_out: list[tuple[Entry, LeftOut]]) -> tuple[Dropped, ...]:
    """Return what was left out before translation, with its codings: a row for each resource, component and conclusion.

    Args:
        opened: the dossier.
        made: the report among everything else.
        context: what was read beside the report.
        left_out: Observations of all trees that are not used, with the reason.
    """
    withdrawn = [entry for entry, reason in left_out if reason is LeftOut.STATUS and not entry.is_searched] + context.withdrawn
    withdrawn += [each for each in made.studies if each.node["status"] == "entered-in-error"]
    rows = [row for each in made.foreign if not each.is_searched for row in _rows(each, "not-for-this-patient")]
    rows += [row for each in withdrawn if opened.is_sound(each) for row in _rows(each, "excluded-status")]
    rows += [
        row for each in opened.superseded if each.kind in _CODED and opened.is_sound(each) for row in _rows(each, "superseded")
    ]
    foreign = {each.order for each in made.foreign}
    unused = {each.order: (each, _UNREFERENCED) for each in _alone(opened, made) if not each.is_searched}
    unused |= {each.order: (each, _LEFT_OUT[reason]) for each, reason in left_out if reason in _LEFT_OUT and not each.is_searched}
    unused |= context.unlisted
    for order, (each, why) in unused.items():
        if order not in foreign and opened.is_sound(each):
            rows += _rows(each, "condition-not-met", why)
    return tuple(rows)


def _rows(entry: Entry, reason: str, why: str | None = None) -> list[Dropped]:
    """Return a row for the resource, and one for each of its components and conclusions."""
    named = [(entry.path, entry.node.get("code"))]
    named += [(f"{entry.path}.component[{place}]", each.get("code")) for place, each in enumerate(entry.node.get("component", ()))]
    named += [(f"{entry.path}.conclusionCode[{place}]", each) for place, each in enumerate(entry.node.get("conclusionCode", ()))]
    return [Dropped(codings=read_codings(concept), path=path, reason=reason, why=why) for path, concept in named]
