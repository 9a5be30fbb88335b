"""Every derivation id: the rule that performs it here, or the place that does."""

from collections.abc import Mapping
from typing import Final

from service.findings.derive import bone, collapse, composed, epidural, pain, patient, posterior, signal
from service.findings.derive.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    *pain.RULES,
    *collapse.RULES,
    *posterior.RULES,
    *epidural.RULES,
    *signal.RULES,
    *patient.RULES,
    *composed.RULES,
    *bone.RULES,
)
"""Derivations from what is known, in the order in which they are evaluated."""

BEFORE_MERGING: Final[Mapping[str, str]] = {
    "D13": "service.findings.pain.d13_mechanical",
    "D19": "service.findings.restate.d19_pedicle_sides",
    "D27": "service.findings.restate.d27_new_deformity",
    "D42": "service.findings.restate.d42_without_contrast",
    "D47": "service.findings.restate.d47_collection_enhancement",
    "D52": "service.findings.conflicts.d52_density",
    "D90": "service.findings.derive.patient.d90_age",
    "D91": "service.findings.derive.patient.d91_sex",
    "D93": "service.findings.conflicts.d93_more_specific",
    "D94": "service.findings.conflicts.d94_denied",
    "D96": "service.findings.conflicts.d96_is_conflict",
}
"""Derivations that read single statements or Patient, by the function that performs them."""

OTHER_STAGES: Final[Mapping[str, str]] = {
    "D01": "instruments: the SINS band of a level",
    "D02": "instruments: a disc level leaves all SINS bands",
    "D03": "instruments: the set of SINS bands of a region",
    "D04": "instruments: the ESCC flag below-conus",
    "D15": "instruments: axial pain leaves the set mechanical or occasional",
    "D26": "instruments: no deformity leaves the set subluxed or normal",
    "D38": "mapping: a signal word goes to the finding of its sequence",
    "D49": "instruments: origin",
    "D50": "instruments: origin",
    "D51": "instruments: lesion-nature",
    "D56": "instruments: iesl",
    "D62": "instruments: iesl",
    "D76": "mapping: modality composed of codes",
    "D77": "mapping: modality composed of codes",
    "D78": "mapping: sequence composed of codes",
    "D79": "assessment: next-imaging",
    "D86": "instruments: fracture-cause",
    "D92": "mapping: `present` answers an enum with its least specific value",
    "D95": "mapping: negation transfers through exact and broader codings only",
}
"""Derivations that belong to another stage."""

NOTHING_FOLLOWS: Final[Mapping[str, str]] = {
    "D53": "no finding says that the comparison study is the initial imaging, so `new` alone never denies the lesion at baseline",
    "D81": "symptoms with a malignancy are not suspicion of leptomeningeal disease",
}
"""Derivations whose answer is that nothing is derived."""
