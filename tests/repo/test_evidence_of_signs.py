"""The tables of signs: figures recomputed, words of the vocabulary, every misprint that concerns them in its place."""

import csv
from pathlib import Path
from typing import Final

import pytest

from service.evidence.load import load
from service.evidence.tables import Table, whole, word

ROOT: Final = Path(__file__).parent.parent.parent
TABLES: Final = load()
SIGN_TABLES: Final = (
    "shah-mimics",
    "montoya-differential",
    "shah-haematopoietic-marrow",
    "wu-marrow",
    "montoya-response",
    "shah-response",
    "shah-leptomeningeal",
    "shah-intramedullary",
    "case-cord-astrocytoma",
)
NO_SIGN: Final = frozenset({"primary", "test", "study", "case"})
"""Roles of rows that hold figures and no sign."""
IN_OTHER_WORDS: Final = frozenset({("lesion-diameter", "small")})
"""Signs that stand for a number of their row."""


def _rows(file: str) -> list[dict[str, str]]:
    with (ROOT / "mappings" / "base" / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


VALUES: Final = {(row["finding"], row["value"]) for row in _rows("findings.csv")}
FINDINGS: Final = {finding for finding, _ in VALUES}
CODES: Final = {row["outcome"] for row in _rows("outcomes.csv")}


@pytest.mark.parametrize("name", SIGN_TABLES)
def test_every_sign_is_an_answer_of_the_vocabulary(name: str) -> None:
    for row in TABLES[name].rows:
        finding = word(row, "finding")
        assert finding in FINDINGS
        if row.get("role") not in NO_SIGN:
            for value in word(row, "value").split():
                known = (finding, value) in VALUES or value == "absent" or (finding, value) in IN_OTHER_WORDS
                assert known, (name, finding, value)


@pytest.mark.parametrize("name", SIGN_TABLES)
def test_what_the_signs_speak_of_has_a_code(name: str) -> None:
    named = {word(row, "candidate") for row in TABLES[name].rows if "candidate" in row}
    assert named - {"regenerating-marrow"} <= CODES


@pytest.mark.parametrize("name", SIGN_TABLES)
def test_labels_are_short_words_of_ours(name: str) -> None:
    labels = [word(row, "label") for row in TABLES[name].rows if "label" in row]
    assert labels
    assert all(len(label) <= 110 and not label.endswith(".") for label in labels)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (27, "montoya-response"),
        (28, "montoya-differential"),
        (37, "case-cord-astrocytoma"),
        (38, "case-cord-astrocytoma"),
    ],
)
def test_each_misprint_of_these_papers_stands_in_the_table_it_concerns(number: int, name: str) -> None:
    assert number in [erratum.number for erratum in TABLES[name].errata]


def _test_row(table: Table, value: str) -> tuple[int, int, int]:
    row = table.row("test", "modality", value)
    return whole(row, "missed"), whole(row, "of"), whole(row, "missed_percent")


@pytest.mark.parametrize("modality", ["ct", "mri"])
def test_the_printed_shares_of_missed_disease_follow_from_their_counts(modality: str) -> None:
    missed, of, percent = _test_row(TABLES["shah-leptomeningeal"], modality)
    assert round(100 * missed / of) == percent


def test_three_punctures_find_what_three_independent_ones_would() -> None:
    table = TABLES["shah-leptomeningeal"]
    one, three = (table.row("test", "negative-lumbar-punctures", number) for number in ("1", "3"))
    low, high = (100 * (1 - (1 - whole(one, f"found_percent_{end}") / 100) ** 3) for end in ("from", "to"))
    assert (round(low, 1), round(high, 1)) == (87.5, 93.6)
    assert low <= whole(three, "found_percent_from") <= high
    assert any("87.5-93.6" in erratum.why for erratum in table.errata)


def test_the_sites_of_the_histology_are_those_printed() -> None:
    tumour, free = TABLES["shah-response"].groups["mri-overcalls-after-treatment"]
    assert whole(tumour, "sites") + whole(free, "sites") == 21
    assert tumour["abnormal"] == tumour["sites"]
