"""How one coding is spelt and what stands beside it: system URIs, displays, translations, codings that nobody knows.

Source of the URIs: terminology/README, "System URIs"; interfaces section 1.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from tests.builders import DCM, INTERPRETATION, LOINC, RADELEMENT, RADLEX, SNOMED, UCUM, Json, coding, concept
from tests.forms.codes import Code, modalities, ours
from tests.forms.features import Company, Display, Form

URIS: Final[Mapping[str, tuple[str, ...]]] = {
    RADLEX: (
        "http://radlex.org",
        "http://www.radlex.org",
        "http://radlex.org/",
        "https://radlex.org",
        "https://www.radlex.org/",
        "http://radlex.org/rid",
        "http://www.radlex.org/RID/",
        "http://radlex.org/RID",
        "urn:oid:2.16.840.1.113883.6.256",
        "https://anatomiclocations.org/",
        "https://www.anatomiclocations.org",
    ),
    SNOMED: (
        "http://snomed.info/sct",
        "http://snomed.info/sct/",
        "https://snomed.info/sct",
        "http://snomed.info/sct/900000000000207008",
        "http://snomed.info/sct/731000124108/version/20240901",
        "http://snomed.info/sct|http://snomed.info/sct/900000000000207008/version/20240801",
        "urn:oid:2.16.840.1.113883.6.96",
    ),
    RADELEMENT: (
        "https://radelement.org",
        "https://www.radelement.org",
        "http://radelement.org",
        "http://www.radelement.org/",
        "http://hl7.org/fhir/us/breast-radiology/CodeSystem/RadLexCDE",
    ),
    LOINC: ("http://loinc.org", "http://loinc.org/", "https://loinc.org", "urn:oid:2.16.840.1.113883.6.1"),
    DCM: ("http://dicom.nema.org/resources/ontology/DCM", "urn:oid:1.2.840.10008.2.16.4"),
    INTERPRETATION: (
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
        "http://hl7.org/fhir/v3/ObservationInterpretation",
        "urn:oid:2.16.840.1.113883.5.83",
    ),
    UCUM: ("http://unitsofmeasure.org", "https://unitsofmeasure.org/", "urn:oid:2.16.840.1.113883.6.8"),
}
"""Ways in which senders spell a code system, canonical first."""

_FOREIGN: Final = ("Wirbelsäulenbefund", "所見", "résultat de l'examen")
_VENDOR: Final = ("STRUCTURED FINDING 4711", "see worksheet", "[auto] field")


class Speller:
    """Spells the codings of one report in one form.

    Attributes:
        form: what it follows.
        used: every feature value that took effect, with its number.
        exam: modality that the code of the report names for everything in it; None = it names none.
    """

    exam: str | None

    def __init__(self, form: Form) -> None:
        """Start with nothing spelt."""
        self.form = form
        self.used = Counter[StrEnum | str]()
        self.exam = None
        self._examinations: dict[str, Json] = {}
        self._turn = form.number
        self._strangers = 0

    def turn(self, number: int) -> int:
        """Return the next choice among `number` things; every choice comes in its turn."""
        self._turn += 1
        return self._turn % number

    def choose(self, codes: Sequence[Code]) -> Code:
        """Return one of several codes."""
        return codes[self.turn(len(codes))]

    def system(self, canonical: str) -> str:
        """Return a system under one of its URIs."""
        uris = URIS.get(canonical, (canonical,))
        chosen = uris[self.turn(len(uris))]
        self.used[f"{canonical} as {chosen}"] += 1
        return chosen

    def coding(self, code: Code) -> Json:
        """Return one coding; a value code of RadElement keeps its display, without which it does not count."""
        return coding(code.code, self._display(code), system=self.system(code.system))

    def concept(self, *codes: Code, text: str | None = None) -> Json:
        """Return a CodeableConcept: the first code alone, or in the company that the form asks for."""
        company = self.form.company
        known = list(codes) if company in {Company.TRANSLATED, Company.TRANSLATED_REVERSED} else list(codes[:1])
        if company is Company.TRANSLATED_REVERSED:
            known.reverse()
        codings = [self.coding(code) for code in known]
        if company is Company.UNKNOWN_FIRST:
            codings.insert(0, self.stranger())
        if company is Company.UNKNOWN_LAST:
            codings.append(self.stranger())
        if len(codes) > 1 or company not in {Company.TRANSLATED, Company.TRANSLATED_REVERSED}:
            self.used[company] += 1
        return concept(*codings, text=text)

    def examination(self, modality: str) -> Json:
        """Return the concept of an examination, the same for everything that was seen on it."""
        if modality not in self._examinations:
            self._examinations[modality] = self.concept(self.choose(modalities(modality) or (ours(modality),)))
        return self._examinations[modality]

    def stranger(self) -> Json:
        """Return a coding that nobody but its sender knows, another one each time."""
        self._strangers += 1
        code = f"X-{self._strangers}"
        return (
            {"system": "https://pacs.hospital.example/codes", "code": code, "display": f"Befund {self._strangers}"},
            {"system": "https://ris.hospital.example/terms", "code": code},
            {"code": code, "display": "Freitext"},
        )[self._strangers % 3]

    def _display(self, code: Code) -> str | None:
        needed = code.system == RADELEMENT and "." in code.code
        display = Display.OWN if needed else self.form.display
        self.used[display] += 1
        match display:
            case Display.OWN:
                return code.display
            case Display.NONE:
                return None
            case Display.FOREIGN:
                return _FOREIGN[self.turn(len(_FOREIGN))]
            case Display.VENDOR:
                return _VENDOR[self.turn(len(_VENDOR))]
            case Display.TAGGED:
                return f"{code.display.upper()} (finding)" if not code.display.endswith(")") else code.display.upper()
