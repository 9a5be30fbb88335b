"""The ESCC tables in the form in which the rule reads them, made once.

Source: evidence tables montoya-escc, bilsky-2010, hallinan-2022.
"""

from dataclasses import dataclass
from typing import Final

from service.evidence.tables import Row, Tables, word
from service.instrument import made_once
from service.model.outcome import Citation

TABLE: Final = "montoya-escc"
TESTED: Final = "bilsky-2010"
CONVENTION: Final = "hallinan-2022"

COMPRESSION: Final = "cord-compression"
CSF: Final = "csf-visible"
SIGNS: Final = ("epidural-involvement", "thecal-sac-deformation", "cord-abutment", COMPRESSION, CSF)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """The scale.

    Attributes:
        rows: the grades, least severe first.
        bands: low before high.
        citations: where the scale, its test and the other convention are printed.
        caveats: sentences that stand with every grade.
    """

    rows: tuple[Row, ...]
    bands: tuple[str, ...]
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@made_once
def scale_of(tables: Tables) -> Scale:
    """Return the scale that the evidence tables print.

    Raises:
        BrokenReleaseError: a table lacks a cell or row that is needed.
    """
    table = tables[TABLE]
    return Scale(
        rows=table.rows,
        bands=tuple(dict.fromkeys(word(row, "band") for row in table.rows)),
        citations=(table.citation, tables[TESTED].citation, tables[CONVENTION].citation),
        caveats=_caveats(tables),
    )


def _caveats(tables: Tables) -> tuple[str, ...]:
    """Return the sentences that must stand with every grade."""
    study, other = tables[TESTED].row("reliability"), tables[CONVENTION].row("1c")
    return (
        "Sets of grades for what is not stated, and the rule for when the scale applies, are this service's, not the paper's.",
        *(row.sentence for row in tables[TABLE].errata),
        f"ext: part of the literature counts 1c as {other['band']} ({tables[CONVENTION].citation.paper}).",
        f"ext: tested on {study['regions']} tumours ({study['images']} MRI examinations, {study['surgeons']} surgeons).",
        f"ext: agreement {study['agreement']} on {study['sequence']} ({tables[TESTED].citation.paper}).",
    )


def is_abutment(row: Row) -> bool:
    """Tell whether the grade is the one with an abutted, not compressed cord (1c)."""
    return row["cord-abutment"] is True and row[COMPRESSION] is False
