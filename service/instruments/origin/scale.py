"""An's counts as likelihoods of each feature under five primary cancers, made once.

Source: evidence tables an-table-1, an-table-2, an-cohort; clinical rules 7 (the settings of the model are ours, not the paper's).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from service.evidence.tables import Row, Table, Tables, whole
from service.instrument import made_once
from service.instruments.origin.caveats import caveats_of
from service.model.outcome import Citation

TABLE: Final = "an-table-1"
DENSITY_TABLE: Final = "an-table-2"
CORRELATION: Final = "an-table-3"
COHORT: Final = "an-cohort"
CUES: Final = "an-cues"

PRIMARIES: Final = ("stomach", "colorectal", "hcc", "lung", "breast")
"""In the order of the tables; values of the finding `primary-cancer`."""

FAVOURED_SHARE: Final = 0.6
FAVOURED_FACTOR: Final = 2.0
"""What a favourite needs: this share of the support, and so many times the share of the second."""

DENSITY: Final = "bone-lesion"
T1: Final = "t1-vs-muscle"
T2: Final = "t2-vs-muscle"
ENHANCEMENT: Final = "enhancement-pattern"

_DENSITIES: Final = ("blastic", "lytic", "mixed")
_NOT_SEEN: Final = "not-applicable"
"""Lesions without contrast: not assessed, never a category."""

_SIGNS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    (ENHANCEMENT, "worms-in-a-bag"): ("worms-in-a-bag-sign", "Worms-in-a-bag enhancement"),
    (ENHANCEMENT, "rim"): ("rim-enhancement-sign", "Rim enhancement with a sclerotic centre"),
    (T1, "high"): ("t1-hyperintensity-sign", "Brighter than muscle on T1"),
    (ENHANCEMENT, "none"): ("non-enhancing-sign", "No enhancement"),
}
"""Categories that were seen under one or two primaries only: flag and words."""


class Setting(IntEnum):
    """How counts become likelihoods; the first is the model, the others try how firm its leader stands.

    MODEL: one pseudo-patient for each feature, and lesions counted as patients, because lesions of one patient share features.
    HALF: one half for each category, lesions counted as patients. LESIONS: one pseudo-patient, every lesion counted.
    """

    MODEL = 0
    HALF = 1
    LESIONS = 2


Logs = tuple[float, ...]
"""Log likelihood of one category under each primary, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feature:
    """One feature of the model.

    Attributes:
        finding: key of the vocabulary.
        table: where it is printed.
        counts: lesions of each category, by primary in their order.
        assessed: lesions assessed, by primary.
        logs: by setting and category.
    """

    finding: str
    table: str
    counts: Mapping[str, tuple[int, ...]]
    assessed: tuple[int, ...]
    logs: tuple[Mapping[str, Logs], ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in printed order."""
        return tuple(self.counts)

    def likeliest(self, category: str) -> tuple[str, ...]:
        """Return the primaries under which a category is likeliest: one, or those that are equal."""
        logs = self.logs[Setting.MODEL][category]
        return tuple(primary for primary, log in zip(PRIMARIES, logs, strict=True) if math.isclose(log, max(logs)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A category that was seen under one or two primaries only.

    Attributes:
        flag: code of outcomes.csv.
        sentence: with its counts.
    """

    flag: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """The model.

    Attributes:
        features: in the order of the tables.
        signs: exclusive signs by finding and category.
        citations: where it is printed.
        caveats: sentences that stand with every result.
    """

    features: tuple[Feature, ...]
    signs: Mapping[tuple[str, str], Sign]
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@made_once
def scale_of(tables: Tables) -> Scale:
    """Return the likelihoods that follow from the printed counts.

    Raises:
        BrokenReleaseError: a table lacks a cell or row that the model needs.
    """
    cohort = tables[COHORT]
    patients = tuple(whole(cohort.row(primary), "patients") for primary in PRIMARIES)
    features = tuple(_feature(*counted, patients) for counted in _counted(tables))
    return Scale(
        features=features,
        signs={key: _sign(next(each for each in features if each.finding == key[0]), key, cohort) for key in _SIGNS},
        citations=tuple(tables[name].citation for name in (TABLE, DENSITY_TABLE, CORRELATION, COHORT)),
        caveats=caveats_of(tables, PRIMARIES, FAVOURED_SHARE, FAVOURED_FACTOR),
    )


def _counted(tables: Tables) -> Iterator[tuple[str, str, dict[str, tuple[int, ...]]]]:
    """Yield finding, table and counts of each feature."""
    table = tables[TABLE]
    for finding, rows in table.groups.items():
        categories = dict.fromkeys(str(row["value"]) for row in rows if row["value"] != _NOT_SEEN)
        yield str(finding), TABLE, {category: _row(table, str(finding), category) for category in categories}
    density = tables[DENSITY_TABLE]
    yield DENSITY, DENSITY_TABLE, {each: tuple(whole(density.used(primary), each) for primary in PRIMARIES) for each in _DENSITIES}


def _row(table: Table, finding: str, category: str) -> tuple[int, ...]:
    return tuple(whole(table.used(finding, category, primary), "count") for primary in PRIMARIES)


def _feature(finding: str, table: str, counts: dict[str, tuple[int, ...]], patients: tuple[int, ...]) -> Feature:
    assessed = tuple(sum(column) for column in zip(*counts.values(), strict=True))
    scaled = tuple(min(1.0, who / of) for who, of in zip(patients, assessed, strict=True))
    whole_lesions = (1.0,) * len(PRIMARIES)
    return Feature(
        finding=finding,
        table=table,
        counts=counts,
        assessed=assessed,
        logs=(
            _logs(counts, assessed, scaled, 1 / len(counts)),
            _logs(counts, assessed, scaled, 0.5),
            _logs(counts, assessed, whole_lesions, 1 / len(counts)),
        ),
    )


def _logs(
    counts: dict[str, tuple[int, ...]], assessed: tuple[int, ...], scales: tuple[float, ...], pseudo: float
) -> dict[str, Logs]:
    """Return the log likelihoods of each category.

    Args:
        counts: lesions by category and primary.
        assessed: lesions assessed by primary.
        scales: what one lesion of a primary counts.
        pseudo: what is added to each category, so that no primary is ever excluded.
    """
    return {
        category: tuple(
            math.log((count * scale + pseudo) / (of * scale + pseudo * len(counts)))
            for count, of, scale in zip(row, assessed, scales, strict=True)
        )
        for category, row in counts.items()
    }


def _sign(feature: Feature, key: tuple[str, str], cohort: Table) -> Sign:
    flag, words = _SIGNS[key]
    rows = tuple(zip(PRIMARIES, feature.counts[key[1]], feature.assessed, strict=True))
    seen = ", ".join(
        f"{count} of {of} lesions of {primary} ({_patients(cohort.row(primary), key[1])})" for primary, count, of in rows if count
    )
    others = sum(of for _, count, of in rows if not count)
    return Sign(flag=flag, sentence=f"{words}: seen in {seen}, in 0 of {others} other lesions.")


def _patients(row: Row, category: str) -> str:
    """Write how many patients had the sign where the paper says so, else how many were studied: `4 of 7 patients`, `3 patients`."""
    column, studied = f"with_{category.replace('-', '_')}", whole(row, "patients")
    return f"{whole(row, column)} of {studied} patients" if column in row else f"{studied} patients"
