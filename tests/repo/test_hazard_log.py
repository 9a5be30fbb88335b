"""The safety file: every hazard has a control and a test that exists; every link is alive."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "docs" / "safety"
LOG: Final = (FOLDER / "hazard-log.md").read_text(encoding="utf-8")
FEWEST: Final = 25
_ROW: Final = re.compile(r"^\| (H\d\d) \| (.+?) \| ([1-4]) \| (.+?) \| (.+?) \|$", re.MULTILINE)
_TEST: Final = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[tuple[str, ...]]:
    """Return id, hazard, severity, control and tests of every hazard."""
    return [match.groups() for match in _ROW.finditer(LOG)]


@cache
def functions_of(file: str) -> frozenset[str]:
    """Return the names of the test functions of a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_hazards_are_numbered_without_gap_and_there_are_enough() -> None:
    numbers = [row[0] for row in rows()]
    assert numbers == [f"H{number:02}" for number in range(1, len(numbers) + 1)]
    assert len(numbers) >= FEWEST
    assert len(re.findall(r"^\| H\d\d ", LOG, re.MULTILINE)) == len(numbers), "a row that cannot be read"


def test_every_control_is_shown_by_a_test_that_exists() -> None:
    for number, _, _, control, shown in rows():
        named = _TEST.findall(shown)
        assert control.strip(), number
        assert named, number
        assert [f"{file}::{name}" for file, name in named if name not in functions_of(file)] == [], number
        assert _TEST.sub("", shown).strip(" ,") == "", number


def test_every_link_of_the_safety_file_is_alive() -> None:
    for page in FOLDER.glob("*.md"):
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == [], page.name
