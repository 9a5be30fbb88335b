"""MR signal and its reference tissue, chemical shift and enhancement: D34-D37, D39-D41, D43-D46, D48.

Source: An 2013, Methods and Table 1; Wu 2022, Table 2; Shah 2011, sections 2.7 and 2.8; clinical rules, section 5.
"""

from collections.abc import Collection
from decimal import Decimal
from operator import itemgetter
from typing import Final

from service.findings.derive.rule import Derived, Rule, View, affirms, denies, says
from service.findings.intervals import is_above, is_below
from service.findings.tree import beside
from service.model.coded import Interval
from service.model.finding import Finding
from service.model.lesion import Known

_LOSS: Final = "opposed-phase-loss-percent"
_PATTERN: Final = "enhancement-pattern"
_TARGET: Final = "target-enhancement"
_TWENTY: Final = Decimal(20)
_HUNDRED: Final = Decimal(100)


def d34_t1_against_muscle(view: View) -> Collection[Derived]:
    """Keep a T1 signal whose stated reference is muscle as T1 against muscle; without a reference nothing follows."""
    return _against(view, "t1-signal", "muscle", "t1-vs-muscle")


def d35_t1_against_disc(view: View) -> Collection[Derived]:
    """Keep a T1 signal whose stated reference is the disc as T1 against disc."""
    return _against(view, "t1-signal", "disc", "t1-vs-disc")


def d36_t2_against_muscle(view: View) -> Collection[Derived]:
    """Keep a T2 signal whose stated reference is muscle as T2 against muscle."""
    return _against(view, "t2-signal", "muscle", "t2-vs-muscle")


def d37_darker_than_muscle(view: View) -> Collection[Derived]:
    """Darker than muscle is dark in every reading; brighter than muscle is not bright (normal marrow is brighter too)."""
    known = view.surely("t1-vs-muscle", "hypo")
    return (says("t1-signal", "hypo", known),) if known else ()


def d39_opposed_phase_loss(view: View) -> Collection[Derived]:
    """Compute the loss 100 (in - opposed) / in from two signals of one study; an in-phase signal of 0 or less is an error.

    A stated loss that is this one rounded stands as it is; any other is contradicted.
    """
    inner, opposed = view.number("in-phase-signal"), view.number("opposed-phase-signal")
    if inner is None or opposed is None or not _same_study(inner[0], opposed[0]):
        return ()
    if not is_above(inner[1], Decimal(0)):
        return (Derived(_LOSS, None, (inner[0], opposed[0]), None, ("invalid-input",)),)
    loss, stated = _loss(inner[1], opposed[1]), view.number(_LOSS)
    if stated is not None and _is_rounded(stated[1], loss):
        return ()
    return (Derived(_LOSS, None, (inner[0], opposed[0]), loss),)


def d40_opposed_phase_look(view: View) -> Collection[Derived]:
    """Read a loss below 20 per cent as no signal drop and above as a drop; exactly 20 says nothing."""
    found = view.number(_LOSS)
    if found is None:
        return ()
    known, interval = found
    if is_below(interval, _TWENTY):
        return (says("opposed-phase-appearance", "no-signal-drop", known),)
    return (says("opposed-phase-appearance", "signal-drop", known),) if is_above(interval, _TWENTY) else ()


def d41_no_enhancement(view: View) -> Collection[Derived]:
    """A lesion that does not enhance has no pattern and no target; D42 has dropped denials without contrast."""
    known = view.absent("enhancement")
    return (says(_PATTERN, "none", known), denies(_TARGET, known)) if known else ()


def d43_pattern_enhances(view: View) -> Collection[Derived]:
    """A pattern of enhancement is enhancement."""
    known = view.surely(_PATTERN, "homogeneous", "heterogeneous", "rim", "target", "worms-in-a-bag", "patchy")
    return (affirms("enhancement", known),) if known else ()


