"""The codes of the vocabulary by what they say, read from the tables and not from the product: what may stand in a form."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.builders import ABSENT_REASON, INTERPRETATION, LOCAL, RADELEMENT, RADLEX, SNOMED

OIFM: Final = "https://spinal-lesion-service.github.io/fhir/NamingSystem/oifm"
_FOLDER: Final = Path(__file__).parents[2] / "mappings"
_FILES: Final = ("base", "snomed-affiliate")
_OURS: Final[Mapping[str, str]] = {"LOCAL": LOCAL, "OIFM": OIFM}
_LEVELS: Final = frozenset({"vertebral-level", "disc-level"})
_ASSERTED: Final = frozenset({"assertion", "primary", "history"})
_NAMES_MODALITY: Final = frozenset({"441684001"})
"""Codes that say more than their row: conditional.csv, "modality is recorded as X-ray"."""

_SUFFIX: Final[Mapping[str, int]] = {"absent": 0, "present": 1, "uncertain": 2, "unknown": 3}
"""Answers of a finding-model presence element. Source: vocabulary/README."""

_SUFFIX_TERMS: Final[Mapping[str, str]] = {
    "absent": "absent",
    "present": "present",
    "uncertain": "indeterminate",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code in one role.

    Attributes:
        system, code, display: as in the tables, system in full.
        role: column of codings.csv.
        match: exact, close or broader.
        needs: condition of conditional.csv; empty = none.
        polarity: what it says by itself; empty = it is a question or an answer.
    """

    system: str
    code: str
    display: str
    role: str
    match: str
    needs: str
    polarity: str

    @property
    def says_denials(self) -> bool:
        """Tell whether its denial denies the finding (vocabulary/README: through exact and broader rows only)."""
        return self.match != "close"


@dataclass(frozen=True, slots=True)
class _Row:
    finding: str
    value: str
    code: Code


@cache
def _rows() -> tuple[_Row, ...]:
    needs = {
        (row["system"], row["code"], row["role"], row["finding"], row["value"]): row["condition"].replace("none", "")
        for row in _read("conditional")
    }
    return tuple(
        _Row(
            row["finding"],
            row["value"],
            Code(
                system=_OURS.get(row["system"], row["system"]),
                code=row["code"],
                display=row["display"],
                role=row["role"],
                match=row["match"],
                needs=needs.get((row["system"], row["code"], row["role"], row["finding"], row["value"]), ""),
                polarity=row["polarity"],
            ),
        )
        for row in _read("codings")
        if row["code"] not in _NAMES_MODALITY
    )


def _read(table: str) -> Iterator[dict[str, str]]:
    for folder in _FILES:
        yield from _of_folder(folder, table)


