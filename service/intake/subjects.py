"""Whose resource it is: every resource has one subject key, and merged patients share theirs.

Source: FHIR R4 Patient.link (replaced-by, replaces), Reference.identifier; interfaces section 1 (two subjects).
"""

from typing import Any, Final

from service.intake.addresses import is_absolute, localise, tail_of, type_of
from service.intake.entry import Entry
from service.intake.opened import Opened

_REPLACED: Final = "replaced-by"
_MERGED: Final = frozenset({_REPLACED, "replaces"})
_LOGICAL: Final = "identifier:"
_PEOPLE: Final = ("Patient/", "RelatedPerson/")


class Subjects:
    """The subjects of one opened dossier."""

    def __init__(self, opened: Opened) -> None:
        """Index the patients of the dossier with their identifiers and links."""
        self._opened = opened
        self._same: dict[str, str] = {}
        self._replaced: set[str] = set()
        self.patients = [each for each in opened.entries if each.kind == "Patient" and opened.is_sound(each)]
        self._follow_merges()
        self._follow_identifiers()

    def key(self, entry: Entry) -> str | None:
        """Return the key of the subject of a sound resource; a contained one without subject has that of its owner; None = none."""
        if entry.kind == "Patient":
            return self._canonical(entry.identity)
        stated = entry.node.get("patient" if entry.kind == "BodyStructure" else "subject")
        named = self._named(stated, entry) if stated is not None else None
        if named is None:
            return self.key(entry.owner) if entry.owner is not None else None
        return self._canonical(named)

    def has_other_focus(self, entry: Entry, subject: str | None) -> bool:
        """Tell whether an Observation is about another person than the subject (a fetus, a donor); any is where there is None."""
        for focus in entry.node.get("focus", ()):
            named = self._named(focus, entry)
            if named is not None and tail_of(named).startswith(_PEOPLE) and self._canonical(named) != subject:
                return True
        return False

    def patient(self, subject: str | None) -> Entry | None:
        """Return the Patient resource of a subject key, the one that replaced others first; None = not here."""
        mine = self.patients_of(subject)
        standing = [each for each in mine if each.identity not in self._replaced]
        return next(iter(standing or mine), None)

    def patients_of(self, subject: str | None) -> list[Entry]:
        """Return every Patient resource of a subject: several where patients were merged."""
        return [each for each in self.patients if self._canonical(each.identity) == subject]

    def survivor(self, subject: str | None) -> Entry | None:
        """Return the Patient that took the place of others of a subject; None = nobody was merged, or the other is not here."""
        if not any(self._canonical(each) == subject for each in self._replaced):
            return None
        patient = self.patient(subject)
        return None if patient is None or patient.identity in self._replaced else patient

    def named(self, subject: str | None) -> list[str]:
        """Return every reference that stands for a subject, those of merged patients included, sorted."""
        every = {*self._same, *self._same.values(), subject}
        return sorted(key for key in every if key is not None and not key.startswith(_LOGICAL) and self._canonical(key) == subject)

    def open_links(self, subject: str | None) -> list[tuple[str, str, Entry]]:
        """Return reference, path and Patient of every merge that leads to a Patient who is not in the dossier."""
        return [
            (text, f"{patient.path}.link[{place}].other", patient)
            for patient in self.patients_of(subject)
            for place, link in enumerate(patient.node.get("link", ()))
            if link.get("type") in _MERGED and (text := link.get("other", {}).get("reference")) is not None
            if self._opened.resolve(text, patient) is None
        ]

    def merges(self, subject: str | None) -> list[str]:
        """Return the paths of the links by which the patients of a subject were merged."""
        return [
            f"{patient.path}.link"
            for patient in self.patients_of(subject)
            if any(link.get("type") in _MERGED for link in patient.node.get("link", ()))
        ]

    def _follow_merges(self) -> None:
        for patient in self.patients:
            for link in patient.node.get("link", ()):
                if link.get("type") in _MERGED and (other := self._named(link.get("other", {}), patient)) is not None:
                    self._join(patient.identity, other)
                    self._replaced.add(patient.identity if link["type"] == _REPLACED else other)

    def _follow_identifiers(self) -> None:
        """Let an identifier stand for the one person who has it; merged patients are one."""
        for name, identities in self._named_patients().items():
            people = {self._canonical(each) for each in identities}
            if len(people) == 1:
                self._join(name, *people)

    def _named_patients(self) -> dict[str, set[str]]:
        """Return the patients of every identifier; one that several have names none of them."""
        named: dict[str, set[str]] = {}
        for patient in self.patients:
            for identifier in patient.node.get("identifier", ()):
                if "system" in identifier and "value" in identifier:
                    named.setdefault(_logical(identifier), set()).add(patient.identity)
        return named

    def _named(self, reference: dict[str, Any], source: Entry) -> str | None:
        """Return what a subject reference names: the resource it resolves to, else its own text, else its identifier."""
        text = reference.get("reference")
        if text is None:
            identifier = reference.get("identifier", {})
            return _logical(identifier) if "value" in identifier else None
        found = self._opened.resolve(text, source)
        if found is not None:
            return found.identity
        base = source.root.base
        is_relative = base is not None and type_of(text) is not None and not is_absolute(text)
        return localise(f"{base}/{text}" if is_relative else text, self._opened.dossier.ehr_base)

    def _canonical(self, key: str) -> str:
        """Follow merges and identifiers to the one key that stands for all of them."""
        while (other := self._same.get(key)) is not None:
            key = other
        return key

    def _join(self, one: str, other: str) -> None:
        first, second = self._canonical(one), self._canonical(other)
        if first != second:
            self._same[max(first, second)] = min(first, second)


def _logical(identifier: dict[str, Any]) -> str:
    return f"{_LOGICAL}{identifier.get('system', '')}|{identifier.get('value', '')}"
