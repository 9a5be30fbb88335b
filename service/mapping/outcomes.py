"""What we answer with: the outcomes of outcomes.csv and the codes that may leave the service."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.errors import BrokenReleaseError
from service.mapping import codes
from service.mapping.concept import Role
from service.mapping.table import Row
from service.model.coded import Coding

_KINDS = frozenset({"verdict", "open", "flag", "recommendation", "reason-missing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDef:
    """One row of outcomes.csv.

    Attributes:
        instrument, outcome: key of the instrument (`any` = every one) and its code.
        question: question that a verdict answers; empty = not a verdict.
        display: words of the table.
        kind: verdict, open, flag, recommendation or reason-missing.
        meaning: the sentence of the table.
        codings: (system, code, display) that may be emitted: ours first.
        open: True = the code of an unsettled question; never a verdict.
    """

    instrument: str
    outcome: str
    question: str
    display: str
    kind: str
    meaning: str
    codings: tuple[tuple[str, str, str], ...]
    open: bool


def read_outcomes(rows: Iterable[Row], loaded: frozenset[tuple[str, str]]) -> tuple[OutcomeDef, ...]:
    """Return the outcomes in the order of the table.

    Args:
        rows: outcomes.csv.
        loaded: (system, code) of every loaded coding: a SNOMED CT code that is not among them is not emitted, because the
            operator has not switched on what needs a licence.

    Raises:
        BrokenReleaseError: a row stands twice, has an unknown kind, or its codes cannot be read.
    """
    found: dict[tuple[str, str], OutcomeDef] = {}
    for row in rows:
        key = (row["instrument"], row["outcome"])
        if key in found:
            raise BrokenReleaseError(f"{row.place}: {key[0]}-{key[1]} stands twice.")
        if row["kind"] not in _KINDS or (row["kind"] in {"verdict", "open"}) != bool(row["question"]):
            raise BrokenReleaseError(f"{row.place}: a verdict or open code answers a question, nothing else does.")
        found[key] = OutcomeDef(
            instrument=key[0],
            outcome=key[1],
            question=row["question"],
            display=row["display"],
            kind=row["kind"],
            meaning=row["meaning"],
            codings=((codes.OUTCOME, "-".join(key), row["display"]), *_external(row, loaded)),
            open=row["kind"] == "open",
        )
    return tuple(found.values())


def _external(row: Row, loaded: frozenset[tuple[str, str]]) -> Iterable[tuple[str, str, str]]:
    """Read `system|code|display; ..`; LOCAL alone = no external code."""
    for part in row["emit_codings"].split("; ") if row["emit_codings"] != "LOCAL" else ():
        word, _, rest = part.partition("|")
        code, _, display = rest.partition("|")
        system = codes.WORDS.get(word, word)
        if not code or not display or not codes.has_check_digit(system, code):
            raise BrokenReleaseError(f"{row.place}: {part} is not `system|code|display`.")
        if system != codes.SNOMED or (system, code) in loaded:
            yield system, code, display


def site_codings(rows: Iterable[Row]) -> Mapping[tuple[str, str], tuple[Coding, ...]]:
    """Return the external codes of a place by (finding, value), SNOMED CT before RadLex."""
    return _emitted(row for row in rows if row["role"] == Role.SITE)


def finding_codings(rows: Iterable[Row]) -> Mapping[tuple[str, str], tuple[Coding, ...]]:
    """Return the codes of a finding's value, or of its question (value empty), ours included."""
    return _emitted(row for row in rows if row["role"] not in {Role.SITE, Role.PRESENCE})


def local_words(rows: Iterable[Row]) -> Mapping[str, str]:
    """Return the display of every code of our own finding system."""
    return {row["code"]: row["display"] for row in rows if row["system"] == codes.LOCAL}


def _emitted(rows: Iterable[Row]) -> dict[tuple[str, str], tuple[Coding, ...]]:
    found: defaultdict[tuple[str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for row in rows:
        if row["emit"] == "yes":
            found[row["finding"], row["value"]].add((row["system"], row["code"], row["display"]))
    order = {codes.LOCAL: 0, codes.SNOMED: 1, codes.RADLEX: 2}
    return {
        key: tuple(Coding(*coding) for coding in sorted(codings, key=lambda coding: (order.get(coding[0], len(order)), coding)))
        for key, codings in found.items()
    }
