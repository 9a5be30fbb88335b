"""An evidence table is read as printed, or stops the start with its name."""

from pathlib import Path

import pytest

from service.errors import BrokenReleaseError
from service.evidence.load import load, parse
from service.evidence.tables import Cell, number, whole, word

GOOD = """
title = "A table"
key = ["component", "value"]

[citation]
paper = "Somebody 2020"
locator = "Table 1"

[[row]]
component = "pain"
value = "yes"
points = 3
share = 0.5
ours = true

[[row]]
component = "pain"
value = "no"
points = 0

[[erratum]]
number = 4
where = "Table 1"
printed = "2"
used = "3"
why = "the rows add up to 3"
"""


def test_rows_are_found_by_their_key_and_by_their_group() -> None:
    table = parse("a-table", GOOD)
    assert table.row("pain", "yes")["points"] == 3
    assert [row["value"] for row in table.groups["pain"]] == ["yes", "no"]
    assert len(table.rows) == 2
    assert (table.name, table.title, table.citation.paper, table.citation.locator) == (
        "a-table",
        "A table",
        "Somebody 2020",
        "Table 1",
    )
    assert not table.ext


def test_an_erratum_keeps_what_is_printed_beside_what_is_used() -> None:
    (erratum,) = parse("a-table", GOOD).errata
    assert (erratum.number, erratum.printed, erratum.used) == (4, "2", "3")


REPLACED = 'row = ["pain", "no"]\ncells = { points = 1 }\n'


def test_an_erratum_may_replace_a_cell_and_leaves_the_printed_one_to_be_read() -> None:
    table = parse("a-table", GOOD + REPLACED)
    assert table.row("pain", "no")["points"] == 0
    assert table.used("pain", "no")["points"] == 1
    assert table.used("pain", "yes") == table.row("pain", "yes")


def test_a_row_that_is_not_there_cannot_be_used() -> None:
    with pytest.raises(BrokenReleaseError, match="lacks the row pain maybe"):
        parse("a-table", GOOD).used("pain", "maybe")


def test_an_erratum_may_stand_outside_the_numbered_list() -> None:
    assert parse("a-table", GOOD.replace("number = 4\n", "")).errata[0].number is None


def test_a_table_beyond_the_papers_is_marked() -> None:
    assert parse("a-table", "ext = true\n" + GOOD).ext


def test_a_row_cannot_be_changed() -> None:
    row = parse("a-table", GOOD).row("pain", "yes")
    with pytest.raises(TypeError):
        row["points"] = 4  # type: ignore[index]  # that it is refused is the point


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title = ", "is not TOML"),
        (GOOD.replace('title = "A table"', 'name = "A table"'), "is not part of a table"),
        (GOOD.replace('title = "A table"', 'title = ""'), "lacks the text title"),
        (GOOD.replace('paper = "Somebody 2020"', "paper = 2020"), "lacks the text paper"),
        ('ext = "yes"\n' + GOOD, "marks ext with something else"),
        (GOOD.replace('key = ["component", "value"]', ""), "names no key column"),
        (GOOD.replace('value = "no"', 'value = "yes"'), "prints the row pain yes twice"),
        (GOOD.replace('value = "no"\n', ""), "has a row without its key"),
        (GOOD.replace("points = 0", "points = [0]"), "has a cell that is neither"),
        (GOOD.replace("number = 4", 'number = "4"'), "whose number is not whole"),
        (GOOD.replace("number = 4", "number = true"), "whose number is not whole"),
        (GOOD.replace('used = "3"', 'uses = "3"'), "has an erratum with an unknown element"),
        (GOOD.replace('why = "the rows add up to 3"', 'why = ""'), "lacks the text why"),
        (GOOD + REPLACED.replace('"no"', '"maybe"'), "replaces a cell which is not printed"),
        (GOOD + REPLACED.replace("points", "point"), "replaces a cell which is not printed"),
        (GOOD + REPLACED.replace("= 1", '= "1"'), "replaces a cell which is not printed"),
        (GOOD + 'row = ["pain", "no"]\n', "replaces a cell which is not printed"),
        (GOOD + "cells = { points = 1 }\n", "replaces a cell which is not printed"),
        ('title = "A table"\nkey = ["a"]\n[citation]\npaper = "S"\nlocator = "T"\n', "has no row"),
    ],
)
def test_a_table_that_breaks_its_shape_stops_the_start(text: str, reason: str) -> None:
    with pytest.raises(BrokenReleaseError, match=reason) as caught:
        parse("a-table", text)
    assert "a-table" in caught.value.text


def test_a_row_that_is_not_there_is_a_broken_release() -> None:
    with pytest.raises(BrokenReleaseError, match="lacks the row pain perhaps"):
        parse("a-table", GOOD).row("pain", "perhaps")


def test_a_cell_of_the_wrong_kind_is_a_broken_release() -> None:
    row = parse("a-table", GOOD).row("pain", "yes")
    assert whole(row, "points") == 3
    assert word(row, "value") == "yes"
    for column in ("share", "ours", "value", "nothing"):
        with pytest.raises(BrokenReleaseError, match="lacks a whole number"):
            whole(row, column)
    for column in ("points", "nothing"):
        with pytest.raises(BrokenReleaseError, match="lacks text"):
            word(row, column)


def test_a_package_without_tables_is_a_broken_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    with pytest.raises(BrokenReleaseError, match="holds no evidence table"):
        load()
    (tmp_path / "a-table.toml").write_text(GOOD, "utf-8")
    assert list(load()) == ["a-table"]


@pytest.mark.parametrize("cell", [None, True, "0.5"])
def test_a_number_that_is_none_is_a_broken_release(cell: Cell | None) -> None:
    with pytest.raises(BrokenReleaseError, match="lacks a number in column kappa"):
        number({} if cell is None else {"kappa": cell}, "kappa")


def test_a_number_may_be_whole() -> None:
    assert number({"kappa": 1}, "kappa") == 1.0
