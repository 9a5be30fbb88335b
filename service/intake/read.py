"""Dossier to coded items: what the report says, with where it says it, and everything that was left out with the reason.

Source: interfaces sections 1, 5 and 12.
"""

from typing import Final

from service.errors import Fault, InvalidInputError, NoReportError
from service.intake.choice import Choice, choose
from service.intake.context import Context, conclusions, frame_of, read_context
from service.intake.entry import Entry
from service.intake.exam import exam_items
from service.intake.identity import Identities
from service.intake.items import Writer
from service.intake.modifier import modifier_of
from service.intake.opened import Opened
from service.intake.pending import Pending, fault_of, issue_of, request_of
from service.intake.report import read_report, withdrawn_report
from service.intake.security import labels_of, read_labels, strictest
from service.intake.survey import Survey, survey
from service.intake.tree import LeftOut
from service.intake.values import read_codings
from service.model.coded import CodedItem, Dropped, Issue, Reading, Severity

_FIRST_ERROR_STATUS: Final = 400
UNREAD_STATUS: Final = 413
"""Status of the document that stands for the pages of a search that were not read."""

MAX_FAULTS: Final = 100
"""Faults named in one refusal; a broken sender repeats the same one thousands of times."""

_UNREFERENCED: Final = "nothing refers to it"
_LEFT_OUT: Final = {
    LeftOut.MODIFIER: "it, or the group it belongs to, has a modifier that is not understood",
    LeftOut.FAULT: "the group it belongs to breaks FHIR R4",
}
"""Why sound Observations are not used, where their status is not the reason."""

_CODED: Final = frozenset({"Observation", "Condition", "Procedure"})
"""Types whose older versions are listed."""


def read(opened: Opened) -> Reading:
    """Read an opened dossier.

    Raises:
        NoReportError: there is no report in it.
        InvalidInputError: strict handling and something is wrong; or the report itself is, or nothing can be assessed without it.
    """
    choice = _choose(opened)
    report = choice.report
    if report is None or choice.is_withdrawn:
        return _withdrawn(opened, choice)
    made = survey(opened, choice, report) if opened.is_sound(report) else None
    if opened.dossier.strict and (faults := _faults(opened, made)):
        raise _refusal(faults)
    if made is None:
        faults = opened.faults_of(report)
        text = f"The report itself breaks FHIR R4 in {len(faults)} place(s), so nothing can be assessed."
        raise InvalidInputError(text, faults=faults[:MAX_FAULTS])
    if (modifier := modifier_of(report.node)) is not None:
        text = "It may change the meaning of the report and is not understood, so nothing can be assessed."
        fault = Fault(text=text, path=f"{report.path}.{modifier}", code="not-supported")
        raise InvalidInputError(text, faults=(fault,))
    return _read(opened, choice, made)


def _choose(opened: Opened) -> Choice:
    """Choose the report; where there is none because the input is broken, say what is broken."""
    try:
        return choose(opened)
    except NoReportError:
        if opened.faults:
            raise _refusal(tuple(opened.faults)) from None
        raise


def _refusal(faults: tuple[Fault, ...]) -> InvalidInputError:
    text = f"The input breaks FHIR R4 in {len(faults)} place(s); handling=lenient leaves invalid entries out and lists them."
    return InvalidInputError(text, faults=faults[:MAX_FAULTS])


def _faults(opened: Opened, made: Survey | None) -> tuple[Fault, ...]:
    """Return everything that refuses the input in strict handling."""
    faults = list(opened.faults)
    faults += [fault for each in opened.entries if not each.is_searched for fault in opened.faults_of(each)]
    for each in made.foreign if made is not None else ():
        if not each.is_searched:
            path = (
                each.path if each.kind == "Patient" else f"{each.path}.{'patient' if each.kind == 'BodyStructure' else 'subject'}"
            )
            faults.append(Fault(text="The resource belongs to another patient than the report.", path=path, code="invalid"))
    for pending in made.pending if made is not None else ():
        if not pending.source.is_searched and (fault := fault_of(pending)) is not None:
            faults.append(fault)
    return tuple(faults)


def _withdrawn(opened: Opened, choice: Choice) -> Reading:
    report = withdrawn_report(opened, choice)
    entry = choice.report
    return Reading(
        report=report,
        birth_date=None,
        gender=None,
        items=(),
        read=((report.reference, report.version),) if entry is not None and report.reference else (),
        issues=choice.issues,
        withdrawn=True,
    )


