"""An opened dossier: every document parsed once, every resource indexed and validated once, for all who ask."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from service.errors import Fault, InvalidInputError, InvalidJsonError
from service.intake.addresses import base_of, is_absolute, is_id, localise, sought_identifier, tail_of, type_of
from service.intake.check import check
from service.intake.entry import Entry, place_of
from service.intake.models import Models
from service.intake.parse import Limits, Node, parse
from service.intake.resource_types import READ_TYPES
from service.intake.unpack import Found, root_of, unpack
from service.model.asked import Asked
from service.model.dossier import Document, Dossier, Origin

_FIRST_ERROR_STATUS: Final = 400


class Opened:
    """A dossier whose documents can be asked; it grows with every answer of the EHR.

    Attributes:
        dossier: the documents so far.
        limits: size limits.
        root: resourceType of the first document, where its paths begin.
        asked: what posted Parameters ask for.
        prior: the caller's prior probability: stated beside the documents, else in posted Parameters; None = none stated.
        faults: what is wrong with Bundles and bodies themselves.
        searched_faults: the same in answers to searches, which never refuse the input.
        superseded: older versions of resources that are there in a newer one.
        deleted: `Type/id` that a posted Bundle says are deleted.
        labels: meta.security codings of Bundles.
        answers: HTTP status of every request that was made.
    """

    dossier: Dossier
    limits: Limits
    root: str
    asked: Asked
    prior: Decimal | None
    faults: list[Fault]
    searched_faults: list[Fault]
    superseded: list[Entry]
    deleted: list[str]
    labels: list[Node]
    answers: dict[str, int]

    def __init__(self, dossier: Dossier, limits: Limits) -> None:
        """Parse and index the documents of a dossier.

        Raises:
            InvalidJsonError, TooLargeError: the first document cannot be read at all.
            InvalidInputError: it is Parameters that ask for what there is not.
        """
        self.dossier = dossier
        self.limits = limits
        self.root, self.asked = "Resource", Asked()
        self.prior = dossier.prior
        self.faults, self.searched_faults = [], []
        self.superseded, self.deleted, self.labels, self.answers = [], [], [], {}
        self._current: dict[str, Entry] = {}
        self._references: dict[str, str] = {}
        self._tails: dict[str, list[str]] = {}
        self._contained: dict[str, dict[str, Entry]] = {}
        self._verdicts: dict[int, tuple[Fault, ...]] = {}
        self._models = Models()
        self._listed: tuple[Entry, ...] | None = None
        self._resolved: dict[tuple[str | None, str], Entry | None] = {}
        self._count = 0
        for place, document in enumerate(dossier.documents):
            self._take(place, document)

    def add(self, documents: tuple[Document, ...]) -> None:
        """Take further documents into the dossier: answers of the EHR, and what people answered."""
        for place, document in enumerate(documents, start=len(self.dossier.documents)):
            self._take(place, document)
        self.dossier = replace(self.dossier, documents=self.dossier.documents + documents)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every resource in its newest version, in the order of the dossier, contained ones after what contains them."""
        if self._listed is None:
            self._listed = tuple(each for entry in self._current.values() for each in (entry, *self.contained_in(entry)))
        return self._listed

    def contained_in(self, entry: Entry) -> Iterator[Entry]:
        """Yield the contained resources of an entry that are read."""
        yield from self._contained.get(entry.identity, {}).values()

    def faults_of(self, entry: Entry) -> tuple[Fault, ...]:
        """Return what is wrong with a resource; it is validated when first asked for."""
        verdict = self._verdicts.get(entry.order)
        if verdict is None:
            verdict = self._verdicts[entry.order] = check(entry, self._models)
        return verdict

    def is_sound(self, entry: Entry) -> bool:
        """Tell whether a resource is valid FHIR as far as we read it."""
        return not self.faults_of(entry)

    def resolve(self, reference: str, source: Entry) -> Entry | None:
        """Find what a reference of a resource points to; None = not here.

        It may name a contained resource, a fullUrl, an address relative or below the EHR base, or the identifier of the one
        resource that bears it (`Patient?identifier=system|value`, as transactions may have it).
        """
        if reference.startswith("#"):
            root = source.root
            return self._contained.get(root.identity, {}).get(reference[1:]) if len(reference) > 1 else root
        asked = (source.root.base, reference)
        if asked not in self._resolved:
            self._resolved[asked] = self._find(localise(reference, self.dossier.ehr_base), source.root.base)
        return self._resolved[asked]

    def _find(self, key: str, base: str | None) -> Entry | None:
        """Find what an address means in a resource of a server; None = nothing here."""
        if (found := self._current.get(key)) is not None:
            return found
        if is_absolute(key):
            return None
        if (sought := sought_identifier(key)) is not None:
            return self._only(*sought)
        if base is not None and (found := self._current.get(f"{base}/{key}")) is not None:
            return found
        candidates = (self._current[identity] for identity in self._tails.get(key, ()) if identity in self._current)
        return next((each for each in candidates if base is None or each.base is None or each.base == base), None)

    def _only(self, kind: str, system: str, value: str) -> Entry | None:
        """Return the one resource of a type that bears an identifier; None = none does, or several do."""
        bearing = [each for each in self._current.values() if each.kind == kind and _bears(each, system, value)]
        return bearing[0] if len(bearing) == 1 else None

    def versions_of(self, identity: str) -> list[Entry]:
        """Return every version of one resource that the documents hold."""
        newest = self._current.get(identity)
        return [each for each in (newest, *self.superseded) if each is not None and each.identity == identity]

    def _take(self, place: int, document: Document) -> None:
        self._listed, self._resolved = None, {}
        if document.origin is Origin.ANSWERED:
            return  # no FHIR: whoever computes reads it
        if document.origin is Origin.READ:
            self.answers[document.request] = document.status
        if document.status >= _FIRST_ERROR_STATUS:
            return
        try:
            parsed = parse(document.body, self.limits)
            unpacked = unpack(parsed.node, self.limits)
        except (InvalidJsonError, InvalidInputError):
            if place == 0:
                raise
            self._faults_of_document(document).append(
                Fault(text="An answer of the EHR is no FHIR JSON that can be read.", code="structure")
            )
            return
        self._faults_of_document(document).extend(unpacked.faults)
        self.deleted += unpacked.deleted
        self.labels += unpacked.labels
        if place == 0:
            self.root = root_of(parsed.node)
            self.asked = unpacked.asked
            self.prior = self.asked.prior if self.prior is None else self.prior
        for found in unpacked.found:
            if found.kind in READ_TYPES:
                self._index(self._entry(found, place, document, has_empty=parsed.has_empty))

    def _faults_of_document(self, document: Document) -> list[Fault]:
        return self.searched_faults if _is_search(document) else self.faults

    def _entry(self, found: Found, place: int, document: Document, *, has_empty: bool) -> Entry:
        """Give a resource its identity, its path, and the name that sources call it by.

        What the EHR returns is the EHR's, under whatever address it knows itself. The first document is what was sent, and paths
        in it are as its sender counts; later ones are named by id, because every one of them is `Observation` to itself.
        """
        resource_id = found.node.get("id")
        local = f"{found.kind}/{resource_id}" if is_id(resource_id) else None
        full_url = found.full_url if document.origin is Origin.POSTED or local is None else None
        address = localise(full_url, self.dossier.ehr_base) if full_url else None
        identity = address or local or place_of(place, found.path)
        reference = local or full_url or found.path
        path = found.path if place == 0 or not _is_plain(local) else f"{found.kind}.where(id='{resource_id}')"
        if self._references.setdefault(reference, identity) != identity:
            reference = full_url or place_of(place, path)
        self._count += 1
        return Entry(
            order=self._count,
            document=place,
            origin=document.origin,
            is_searched=_is_search(document),
            kind=found.kind,
            node=found.node,
            path=path,
            reference=reference,
            identity=identity,
            base=base_of(full_url),
            has_empty=has_empty,
        )

    def _index(self, entry: Entry) -> None:
        before = self._current.get(entry.identity)
        if before is not None and (_is_found_again(entry, before) or not self._replaces(entry, before)):
            return
        self._current.pop(entry.identity, None)
        self._current[entry.identity] = entry
        self._contained[entry.identity] = dict(self._open_contained(entry))
        for tail in {entry.reference, tail_of(entry.identity)}:
            known = self._tails.setdefault(tail, [])
            if entry.identity not in known:
                known.append(entry.identity)

    def _replaces(self, entry: Entry, before: Entry) -> bool:
        """Tell whether an entry takes the place of one that is already there, and keep what is left behind."""
        if entry.node == before.node:
            return False
        if entry.document == before.document and entry.version == before.version:
            text = "The Bundle holds the same resource twice, in the same version, with different content."
            faults = self.searched_faults if entry.is_searched else self.faults
            faults.append(Fault(text=text, path=entry.path, code="duplicate"))
            return False
        newer = entry.is_newer_than(before)
        self.superseded.append(before if newer else entry)
        return newer

    def _open_contained(self, owner: Entry) -> Iterator[tuple[str, Entry]]:
        nodes = owner.node.get("contained")
        for place, node in enumerate(nodes if isinstance(nodes, list) else ()):
            kind = node.get("resourceType") if isinstance(node, dict) else None
            name = node.get("id") if isinstance(node, dict) else None
            if isinstance(kind, str) and kind in READ_TYPES and isinstance(name, str):
                self._count += 1
                yield (
                    name,
                    replace(
                        owner,
                        order=self._count,
                        kind=kind,
                        node=node,
                        path=f"{owner.path}.contained[{place}]",
                        reference=f"{owner.reference}#{name}",
                        identity=f"{owner.identity}#{name}",
                        owner=owner,
                    ),
                )


def _is_found_again(entry: Entry, before: Entry) -> bool:
    """Tell whether a search brought a report that was sent or read by itself: the version sent or read is the one assessed."""
    return entry.kind == "DiagnosticReport" and entry.is_searched and not before.is_searched


def _bears(entry: Entry, system: str, value: str) -> bool:
    """Tell whether a resource, sound or not, bears an identifier."""
    elements = entry.node.get("identifier")
    stated = [each for each in elements if isinstance(each, dict)] if isinstance(elements, list) else []
    return any((each.get("system"), each.get("value")) == (system, value) for each in stated)


def _is_plain(local: str | None) -> bool:
    """Tell whether `Type/id` has an id that FHIR allows, so that it can stand in a path."""
    return local is not None and type_of(local) is not None


def _is_search(document: Document) -> bool:
    return "?" in document.request


def open_dossier(dossier: Dossier, limits: Limits) -> Opened:
    """Open a dossier.

    Raises:
        InvalidJsonError, TooLargeError: the first document cannot be read at all.
    """
    return Opened(dossier, limits)
