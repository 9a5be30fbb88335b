"""Halo sign and bull's-eye sign.

Source: evidence table shah-marrow-signs; clinical rules 5. The printed figures are those of the pelvis: context, never a ratio.
"""

from collections.abc import Mapping
from typing import Final

from service.instrument import is_stated, says_something
from service.instruments.lesion_nature.part import Part, reason
from service.instruments.lesion_nature.scale import PELVIS, SIGNS, Scale
from service.model.case import Case
from service.model.finding import State

HALO: Final = "halo-sign"
BULLS_EYE: Final = "bulls-eye-sign"
DIFFUSE: Final = "diffuse-t2-hyperintensity"
READS: Final = (HALO, BULLS_EYE, DIFFUSE)

_VERDICTS: Final[Mapping[str, str]] = {HALO: "halo-supports-metastasis", BULLS_EYE: "bulls-eye-favours-normal-marrow"}
_DIRECTIONS: Final[Mapping[str, str]] = {HALO: "metastasis", BULLS_EYE: "normal marrow"}


def marrow_signs(case: Case, _: Scale) -> Part | None:
    """Read both signs; a sign that is disputed gives no label of its own, and diffuse T2 hyperintensity gives none at all.

    Returns:
        None = no sign is stated.
    """
    spoken = [known for finding in READS if says_something(known := case.known(finding))]
    if not spoken:
        return None
    seen = [known for known in spoken if known.finding in _VERDICTS and is_stated(known)]
    is_sure = any(known.state is State.PRESENT for known in seen)
    flags = (("evidence-from-pelvis", bool(seen)), ("halo-bulls-eye-conflict", len(seen) > 1))
    return Part(
        tables=(SIGNS, PELVIS),
        reasons=tuple(
            reason(known, f"{SIGNS}: {known.finding}", _DIRECTIONS.get(known.finding) if known.state is State.PRESENT else None)
            for known in spoken
        ),
        verdicts=tuple(_VERDICTS[known.finding] for known in seen) if is_sure else (),
        flags=tuple(flag for flag, holds in flags if holds),
    )
