"""What is implemented, printed by the command line from the data that runs."""

import pytest

from service.__main__ import main
from service.assessment.catalogue import versions
from service.cli.explained import EVERY
from service.evidence.load import load


def output(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_every_instrument_and_pointer_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "list"]) == 0
    lines = output(capsys).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == [f"`{key}`" for key in versions()]


def test_an_instrument_is_explained_with_its_findings_answers_and_caveats(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "explain", "sins"]) == 0
    said = output(capsys)
    assert "| `spinal-pain` | lesion | mechanical, occasional-non-mechanical, none |" in said
    assert "| `unstable` | sins | Unstable (SINS 13-18) | total 13-18 |" in said
    assert "- One score for each lesion: points are never added over lesions." in said
    assert "`montoya-table-3`" in said


def test_a_pointer_is_explained_with_what_it_follows_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "explain", "management"]) == 0
    said = output(capsys)
    assert "one outcome for each lesion. It follows from the outcomes of sins, escc, mimics, fracture-cause, iesl." in said
    assert "`montoya-management`" in said


def test_the_whole_page_holds_every_instrument_and_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["instruments", "document"]) == 0
    said = output(capsys)
    assert all(f"\n## {each.title}\n" in said for each in EVERY)
    assert all(f"\n### `{name}`\n" in said for name in load())


def test_a_table_is_shown_as_printed_with_its_errata(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "show", "montoya-escc"]) == 0
    said = output(capsys)
    assert "| 1a | low-grade | epidural impingement, thecal sac not deformed | yes | no | no | no |" in said
    assert "printed low grade (0, 1a, 1b, 1c); used low grade" in said


def test_tables_are_listed_and_context_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "list"]) == 0
    lines = output(capsys).splitlines()
    assert [line for line in lines if "fourney-2011" in line and "context only, decides nothing" in line]
    assert len(lines) == len(load()) + 2


@pytest.mark.parametrize("words", [["instruments", "explain"], ["instruments", "explain", "sinz"], ["evidence", "show", "none"]])
def test_an_unknown_name_is_answered_with_the_known_ones(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "name one of" in capsys.readouterr().err
