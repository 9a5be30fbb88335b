"""Vertebral levels of the SINS table, the order of levels, and the parts of a vertebra.

Source: Montoya-Bordon 2023, Table 3 (levels C0-S5); terminology/vocabulary, finding `vertebral-level`.
"""

from typing import Final

TABLE_LEVELS: Final[tuple[str, ...]] = (
    *(f"C{n}" for n in range(8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 6)),
)
"""The 30 levels from the occiput (C0) to S5 that the SINS table covers, cranial to caudal."""

UNTABLED_LEVELS: Final[tuple[str, ...]] = ("T13", "L6", "Co")
"""Levels that exist in people but in no row of the SINS table."""

VERTEBRAL_PARTS: Final = frozenset(
    {
        "vertebral-body",
        "endplate",
        "posterior-elements",
        "pedicle",
        "facet-joint",
        "lamina",
        "transverse-process",
        "spinous-process",
    }
)
"""Answers of `lesion-site` that are parts of a vertebra."""

_CRANIAL_TO_CAUDAL: Final[tuple[str, ...]] = (
    *(f"C{n}" for n in range(8)),
    *(f"T{n}" for n in range(1, 14)),
    *(f"L{n}" for n in range(1, 7)),
    *(f"S{n}" for n in range(1, 6)),
    "Co",
)
_POSITION: Final[dict[str, int]] = {level: place for place, level in enumerate(_CRANIAL_TO_CAUDAL)}


def position(level: str) -> int:
    """Return the place of a level counted from the occiput (C0 = 0).

    Raises:
        KeyError: the word is not a level of the vocabulary.
    """
    return _POSITION[level]


def is_level(word: str) -> bool:
    """Tell whether the word is a vertebral level of the vocabulary (`T12`, `S1`, `Co`)."""
    return word in _POSITION


def is_below_conus(level: str) -> bool:
    """Tell whether the level is L2 or below, where ESCC speaks of the thecal sac and not of the cord.

    Source: Bilsky 2010 tested the scale on cervical and thoracic tumours only.
    """
    return _POSITION[level] >= _POSITION["L2"]
