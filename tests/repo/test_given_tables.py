"""The shipped tables are the verified vocabulary, row by row; what was corrected in them stands here with its reason.

The vocabulary was verified once, against the lists named in each row's source. A table may be split over folders (licensed rows
apart) and may gain or correct rows, but only with a line below: a row that changes by accident changes the digest.
"""

import csv
import hashlib
import json
from pathlib import Path

import pytest

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
Cells = tuple[str, ...]

VERIFIED = {
    "findings": "640ca26ee5f0603fe9722e78495d79daca746aa692ed2e8c4672d0f379500a32",
    "codings": "96acd6c9d199cfd50c2a430a48ca7adf0f984e450663aaee29406f97e86d4e9b",
    "conditional": "0fdedaa577fd6b6d167323bf384d9b1253320ead6f7e3ff431fe6b5278f8cb20",
    "derivations": "e20dc6aa116cca232294300d90b38c9da536e95bd4d11a97b0fe0e5e56dc560b",
    "outcomes": "c98ea989d0eb7159b5d6d7b45d595b9eec469bf51c864d9a1c83d00e86983993",
    "excluded": "f8cee69ae58144f64d2f61101b6c61019e15269ba1870e293e3ae4729eed018a",
}
"""SHA-256 of each verified table: its rows without the header, sorted, as JSON."""

CORRECTIONS: tuple[tuple[str, Cells | None, Cells, str], ...] = (
    (
        "outcomes",
        None,
        (
            "any",
            "from-other-report",
            "",
            "From another report",
            "flag",
            "an input stands in another report or clinical record of the patient",
            "LOCAL",
            "RULES 0",
        ),
        "rules section 0 asks for this flag, and the verified table had no code for it",
    ),
    (
        "outcomes",
        None,
        (
            "any",
            "preliminary-input",
            "",
            "Preliminary input",
            "flag",
            "an input is stated by an observation or report that is still preliminary",
            "LOCAL",
            "terminology README",
        ),
        "presence rule 1 asks for this flag, and the verified table had no code for it",
    ),
    (
        "outcomes",
        (
            "escc",
            "csf-effaced-without-compression",
            "",
            "CSF effaced, compression denied",
            "flag",
            "CSF stated as effaced while compression is denied or unknown",
            "LOCAL",
            "RULES 3",
        ),
        (
            "escc",
            "csf-effaced-without-compression",
            "",
            "CSF effaced, compression denied or not stated",
            "flag",
            "CSF stated as effaced while compression is denied or unknown",
            "LOCAL",
            "RULES 3",
        ),
        "the flag is raised where compression is unknown too: the display must not say that it was denied",
    ),
)
"""Table, the verified row (None = it had none), the row as shipped, and why."""


def shipped(table: str) -> list[Cells]:
    rows: list[Cells] = []
    for file in sorted(MAPPINGS.glob(f"*/{table}.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows += [tuple(row) for row in csv.reader(lines)][1:]
    return rows


def digest(rows: list[Cells]) -> str:
    return hashlib.sha256(json.dumps(sorted(rows), ensure_ascii=False).encode()).hexdigest()


@pytest.mark.parametrize("table", VERIFIED)
def test_a_table_is_the_verified_one_but_for_the_corrections(table: str) -> None:
    rows = shipped(table)
    for _, verified, corrected, _ in [each for each in CORRECTIONS if each[0] == table]:
        rows.remove(corrected)
        rows += [verified] if verified is not None else []
    assert digest(rows) == VERIFIED[table]


def test_every_correction_has_its_reason() -> None:
    assert {table for table, *_ in CORRECTIONS} <= VERIFIED.keys()
    assert all(why for *_, why in CORRECTIONS)
