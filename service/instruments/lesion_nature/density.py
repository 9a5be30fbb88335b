"""Density of the lesion: as stated, else from the MR signal pattern; T2 alone is only a hint.

Nothing here fills `bone-lesion`, so that SINS never sees it.
Source: evidence tables montoya-signal-pattern, shah-signal-pattern and an-table-3; clinical rules 8. Which signals a pattern needs
is ours.
"""

from collections.abc import Iterable
from typing import Final

from service.instruments.lesion_nature.part import Part, in_order, reason
from service.instruments.lesion_nature.scale import DARK_PATTERN, PATTERN, T2, Scale
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known

DENSITY: Final = "bone-lesion"
ENHANCEMENT: Final = "enhancement"
_T1: Final = ("t1-signal", "t1-vs-muscle")
_T2_VS_MUSCLE: Final = "t2-vs-muscle"
_T2: Final = ("t2-signal", _T2_VS_MUSCLE)
_STIR: Final = ("stir-signal",)
READS: Final = (DENSITY, *_T1, *_T2, *_STIR, ENHANCEMENT)

_BRIGHT: Final = "hyper"
_DARK: Final = "hypo"
_LYTIC: Final = "lytic"
_BLASTIC: Final = "blastic"
_VERDICTS: Final = ("lytic-pattern", "blastic-pattern", "mixed-pattern")


def density(case: Case, _: Scale) -> Part | None:
    """Read the stated density, CT before X-ray; only where there is none, the MR pattern and the T2 hint.

    Returns:
        None = no density is stated, no pattern is complete and T2 hints at nothing.
    """
    known = case.known(DENSITY)
    if known.values:
        return Part(
            tables=(DARK_PATTERN,),
            reasons=(reason(known, f"{DARK_PATTERN}: density", known.value),),
            verdicts=in_order((f"{value}-pattern" for value in known.values), _VERDICTS),
        )
    return _from_signal(case, known)


def _from_signal(case: Case, stated: Known) -> Part | None:
    """Return the pattern and the hint, with the request for the density that they cannot replace."""
    pattern = _pattern(case)
    hint = _hint(case.known(_T2_VS_MUSCLE))
    if pattern in stated.denied:
        pattern = None
    if pattern is None and hint is None:
        return None
    found = _signals(case, pattern) if pattern is not None else []
    return Part(
        tables=(*((PATTERN, DARK_PATTERN) if pattern is not None else ()), *((T2,) if hint is not None else ())),
        reasons=(
            *(reason(known, f"{PATTERN}: {pattern}", pattern) for known in found if hint is None or known.finding != _T2_VS_MUSCLE),
            *((reason(case.known(_T2_VS_MUSCLE), f"{T2}: {hint}", hint),) if hint is not None else ()),
        ),
        verdicts=() if pattern is None else (f"{pattern}-pattern",),
        flags=() if hint is None else (f"t2-hint-{hint}",),
        requests=("missing-density",),
        missing=(DENSITY,),
    )


def _pattern(case: Case) -> str | None:
    """Return the density whose MR pattern is complete: lytic enhances and is bright on T2 or STIR, blastic is dark throughout."""
    if not _is_surely(_DARK, case, _T1):
        return None
    if _is_surely(_BRIGHT, case, (*_T2, *_STIR)) and case.known(ENHANCEMENT).state is State.PRESENT:
        return _LYTIC
    other = (*_T2, *_STIR)
    return _BLASTIC if _is_surely(_DARK, case, _T2) and all({_DARK}.issuperset(case.known(each).values) for each in other) else None


def _is_surely(signal: str, case: Case, findings: Iterable[str]) -> bool:
    """Tell whether one of the findings has this signal beyond dispute and none may have the opposite one."""
    opposite = _DARK if signal == _BRIGHT else _BRIGHT
    read = [case.known(finding) for finding in findings]
    return any(known.value == signal for known in read) and not any(opposite in known.values for known in read)


def _hint(known: Known) -> str | None:
    """Return the density that T2 against muscle hints at; readings of both kinds hint at neither."""
    hints = {_LYTIC if value == _BRIGHT else _BLASTIC for value in known.values}
    return next(iter(hints)) if len(hints) == 1 else None


def _signals(case: Case, pattern: str) -> list[Known]:
    """Return the statements that make a pattern."""
    needed = {_DARK} if pattern == _BLASTIC else {_BRIGHT}
    read = [case.known(finding) for finding in (*_T2, *_STIR)]
    dark_t1 = [known for finding in _T1 if (known := case.known(finding)).value == _DARK and known.derived_by != "D37"]
    enhancing = [case.known(ENHANCEMENT)] if pattern == _LYTIC else []
    return [*dark_t1, *(known for known in read if known.value in needed), *enhancing]
