"""The published thresholds and patterns in the form in which the questions read them, made once.

Source: evidence tables named below.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.evidence.tables import Cell, Row, Tables, whole, word
from service.instrument import made_once
from service.instruments.lesion_nature import caveats
from service.model.outcome import Citation

ATTENUATION: Final = "montoya-attenuation"
CUT_OFFS: Final = "ulano-2016"
NOT_BEYOND: Final = "azar-2021"
OPPOSED: Final = "montoya-opposed-phase"
LOOK: Final = "montoya-table-1"
T1: Final = "shah-t1-reference"
SIGNS: Final = "shah-marrow-signs"
PELVIS: Final = "schweitzer-1993"
PATTERN: Final = "montoya-signal-pattern"
DARK_PATTERN: Final = "shah-signal-pattern"
T2: Final = "an-table-3"
FAT_SAT: Final = "shah-fat-suppression"

SOURCES: Final = (PATTERN, DARK_PATTERN, T2, ATTENUATION, OPPOSED, LOOK, T1, SIGNS, FAT_SAT, CUT_OFFS, NOT_BEYOND, PELVIS)
"""Every table, those of the supplied papers first."""

MUSCLE: Final = "muscle"
DISC: Final = "disc"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scale:
    """What the tables print.

    Attributes:
        mean_hu: mean CT attenuation below which an untreated sclerotic lesion favours metastasis.
        high_hu: maximum (of a mean alone: mean) from which it favours enostosis.
        loss_percent: opposed-phase signal loss that parts malignant and benign.
        preferred: the more accurate T1 reference tissue by field strength in tesla.
        fat_sat: by word of the fat-suppressed T1 signal, the group that it speaks for.
        citations: by table.
        caveats: by table, sentences that stand with what rests on it.
    """

    mean_hu: Decimal
    high_hu: Decimal
    loss_percent: Decimal
    preferred: Mapping[Decimal, str]
    fat_sat: Mapping[str, str]
    citations: Mapping[str, Citation]
    caveats: Mapping[str, tuple[str, ...]]


@made_once
def scale_of(tables: Tables) -> Scale:
    """Return the thresholds and patterns of the evidence tables.

    Raises:
        BrokenReleaseError: a table lacks a cell or row that is needed.
    """
    attenuation = tables[ATTENUATION]
    return Scale(
        mean_hu=Decimal(whole(attenuation.row("metastasis"), "hounsfield")),
        high_hu=Decimal(whole(attenuation.row("enostosis"), "hounsfield")),
        loss_percent=Decimal(whole(tables[OPPOSED].row("malignant"), "loss_percent")),
        preferred={_tesla(field): _most_accurate(rows) for field, rows in tables[T1].groups.items()},
        fat_sat={signal: word(row, "group") for row in tables[FAT_SAT].rows for signal in word(row, "signals").split()},
        citations={name: tables[name].citation for name in SOURCES},
        caveats={
            PATTERN: tuple(caveats.of_pattern(tables[PATTERN], tables[DARK_PATTERN])),
            T2: tuple(caveats.of_t2(tables[T2])),
            ATTENUATION: tuple(caveats.of_attenuation(tables[ATTENUATION], tables[CUT_OFFS], tables[NOT_BEYOND])),
            OPPOSED: tuple(caveats.of_opposed_phase(tables[OPPOSED])),
            T1: tuple(caveats.of_t1(tables[T1])),
            SIGNS: tuple(caveats.of_signs(tables[SIGNS], tables[PELVIS])),
            FAT_SAT: tuple(caveats.of_fat_suppression(tables[FAT_SAT])),
        },
    )


def _tesla(field: Cell) -> Decimal:
    return Decimal(str(field))


def _most_accurate(rows: tuple[Row, ...]) -> str:
    return word(max(rows, key=lambda row: whole(row, "accuracy_percent")), "reference")
