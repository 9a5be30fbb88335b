"""Checks of the mapping tables: one function per rule; a release that breaks one is not loaded."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from service.errors import BrokenReleaseError
from service.mapping import codes
from service.mapping.concept import Condition, Match, Polarity, Role
from service.mapping.outcomes import read_outcomes
from service.mapping.table import Release, Row, read, shadow
from service.mapping.unit import UNITS
from service.mapping.vocabulary import read_vocabulary
from service.model.finding import LEAST_SPECIFIC, Kind, Vocabulary

_WORDS: Final = {
    "role": frozenset(Role),
    "match": frozenset(match.name.lower() for match in Match),
    "polarity": frozenset(Polarity) | {""},
    "licence": frozenset({"open", "snomed-affiliate", "radelement", "hospital"}),
    "emit": frozenset({"yes", "no"}),
}
_SITE_CONDITIONS: Final = frozenset({Condition.BONE_LESION})
"""Conditions that speak about a place: they stand beside site rows only."""

Key = tuple[str, str, str, str, str]


def check(directory: Path, *, snomed_affiliate: bool, hospital: Path | None = None) -> tuple[str, ...]:
    """Return every problem of the tables as `file:row: sentence`; empty = they can be loaded."""
    try:
        return problems(read(directory, snomed_affiliate=snomed_affiliate, hospital=hospital))
    except BrokenReleaseError as error:
        return (error.text,)


def shadowed(directory: Path, hospital: Path, *, snomed_affiliate: bool) -> tuple[str, ...]:
    """Return the base rows whose place a hospital's rows take: allowed, but worth a second look."""
    base = read(directory, snomed_affiliate=snomed_affiliate)
    whole = read(directory, snomed_affiliate=snomed_affiliate, hospital=hospital)
    kept = {row.place for row in whole.codings}
    own = [row for row in whole.codings if row.place.startswith(f"{hospital.name}/")]
    taken = shadow(base.codings, own)
    return tuple(
        f"{row.place}: {row['code']} as {row['role']} is overridden by {hospital.name}."
        for row in base.codings
        if row.place not in kept and (row["system"], row["code"], row["role"]) in taken
    )


def problems(release: Release) -> tuple[str, ...]:
    """Return every problem of a release, in the order of the rules."""
    try:
        vocabulary = read_vocabulary(release.findings)
    except BrokenReleaseError as error:
        return (error.text,)
    return tuple(problem for rule in _RULES for problem in rule(release, vocabulary))


def _findings(release: Release, vocabulary: Vocabulary) -> Iterator[str]:
    """Numbers have a unit that we can convert to; booleans are present or absent; D92 names values that exist."""
    for row in release.findings:
        definition = vocabulary[row["finding"]]
        if row["value"]:
            continue
        if (definition.unit is not None) != (definition.kind in {Kind.QUANTITY, Kind.COUNT}):
            yield f"{row.place}: {definition.key} needs a unit if and only if it is a number."
        elif definition.unit is not None and definition.unit not in UNITS:
            yield f"{row.place}: nothing can be converted to the unit {definition.unit}."
        if definition.kind is Kind.BOOLEAN and definition.values != ("present", "absent"):
            yield f"{row.place}: {definition.key} must have the values present and absent."
        if (least := LEAST_SPECIFIC.get(definition.key)) and least not in definition.values:
            yield f"{row.place}: {definition.key} lacks its least specific value {least}."


def _coding_words(release: Release, _: Vocabulary) -> Iterator[str]:
    """Every word of a closed list is in its list; check digits are right; system and code are there."""
    for row in release.codings:
        for column, allowed in _WORDS.items():
            if row[column] not in allowed:
                yield f"{row.place}: {row[column] or 'an empty cell'} is no {column}."
    for row in (*release.codings, *release.excluded):
        if not row["system"] or not row["code"]:
            yield f"{row.place}: system or code is missing."
        elif not codes.has_check_digit(row["system"], row["code"]):
            yield f"{row.place}: {row['code']} has a wrong check digit."


