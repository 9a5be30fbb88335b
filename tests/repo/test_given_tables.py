"""The shipped tables are the verified vocabulary, row by row; what was corrected in them stands in corrections.toml.

The vocabulary was verified once, against the lists named in each row's source. A table may be split over folders (licensed rows
apart) and may gain or correct rows, but only with an entry there: a row that changes by accident changes the digest.
"""

import csv
import hashlib
import json
import tomllib
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

CORRECTIONS = tomllib.loads((Path(__file__).parent / "corrections.toml").read_text(encoding="utf-8"))["correction"]


def shipped(table: str) -> list[Cells]:
    rows: list[Cells] = []
    for file in sorted(MAPPINGS.glob(f"*/{table}.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows += [tuple(row) for row in csv.reader(lines)][1:]
    return rows


def cells(line: str) -> Cells:
    return tuple(next(csv.reader([line])))


def digest(rows: list[Cells]) -> str:
    return hashlib.sha256(json.dumps(sorted(rows), ensure_ascii=False).encode()).hexdigest()


@pytest.mark.parametrize("table", VERIFIED)
def test_a_table_is_the_verified_one_but_for_the_corrections(table: str) -> None:
    rows = shipped(table)
    for each in CORRECTIONS:
        if each["table"] == table:
            rows.remove(cells(each["shipped"]))
            rows += [cells(each["verified"])] if "verified" in each else []
    assert digest(rows) == VERIFIED[table]


def test_every_correction_is_of_a_table_and_has_its_reason() -> None:
    assert {each["table"] for each in CORRECTIONS} <= VERIFIED.keys()
    assert all(each["why"] and each["shipped"] != each.get("verified") for each in CORRECTIONS)