def d44_no_pattern(view: View) -> Collection[Derived]:
    """A denied pattern is the pattern `none`."""
    known = view.absent(_PATTERN)
    return (says(_PATTERN, "none", known),) if known else ()


def d45_target_pattern(view: View) -> Collection[Derived]:
    """The target pattern is Wu's target enhancement."""
    known = view.surely(_PATTERN, "target")
    return (affirms(_TARGET, known),) if known else ()


def d46_not_layered(view: View) -> Collection[Derived]:
    """Homogeneous or absent enhancement is not layered; the other patterns say nothing of a target."""
    known = view.surely(_PATTERN, "homogeneous", "none")
    return (denies(_TARGET, known),) if known else ()


def d48_target_enhances(view: View) -> Collection[Derived]:
    """A target enhancement is enhancement."""
    known = view.present(_TARGET)
    return (affirms("enhancement", known),) if known else ()


def _against(view: View, signal: str, tissue: str, target: str) -> Collection[Derived]:
    """Return the same signal words for statements whose reference tissue, stated with them and not denied, is this one alone."""
    references = view.said("signal-reference")
    found = []
    for said in view.said(signal):
        with_it = beside(said, references)
        if said.value and _tissues(with_it) == {tissue}:
            found.append((said.value, says(target, said.value, said, *with_it)))
    return [derived for _, derived in sorted(found, key=itemgetter(0))]  # a denial beside them meets them in one order


def _tissues(references: Collection[Finding]) -> set[str | None]:
    return {said.value for said in references}


def _same_study(first: Known, second: Known) -> bool:
    return {said.study for said in first.sources} == {said.study for said in second.sources}


def _is_rounded(stated: Interval, computed: Interval) -> bool:
    """Tell whether one stated number is the computed one at its own number of decimals (19 for 19.4)."""
    if not (stated.is_exact and computed.is_exact) or stated.low is None or computed.low is None:
        return False
    return abs(stated.low - computed.low) * 2 <= Decimal(1).scaleb(int(stated.low.as_tuple().exponent))


def _loss(inner: Interval, opposed: Interval) -> Interval:
    """Return the loss in per cent: greatest with the largest in-phase and the smallest opposed-phase signal."""
    low = _ratio(opposed.high, inner.low)
    high = _ratio(opposed.low, inner.high)
    return Interval(
        low=low,
        high=high,
        low_open=low is not None and (opposed.high_open or inner.low_open),
        high_open=high is not None and (opposed.low_open or inner.high_open),
    )


def _ratio(opposed: Decimal | None, inner: Decimal | None) -> Decimal | None:
    if opposed is None or not inner:
        return None
    return _HUNDRED * (inner - opposed) / inner


_SIGNAL_T1: Final = ("t1-signal", "signal-reference")

RULES: Final = (
    Rule(id="D34", reads=_SIGNAL_T1, derive=d34_t1_against_muscle),
    Rule(id="D35", reads=_SIGNAL_T1, derive=d35_t1_against_disc),
    Rule(id="D36", reads=("t2-signal", "signal-reference"), derive=d36_t2_against_muscle),
    Rule(id="D37", reads=("t1-vs-muscle",), derive=d37_darker_than_muscle),
    Rule(id="D39", reads=("in-phase-signal", "opposed-phase-signal"), derive=d39_opposed_phase_loss, entails=True),
    Rule(id="D40", reads=(_LOSS,), derive=d40_opposed_phase_look, entails=True),
    Rule(id="D41", reads=("enhancement",), derive=d41_no_enhancement, entails=True),
    Rule(id="D43", reads=(_PATTERN,), derive=d43_pattern_enhances, entails=True),
    Rule(id="D44", reads=(_PATTERN,), derive=d44_no_pattern),
    Rule(id="D45", reads=(_PATTERN,), derive=d45_target_pattern, entails=True),
    Rule(id="D46", reads=(_PATTERN,), derive=d46_not_layered, entails=True),
    Rule(id="D48", reads=(_TARGET,), derive=d48_target_enhances, entails=True),
)
