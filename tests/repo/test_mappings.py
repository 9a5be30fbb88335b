"""Every row of the shipped mapping tables: loaded, valid, and the wrong codes of the world kept out."""

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from service.mapping import codes
from service.mapping.build import build
from service.mapping.concept import Concept, Meaning
from service.mapping.mapfile import Mappings, load
from service.mapping.table import read
from service.model.coded import Coding
from service.model.finding import LEAST_SPECIFIC
from service.model.spine import TABLE_LEVELS, UNTABLED_LEVELS

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
DERIVATIONS = 96

NEVER_MAPPED = (
    ("94503003", "prostate metastasis, seen labelled as spine"),
    ("3723001", "arthritis, seen labelled as bone island"),
    ("241570006", "fails Verhoeff"),
    ("450451004", "fails Verhoeff"),
    ("241635003", "fails Verhoeff"),
    ("241551005", "fails Verhoeff"),
    ("241557009", "fails Verhoeff"),
    ("30367100", "fails Verhoeff"),
    ("243898001", "anatomical reference plane, seen labelled as lumbosacral spine"),
    ("33274003", "seen in one list only"),
    ("35136003", "retropulsion, not shown to be of bone"),
    ("429011007", "family history"),
)
TRAPS = (
    *(f"RID{number}" for number in (10604, 5734, 49884, 35027, 35228, 35175, 35679, 3838, 43320, 6149, 6349, 5383)),
    *(f"RID{number}" for number in (*range(35256, 35261), 35559, 35063, 35064, *range(35610, 35616), *range(11374, 11378))),
)
"""RadLex labels that look right. Source: terminology/README, "Traps"."""