def _of_folder(folder: str, table: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _licensed() -> frozenset[str]:
    """Return the codes that only the affiliate tables know."""
    folders = {folder: {row["code"] for row in _of_folder(folder, "codings")} for folder in _FILES}
    return frozenset(folders["snomed-affiliate"] - folders["base"])


def needs_licence(body: bytes) -> bool:
    """Tell whether a report uses a code that only the affiliate tables know."""
    return not _licensed().isdisjoint(re.findall(r'"code": "(\d{6,18})"', body.decode()))


@cache
def known_codes() -> frozenset[str]:
    """Return every code of the tables, whatever its system, with the other spellings of our levels."""
    levels = {
        f"{prefix}{row.value[1:]}" for row in _rows() for prefix in ("Th", "D") if row.finding in _LEVELS and row.value[:1] == "T"
    }
    return frozenset(row.code.code for row in _rows()) | levels


@cache
def _meanings() -> Mapping[tuple[str, str], frozenset[tuple[str, str, str]]]:
    """Return all that each code can mean outside answers and presence, as (role class, finding, value)."""
    found: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for row in _rows():
        if row.code.role not in {"answer", "presence"}:
            role = "assertion" if row.code.role in _ASSERTED else row.code.role
            found.setdefault((row.code.system, row.code.code), set()).add((role, row.finding, row.value))
    return {code: frozenset(meanings) for code, meanings in found.items()}


def _alone(rows: Iterable[_Row]) -> tuple[Code, ...]:
    """Return the codes that mean nothing else in another place or beside it."""
    return tuple(row.code for row in rows if len(_meanings()[row.code.system, row.code.code]) == 1)


@cache
def open_questions(finding: str) -> tuple[Code, ...]:
    """Return the foreign codes that ask for a finding, whatever its value."""
    rows = (row for row in _rows() if row.finding == finding and not row.value and row.code.role == "question")
    return tuple(row.code for row in rows if row.code.system != LOCAL)


@cache
def yes_no_questions(finding: str, value: str) -> tuple[Code, ...]:
    """Return the codes that ask whether one value is there and ask nothing else."""
    return _alone(row for row in _rows() if (row.finding, row.value, row.code.role) == (finding, value, "question") and value)


@cache
def assertions(finding: str, value: str, polarity: str = "present") -> tuple[Code, ...]:
    """Return the codes that say a value by themselves and say nothing else."""
    rows = (row for row in _rows() if (row.finding, row.value) == (finding, value) and row.code.role in _ASSERTED)
    return tuple(code for code in _alone(rows) if code.polarity == polarity)


@cache
def answers(finding: str, value: str) -> tuple[Code, ...]:
    """Return the codes that answer a finding's question with a value; RadElement values stand beside their finding-model twins."""
    rows = (row for row in _rows() if (row.finding, row.value, row.code.role) == (finding, value, "answer"))
    found = tuple(row.code for row in rows if row.code.polarity in {"", "present"})
    return found + tuple(twin for code in found if (twin := _element_value(code)))


def _element_value(code: Code) -> Code | None:
    """Return `RDEn.k` beside `OIFMA_CDE_n.k`."""
    number, _, suffix = code.code.removeprefix("OIFMA_CDE_").partition(".")
    if code.system != OIFM or not suffix or not code.code.startswith("OIFMA_CDE_"):
        return None
    return _coded(RADELEMENT, f"RDE{int(number)}.{suffix}", code.display)


def element_answer(question: Code, polarity: str) -> Code | None:
    """Return the presence answer of a finding-model yes/no element; None = the question is none, or has values of its own."""
    if question.system != OIFM or "_CDE_" in question.code:
        return None
    return _coded(OIFM, f"{question.code}.{_SUFFIX[polarity]}", _SUFFIX_TERMS[polarity])


@cache
def element_values(question: str) -> tuple[tuple[str, Code], ...]:
    """Return value and code of every answer of one element, in the spelling of its question (`RDE153`, `OIFMA_CDE_000153`)."""
    answers = [(row.value, row.code) for row in _rows() if row.code.role == "answer" and row.code.system == OIFM]
    spelt = [(value, each) for value, code in answers for each in (code, _element_value(code)) if each is not None]
    return tuple((value, each) for value, each in spelt if each.code.rpartition(".")[0] == question)


@cache
def words(polarity: str, system: str) -> tuple[Code, ...]:
    """Return the words of a system for present, absent, uncertain, unknown."""
    return tuple(
        row.code for row in _rows() if row.code.role == "presence" and row.code.polarity == polarity and row.code.system == system
    )


def interpretations(polarity: str) -> tuple[Code, ...]:
    """Return the interpretation codes for present, absent, uncertain."""
    return words(polarity, INTERPRETATION)


def reasons() -> tuple[Code, ...]:
    """Return the reasons for which a value may be absent."""
    return words("unknown", ABSENT_REASON)


@cache
def sites(finding: str, value: str, system: str) -> tuple[Code, ...]:
    """Return the codes of one system that name a place as bodySite, without condition, and name nothing else."""
    if system == LOCAL:
        return (_coded(LOCAL, value, value),)
    rows = (row for row in _rows() if (row.finding, row.value, row.code.role) == (finding, value, "site"))
    return tuple(code for code in _alone(rows) if code.system == system and not code.needs)


@cache
def modalities(value: str) -> tuple[Code, ...]:
    """Return the codes of SNOMED CT and RadLex that name an examination of one modality and name nothing else."""
    rows = (row for row in _rows() if (row.finding, row.value, row.code.role) == ("modality", value, "modality"))
    return tuple(code for code in _alone(rows) if code.system in {SNOMED, RADLEX} and not code.needs)


def ours(code: str) -> Code:
    """Return our own code of a finding or value."""
    return _coded(LOCAL, code, code)


def _coded(system: str, code: str, display: str) -> Code:
    return Code(system=system, code=code, display=display, role="answer", match="exact", needs="", polarity="")
