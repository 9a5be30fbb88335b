"""docs/mapping-guide.md works as printed: every file, every command, every number; and the template changes nothing."""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from service.__main__ import main
from service.mapping.mapfile import load
from service.mapping.table import COLUMNS, read
from tests.integration.cli.guide import PAGE, ROOT, commands, files, without_numbers

MAPPINGS = ROOT / "mappings"
TEMPLATE = MAPPINGS / "hospitals" / "_template"
EXAMPLES = 9
"""Rows that the template shows."""
SHOWN = 4
"""Columns of `mappings try` that stay the same when a further instrument reads a finding; the page may show fewer readers."""


@pytest.fixture
def riverside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Write the files of the page into an empty folder and stand in it."""
    for name, content in files().items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLS_MAPPINGS_DIR", str(MAPPINGS))
    monkeypatch.setenv("SLS_HOSPITALS_DIR", "mappings/hospitals")
    yield tmp_path
    structlog.reset_defaults()


def columns(lines: list[str]) -> list[list[str]]:
    return [re.split(r" {2,}", line.rstrip()) for line in lines]


def readers(row: list[str]) -> set[str]:
    return set(" ".join(row[SHOWN:]).split()) - {"-"}


@pytest.mark.usefixtures("riverside")
def test_every_command_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    shown = list(commands())
    assert [words[1] for words, _ in shown] == ["coverage", "check", "try", "coverage"]
    for words, printed in shown:
        assert main(words) == 0, words
        told = without_numbers(capsys.readouterr().out)
        if words[1] == "try":
            assert [row[:SHOWN] for row in columns(told)] == [row[:SHOWN] for row in columns(printed)]
            assert all(readers(one) >= readers(other) for one, other in zip(columns(told), columns(printed), strict=True))
        else:
            assert told == printed


def test_the_page_says_how_much_published_codes_state() -> None:
    rows = [row for folder in ("base", "snomed-affiliate") for row in table(folder, "codings")]
    heads = [row for row in table("base", "findings") if not row["value"]]
    stating = [row for row in rows if row["finding"] and row["role"] != "answer" and row["system"] != "LOCAL"]
    stated = {row["finding"] for row in stating}
    without_licence = {row["finding"] for row in stating if row["licence"] != "snomed-affiliate"}
    text = PAGE.read_text(encoding="utf-8")
    assert f"state or ask {len(stated)} of the {len(heads)} findings" in text
    wanted = []
    for instrument in dict.fromkeys(each for row in heads for each in row["instruments"].split()):
        read_by = {row["finding"] for row in heads if instrument in row["instruments"].split()}
        wanted.append(f"| `{instrument}` | {len(read_by)} | {len(read_by & stated)} | {len(read_by & without_licence)} |")
    block = text.partition("<!-- coverage -->\n")[2].partition("<!-- /coverage -->")[0].splitlines()
    assert block[2:] == wanted


def table(folder: str, name: str) -> list[dict[str, str]]:
    with (MAPPINGS / folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# the template


def test_the_template_has_every_table_and_changes_nothing() -> None:
    assert {file.stem for file in TEMPLATE.glob("*.csv")} == {"codings", "conditional", "excluded", "systems"}
    assert load(MAPPINGS, snomed_affiliate=False, hospital=TEMPLATE).version == load(MAPPINGS, snomed_affiliate=False).version


def test_the_template_explains_every_column_and_its_examples_are_valid(tmp_path: Path) -> None:
    own = Path(shutil.copytree(TEMPLATE, tmp_path / "own"))
    for file in own.glob("*.csv"):
        lines = file.read_text(encoding="utf-8").splitlines()
        head = lines.index(",".join(COLUMNS[file.stem]))
        assert lines[head + 1 :], "a template shows examples"
        assert all(line.startswith("#") for line in lines[:head] + lines[head + 1 :])
        file.write_text("\n".join([lines[head], *(line[1:] for line in lines[head + 1 :])]) + "\n", encoding="utf-8")
    release = read(MAPPINGS, snomed_affiliate=False, hospital=own)
    assert sum(row.place.startswith("own/") for name in COLUMNS for row in release.table(name)) == EXAMPLES
    assert load(MAPPINGS, snomed_affiliate=False, hospital=own).version != load(MAPPINGS, snomed_affiliate=False).version