def rows(folder: str, table: str) -> list[dict[str, str]]:
    with (MAPPINGS / folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def shipped(*, affiliate: bool) -> Mappings:
    return load(MAPPINGS, snomed_affiliate=affiliate)


def coding_rows(*, affiliate: bool) -> list[dict[str, str]]:
    return rows("base", "codings") + (rows("snomed-affiliate", "codings") if affiliate else [])


def system_of(row: dict[str, str]) -> str:
    return codes.WORDS.get(row["system"], row["system"])


def meanings(concept: Concept) -> set[Meaning]:
    answers = (meaning for found in concept.answers.values() for meaning in found)
    return {*concept.questions, *concept.assertions, *concept.history, *concept.exams, *concept.sites, *answers}


@pytest.mark.parametrize("affiliate", [False, True])
def test_every_coding_is_loaded_with_its_meaning(affiliate: bool) -> None:
    lookup = shipped(affiliate=affiliate).lookup
    for row in coding_rows(affiliate=affiliate):
        concept = lookup.concepts[system_of(row), row["code"]]
        assert codes.term(row["display"]) in concept.terms
        if row["role"] == "presence":
            assert concept.presence == row["polarity"]
        else:
            found = {(each.finding, each.value or "", each.role.value, each.match.name.lower()) for each in meanings(concept)}
            answered_by_answers = row["role"] != "answer" and any(
                each.role.value == "answer" for each in concept.answers.get(row["finding"], ())
            )
            assert (row["finding"], row["value"], row["role"], row["match"]) in found or answered_by_answers


@pytest.mark.parametrize("affiliate", [False, True])
def test_every_condition_reaches_its_meaning(affiliate: bool) -> None:
    lookup = shipped(affiliate=affiliate).lookup
    conditional = rows("base", "conditional") + (rows("snomed-affiliate", "conditional") if affiliate else [])
    for row in conditional:
        concept = lookup.concepts[system_of(row), row["code"]]
        if row["role"] != "presence":
            found = {(each.finding, each.value or "", each.role.value): each for each in meanings(concept)}
            meaning = found[row["finding"], row["value"], row["role"]]
            assert (meaning.condition.value, meaning.why) == (row["condition"], row["why"])


def test_every_finding_value_outcome_and_derivation_is_there() -> None:
    loaded = shipped(affiliate=False)
    findings = rows("base", "findings")
    assert len(loaded.vocabulary) == sum(not row["value"] for row in findings)
    assert sum(len(each.values) for each in loaded.vocabulary.values()) == sum(bool(row["value"]) for row in findings)
    assert len(loaded.outcomes) == len(rows("base", "outcomes"))
    assert [row["id"] for row in rows("base", "derivations")] == [f"D{number:02}" for number in range(1, DERIVATIONS + 1)]


@pytest.mark.parametrize("affiliate", [False, True])
def test_every_excluded_code_is_refused_with_its_reason(affiliate: bool) -> None:
    lookup = shipped(affiliate=affiliate).lookup
    mapped = {(system_of(row), row["code"]) for row in coding_rows(affiliate=affiliate)}
    for row in rows("base", "excluded"):
        code = (system_of(row), row["code"])
        assert row["reason"] in {each.why for each in lookup.concepts[code].barred}
        if code not in mapped:
            (refusal,) = lookup.unused((Coding(*code),))
            assert refusal.reason == "excluded"


@pytest.mark.parametrize("affiliate", [False, True])
@pytest.mark.parametrize(("code", "why"), NEVER_MAPPED)
def test_wrong_codes_of_the_world_never_map(code: str, why: str, affiliate: bool) -> None:
    concept = shipped(affiliate=affiliate).lookup.concepts.get((codes.SNOMED, code))
    assert concept is None, why


@pytest.mark.parametrize("trap", TRAPS)
def test_labels_that_look_right_never_map(trap: str) -> None:
    concept = shipped(affiliate=True).lookup.concepts.get((codes.RADLEX, trap))
    assert concept is None or not concept.keys


@pytest.mark.parametrize("element", ["RDES89", "RDE2004", "RDE1003", "RDES150"])
def test_ambiguous_elements_never_map(element: str) -> None:
    concept = shipped(affiliate=True).lookup.concepts.get((codes.RADELEMENT, element))
    assert concept is None or not concept.keys


def test_affiliate_codes_stand_in_their_own_folder_only() -> None:
    assert {row["licence"] for row in rows("snomed-affiliate", "codings")} == {"snomed-affiliate"}
    assert "snomed-affiliate" not in {row["licence"] for row in rows("base", "codings")}
    affiliate = {(row["system"], row["code"]) for row in rows("snomed-affiliate", "codings")}
    assert {(row["system"], row["code"]) for row in rows("snomed-affiliate", "conditional")} <= affiliate
    assert not affiliate & {(row["system"], row["code"]) for row in rows("base", "codings")}


@pytest.mark.parametrize("affiliate", [False, True])
def test_every_code_to_emit_is_exact_and_the_only_one(affiliate: bool) -> None:
    emitted = [row for row in coding_rows(affiliate=affiliate) if row["emit"] == "yes"]
    assert {row["match"] for row in emitted} == {"exact"}
    assert not [row["code"] for row in emitted if row["code"].startswith("RPID")]
    uses = Counter((row["system"], row["role"], row["finding"], row["value"], row["polarity"]) for row in emitted)
    assert set(uses.values()) == {1}
    assert all(codes.has_check_digit(system_of(row), row["code"]) for row in emitted)


def test_every_level_has_a_radlex_or_snomed_vertebra_to_emit() -> None:
    sites = shipped(affiliate=False).site_codings
    without = {level for level in (*TABLE_LEVELS, *UNTABLED_LEVELS) if ("vertebral-level", level) not in sites}
    assert without == {"C0", "T13", "L6"}


def test_every_finding_has_a_question_of_ours_and_every_value_an_answer() -> None:
    loaded = shipped(affiliate=False)
    concepts = loaded.lookup.concepts
    for key, definition in loaded.vocabulary.items():
        assert [question.finding for question in concepts[codes.LOCAL, key].questions] == [key]
        for value in definition.values:
            assert value in {answer.value for answer in concepts[codes.LOCAL, value].answers[key]}


def test_no_finding_key_is_a_value_key() -> None:
    vocabulary = shipped(affiliate=False).vocabulary
    assert not set(vocabulary) & {value for definition in vocabulary.values() for value in definition.values}


def test_the_least_specific_values_are_those_of_d92() -> None:
    (rule,) = [row["rule"] for row in rows("base", "derivations") if row["id"] == "D92"]
    written = dict(re.findall(r"([a-z-]+) ([a-z-]+)(?=;)", rule))
    assert dict(LEAST_SPECIFIC) == {finding: value for finding, value in written.items() if finding != "other"}


def test_every_radelement_value_has_its_twin_and_needs_its_display() -> None:
    lookup = build(read(MAPPINGS, snomed_affiliate=False))
    values = {code: concept for (system, code), concept in lookup.concepts.items() if system == codes.RADELEMENT and "." in code}
    twins = {code for system, code in lookup.concepts if system == codes.OIFM and re.fullmatch(r"OIFMA_CDE_\d{6}\.\d+", code)}
    assert {f"OIFMA_CDE_{int(code[3:].split('.')[0]):06}.{code.split('.')[1]}" for code in values} == twins
    assert all(concept.needs_display for concept in values.values())


def test_external_codes_of_outcomes_are_known_codings() -> None:
    loaded = shipped(affiliate=True)
    for outcome in loaded.outcomes:
        for system, code, _ in outcome.codings[1:]:
            assert loaded.lookup.concepts[system, code].keys
