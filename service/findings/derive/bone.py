"""What follows for bone as a whole and from one lesion for another: D83-D85, D87-D89.

Source: Montoya-Bordon 2023, Table 1; the case report of a cord astrocytoma; Shah 2011, sections 2.2 and 3.1.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from service.findings.derive.rule import Derived, Rule, View, affirms, denies, says
from service.findings.intervals import is_above, is_exactly
from service.model.finding import Finding, State

_ABNORMAL: Final = "bone-abnormality"
_CORTEX: Final = "cortex-destroyed-percent"
_FRACTURES: Final = ("compression", "unspecified")
_DENSITIES: Final = ("lytic", "mixed", "blastic")
_ZERO: Final = Decimal(0)


def d83_bone_abnormal(view: View) -> Collection[Derived]:
    """Any lesion, fracture or uptake of bone is a bone abnormality."""
    known = (
        view.surely("bone-lesion", *_DENSITIES)
        or view.surely("vertebral-fracture", *_FRACTURES)
        or view.present("pathologic-fracture")
        or view.present("bone-scan-uptake")
        or view.present("other-focal-lesions")
    )
    return (affirms(_ABNORMAL, known),) if known else ()


def d84_fracture_elsewhere(view: View) -> Collection[Derived]:
    """An osteoporotic fracture at another level is a compression fracture elsewhere for this one."""
    found = [known for other in _apart(view) if (known := other.some("reported-diagnosis", "osteoporotic-fracture"))]
    return (affirms("compression-fractures-elsewhere", *found),) if found else ()


def d85_lesion_elsewhere(view: View) -> Collection[Derived]:
    """A bone lesion or metastasis at another level of the same study is another focal lesion for this one."""
    studies = {said.study for each in view.statements.values() for said in each if not said.source.from_other_report}
    densities = (said for other in _apart(view) for said in other.said("bone-lesion"))
    metastases = (said for said in view.wide.get("spinal-metastasis", ()) if _is_apart(view, said))
    found = [said for said in (*densities, *metastases) if said.study in studies and not said.source.from_other_report]
    return (affirms("other-focal-lesions", *found),) if found else ()


def d87_no_osteonecrosis(view: View) -> Collection[Derived]:
    """Neither vacuum on CT nor fluid on MRI: no osteonecrosis; one denial alone says nothing."""
    vacuum, fluid = view.absent("intravertebral-vacuum"), view.absent("fluid-sign")
    if vacuum is None or fluid is None or not (_seen_on(vacuum.sources, "ct") and _seen_on(fluid.sources, "mri")):
        return ()
    return (denies("intravertebral-osteonecrosis", vacuum, fluid),)


def d88_cortex_destroyed(view: View) -> Collection[Derived]:
    """Any share of destroyed cortex is cortical destruction; a share of 0 denies it."""
    found = view.number(_CORTEX)
    if found is None:
        return ()
    known, interval = found
    if is_above(interval, _ZERO):
        return (affirms("cortical-destruction", known),)
    return (denies("cortical-destruction", known),) if is_exactly(interval, _ZERO) else ()


def d89_bone_scan_done(view: View) -> Collection[Derived]:
    """Counted foci mean that a bone scan was done; a count of 0 is a negative scan."""
    found = view.number("bone-scan-foci")
    return (says("modality", "bone-scan", found[0]),) if found else ()


def _apart(view: View) -> Collection[View]:
    """Return the lesions that share no level with this one; a lesion without a level may be anywhere."""
    return [other for other in view.others if view.levels and other.levels and not view.levels & other.levels]


def _is_apart(view: View, said: Finding) -> bool:
    if said.state is not State.PRESENT or not view.levels or not said.place.levels:
        return False
    return view.levels.isdisjoint(said.place.levels)


def _seen_on(statements: Collection[Finding], modality: str) -> bool:
    """Tell whether a statement stands on its own modality; one without a stated modality may."""
    return any(not said.modality or modality in said.modality for said in statements)


RULES: Final = (
    Rule(
        id="D83",
        reads=("bone-lesion", "vertebral-fracture", "pathologic-fracture", "bone-scan-uptake", "other-focal-lesions"),
        derive=d83_bone_abnormal,
        where="both",
        entails=True,
    ),
    Rule(id="D84", reads=("reported-diagnosis",), derive=d84_fracture_elsewhere, entails=True, local=True),
    Rule(id="D85", reads=("bone-lesion", "spinal-metastasis"), derive=d85_lesion_elsewhere, entails=True, local=True),
    Rule(id="D87", reads=("intravertebral-vacuum", "fluid-sign"), derive=d87_no_osteonecrosis),
    Rule(id="D88", reads=(_CORTEX,), derive=d88_cortex_destroyed, entails=True),
    Rule(id="D89", reads=("bone-scan-foci",), derive=d89_bone_scan_done, where="case"),
)
