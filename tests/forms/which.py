"""Which lesion an Observation speaks of: BodyStructures, tracking identifiers, shared identifiers.

Source: interfaces section 1 (lesions); terminology/README, "How public imaging FHIR carries lesion findings".
"""

from collections.abc import Iterable
from typing import Final

from tests.builders import DCM, RADLEX, Json, body_structure, coding, component, concept
from tests.forms.features import Identity, Level, Shape
from tests.forms.spelling import Speller
from tests.forms.where import Where

FLAT: Final = frozenset({Shape.FLAT, Shape.FLAT_IN_PANEL})
HAS_MEMBERS: Final = frozenset(
    {
        Shape.MEMBERS,
        Shape.MEMBERS_IN_PANEL,
        Shape.MEMBERS_BY_TOPIC,
        Shape.MEMBERS_WITH_COMPONENTS,
        Shape.MEMBERS_AND_COMPONENTS,
        Shape.MEMBERS_SITED_TOO,
    }
)
_STRUCTURED: Final = frozenset({Identity.FOCUS, Identity.EXTENSION, Identity.SITE_EXTENSION, Identity.STRUCTURE_IDENTIFIER})
_EXTENSIONS: Final = (
    "http://hl7.org/fhir/StructureDefinition/bodySite",
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-Observation.bodyStructure",
    "https://www.medizininformatik-initiative.de/fhir/ext/modul-bildgebung/StructureDefinition/bodyStructure",
)


class Which:
    """The identity of one lesion, written as the form asks.

    Attributes:
        identity: how the lesion is told from others.
        structures: BodyStructures that its Observations refer to.
    """

    def __init__(self, where: Where, speller: Speller, *, needs_identity: bool) -> None:
        """Choose how the lesion is told from others.

        Args:
            where: its place.
            speller: follows the form.
            needs_identity: True = its place does not tell it from the other lesions.
        """
        self._where, self._speller = where, speller
        self._name = where.lesion.name
        self.identity = self._chosen(needs_identity=needs_identity)
        self.structures: list[Json] = []

    def _chosen(self, *, needs_identity: bool) -> Identity:
        shape = self._speller.form.shape
        asked = Identity.NONE if shape is Shape.SITED_MEMBERS_IN_PANEL else self._speller.form.identity
        if self._where.level is Level.STRUCTURE and asked not in _STRUCTURED:
            asked = Identity.FOCUS
        if asked is Identity.TRACKING_MEMBER and shape not in HAS_MEMBERS:
            asked = Identity.TRACKING_ID
        if asked is Identity.SITE_EXTENSION and not self._where.has_site:
            asked = Identity.EXTENSION
        if asked is Identity.SHARED_IDENTIFIER and needs_identity and shape not in FLAT:
            asked = Identity.TRACKING_UID
        return Identity.TRACKING_ID if needs_identity and asked is Identity.NONE else asked

    def identified(self, made: Json) -> Json:
        """Return an Observation that names its lesion."""
        identity = self.identity
        if identity in _STRUCTURED:
            made = self._structured(made)
        elif identity is Identity.LOGICAL:
            made = {**made, "focus": [{"type": "BodyStructure", "identifier": self._number()}]}
        elif identity is Identity.TRACKING_ID:
            made = with_components(made, [component(**tracking("112039", self._name))])
        elif identity is Identity.TRACKING_UID:
            made = with_components(made, [component(**tracking("112040", f"urn:oid:2.25.{self._name[-1]}"))])
        if identity not in {Identity.TRACKING_MEMBER, Identity.SHARED_IDENTIFIER}:
            self._speller.used[identity] += 1
        return self.shared(made)

    def shared(self, made: Json) -> Json:
        """Return an Observation with the identifier that all of its lesion share, where the form asks for one."""
        if self.identity is not Identity.SHARED_IDENTIFIER:
            return made
        self._speller.used[Identity.SHARED_IDENTIFIER] += 1
        return {**made, "identifier": [self._number()]}

    def _number(self) -> Json:
        return {"system": "https://hospital.example/lesions", "value": self._name}

    def _structured(self, made: Json) -> Json:
        named = [{"reference": f"BodyStructure/{each['id']}"} for each in self._own_structures()]
        url = _EXTENSIONS[self._speller.turn(len(_EXTENSIONS))]
        extensions = [{"url": url, "valueReference": each} for each in named]
        match self.identity:
            case Identity.EXTENSION:
                return {**made, "extension": extensions}
            case Identity.SITE_EXTENSION:
                return {**made, "bodySite": {**made["bodySite"], "extension": extensions}}
            case _:
                return {**made, "focus": named}

    def _own_structures(self) -> list[Json]:
        """Return the BodyStructures of an Observation: those of the lesion; with a shared identifier, one of its own."""
        places = list(self._where.places()) if self._where.level is Level.STRUCTURE else []
        if self.identity is Identity.STRUCTURE_IDENTIFIER:
            self.structures.append(self._structure(places, [self._number()]))
            return self.structures[-1:]
        if not self.structures:
            is_apart = len(places) > 1 and bool(self._speller.turn(2))
            for some in [[place] for place in places] if is_apart else [places]:
                self.structures.append(self._structure(some, None))
        return self.structures

    def _structure(self, places: Iterable[tuple[str, str]], identifier: list[Json] | None) -> Json:
        codings = [each for finding, value in places for each in self._where.codings_of(finding, value, (RADLEX,))]
        name = f"{self._name}-structure-{len(self.structures)}"
        return body_structure(id=name, location=concept(*codings) if codings else None, identifier=identifier)


def tracking(code: str, value: str) -> Json:
    """Return code and value of a DICOM tracking identifier."""
    return {"code": concept(coding(code, system=DCM)), "valueString": value}


def with_components(made: Json, inner: list[Json]) -> Json:
    """Return an Observation with further components."""
    return {**made, "component": [*made.get("component", []), *inner]} if inner else made
