"""The tables of intramedullary lesions in the form in which the rule reads them, made once.

Source: evidence tables shah-intramedullary and case-cord-astrocytoma; clinical rules 11. Which signs a label needs together, and
that a known astrocytoma of the cord excludes a metastasis there, are this service's reading of the paper.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.evidence.tables import Tables
from service.instrument import made_once
from service.model.outcome import Citation
from service.sign import ABSENT, Sign, Way, parts_of, sign_of

TABLE: Final = "shah-intramedullary"
CASE: Final = "case-cord-astrocytoma"

LESION: Final = "intramedullary-lesion"
METASTASIS: Final = "favours-intramedullary-metastasis"
DEMYELINATION: Final = "favours-demyelination"
AVM: Final = "favours-spinal-avm"
LABELS: Final = (METASTASIS, DEMYELINATION, AVM)
"""In the order of the verdicts."""

OF_THE_CORD: Final = (LESION, "cord-oedema", "cord-enlargement", "surface-flow-voids")
"""Findings of the cord; where none is stated there is nothing to say of it."""

DIAMETER: Final = "lesion-diameter"
PRIMARY: Final = "primary-cancer"
GRADE: Final = "cord-astrocytoma-grade"
MELANOMA: Final = "melanoma"
LARGE: Final = "large"
SIZE: Final = "size-does-not-exclude"
_FLAGS: Final = ("suggests-melanoma", "suggests-haemorrhage")

_DIFFERENTIAL: Final = (
    "Within the cord also: demyelination, granulomatous disease, infarct, vascular malformation or a primary tumour (astrocytoma, "
    "ependymoma, haemangioblastoma); without its context no label is given."
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Printed:
    """What the tables say.

    Attributes:
        ways: of each label, the ways to it.
        signs: of each label, the signs of its own: the lesion is common to all, what excludes is not among them.
        excluding: signs beside which a metastasis is not favoured.
        supports: signs that speak for a metastasis and are no part of the rule.
        flags: of each flag, the signs behind it.
        small_below_cm: diameter below which a metastasis typically stays.
        citations: the paper's, and that of the case beside a large lesion.
        caveats: sentences that stand with every result.
        size_caveat: the sentence that stands beside a large lesion.
    """

    ways: Mapping[str, tuple[Way, ...]]
    signs: Mapping[str, tuple[Sign, ...]]
    excluding: tuple[Sign, ...]
    supports: tuple[Sign, ...]
    flags: Mapping[str, tuple[Sign, ...]]
    small_below_cm: Decimal
    citations: tuple[Citation, Citation]
    caveats: tuple[str, ...]
    size_caveat: str


@made_once
def printed_of(tables: Tables) -> Printed:
    """Return what the evidence tables print.

    Raises:
        BrokenReleaseError: a table lacks a cell or row that is needed.
    """
    table, case = tables[TABLE], tables[CASE]
    told = {candidate: [(row, sign_of(table, row)) for row in rows] for candidate, rows in table.groups.items()}
    needed = {label: [(row, sign) for row, sign in told[label] if row["role"] == "needs"] for label in LABELS}
    lesion = Sign(finding=LESION, values=frozenset({"present"}), evidence=f"{TABLE}: {LESION}")
    bright = tuple(sign for _, sign in told["suggests-melanoma"])
    melanoma = Sign(finding=PRIMARY, values=frozenset({MELANOMA}), evidence=bright[0].evidence)
    excluding = tuple(_excluding())
    picture = Way(parts=((lesion,), *parts_of(needed[METASTASIS])), excluded_by=excluding)
    pigment = Way(parts=((lesion,), bright, (melanoma,)), excluded_by=excluding)
    size, lung = table.row(METASTASIS, "-", DIAMETER, "small"), table.row(METASTASIS, "-", PRIMARY, "lung")
    reported = case.row("case", DIAMETER, "cord tumour")
    return Printed(
        ways={
            METASTASIS: (picture, pigment),
            DEMYELINATION: (Way(parts=((lesion,), *parts_of(needed[DEMYELINATION]))),),
            AVM: (Way(parts=parts_of(needed[AVM])),),
        },
        signs={label: tuple(sign for _, sign in needed[label]) for label in LABELS},
        excluding=excluding,
        supports=tuple(sign for row, sign in told[METASTASIS] if row["role"] == "supports"),
        flags={flag: tuple(sign for _, sign in told[flag]) for flag in _FLAGS},
        small_below_cm=Decimal(str(size["below_cm"])),
        citations=(table.citation, case.citation),
        caveats=(
            _DIFFERENTIAL,
            (
                f"Of metastases within the cord {lung['share_percent_from']}-{lung['share_percent_to']} % come from lung cancer "
                f"and {lung['multifocal_percent']} % are multifocal."
            ),
        ),
        size_caveat=(
            f"A metastasis is typically below {size['below_cm']} cm, which excludes no larger one; a reported astrocytoma of the "
            f"cord had about {reported['size_cm']} cm ({case.citation.paper})."
        ),
    )


def _excluding() -> tuple[Sign, ...]:
    """Return what speaks against a metastasis: no enhancement, or a known astrocytoma of the cord; no row prints it."""
    evidence = f"{TABLE}: {METASTASIS}"
    return (
        Sign(finding="enhancement", values=frozenset({ABSENT}), evidence=evidence),
        Sign(finding=GRADE, values=frozenset({"high", "low", "grade-not-stated"}), evidence=evidence),
    )
