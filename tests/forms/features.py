"""Every choice that a hospital makes when it writes a report as FHIR, and forms that combine them all with one another.

A form is one row of an orthogonal array of strength two: of any two choices, every pair of values stands together in some row.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final


class Shape(StrEnum):
    """How the Observations of a lesion hang together."""

    FLAT = "one Observation for each statement"
    FLAT_IN_PANEL = "one Observation for each statement, members of a panel of the report"
    COMPONENTS = "components of one Observation"
    FINDING_WITH_COMPONENTS = "the first finding as Observation, the others as its components"
    MEMBERS = "members of a group"
    MEMBERS_IN_PANEL = "members of groups in a panel"
    MEMBERS_WITH_COMPONENTS = "members of a group, each with components"
    MEMBERS_BY_TOPIC = "members of groups of a group"
    MEMBERS_AND_COMPONENTS = "members and components of one group"
    MEMBERS_SITED_TOO = "members of a group, every one with its own bodySite"
    FINDING_WITH_MEMBERS = "the first finding as Observation, the others as its members"
    SITED_MEMBERS_IN_PANEL = "members of groups in a panel, the place stated by the first member alone"


class Holding(StrEnum):
    """How the report holds its Observations."""

    TOP_LISTED = "result lists the topmost"
    ALL_LISTED = "result lists every one"
    LEAVES_LISTED = "result lists the members, groups stand above them"
    CONTAINED = "contained in the report"
    MEMBERS_CONTAINED = "members contained in their group"
    DERIVED = "result lists the first, which is derived from the others"
    LINKED = "no result: imaging Observations of the day"


class Wording(StrEnum):
    """In which code a statement is made."""

    OUR_QUESTION = "our question"
    OPEN_QUESTION = "question of RadElement, RadLex, LOINC, DICOM, SNOMED CT"
    YES_NO_QUESTION = "question whether one value is there"
    ASSERTION = "code of the finding itself"
    WRAPPED = "finding as value of Clinical finding"
    ASSERTED = "finding as value of ASSERTION"


class Word(StrEnum):
    """In which words the answer stands."""

    BARE = "none: the code says it"
    BOOLEAN = "valueBoolean"
    OURS = "our code"
    SNOMED = "SNOMED CT"
    RADLEX = "RadLex"
    ELEMENT = "value code of the element"
    INTERPRETATION = "interpretation"
    COMPONENT = "a component that is the word itself"


class Number(StrEnum):
    """How a number is written."""

    VOCABULARY_UNIT = "Quantity in the unit of the vocabulary"
    OTHER_UNIT = "Quantity in another unit"
    UNIT_TEXT = "Quantity with its unit in words"
    RANGE = "Range"
    RATIO = "Ratio to one"
    LONG = "Quantity with trailing zeros"
    INTEGER = "valueInteger"


class Level(StrEnum):
    """How a lesion says where it is."""

    RADLEX_SITE = "bodySite in RadLex"
    SNOMED_SITE = "bodySite in SNOMED CT"
    OUR_SITE = "bodySite in our codes"
    TH_SITE = "bodySite as Th12"
    D_SITE = "bodySite as D12"
    BOTH_SITE = "bodySite in RadLex and SNOMED CT"
    OUR_ANSWER = "answer to our level question"
    ELEMENT_ANSWER = "answer to the level question of RadElement"
    STRUCTURE = "BodyStructure.location"


class Identity(StrEnum):
    """How a lesion is told from others."""

    NONE = "not at all"
    FOCUS = "focus on a BodyStructure"
    EXTENSION = "bodyStructure extension"
    SITE_EXTENSION = "BodyStructure extension of bodySite"
    STRUCTURE_IDENTIFIER = "several BodyStructures with one identifier"
    LOGICAL = "focus with an identifier only"
    TRACKING_ID = "component 112039"
    TRACKING_UID = "component 112040"
    TRACKING_MEMBER = "member 112039"
    SHARED_IDENTIFIER = "Observation.identifier"


class Facts(StrEnum):
    """Where statements about study and patient stand."""

    OWN = "Observations of their own"
    IN_LESION = "among the statements of the first lesion"
    RESOURCE = "Condition, Procedure, Patient, code of the report"
    LOOSE = "Observations that no report lists"
    OTHER_REPORT = "another report"
    CONCLUSION = "conclusionCode of the report"


class Company(StrEnum):
    """What stands beside a coding."""

    ALONE = "nothing"
    UNKNOWN_FIRST = "an unknown coding before it"
    UNKNOWN_LAST = "an unknown coding after it"
    TRANSLATED = "the same in every system"
    TRANSLATED_REVERSED = "the same in every system, last first"


class Display(StrEnum):
    """Coding.display."""

    OWN = "as in the table"
    NONE = "left out"
    FOREIGN = "in another language"
    VENDOR = "a vendor's wording"
    TAGGED = "with semantic tag and other case"


class Heading(StrEnum):
    """Code of an Observation that only holds others."""

    TEXT = "text"
    ELEMENT_SET = "RadElement set"
    CLINICAL_FINDING = "Clinical finding"


class Wrapping(StrEnum):
    """What is posted."""

    COLLECTION = "collection"
    SEARCHSET = "searchset"
    TRANSACTION = "transaction"
    BATCH = "batch"
    DOCUMENT = "document"
    MESSAGE = "message"
    HISTORY = "history"
    PARAMETERS = "Parameters"
    REPORT_ALONE = "the report alone"


class Addressing(StrEnum):
    """How resources name one another."""

    RELATIVE = "relative references below a base"
    ABSOLUTE = "absolute references"
    VERSIONED = "references to a version"
    URN = "urn:uuid without ids"
    NO_FULL_URL = "entries without fullUrl"


class Noise(StrEnum):
    """What else stands in the report."""

    NONE = "nothing"
    OTHER_ORGAN = "a finding of the lung"
    NARRATIVE = "the findings as text"
    WITHDRAWN = "a contradiction entered in error"
    SILENT = "questions that were not answered"
    AMENDED = "nothing, but every status is amended or corrected"
    OLDER_VERSION = "a contradiction in an older version of an Observation"
    TWICE = "one Observation twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way of writing a report; `number` rotates through all that a feature leaves open (which code, which URI)."""

    number: int
    shape: Shape
    holding: Holding
    wording: Wording
    word: Word
    count: Number
    level: Level
    identity: Identity
    facts: Facts
    company: Company
    display: Display
    heading: Heading
    wrapping: Wrapping
    addressing: Addressing
    noise: Noise

    @property
    def text(self) -> str:
        """The form in words, for a failing test."""
        return "; ".join(str(getattr(self, name)) for name in DIMENSIONS)