def _coding_findings(release: Release, vocabulary: Vocabulary) -> Iterator[str]:
    """Findings and values exist; presence words have no finding, everything else has one."""
    for row in release.codings:
        key, value = row["finding"], row["value"]
        if row["role"] == Role.PRESENCE:
            if key or value or not row["polarity"]:
                yield f"{row.place}: a presence word has a polarity and no finding."
        elif key not in vocabulary:
            yield f"{row.place}: there is no finding {key or '(empty)'}."
        elif value and value not in vocabulary[key].values:
            yield f"{row.place}: {key} has no value {value}."
        elif not value and row["role"] != Role.QUESTION and row["polarity"] not in {"uncertain", "unknown"}:
            yield f"{row.place}: {row['role']} needs a value."


def _coding_keys(release: Release, _: Vocabulary) -> Iterator[str]:
    """No row stands twice; an answer code has one exact meaning in one question."""
    rows: dict[Key, str] = {}
    answers: dict[tuple[str, str, str], tuple[str, str]] = {}
    for row in release.codings:
        key = _key(row)
        if key in rows:
            yield f"{row.place}: the same row stands at {rows[key]}."
        rows[key] = row.place
        if row["role"] == Role.ANSWER and row["match"] == "exact":
            answer = (row["system"], row["code"], row["finding"])
            meaning = (row["value"], row["polarity"])
            if answers.setdefault(answer, meaning) != meaning:
                yield f"{row.place}: {row['code']} answers {row['finding']} with two exact meanings."


def _conditions(release: Release, _: Vocabulary) -> Iterator[str]:
    """Every conditional row has its coding with the same match; every close or broader coding has its reason."""
    known = {_key(row): row for row in release.codings}
    explained = set()
    for row in release.conditional:
        key = (row["system"], row["code"], row["role"], row["finding"], row["value"])
        coding = known.get(key)
        explained.add(key)
        if row["condition"] not in frozenset(Condition):
            yield f"{row.place}: {row['condition'] or 'an empty cell'} is no condition."
        elif row["condition"] in _SITE_CONDITIONS and row["role"] != Role.SITE:
            yield f"{row.place}: {row['condition']} stands beside sites only."
        if coding is None or coding["match"] != row["match"]:
            yield f"{row.place}: {row['code']} has no coding with this role, finding, value and match."
    for key, row in known.items():
        if row["match"] != "exact" and row["licence"] != "hospital" and key not in explained:
            yield f"{row.place}: {row['match']} needs its reason in conditional.csv."


def _emission(release: Release, _: Vocabulary) -> Iterator[str]:
    """What we emit is exact, no exam code of RadLex, and unique for one system, role, finding and value."""
    seen: Counter[tuple[str, ...]] = Counter()
    for row in release.codings:
        if row["emit"] != "yes":
            continue
        if row["match"] != "exact" or row["code"].startswith("RPID"):
            yield f"{row.place}: {row['code']} must not be emitted."
        use = (row["system"], row["role"], row["finding"], row["value"], row["polarity"])
        seen[use] += 1
        if seen[use] > 1:
            yield f"{row.place}: a second code to emit for {row['finding']} {row['value']} in one system."


def _exclusions(release: Release, vocabulary: Vocabulary) -> Iterator[str]:
    """Nothing is mapped to the very meaning that it is barred from; nearest findings exist."""
    mapped = {(row["system"], row["code"], row["finding"], row["value"]) for row in release.codings}
    for row in release.excluded:
        key, value = row["nearest_finding"], row["nearest_value"]
        if row["kind"] not in {"excluded", "value-barred"} or not row["reason"]:
            yield f"{row.place}: a row needs a kind and a reason."
        if key and (key not in vocabulary or (value and value not in vocabulary[key].values)):
            yield f"{row.place}: there is no {key} {value}."
        if value and (row["system"], row["code"], key, value) in mapped:
            yield f"{row.place}: {row['code']} is excluded and mapped to the same meaning."


def _outcomes(release: Release, _: Vocabulary) -> Iterator[str]:
    """Outcomes stand once, and their codes can be read."""
    try:
        read_outcomes(release.outcomes, frozenset())
    except BrokenReleaseError as error:
        yield error.text


def _key(row: Row) -> Key:
    """Return what a conditional row is joined on; presence words carry their polarity as value there."""
    value = row["polarity"] if row["role"] == Role.PRESENCE else row["value"]
    return row["system"], row["code"], row["role"], row["finding"], value


_RULES: Final[tuple[Callable[[Release, Vocabulary], Iterator[str]], ...]] = (
    _findings,
    _coding_words,
    _coding_findings,
    _coding_keys,
    _conditions,
    _emission,
    _exclusions,
    _outcomes,
)
