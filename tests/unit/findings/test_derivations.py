"""One case for each derivation id, and what contradicts it."""

import csv
import importlib
import re
from pathlib import Path
from typing import Final

import pytest

from service.findings.derive.rule import Rule
from service.findings.derive.table import BEFORE_MERGING, NOTHING_FOLLOWS, OTHER_STAGES, RULES
from tests.unit.findings import cases_of_bone_and_canal, cases_of_signal_and_patient
from tests.unit.findings.following import Told, known
from tests.unit.findings.statements import built, word

_TESTS: Final = Path(__file__).parents[2]
_TABLE: Final = _TESTS.parent / "mappings" / "base" / "derivations.csv"
_CASES: Final = (*cases_of_bone_and_canal.CASES, *cases_of_signal_and_patient.CASES)


@pytest.mark.parametrize(("told", "follows"), [case[1:] for case in _CASES], ids=[case[0] for case in _CASES])
def test_what_follows(told: Told, follows: dict[str, object]) -> None:
    case = built(*told).case
    assert {finding: word(known(case, finding)) for finding in follows} == follows


def test_every_derivation_has_one_place_and_a_case() -> None:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        published = [row["id"] for row in csv.DictReader(file)]
    placed = [*(rule.id for rule in RULES), *BEFORE_MERGING, *OTHER_STAGES, *NOTHING_FOLLOWS]
    assert sorted(placed) == sorted(published) == [f"D{number:02}" for number in range(1, 97)]
    assert set(placed) == {rule for rule, _, _ in _CASES} | named_elsewhere()


def named_elsewhere() -> set[str]:
    """Return the derivations that a test bears in its name, or a written case in its source."""
    tests = "".join(file.read_text(encoding="utf-8") for file in (_TESTS / "unit").rglob("test_*.py"))
    cases = "".join(file.read_text(encoding="utf-8") for file in (_TESTS / "cases").glob("*.toml"))
    sources = "".join(re.findall(r"^source = .*derivation.*$", cases, re.MULTILINE | re.IGNORECASE))
    return {each.upper() for each in re.findall(r"def test_(d\d\d)_", tests)} | set(re.findall(r"D\d\d", sources))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_function_of_a_rule_bears_its_id(rule: Rule) -> None:
    assert rule.derive.__qualname__.startswith(f"{rule.id.lower()}_")


@pytest.mark.parametrize(("rule", "where"), [*BEFORE_MERGING.items(), *OTHER_STAGES.items()])
def test_the_other_functions_are_where_the_table_says(rule: str, where: str) -> None:
    module, _, name = where.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert rule in OTHER_STAGES or name.startswith(f"{rule.lower()}_")