def _read(opened: Opened, choice: Choice, made: Survey) -> Reading:
    identities = Identities(opened, frozenset(each.order for each in made.foreign))
    writer = Writer(opened, identities)
    report = made.report
    start = frame_of(report, is_context=False)
    writer.write(made.tree, start)
    writer.written.append((report.order, exam_items(report, start) + conclusions(report, start)))
    writer.written += [
        (study.order, exam_items(study, start)) for study in made.studies if study.node["status"] != "entered-in-error"
    ]
    context = read_context(opened, made, writer)
    patient = made.subjects.patient(made.subject) if made.subject is not None else None
    places = {place for place, _ in writer.written} | identities.structures.keys()
    places |= {each.order for each in (report, *context.used, *made.studies, *made.subjects.patients_of(made.subject))}
    used = [each for each in opened.entries if each.order in places]
    own = {branch.entry.order for branch in made.tree.branches} | {report.order, *(each.order for each in made.studies)}
    labels = [*labels_of(node for each in used for node in (each.root.node, each.node)), *read_labels(opened.labels)]
    left_out = [*made.tree.left_out, *(pair for tree in context.trees for pair in tree.left_out)]
    issues = [*choice.issues, *_faulty(opened), *_left_out(opened, made, left_out), *_taken(made)]
    issues += [*writer.issues, *context.issues(), *_refused(opened), *_unreferenced(opened, made)]
    issues += [issue_of(opened, each) for each in (*made.pending, *identities.pending) if _must_be_said(opened, each)]
    return Reading(
        report=read_report(opened, made, strictest(labels)),
        birth_date=patient.node.get("birthDate") if patient is not None else None,
        gender=patient.node.get("gender") if patient is not None else None,
        items=_in_order(writer.written),
        read=tuple((each.reference, each.version) for each in used if each.owner is None and _is_literal(each)),
        issues=tuple(dict.fromkeys(issues)),
        dropped=(*_dropped(opened, made, context, left_out), *writer.dropped),
        searched=frozenset(each.reference for each in used if each.is_searched and each.order not in own),
    )


def _in_order(written: list[tuple[int, list[CodedItem]]]) -> tuple[CodedItem, ...]:
    return tuple(item for _, items in sorted(written, key=lambda pair: pair[0]) for item in items)


def _must_be_said(opened: Opened, pending: Pending) -> bool:
    """Tell whether an open reference is an issue; a patient that nobody was asked for is none."""
    return pending.kind != "Patient" or request_of(opened, pending) in opened.answers


def _is_literal(entry: Entry) -> bool:
    return entry.reference == f"{entry.kind}/{entry.node.get('id')}"


def _faulty(opened: Opened) -> list[Issue]:
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


def _left_out(opened: Opened, made: Survey, left_out: list[tuple[Entry, LeftOut]]) -> list[Issue]:
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


def _taken(made: Survey) -> list[Issue]:
    """Say what was taken for granted about the patient."""
    text = "The patient was merged into another one; both are read as one."
    merges = made.subjects.merges(made.subject)
    issues = [_said(Severity.INFORMATION, "informational", text, path) for path in merges[:1]]
    if made.is_subject_inferred:
        text = "The report names no subject; that of its Observations or the only patient is taken."
        issues.append(_said(Severity.INFORMATION, "informational", text, f"{made.report.path}.subject"))
    return issues


def _refused(opened: Opened) -> list[Issue]:
    """Say which searches of the patient's record the EHR did not answer, or not to their end: that context is not here."""
    searches = [(request, status) for request, status in opened.answers.items() if "?" in request and status >= _FIRST_ERROR_STATUS]
    return [
        Issue(severity=Severity.WARNING, code="incomplete", text=_refusal_text(request, status))
        for request, status in dict.fromkeys((request.partition("?")[0], status) for request, status in searches)
    ]


def _refusal_text(kind: str, status: int) -> str:
    if status == UNREAD_STATUS:
        return "The EHR holds more of this patient than is read: the last pages of a search were left."
    return f"The EHR refuses the search for {kind} of this patient ({status}): context from there is not used."


def _unreferenced(opened: Opened, made: Survey) -> list[Issue]:
    """Say which contained Observations nothing refers to: what they belong to is not known."""
    text = "A contained Observation that nothing refers to is not read."
    return [_said(Severity.INFORMATION, "informational", text, each.path) for each in _alone(opened, made)]


def _alone(opened: Opened, made: Survey) -> list[Entry]:
    inner = [each for each in opened.entries if each.kind == "Observation" and each.owner is not None]
    return [each for each in inner if not made.grower.has_taken(each)]


def _said(severity: Severity, code: str, text: str, path: str) -> Issue:
    return Issue(severity=severity, code=code, text=text, path=path)


def _dropped(opened: Opened, made: Survey, context: Context, left_out: list[tuple[Entry, LeftOut]]) -> tuple[Dropped, ...]:
    """Return what was left out before translation, with its codings."""
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
