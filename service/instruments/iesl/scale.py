"""The counts of the comparison as likelihood ratios, made once.

Source: evidence tables wu-table-2, wu-table-1, wu-cohort; clinical rules 1. Pooling and call rule are ours, not the paper's.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.evidence.tables import Row, Table, Tables, whole
from service.instrument import made_once
from service.instruments.iesl.caveats import caveats_of
from service.instruments.iesl.posterior import Proportion, log_ratio_quantile
from service.model.outcome import Citation

TABLE: Final = "wu-table-2"
PATIENTS: Final = "wu-table-1"
COHORT: Final = "wu-cohort"
DENSITY_OF_PRIMARIES: Final = "shah-density"

MORPHOLOGY: Final = "morphology"
BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    MORPHOLOGY: ("lesion-shape", "lesion-margin", "target-enhancement"),
    "mass effect": (
        "expansile",
        "basivertebral-vein-obliterated",
        "pathologic-fracture",
        "epidural-soft-tissue",
        "paraspinal-soft-tissue",
    ),
    "signal and density": ("t2-vs-muscle", "bone-lesion"),
    "uptake": ("bone-scan-uptake",),
}
"""Findings that separate the same patients in the same way are averaged within a block, and the blocks are averaged."""

_COMPLEMENT: Final[Mapping[str, str]] = {"lesion-shape": "round-ovoid", "lesion-margin": "well-defined"}
"""The value that the table does not print because it is the rest of the patients; of a yes/no sign it is `absent`."""

_TAILS: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What one value of a finding says.

    Attributes:
        log: logarithm of the likelihood ratio, indolent lesion over metastasis.
        low, high: its 95 % interval.
    """

    log: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feature:
    """One weighed finding.

    Attributes:
        finding: key of the vocabulary.
        block: where it is averaged.
        share: its part of the combined log ratio: fixed, whatever else is stated.
        weights: by value, in printed order.
        cells: printed cell of each value.
        sign: the value that no indolent lesion showed, of a finding that is there or not; None = one did.
    """

    finding: str
    block: str
    share: float
    weights: Mapping[str, Weight]
    cells: Mapping[str, str]
    sign: str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """The comparison.

    Attributes:
        features: weighed findings, in the order of the blocks.
        age_below: the patients were younger than so many years.
        citations: where it is printed.
        caveats: sentences that stand with every result.
    """

    features: tuple[Feature, ...]
    age_below: Decimal
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@made_once
def scale_of(tables: Tables) -> Scale:
    """Return the ratios that follow from the printed counts.

    Raises:
        BrokenReleaseError: a table lacks a cell or row that the comparison needs.
    """
    features = tuple(_features(tables[TABLE]))
    return Scale(
        features=features,
        age_below=Decimal(whole(tables[COHORT].row("age-at-lesion"), "below_years")),
        citations=tuple(tables[name].citation for name in (TABLE, PATIENTS, COHORT)),
        caveats=caveats_of(tables, extremes=(_extreme(features, min), _extreme(features, max))),
    )


def _features(table: Table) -> Iterator[Feature]:
    for block, findings in BLOCKS.items():
        for finding in findings:
            yield _feature(table, finding, block, 1 / (len(BLOCKS) * len(findings)))


def _feature(table: Table, finding: str, block: str, share: float) -> Feature:
    printed = {str(row["value"]): table.used(finding, row["value"]) for row in table.groups[finding]}
    first, row = next(iter(printed.items()))
    is_sign = len(printed) == 1
    counted = printed | {_COMPLEMENT.get(finding, "absent"): _rest(row)} if is_sign else printed
    return Feature(
        finding=finding,
        block=block,
        share=share,
        weights={value: _weight(row, len(counted)) for value, row in counted.items()},
        cells={value: f"{TABLE}: {finding} {value if value in printed else first}" for value in counted},
        sign=first if is_sign and whole(row, "iesl") == 0 else None,
    )


def _rest(row: Row) -> Row:
    """Return the patients that a printed row leaves."""
    rest = {group: whole(row, f"{group}_of") - whole(row, group) for group in ("iesl", "sm")}
    return {**row, **rest}


def _weight(row: Row, categories: int) -> Weight:
    """Return the ratio of the proportions of both groups, with Jeffreys' half patient for each category."""
    iesl, metastasis = (Proportion.counted(whole(row, group), whole(row, f"{group}_of"), categories) for group in ("iesl", "sm"))
    low, high = (log_ratio_quantile(tail, iesl, metastasis) for tail in _TAILS)
    return Weight(log=math.log(iesl.mean / metastasis.mean), low=low, high=high)


def _extreme(features: tuple[Feature, ...], most: Callable[[list[float]], float]) -> float:
    """Return the likelihood ratio when every finding says the most that it can for one side."""
    return math.exp(sum(feature.share * most([weight.log for weight in feature.weights.values()]) for feature in features))
