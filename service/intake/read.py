"""Dossier to coded items: what the report says, with where it says it; or why nothing can be read.

Source: interfaces sections 1, 5 and 12.
"""

from typing import Final

from service.errors import Fault, InvalidInputError, NoReportError
from service.intake.choice import Choice, choose
from service.intake.context import conclusions, frame_of, read_context
from service.intake.entry import Entry
from service.intake.exam import exam_items
from service.intake.identity import Identities
from service.intake.items import Writer
from service.intake.left_out import dropped, faulty, passed_over, taken_for_granted, unanswered, unreferenced
from service.intake.modifier import modifier_of
from service.intake.opened import Opened
from service.intake.pending import Pending, fault_of, issue_of, request_of
from service.intake.report import read_report, withdrawn_report
from service.intake.security import labels_of, read_labels, strictest
from service.intake.survey import Survey, survey
from service.model.coded import CodedItem, Reading

MAX_FAULTS: Final = 100
"""Faults named in one refusal; a broken sender repeats the same one thousands of times."""


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
    issues = [*choice.issues, *faulty(opened), *passed_over(opened, made, left_out), *taken_for_granted(made)]
    issues += [*writer.issues, *context.issues(), *unanswered(opened), *unreferenced(opened, made)]
    issues += [issue_of(opened, each) for each in (*made.pending, *identities.pending) if _must_be_said(opened, each)]
    return Reading(
        report=read_report(opened, made, strictest(labels)),
        birth_date=patient.node.get("birthDate") if patient is not None else None,
        gender=patient.node.get("gender") if patient is not None else None,
        items=_in_order(writer.written),
        read=tuple((each.reference, each.version) for each in used if each.owner is None and _is_literal(each)),
        issues=tuple(dict.fromkeys(issues)),
        dropped=(*dropped(opened, made, context, left_out), *writer.dropped),
        searched=frozenset(each.reference for each in used if each.is_searched and each.order not in own),
    )


def _in_order(written: list[tuple[int, list[CodedItem]]]) -> tuple[CodedItem, ...]:
    return tuple(item for _, items in sorted(written, key=lambda pair: pair[0]) for item in items)


def _must_be_said(opened: Opened, pending: Pending) -> bool:
    """Tell whether an open reference is an issue; a patient that nobody was asked for is none."""
    return pending.kind != "Patient" or request_of(opened, pending) in opened.answers


def _is_literal(entry: Entry) -> bool:
    return entry.reference == f"{entry.kind}/{entry.node.get('id')}"
