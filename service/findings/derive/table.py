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
    "D01": "service.instruments.sins.location.location",
    "D02": "service.instruments.sins.location.location",
    "D03": "service.instruments.sins.location.location",
    "D04": "service.instruments.escc.grade._below_conus",
    "D15": "service.instruments.sins.components._pain",
    "D26": "service.instruments.sins.components._alignment",
    "D38": "service.mapping.build.signal_questions",
    "D49": "service.instruments.origin.reading.read",
    "D50": "service.instruments.origin.reading.read",
    "D51": "service.instruments.lesion_nature.density._hint",
    "D56": "service.instruments.iesl.criteria.criteria",
    "D62": "service.instruments.iesl.criteria.criteria",
    "D76": "service.mapping.exam.exam_meanings",
    "D77": "service.mapping.exam.exam_meanings",
    "D78": "service.mapping.exam.exam_meanings",
    "D79": "service.assessment.pointers.next_imaging._flags",
    "D86": "service.instruments.fracture_cause.concepts.find",
    "D92": "service.mapping.presence.said",
    "D95": "service.mapping.presence.transfers",
}
"""Derivations that other stages perform, by the function that does."""

NOTHING_FOLLOWS: Final[Mapping[str, str]] = {
    "D53": "no finding says that the comparison study is the initial imaging, so `new` alone never denies the lesion at baseline",
    "D81": "symptoms with a malignancy are not suspicion of leptomeningeal disease",
}
"""Derivations whose answer is that nothing is derived."""
