"""Which lesion an Observation speaks of, where the sender says so.

Strongest first: BodyStructure (by its identifiers, else its reference), DICOM tracking identifiers, an Observation.identifier that
several Observations share.

Source: interfaces section 1 (lesions); DICOM PS3.16 112039 Tracking Identifier, 112040 Tracking Unique Identifier.
"""

from collections import Counter
from typing import Final

from service.intake.addresses import localise, type_of
from service.intake.entry import Entry
from service.intake.opened import Opened
from service.intake.parse import Node
from service.intake.pending import Pending
from service.intake.tree import Branch
from service.intake.values import read_all_codings, read_codings
from service.model.coded import Coding

_TRACKING_UID: Final = "112040"
_TRACKING_CODES: Final = frozenset({"112039", _TRACKING_UID})
_DCM: Final = frozenset({"http://dicom.nema.org/resources/ontology/dcm", "dcm", "urn:oid:1.2.840.10008.2.16.4"})
_STRUCTURE_EXTENSIONS: Final = ("bodysite", "bodystructure")
_ORDER_NUMBERS: Final = frozenset({"ACSN", "PLAC", "FILL"})
"""Identifier types that name an order or an examination, not a lesion."""

_STRONG: Final = ("structure:", "tracking:")


class Identities:
    """Lesion identities of one opened dossier.

    Attributes:
        pending: references to BodyStructures that are not in the dossier.
        structures: BodyStructures that were used, by their place in the dossier.
    """

    def __init__(self, opened: Opened, foreign: frozenset[int]) -> None:
        """Find the identifiers that several Observations share; those of reports and studies are accession numbers.

        Args:
            opened: the dossier.
            foreign: places of resources about somebody else.
        """
        self._opened = opened
        self._foreign = foreign
        self.pending: list[Pending] = []
        self.structures: dict[int, Entry] = {}
        counted = Counter[str]()
        taken = set[str]()
        for entry in opened.entries:
            if "identifier" in entry.node and opened.is_sound(entry):
                if entry.kind == "Observation":
                    counted.update(set(_identifiers(entry.node)))
                elif entry.kind in {"DiagnosticReport", "ImagingStudy"}:
                    taken.update(_identifiers(entry.node))
        self._shared = {name for name, times in counted.items() if times > 1 and name not in taken}

    def of(self, branch: Branch, inherited: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Coding, ...]]:
        """Return the identities of an Observation and the sites that its BodyStructures add.

        Args:
            branch: the Observation in its place.
            inherited: identities of its group.
        """
        node = branch.entry.node
        strong: list[str] = []
        sites: tuple[Coding, ...] = ()
        for reference, path in _structure_references(branch.entry):
            names, codings = self._structure(reference, path, branch.entry)
            strong += names
            sites += codings
        strong += _tracked(branch)
        weak = [f"identifier:{name}" for name in _identifiers(node) if name in self._shared] if self._shared else []
        if strong:
            return _once(*strong, *weak), sites
        above = [name for name in inherited if name.startswith(_STRONG)]
        return _once(*above, *weak, *inherited), sites

    def _structure(self, reference: Node, path: str, source: Entry) -> tuple[list[str], tuple[Coding, ...]]:
        text = reference.get("reference")
        if text is None:
            return [f"structure:{name}" for name in _identifiers({"identifier": [reference.get("identifier", {})]})], ()
        found = self._opened.resolve(text, source)
        if found is None:
            self.pending.append(Pending(reference=text, path=path, kind="BodyStructure", needed=False, source=source))
            named = text if not text.startswith("#") else f"{source.reference}{text}"
            return [f"structure:{localise(named, self._opened.dossier.ehr_base)}"], ()
        if found.kind != "BodyStructure" or found.order in self._foreign or not self._opened.is_sound(found):
            return [], ()
        self.structures[found.order] = found
        qualifiers = found.node.get("locationQualifier", ())
        sites = read_codings(found.node.get("location")) + read_all_codings(qualifiers)
        return [*(f"structure:{name}" for name in _identifiers(found.node)), f"structure:{found.identity}"], sites


def is_tracking(statement: Node) -> bool:
    """Tell whether an Observation or component is a DICOM tracking identifier: it names a lesion and says nothing about it."""
    codings = statement.get("code", {}).get("coding", ())
    return any(each.get("code") in _TRACKING_CODES and each.get("system", "").lower() in _DCM for each in codings)


def _tracked(branch: Branch) -> list[str]:
    """Return the tracking identities among components and members, unique identifiers first."""
    statements = [*branch.entry.node.get("component", ()), *(member.entry.node for member in branch.members)]
    named = [(_is_unique(each), text) for each in statements if is_tracking(each) and (text := _tracking_text(each))]
    return [f"tracking:{text.removeprefix('urn:oid:')}" for _, text in sorted(named, reverse=True)]


def _is_unique(statement: Node) -> bool:
    return any(each.get("code") == _TRACKING_UID for each in statement["code"]["coding"])


def _tracking_text(statement: Node) -> str | None:
    concept = statement.get("valueCodeableConcept", {})
    coded = next((coding.code for coding in read_codings(concept)), None)
    text = statement.get("valueString") or concept.get("text") or coded
    return str(text) if text else None


def _structure_references(entry: Entry) -> list[tuple[Node, str]]:
    """Return the references to BodyStructures: focus, and extensions named so on the Observation or its bodySite."""
    found = [(each, f"{entry.path}.focus[{place}]") for place, each in enumerate(entry.node.get("focus", ()))]
    site = entry.node.get("bodySite", {})
    for holder, path in ((entry.node, entry.path), (site, f"{entry.path}.bodySite")):
        for place, extension in enumerate(holder.get("extension", ())):
            if "valueReference" in extension and extension.get("url", "").lower().endswith(_STRUCTURE_EXTENSIONS):
                found.append((extension["valueReference"], f"{path}.extension[{place}].value"))
    return [(each, path) for each, path in found if _may_be_structure(each)]


def _may_be_structure(reference: Node) -> bool:
    """Tell whether a reference can point to a BodyStructure; a focus may be other things too (an implant, a fetus)."""
    named = reference.get("type") or type_of(reference.get("reference", ""))
    return named in {None, "BodyStructure"}


def _identifiers(node: Node) -> list[str]:
    """Return `system|value` of every identifier that does not name an order or an examination."""
    return [
        f"{each.get('system', '')}|{each['value']}"
        for each in node.get("identifier", ())
        if "value" in each and not ("type" in each and _names_an_order(each["type"]))
    ]


def _names_an_order(kind: Node) -> bool:
    return any(coding.get("code") in _ORDER_NUMBERS for coding in kind.get("coding", ()))


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
