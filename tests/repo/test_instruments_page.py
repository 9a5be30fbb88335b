"""docs/instruments.md is what the commands print: a stale page fails."""

from pathlib import Path
from typing import Final

from service.cli.explained import EVERY, document
from service.evidence.load import load as load_evidence
from service.mapping.mapfile import load as load_mappings

ROOT: Final = Path(__file__).resolve().parents[2]


def test_the_page_is_the_one_of_the_data() -> None:
    made = document(load_mappings(ROOT / "mappings", snomed_affiliate=False), load_evidence())
    assert (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8") == made, "run: make docs"


def test_every_instrument_reads_and_answers_something_of_the_tables() -> None:
    mappings = load_mappings(ROOT / "mappings", snomed_affiliate=False)
    for each in EVERY:
        assert [finding for finding in each.reads if finding not in mappings.vocabulary] == []
        assert any(row.instrument == each.key and row.kind in {"verdict", "recommendation"} for row in mappings.outcomes)
