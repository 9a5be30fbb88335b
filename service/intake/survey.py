"""What of a dossier belongs to the report, what is context, and whose it is: the view that reading and asking share."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from service.intake.addresses import localise, tail_of, type_of
from service.intake.choice import Choice
from service.intake.entry import Entry
from service.intake.instants import Span
from service.intake.opened import Opened
from service.intake.pending import Pending
from service.intake.said import effective
from service.intake.subjects import Subjects
from service.intake.tree import Grower, Tree, references, resolve_all

_IMAGING: Final = "imaging"
_LINKS: Final = ("derivedFrom", "partOf", "basedOn")


@dataclass(slots=True, kw_only=True)
class Survey:
    """One report among everything else in its dossier.

    Attributes:
        report: the assessed report; sound.
        subjects: whose each resource is.
        subject: key of the report's subject; None = nobody is named anywhere.
        is_subject_inferred: True = the report itself names no subject.
        foreign: resources of somebody else.
        tree: Observations of the report.
        others: further reports of the same subject, each with its Observations.
        loose: Observations of the same subject that no report claims, not yet grown.
        studies: ImagingStudies of the report.
        pending: references of the report and its Observations that point to nothing here.
        grower: grows what remains.
    """

    report: Entry
    subjects: Subjects
    subject: str | None
    is_subject_inferred: bool
    foreign: list[Entry]
    grower: Grower
    tree: Tree
    others: list[tuple[Entry, Tree]] = field(default_factory=list)
    loose: list[Entry] = field(default_factory=list)
    studies: list[Entry] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)


def survey(opened: Opened, choice: Choice, report: Entry) -> Survey:
    """Look at everything from the report.

    Args:
        opened: the dossier.
        choice: which report was chosen among others.
        report: the chosen report; sound.
    """
    subjects = Subjects(opened)
    results, pending = resolve_all(opened, report, "result", "Observation", needed=True)
    starts = [*results, *(each for each in opened.contained_in(report) if each.kind == "Observation")]
    own = subjects.key(report)
    subject = own or _infer_subject(opened, subjects, starts)
    foreign = [each for each in opened.entries if opened.is_sound(each) and _is_foreign(subjects, each, subject)]
    strangers = frozenset(each.order for each in foreign)
    grower = Grower(opened, strangers)
    others = [(each, *_results(opened, each)) for each in choice.others if opened.is_sound(each) and each.order not in strangers]
    claimed = set(grower.reach(entry for _, found, _ in others for entry in found))
    starts += _groups_above(opened, grower, set(grower.reach(starts)), claimed)
    if "result" not in report.node and all(each.is_searched for each in choice.others):
        starts += _linked(opened, report, set(grower.reach(starts)))
    sources, open_sources = _sources(opened, report, grower, starts, claimed)
    tree = grower.grow([*starts, *sources])
    studies, open_studies = resolve_all(opened, report, "imagingStudy", "ImagingStudy", needed=False)
    made = Survey(
        report=report,
        subjects=subjects,
        subject=subject,
        is_subject_inferred=own is None and subject is not None,
        foreign=foreign,
        grower=grower,
        tree=tree,
        others=[(each, _grown(grower, found, absent)) for each, found, absent in others],
        studies=[each for each in studies if each.order not in strangers and opened.is_sound(each)],
        pending=[
            *pending,
            *tree.pending,
            *open_sources,
            *open_studies,
            *_open_subject(opened, report),
            *_open_links(subjects, subject),
        ],
    )
    made.loose = [each for each in _observations(opened) if not grower.has_taken(each) and each.order not in strangers]
    return made


def _results(opened: Opened, report: Entry) -> tuple[list[Entry], list[Pending]]:
    found, absent = resolve_all(opened, report, "result", "Observation", needed=False)
    return [*found, *(each for each in opened.contained_in(report) if each.kind == "Observation")], absent


def _grown(grower: Grower, starts: list[Entry], absent: list[Pending]) -> Tree:
    """Return the tree of another report, with everything that it lists and that is not here."""
    tree = grower.grow(starts)
    tree.pending = [*absent, *tree.pending]
    return tree


def _infer_subject(opened: Opened, subjects: Subjects, starts: list[Entry]) -> str | None:
    """Return the subject of the first Observation that names one, else the only patient of the dossier."""
    named = (subjects.key(each) for each in starts if opened.is_sound(each))
    found = next((key for key in named if key is not None), None)
    if found is None and len(subjects.patients) == 1:
        return subjects.key(subjects.patients[0])
    return found


def _is_foreign(subjects: Subjects, entry: Entry, subject: str | None) -> bool:
    key = subjects.key(entry)
    other_person = key is not None and subject is not None and key != subject
    return other_person or (entry.kind == "Observation" and "focus" in entry.node and subjects.has_other_focus(entry, subject))


def _observations(opened: Opened) -> Iterator[Entry]:
    return (each for each in opened.entries if each.kind == "Observation" and each.owner is None)


def _groups_above(opened: Opened, grower: Grower, reached: set[int], claimed: set[int]) -> list[Entry]:
    """Return groups that hold members of the report although the report lists only the members."""
    taken = reached | claimed
    above: dict[int, list[Entry]] = {}
    for each in _observations(opened):
        if each.order not in taken and "hasMember" in each.node:
            for member in grower.members(each):
                above.setdefault(member.order, []).append(each)
    found: dict[int, Entry] = {}
    level = reached
    while level:
        groups = {group.order: group for order in level for group in above.get(order, ()) if group.order not in found}
        found |= dict(sorted(groups.items()))
        level = set(groups)
    return list(found.values())


def _sources(
    opened: Opened, report: Entry, grower: Grower, starts: list[Entry], claimed: set[int]
) -> tuple[list[Entry], list[Pending]]:
    """Return the Observations that those of the report are derived from, made on its day, and the references to absent ones.

    A sender may list the score alone and let it name what it was counted from (terminology, "How public imaging FHIR carries
    lesion findings"). What was measured on another day, or for another report, is context.
    """
    found: list[Entry] = []
    pending: list[Pending] = []
    when = effective(report.node)
    reached = grower.reach(starts)
    ahead = list(reached.values())
    while ahead:
        named, absent = resolve_all(opened, ahead.pop(0), "derivedFrom", "Observation", needed=False)
        pending += [each for each in absent if type_of(each.reference or "") == "Observation"]
        for each in named:
            if each.order not in claimed | reached.keys() and _is_of_day(each, when[1] if when else None):
                below = grower.reach([each])
                found.append(each)
                ahead += [inner for order, inner in below.items() if order not in reached]
                reached |= below
    return found, pending


def _linked(opened: Opened, report: Entry, reached: set[int]) -> list[Entry]:
    """Return what a report without any `result` means: imaging Observations of its day, and those of the same order or study."""
    ordered = {each.get("reference") for _, each in references(report.node, "basedOn")}
    ordered |= {each.get("reference") for _, each in references(report.node, "imagingStudy")}
    when = effective(report.node)
    beside = [each for each in _observations(opened) if each.document == report.document and each.order not in reached]
    free = [each for each in beside if opened.is_sound(each)]
    return [each for each in free if _is_of_day(each, when[1] if when else None) and _is_of_imaging(each, ordered)]


def _is_of_day(entry: Entry, when: Span | None) -> bool:
    """Tell whether an Observation may have been made with the report: both say when, and it is at most a day apart."""
    then = effective(entry.node)
    return when is None or then is None or then[1].is_near(when, timedelta(days=1))


def _is_of_imaging(entry: Entry, ordered: set[str | None]) -> bool:
    category = {coding.get("code") for concept in entry.node.get("category", ()) for coding in concept.get("coding", ())}
    named = {each.get("reference") for link in _LINKS for _, each in references(entry.node, link)} - {None}
    return _IMAGING in category or bool(named & ordered)


def _open_subject(opened: Opened, report: Entry) -> list[Pending]:
    reference = report.node.get("subject", {}).get("reference")
    if reference is None or opened.resolve(reference, report) is not None:
        return []
    return [Pending(reference=reference, path=f"{report.path}.subject", kind="Patient", needed=False, source=report)]


def _open_links(subjects: Subjects, subject: str | None) -> list[Pending]:
    """Return the references to Patients that the report's patient was merged with."""
    return [
        Pending(reference=text, path=path, kind="Patient", needed=False, source=patient)
        for text, path, patient in subjects.open_links(subject)
    ]


def subject_reference(opened: Opened, made: Survey) -> str | None:
    """Return the reference of the report's subject, relative where it can be; None = no literal reference is stated.

    A patient who was merged into another one is that other one, as soon as the other one is known.
    """
    survivor = made.subjects.survivor(made.subject) if made.subject is not None else None
    if survivor is not None:
        return survivor.reference
    stated_reference = made.report.node.get("subject", {}).get("reference")
    if stated_reference is not None:
        found = opened.resolve(stated_reference, made.report)
        return found.reference if found is not None else localise(stated_reference, opened.dossier.ehr_base)
    patient = made.subjects.patient(made.subject) if made.subject is not None else None
    if patient is not None:
        return patient.reference
    return tail_of(made.subject) if made.subject is not None and not made.subject.startswith("identifier:") else None
