"""README says what is so: settings and ratios are those of the code, the two commands exist, the curl example's file exists."""

import re
from pathlib import Path

from benchmarks.__main__ import ROWS
from benchmarks.runner import Row, Verdict, judge
from service import settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings_table() -> str:
    """Return the table as README must print it."""
    rows = [f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" for name, default, meaning in settings.rows()]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def test_the_settings_table_is_the_one_of_the_code() -> None:
    printed = README.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0].strip()
    assert printed == settings_table()


def test_every_make_target_that_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", README))
    assert {"demo", "test"} <= named <= targets


def test_every_file_that_readme_names_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README) + re.findall(r"@(\S+\.json)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def ratio_cells(row: Row) -> list[str]:
    """Return the cells that README must print of a row, its ratio apart."""
    return [f"`{row.name}`", row.what, row.against, "" if row.limit is None else f"{row.limit:.2f}"]


def printed_ratios() -> list[list[str]]:
    """Return the cells of every line of README's table of ratios."""
    lines = README.partition("<!-- ratios -->")[2].partition("<!-- /ratios -->")[0].strip().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]


def test_the_table_of_ratios_has_the_rows_of_the_benchmarks() -> None:
    assert [[*cells[:3], cells[4]] for cells in printed_ratios()] == [ratio_cells(row) for row in ROWS]


def test_every_ratio_that_readme_prints_keeps_its_limit() -> None:
    ratios = [float(cells[3]) for cells in printed_ratios()]
    assert all(ratio > 0 for ratio in ratios)
    assert [row.name for row, ratio in zip(ROWS, ratios, strict=True) if judge(ratio, row.limit) is Verdict.MISSED] == []
