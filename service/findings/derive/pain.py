"""Pain of the lesion and of the patient: D14, D16.

Source: Montoya-Bordon 2023, Table 3; clinical rules, section 2.
"""

from collections.abc import Collection
from typing import Final

from service.findings.derive.rule import Derived, Rule, View, affirms, says

_PAIN: Final = "spinal-pain"
_PAINFUL: Final = ("mechanical", "occasional-non-mechanical")


def d14_axial_pain(view: View) -> Collection[Derived]:
    """Spinal pain, mechanical or not, is axial pain, also when it is not known which lesion hurts."""
    known = view.surely(_PAIN, *_PAINFUL)
    if known is None and (shared := view.get(_PAIN)) and "pain-not-localised" in shared.flags:
        known = shared if all(said.value != "none" for said in shared.sources) else None
    return (affirms("axial-pain", known),) if known else ()


def d16_painless(view: View) -> Collection[Derived]:
    """Denied pain is a painless lesion."""
    known = view.absent(_PAIN)
    return (says(_PAIN, "none", known),) if known else ()


RULES: Final = (
    Rule(id="D14", reads=(_PAIN,), derive=d14_axial_pain, entails=True),
    Rule(id="D16", reads=(_PAIN,), derive=d16_painless),
)
