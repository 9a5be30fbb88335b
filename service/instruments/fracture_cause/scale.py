"""The signs of both causes in the form in which the tally reads them, made once.

Source: evidence tables montoya-table-1, shah-fracture and montoya-opposed-phase.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.evidence.tables import Row, Tables, whole, word
from service.instrument import made_once
from service.model.outcome import Citation

TABLE: Final = "montoya-table-1"
TEXT: Final = "shah-fracture"
OPPOSED: Final = "montoya-opposed-phase"

METASTATIC: Final = "metastatic"
OSTEOPOROTIC: Final = "osteoporotic"
_SIDES: Final = (OSTEOPOROTIC, METASTATIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one answer to one finding speaks for.

    Attributes:
        side: `metastatic` or `osteoporotic`.
        absence: True = the answer is the absence of a sign; it counts only beside positive concepts.
        reliable: True = one of the most reliable signs of a metastatic fracture.
    """

    side: str
    absence: bool
    reliable: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Concept:
    """One thing that CT, MRI or both may show.

    Attributes:
        name: as in the tables (`posterior-wall`).
        signs: by finding and answer (`absent` for a denial).
        evidence: table and cell by finding, for every finding that speaks of it, in the order of the tables.
    """

    name: str
    signs: Mapping[tuple[str, str], Sign]
    evidence: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """Both tables.

    Attributes:
        concepts: in the order of the tables.
        loss_edge: signal loss in per cent that parts the two opposed-phase looks.
        citations: where the signs are printed.
        loss: where that edge is printed.
        caveats: sentences that stand with every tally.
    """

    concepts: tuple[Concept, ...]
    loss_edge: Decimal
    citations: tuple[Citation, ...]
    loss: Citation
    caveats: tuple[str, ...]


@made_once
def scale_of(tables: Tables) -> Scale:
    """Return the concepts that the evidence tables print.

    Raises:
        BrokenReleaseError: a table lacks a cell or row that is needed.
    """
    told = (*_of_table(tables[TABLE].rows), *_of_text(tables))
    reliable = {answer for row in tables[TEXT].groups["reliable"] for answer in _answers(word(row, "signs"))}
    names = dict.fromkeys(name for name, *_ in told)
    return Scale(
        concepts=tuple(_concept(name, told, reliable) for name in names),
        loss_edge=Decimal(whole(tables[OPPOSED].row("malignant"), "loss_percent")),
        citations=(tables[TABLE].citation, tables[TEXT].citation),
        loss=tables[OPPOSED].citation,
        caveats=tuple(_caveats(tables, len(names))),
    )


_Told = tuple[str, str, tuple[str, str], bool, str]
"""Concept, side, (finding, answer), whether it is an absence, evidence."""


def _of_table(rows: Iterable[Row]) -> Iterator[_Told]:
    """Yield every sign of Table 1."""
    for row in rows:
        concept = word(row, "concept")
        for side in _SIDES:
            for answer in _answers(word(row, f"{side}-signs")):
                yield concept, side, answer, _is_absence(row, side), f"{TABLE}: {concept}"


def _of_text(tables: Tables) -> Iterator[_Told]:
    """Yield every sign of the text; the reliable ones are metastatic."""
    for part, side in ((OSTEOPOROTIC, OSTEOPOROTIC), (METASTATIC, METASTATIC), ("reliable", METASTATIC)):
        for row in tables[TEXT].groups[part]:
            for answer in _answers(word(row, "signs")):
                yield word(row, "concept"), side, answer, False, f"{TEXT}: {word(row, 'name')}"


def _is_absence(row: Row, side: str) -> bool:
    return row.get("absence") == side


def _answers(signs: str) -> tuple[tuple[str, str], ...]:
    """Read `finding=answer finding=answer`."""
    pairs = (sign.partition("=") for sign in signs.split())
    return tuple((finding, answer) for finding, _, answer in pairs)


def _concept(name: str, told: Iterable[_Told], reliable: set[tuple[str, str]]) -> Concept:
    """Gather the signs of one concept; where both papers print a sign, the table is its evidence."""
    signs: dict[tuple[str, str], Sign] = {}
    evidence: dict[str, str] = {}
    for _, side, answer, absence, cell in (each for each in told if each[0] == name):
        signs.setdefault(answer, Sign(side=side, absence=absence, reliable=answer in reliable))
        evidence.setdefault(answer[0], cell)
    return Concept(name=name, signs=signs, evidence=evidence)


def _caveats(tables: Tables, concepts: int) -> Iterator[str]:
    """Yield the sentences that must stand with every tally."""
    text = tables[TEXT]
    printed_at = f"{text.citation.paper}, {text.citation.locator}"
    fluid, morphology = (whole(text.row("figure", name), "percent") for name in ("fluid-sign", "morphology"))
    yield (
        f"Unweighted tally of {concepts} concepts, not validated: the papers give neither weights nor a cut-off nor a number of "
        "patients; the rule that turns the tally into a word is this service's."
    )
    yield "CT and MRI count once for one concept; where its signs disagree it counts for neither side."
    yield (
        "Benign acute oedema is dark on T1, bright on T2 and may enhance, so that the T1 pattern alone is weak; qualitative "
        f"diffusion is disputed ({printed_at})."
    )
    yield (f"Printed: fluid sign in up to {fluid} % of benign fractures; morphology right in up to {morphology} % ({printed_at}).")