DIMENSIONS: Final[dict[str, type[StrEnum]]] = {
    "shape": Shape,
    "wording": Wording,
    "word": Word,
    "level": Level,
    "identity": Identity,
    "facts": Facts,
    "holding": Holding,
    "company": Company,
    "display": Display,
    "count": Number,
    "heading": Heading,
    "wrapping": Wrapping,
    "addressing": Addressing,
    "noise": Noise,
}
PRIME: Final = 13
"""At least the number of values of any choice, and of choices less one: the side of the array."""


@cache
def forms() -> tuple[Form, ...]:
    """Return every row of the array: `PRIME` squared.

    Column k of row (i, j) is (i + k j) mod p, the last one j: for two columns any pair of residues occurs in exactly one row
    (Bose 1938). Residues beyond the number of values begin again at the first one.
    """
    rows = [(i, j) for j in range(PRIME) for i in range(PRIME)]
    return tuple(Form(number=number, **_row(i, j)) for number, (i, j) in enumerate(rows))


def _row(i: int, j: int) -> dict[str, Any]:
    residues = [(i + column * j) % PRIME for column in range(PRIME)] + [j]
    chosen = zip(DIMENSIONS.items(), residues, strict=True)
    return {name: list(kind)[residue % len(kind)] for (name, kind), residue in chosen}
