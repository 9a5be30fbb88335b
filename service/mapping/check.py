"""Checks of the mapping tables: one function per rule; a release that breaks one is not loaded."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from service.errors import BrokenReleaseError
from service.mapping import codes
from service.mapping.concept import Condition, Match, Polarity, Role
from service.mapping.outcomes import read_outcomes
from service.mapping.table import Release, Row, read
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
_OURS: Final = frozenset({codes.LOCAL, codes.OUTCOME})
_SHIPPED: Final = frozenset({"base", "snomed-affiliate", "snapshot"})
"""Folders of rows that are the project's own."""

_SITE_CONDITIONS: Final = frozenset({Condition.BONE_LESION})
"""Conditions that speak about a place: they stand beside site rows only."""

Key = tuple[str, str, str, str, str]


def check(directory: Path, *, snomed_affiliate: bool, hospital: Path | None = None) -> tuple[str, ...]:
    """Return every problem of the tables (hospital None: of the base alone) as `file:row: sentence`; empty = they can be loaded."""
    try:
        return problems(read(directory, snomed_affiliate=snomed_affiliate, hospital=hospital))
    except BrokenReleaseError as error:
        return (error.text,)


def shadowed(directory: Path, hospital: Path, *, snomed_affiliate: bool) -> tuple[str, ...]:
    """Return the base rows that a hospital's rows take the place of, silence or read again: allowed, but worth a second look."""
    base = read(directory, snomed_affiliate=snomed_affiliate)
    whole = read(directory, snomed_affiliate=snomed_affiliate, hospital=hospital)
    own = {name: [row for row in whole.table(name) if is_of_hospital(row)] for name in ("codings", "excluded")}
    uses = {(row["system"], row["code"], row["role"]): row for row in own["codings"]}
    silenced = {(row["system"], row["code"]): row for row in own["excluded"]}
    mapped = {(row["system"], row["code"]): row for row in own["codings"]}
    kept = {row.place for row in whole.codings}
    found = []
    for row in base.codings:
        by = uses.get((row["system"], row["code"], row["role"])) or silenced.get((row["system"], row["code"]))
        if row.place not in kept and by is not None:
            found.append(f"{row.place}: {row['code']} as {row['role']} is overridden by {by.place}.")
    for row in base.excluded:
        by = mapped.get((row["system"], row["code"]))
        if row["kind"] == "excluded" and by is not None:
            found.append(f"{row.place}: {row['code']} is not read in general ({row['reason']}); {by.place} reads it.")
    return tuple(found)


def is_of_hospital(row: Row) -> bool:
    """Tell whether a row stands in the folder of a hospital."""
    return row.place.partition("/")[0] not in _SHIPPED


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


def _coding_keys(release: Release, vocabulary: Vocabulary) -> Iterator[str]:
    """No row stands twice; a code in one role says one thing of a finding that has one value."""
    rows: dict[Key, str] = {}
    meanings: dict[tuple[str, str, str, str], Row] = {}
    for row in release.codings:
        key = _key(row)
        if key in rows:
            yield f"{row.place}: the same row stands at {rows[key]}."
        rows[key] = row.place
        definition = vocabulary.get(row["finding"])
        if definition is not None and definition.multi_valued:
            continue
        first = meanings.setdefault((row["system"], row["code"], row["role"], row["finding"]), row)
        if (first["value"], first["polarity"]) != (row["value"], row["polarity"]):
            what = row["finding"] or "present or absent"
            yield f"{row.place}: {row['code']} as {row['role']} has two meanings for {what}: the other is at {first.place}."


def _systems(release: Release, _: Vocabulary) -> Iterator[str]:
    """A hospital's other name for a code system stands once, for a system that is known, and takes no known name away."""
    own = {codes.normalise(row["system"]) for row in release.systems if not row["canonical"]}
    known = codes.KNOWN | own | {row["system"] for row in release.codings}
    seen: dict[str, str] = {}
    for row in release.systems:
        system, canonical = codes.normalise(row["system"]), codes.normalise(row["canonical"])
        name = codes.plain(row["system"])
        if not name:
            yield f"{row.place}: the system is missing."
        elif seen.setdefault(name, row.place) != row.place:
            yield f"{row.place}: {row['system']} stands at {seen[name]} already."
        elif canonical and canonical not in known:
            yield f"{row.place}: {row['canonical']} is no code system that is known or declared."
        elif system in codes.KNOWN and canonical != system:
            yield f"{row.place}: {row['system']} is a name of {system}; it cannot become another system."


def _own_words(release: Release, _: Vocabulary) -> Iterator[str]:
    """The codes of this project mean the same in every hospital."""
    for row in (*release.codings, *release.excluded):
        if row["system"] in _OURS and is_of_hospital(row):
            yield f"{row.place}: {row['code']} is a code of ours; a hospital cannot give it another meaning."


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
    mapped = {(row["system"], row["code"], row["finding"], row["value"]): row for row in release.codings}
    for row in release.excluded:
        key, value = row["nearest_finding"], row["nearest_value"]
        if row["kind"] not in {"excluded", "value-barred"} or not row["reason"]:
            yield f"{row.place}: a row needs a kind and a reason."
        if key and (key not in vocabulary or (value and value not in vocabulary[key].values)):
            yield f"{row.place}: there is no {key} {value}."
        if value and (coding := mapped.get((row["system"], row["code"], key, value))) is not None:
            first, second = (coding, row) if is_of_hospital(coding) else (row, coding)
            yield f"{first.place}: {row['code']} is excluded and mapped to the same meaning: see {second.place} ({row['reason']})."


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
    _systems,
    _own_words,
    _conditions,
    _emission,
    _exclusions,
    _outcomes,
)
