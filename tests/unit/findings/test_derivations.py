"""One case for each derivation id, and what contradicts it."""

import csv
import importlib
from pathlib import Path
from typing import Final

import pytest

from service.findings.derive.rule import Rule
from service.findings.derive.table import BEFORE_MERGING, NOTHING_FOLLOWS, OTHER_STAGES, RULES
from tests.unit.findings import cases_of_bone_and_canal, cases_of_signal_and_patient
from tests.unit.findings.following import Told, known
from tests.unit.findings.statements import built, word

_TABLE: Final = Path(__file__).parents[3] / "mappings" / "base" / "derivations.csv"
_CASES: Final = (*cases_of_bone_and_canal.CASES, *cases_of_signal_and_patient.CASES)


@pytest.mark.parametrize(("told", "follows"), [case[1:] for case in _CASES], ids=[case[0] for case in _CASES])
def test_what_follows(told: Told, follows: dict[str, object]) -> None:
    case = built(*told).case
    assert {finding: word(known(case, finding)) for finding in follows} == follows


def test_every_derivation_has_its_place_and_a_case() -> None:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        published = [row["id"] for row in csv.DictReader(file)]
    placed = [*(rule.id for rule in RULES), *BEFORE_MERGING, *OTHER_STAGES, *NOTHING_FOLLOWS]
    assert sorted(placed) == sorted(published)
    here = {*(rule.id for rule in RULES), *BEFORE_MERGING, *NOTHING_FOLLOWS} - {"D90", "D91"}
    assert here == {rule for rule, _, _ in _CASES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_function_of_a_rule_bears_its_id(rule: Rule) -> None:
    assert rule.derive.__qualname__.startswith(f"{rule.id.lower()}_")


@pytest.mark.parametrize(("rule", "where"), BEFORE_MERGING.items())
def test_the_other_functions_are_where_the_table_says(rule: str, where: str) -> None:
    module, _, name = where.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    assert name.startswith(f"{rule.lower()}_")
