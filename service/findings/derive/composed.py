"""A bare word of morphology and the site it is said of make one finding: D63-D75.

Source: IHE imaging diagnostic report (morphology and anatomy apart); Shah 2011, section 3.1; Montoya-Bordon 2023, Table 1.
"""

from collections.abc import Collection
from typing import Final

from service.findings.derive.rule import Derived, Rule, View, affirms, says
from service.findings.tree import beside, sites
from service.model.finding import Finding
from service.model.spine import VERTEBRAL_PARTS

_BODY: Final = frozenset({"vertebral-body", "endplate"})
_MARROW: Final = frozenset({"vertebral-body", "bone-marrow"})
_BONE: Final = VERTEBRAL_PARTS | _MARROW
_MORPHOLOGY: Final = "lesion-morphology"


def d63_epidural_mass(view: View) -> Collection[Derived]:
    """A mass of the epidural space."""
    return _composed(view, ("mass",), "epidural-space", ("epidural-soft-tissue", "present"))


def d64_paraspinal_mass(view: View) -> Collection[Derived]:
    """A mass of the paraspinal tissue."""
    return _composed(view, ("mass",), "paraspinal-tissue", ("paraspinal-soft-tissue", "present"))


def d65_subarachnoid_nodules(view: View) -> Collection[Derived]:
    """A mass of the subarachnoid space, the leptomeninges or the cauda equina."""
    found = _said_of(view, ("mass",), frozenset({"subarachnoid-space", "leptomeninges", "cauda-equina"}))
    return (affirms("subarachnoid-nodules", *found),) if found else ()


def d66_cord_lesion(view: View) -> Collection[Derived]:
    """A mass or metastasis within the cord."""
    return _composed(view, ("mass", "metastasis"), "spinal-cord", ("intramedullary-lesion", "present"))


def d67_cord_oedema(view: View) -> Collection[Derived]:
    """Oedema of the cord; of bone marrow it feeds no rule."""
    return _composed(view, ("oedema",), "spinal-cord", ("cord-oedema", "extent-not-stated"))


def d68_paravertebral_haematoma(view: View) -> Collection[Derived]:
    """A haematoma of the paraspinal tissue."""
    return _composed(view, ("haematoma",), "paraspinal-tissue", ("paravertebral-haematoma", "present"))


def d69_epidural_haematoma(view: View) -> Collection[Derived]:
    """A haematoma of the epidural space is a collection and a named diagnosis."""
    named = ("reported-diagnosis", "epidural-haematoma")
    return _composed(view, ("haematoma",), "epidural-space", ("epidural-collection", "present"), named)


def d70_epidural_abscess(view: View) -> Collection[Derived]:
    """An abscess of the epidural space is a collection and a named diagnosis."""
    named = ("reported-diagnosis", "epidural-abscess")
    return _composed(view, ("abscess",), "epidural-space", ("epidural-collection", "present"), named)


def d71_bone_infarct(view: View) -> Collection[Derived]:
    """An infarct of the vertebra is osteonecrosis; of the cord it is not."""
    found = _said_of(view, ("infarction",), _MARROW, at_level=True)
    return (says("reported-diagnosis", "osteonecrosis", *found),) if found else ()


def d72_fracture(view: View) -> Collection[Derived]:
    """A fracture of the vertebra or its body; of a process it is nothing."""
    found = _said_of(view, ("fracture",), _BODY, at_level=True)
    return (says("vertebral-fracture", "unspecified", *found),) if found else ()


def d73_cord_compression(view: View) -> Collection[Derived]:
    """Compression of the cord; of the cauda equina or a vertebra it is nothing."""
    return _composed(view, ("compression",), "spinal-cord", ("cord-compression", "present"))


def d74_spinal_metastasis(view: View) -> Collection[Derived]:
    """A metastasis at a vertebra, a spinal region or a bony part of the spine."""
    found = _said_of(view, ("metastasis",), _BONE, at_level=True, at_region=True)
    return (affirms("spinal-metastasis", *found),) if found else ()


def d75_leptomeningeal_seeding(view: View) -> Collection[Derived]:
    """A metastasis of the leptomeninges or the cauda equina."""
    found = _said_of(view, ("metastasis",), frozenset({"leptomeninges", "cauda-equina"}))
    return (affirms("leptomeningeal-seeding", *found),) if found else ()


def _composed(view: View, words: tuple[str, ...], part: str, *targets: tuple[str, str]) -> Collection[Derived]:
    found = _said_of(view, words, frozenset({part}))
    return tuple(Derived(finding, value, found) for finding, value in targets) if found else ()


def _said_of(
    view: View, words: tuple[str, ...], parts: frozenset[str], *, at_level: bool = False, at_region: bool = False
) -> tuple[Finding, ...]:
    """Return the statements of a morphology that are said of one of the parts.

    Args:
        view: the lesion.
        words: values of `lesion-morphology`.
        parts: sites that fit.
        at_level: True = a vertebra with no part named fits too.
        at_region: True = so does a spinal region.
    """
    found = []
    for said in view.said(_MORPHOLOGY, *words):
        places = _sites_of_word(view, said)
        bare = (at_level and bool(view.levels or said.place.levels)) or (at_region and bool(said.place.regions))
        if places & parts or (bare and not places):
            found.append(said)
    return tuple(found)


def _sites_of_word(view: View, said: Finding) -> frozenset[str]:
    """Return the parts that a word of morphology is surely said of: sites beside it count only when no other word claims them."""
    lesion_sites = view.statements.get("lesion-site", ())
    rivals = [each for each in view.said(_MORPHOLOGY) if each.value != said.value and not each.place.parts]
    claimed = {id(site) for each in rivals for site in beside(each, lesion_sites)}
    return sites(said, [site for site in lesion_sites if id(site) not in claimed])


_READS: Final = (_MORPHOLOGY, "lesion-site")

RULES: Final = (
    Rule(id="D63", reads=_READS, derive=d63_epidural_mass, entails=True),
    Rule(id="D64", reads=_READS, derive=d64_paraspinal_mass, entails=True),
    Rule(id="D65", reads=_READS, derive=d65_subarachnoid_nodules, where="both", entails=True),
    Rule(id="D66", reads=_READS, derive=d66_cord_lesion, entails=True),
    Rule(id="D67", reads=_READS, derive=d67_cord_oedema, entails=True),
    Rule(id="D68", reads=_READS, derive=d68_paravertebral_haematoma, entails=True),
    Rule(id="D69", reads=_READS, derive=d69_epidural_haematoma, entails=True),
    Rule(id="D70", reads=_READS, derive=d70_epidural_abscess, entails=True),
    Rule(id="D71", reads=_READS, derive=d71_bone_infarct),
    Rule(id="D72", reads=_READS, derive=d72_fracture, entails=True),
    Rule(id="D73", reads=_READS, derive=d73_cord_compression, entails=True),
    Rule(id="D74", reads=_READS, derive=d74_spinal_metastasis, where="both", entails=True),
    Rule(id="D75", reads=_READS, derive=d75_leptomeningeal_seeding, where="both", entails=True),
)
