"""Code systems and their aliases, check digits, and how two displays are compared.

Source: terminology/README, "System URIs"; HL7 THO naming systems; SNOMED CT identifiers (Verhoeff), LOINC codes (mod 10).
"""

from functools import lru_cache
from typing import Final

SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
RADLEX: Final = "http://radlex.org"
RADELEMENT: Final = "https://radelement.org"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
UCUM: Final = "http://unitsofmeasure.org"
ABSENT_REASON: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
INTERPRETATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"

LOCAL: Final = "https://spinal-lesion-service.github.io/fhir/CodeSystem/finding"
"""Our own codes: keys and values of the finding vocabulary in one list."""

OUTCOME: Final = "https://spinal-lesion-service.github.io/fhir/CodeSystem/outcome"
"""Our own codes of verdicts, flags and recommendations: `<instrument>-<outcome>`."""

OIFM: Final = "https://spinal-lesion-service.github.io/fhir/NamingSystem/oifm"
"""Open Imaging Finding Model ids: the model publishes no system URI, so this one is ours."""

WORDS: Final = {"LOCAL": LOCAL, "OIFM": OIFM}
"""How the mapping tables spell the systems that are ours."""

NAMES: Final = {
    SNOMED: "SNOMED CT",
    LOINC: "LOINC",
    RADLEX: "RadLex",
    RADELEMENT: "RadElement",
    DCM: "DICOM",
    LOCAL: "LOCAL",
    OIFM: "OIFM",
}
"""What people call the code systems of the tables."""

_VARIANTS: Final[dict[str, tuple[str, ...]]] = {
    SNOMED: ("urn:oid:2.16.840.1.113883.6.96",),
    LOINC: ("urn:oid:2.16.840.1.113883.6.1",),
    RADLEX: ("urn:oid:2.16.840.1.113883.6.256", "https://anatomiclocations.org"),
    RADELEMENT: ("http://hl7.org/fhir/us/breast-radiology/CodeSystem/RadLexCDE",),
    DCM: ("urn:oid:1.2.840.10008.2.16.4", "http://dicom.nema.org/resources/ontology/dcm"),
    UCUM: ("urn:oid:2.16.840.1.113883.6.8",),
    ABSENT_REASON: ("http://hl7.org/fhir/data-absent-reason",),
    INTERPRETATION: ("http://hl7.org/fhir/v3/ObservationInterpretation", "urn:oid:2.16.840.1.113883.5.83"),
    ACT_CODE: ("http://hl7.org/fhir/v3/ActCode", "urn:oid:2.16.840.1.113883.5.4"),
    CATEGORY: ("http://hl7.org/fhir/observation-category",),
    LOCAL: (),
    OUTCOME: (),
    OIFM: (),
}
_PATHS: Final = (("snomed.info/sct/", SNOMED), ("radlex.org/rid", RADLEX), ("anatomiclocations.org/", RADLEX))
"""Systems under which longer addresses mean the same system: SNOMED editions and versions, RadLex class addresses."""

_PERMUTATION: Final = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)
_SHORTEST_SNOMED, _LONGEST_SNOMED = 6, 18
_TEN: Final = 10


def plain(system: str) -> str:
    """Strip what makes no difference: scheme, `www.`, version after a bar, trailing slash, case."""
    bare = system.strip().partition("|")[0].casefold().rstrip("/#")
    return bare.removeprefix("https://").removeprefix("http://").removeprefix("www.")


_ALIASES: Final = {plain(name): system for system, names in _VARIANTS.items() for name in (system, *names)}

KNOWN: Final = frozenset(_VARIANTS)
"""Systems of which at least one code can be understood: an unknown code of theirs is `unknown-code`."""


@lru_cache(maxsize=1024)
def normalise(system: str) -> str:
    """Return the canonical URI of a code system; a system we do not know is returned as sent."""
    bare = plain(system)
    if (known := _ALIASES.get(bare)) is not None:
        return known
    return next((canonical for prefix, canonical in _PATHS if bare.startswith(prefix)), system)


def term(display: str) -> str:
    """Return a display as it is compared: without case, extra space and trailing semantic tag (`(finding)`)."""
    words = " ".join(display.split()).casefold()
    if words.endswith(")") and (bare := words[: words.rfind("(")].rstrip()):
        return bare
    return words


def has_check_digit(system: str, code: str) -> bool:
    """Tell whether a code carries the check digit of its system; systems without one always do (LOINC parts, `LP..`, too)."""
    if system == SNOMED:
        return _SHORTEST_SNOMED <= len(code) <= _LONGEST_SNOMED and code.isdecimal() and code[0] != "0" and _verhoeff(code)
    if system == LOINC and not code.startswith("LP"):
        number, dash, check = code.partition("-")
        return bool(dash) and number.isdecimal() and check == str(_mod_10(number))
    return True


def _verhoeff(code: str) -> bool:
    """Check a SNOMED CT identifier: the dihedral product of its permuted digits is 0."""
    check = 0
    for place, digit in enumerate(int(character) for character in reversed(code)):
        check = _dihedral(check, _PERMUTATION[place % 8][digit])
    return check == 0


def _dihedral(left: int, right: int) -> int:
    """Multiply in the dihedral group of order ten: 0-4 are rotations, 5-9 reflections."""
    half = _TEN // 2
    turned = left % half - right % half if left >= half else left % half + right % half
    return turned % half + (half if (left >= half) != (right >= half) else 0)


def _mod_10(number: str) -> int:
    """Return the mod 10 (Luhn) check digit of a number: every second digit counts double, from the last one on."""
    total = 0
    for place, digit in enumerate(int(character) for character in reversed(number)):
        total += digit if place % 2 else sum(divmod(2 * digit, _TEN))
    return -total % _TEN
