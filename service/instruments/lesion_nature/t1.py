"""T1 signal of the lesion against muscle and disc, and with fat suppression.

Source: evidence tables shah-t1-reference and shah-fat-suppression; clinical rules 5.
"""

from collections.abc import Mapping
from typing import Final

from service.instrument import says_something
from service.instruments.lesion_nature.part import Part, in_order, reason
from service.instruments.lesion_nature.scale import DISC, FAT_SAT, MUSCLE, T1, Scale
from service.model.case import Case
from service.model.lesion import Known

AGAINST: Final[Mapping[str, str]] = {MUSCLE: "t1-vs-muscle", DISC: "t1-vs-disc"}
"""Finding by reference tissue."""
FIELD: Final = "field-strength"
FAT_SUPPRESSED: Final = "t1-fat-sat-signal"
READS: Final = (*AGAINST.values(), FIELD, FAT_SUPPRESSED)

_DARKER: Final[Mapping[str, str]] = {MUSCLE: "t1-darker-than-muscle", DISC: "t1-darker-than-disc"}
_NOT_DARKER: Final = "t1-not-darker"
_VERDICTS: Final = (*_DARKER.values(), _NOT_DARKER)
_SIGNALS: Final = frozenset({"hyper", "iso", "hypo"})
_DARK: Final = "hypo"
_SUPPORTS: Final[Mapping[str, str]] = {
    "metastasis": "fat-sat-t1-supports-metastasis",
    "non-neoplastic": "fat-sat-t1-supports-non-neoplastic",
}


def t1(case: Case, scale: Scale) -> Part | None:
    """Read the signal against the reference tissue that is more accurate at this field strength, else against each stated one.

    Returns:
        None = no signal against muscle or disc is stated.
    """
    stated = {tissue: known for tissue, finding in AGAINST.items() if says_something(known := case.known(finding))}
    if not stated:
        return None
    field = case.known(FIELD)
    tesla = field.interval.low if field.interval is not None and field.interval.is_exact else None
    preferred = None if tesla is None else scale.preferred.get(tesla)
    read = {preferred: stated[preferred]} if preferred in stated else stated
    verdicts = {verdict for tissue, known in read.items() for verdict in _meanings(tissue, known)}
    is_field_open = field.interval is None
    return Part(
        tables=(T1,),
        reasons=(
            *(
                reason(known, f"{T1}: {tissue}", _direction(tissue, known) if tissue in read else None)
                for tissue, known in stated.items()
            ),
            *((reason(field, f"{T1}: field strength"),) if not is_field_open else ()),
        ),
        verdicts=in_order(verdicts, _VERDICTS),
        requests=("field-strength-unknown",) if is_field_open else (),
        missing=(
            *(finding for tissue, finding in AGAINST.items() if _is_wanted(tissue, stated, preferred)),
            *((FIELD,) if is_field_open else ()),
        ),
    )


def _is_wanted(tissue: str, stated: Mapping[str, Known], preferred: str | None) -> bool:
    """Tell whether a reference that is not stated could change the result."""
    return tissue not in stated and preferred in {None, tissue}


def _meanings(tissue: str, known: Known) -> frozenset[str]:
    """Return what a signal against a tissue may mean; denied words leave the others."""
    possible = _SIGNALS.intersection(known.values) or _SIGNALS.difference(known.denied)
    return frozenset(_DARKER[tissue] if signal == _DARK else _NOT_DARKER for signal in possible)


def _direction(tissue: str, known: Known) -> str | None:
    """Return `abnormal` or `not darker`; None = open."""
    meanings = _meanings(tissue, known)
    if len(meanings) != 1:
        return None
    return "not darker" if _NOT_DARKER in meanings else "abnormal"


def fat_suppressed(case: Case, scale: Scale) -> Part | None:
    """Read the fat-suppressed T1 signal: mixed to high supports metastasis, low a non-neoplastic lesion.

    Returns:
        None = none is stated that the table names.
    """
    known = case.known(FAT_SUPPRESSED)
    groups = {group for signal, group in scale.fat_sat.items() if signal in known.values}
    if not groups:
        return None
    group = next(iter(groups)) if len(groups) == 1 else None
    return Part(
        tables=(FAT_SAT,),
        reasons=(reason(known, f"{FAT_SAT}: {group or 'open'}", group),),
        flags=(_SUPPORTS[group],) if group is not None else (),
    )
