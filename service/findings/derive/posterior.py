"""Pedicle, facet and the other posterior elements: D17, D18, D20-D25.

Source: Montoya-Bordon 2023, Table 3; Shah 2011, section 3.1; clinical rules, section 2.
"""

from collections.abc import Collection, Iterable
from typing import Final

from service.findings.derive.rule import Derived, Rule, View, affirms, denies, says
from service.findings.tree import sides, sites
from service.model.finding import Finding

_POSTEROLATERAL: Final = "posterolateral-involvement"
_PEDICLE: Final = "pedicle-destruction"
_ELEMENTS: Final = "posterior-element-involvement"
_SINS_PARTS: Final = frozenset({"pedicle", "facet-joint"})
_OTHER_PARTS: Final = frozenset({"posterior-elements", "lamina", "transverse-process", "spinous-process"})
_BOTH: Final = frozenset({"left", "right"})


def d17_one_pedicle(view: View) -> Collection[Derived]:
    """A destroyed pedicle is posterolateral involvement of at least its side."""
    known = view.surely(_PEDICLE, "unilateral", "side-not-stated", "bilateral")
    return (says(_POSTEROLATERAL, "at-least-unilateral", known),) if known else ()


def d18_both_pedicles(view: View) -> Collection[Derived]:
    """Both pedicles destroyed is bilateral involvement."""
    known = view.surely(_PEDICLE, "bilateral")
    return (says(_POSTEROLATERAL, "bilateral", known),) if known else ()


def d20_tumour_in_pedicle_or_facet(view: View) -> Collection[Derived]:
    """Tumour said of a pedicle or facet is posterolateral involvement: bilateral when both sides are named, else at least one."""
    found = _tumour_in(view, _SINS_PARTS)
    if not found:
        return ()
    lateralities = view.statements.get("laterality", ())
    named: dict[tuple[str, ...], set[str]] = {}
    for said in found:
        named.setdefault(said.place.levels, set()).update(sides(said, lateralities))
    both = any("bilateral" in each or each >= _BOTH for each in named.values())
    return (says(_POSTEROLATERAL, "bilateral" if both else "at-least-unilateral", *found),)


def d21_tumour_in_posterior_elements(view: View) -> Collection[Derived]:
    """Tumour said of lamina, process or arch involves the posterior elements, never the SINS row; so does that of D20 (D23)."""
    found = _tumour_in(view, _OTHER_PARTS | _SINS_PARTS)
    return (affirms(_ELEMENTS, *found),) if found else ()


def d22_pedicle_is_posterior(view: View) -> Collection[Derived]:
    """A destroyed pedicle is an involved posterior element."""
    known = view.surely(_PEDICLE, "unilateral", "side-not-stated", "bilateral")
    return (affirms(_ELEMENTS, known),) if known else ()


def d23_posterolateral_is_posterior(view: View) -> Collection[Derived]:
    """Posterolateral involvement is involvement of posterior elements."""
    known = view.surely(_POSTEROLATERAL, "unilateral", "bilateral", "at-least-unilateral")
    return (affirms(_ELEMENTS, known),) if known else ()


def d24_posterior_elements_free(view: View) -> Collection[Derived]:
    """Without involved posterior elements neither pedicle nor facet is involved."""
    known = view.absent(_ELEMENTS)
    return (says(_POSTEROLATERAL, "none", known), denies(_PEDICLE, known)) if known else ()


def d25_posterolateral_free(view: View) -> Collection[Derived]:
    """Denied posterolateral involvement is the row `none`."""
    known = view.absent(_POSTEROLATERAL)
    return (says(_POSTEROLATERAL, "none", known),) if known else ()


def _tumour_in(view: View, parts: frozenset[str]) -> tuple[Finding, ...]:
    """Return the statements of tumour (density, mass, metastasis) that are said of one of these parts."""
    lesion_sites = view.statements.get("lesion-site", ())
    return tuple(said for said in _tumour(view) if sites(said, lesion_sites) & parts)


def _tumour(view: View) -> Iterable[Finding]:
    return (*view.said("bone-lesion"), *view.said("lesion-morphology", "mass", "metastasis"))


_TUMOUR: Final = ("bone-lesion", "lesion-morphology", "lesion-site", "laterality")

RULES: Final = (
    Rule(id="D17", reads=(_PEDICLE,), derive=d17_one_pedicle, entails=True),
    Rule(id="D18", reads=(_PEDICLE,), derive=d18_both_pedicles, entails=True),
    Rule(id="D20", reads=_TUMOUR, derive=d20_tumour_in_pedicle_or_facet, entails=True),
    Rule(id="D21", reads=_TUMOUR, derive=d21_tumour_in_posterior_elements, entails=True),
    Rule(id="D22", reads=(_PEDICLE,), derive=d22_pedicle_is_posterior, entails=True),
    Rule(id="D23", reads=(_POSTEROLATERAL,), derive=d23_posterolateral_is_posterior, entails=True),
    Rule(id="D24", reads=(_ELEMENTS,), derive=d24_posterior_elements_free, entails=True),
    Rule(id="D25", reads=(_POSTEROLATERAL,), derive=d25_posterolateral_free),
)
