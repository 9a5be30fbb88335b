"""What a ranking rests on: each feature of each lesion with the primaries it speaks for, the cues without counts, and the gate.

Source: evidence tables an-table-1, an-table-2, an-cohort, an-cues.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from service.instrument import reason_of, says_something
from service.instruments.origin.gate import METASTASIS, PRIMARY
from service.instruments.origin.reading import LesionOptions, Options
from service.instruments.origin.scale import COHORT, CUES, DENSITY, DENSITY_TABLE, TABLE, Feature, Scale
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Reason

LIGAMENT: Final = "anterior-ligament-spread"
DIAMETER: Final = "lesion-diameter"
SHOWN: Final[Mapping[str, str]] = {LIGAMENT: f"{CUES}: anterior-ligament-spread", DIAMETER: f"{COHORT}: total"}
"""Findings without weight, each with its cell."""

_NO_WEIGHT: Final = "no weight"
_NOT_IN_MODEL: Final = "not in the model"
_SEVERAL: Final = "open"


def reasons(case: Case, scale: Scale, lesions: tuple[LesionOptions, ...]) -> Iterator[Reason]:
    """Yield what every lesion says, lesion by lesion, then for whom the ranking is made.

    Args:
        case: the patient.
        scale: the model.
        lesions: what each feature of each lesion of the case may be.
    """
    for lesion, options in zip(case.lesions, lesions, strict=True):
        for feature, categories in zip(scale.features, options, strict=True):
            known = lesion.findings.get(feature.finding)
            if known is not None and says_something(known):
                yield _of_feature(feature, categories, known)
        for finding, cell in SHOWN.items():
            known = lesion.findings.get(finding)
            if known is not None and says_something(known):
                yield reason_of(known, cell, _NO_WEIGHT)
    for finding in (METASTASIS, PRIMARY):
        if says_something(case.known(finding)):
            yield of_gate(case, finding)


def of_gate(case: Case, finding: str) -> Reason:
    """Say what is stated of the metastasis or its primary."""
    return reason_of(case.known(finding), f"{COHORT}: total", "for whom it is made")


def _of_feature(feature: Feature, categories: Options, known: Known) -> Reason:
    """Say for which primaries a feature speaks."""
    match categories:
        case (str(category),):
            cell = f"{DENSITY_TABLE}: {category}" if feature.finding == DENSITY else f"{TABLE}: {feature.finding} {category}"
            return reason_of(known, cell, " or ".join(feature.likeliest(category)))
        case ():
            return reason_of(known, f"{feature.table}: {feature.finding}", _NOT_IN_MODEL)
        case _:
            return reason_of(known, f"{feature.table}: {feature.finding}", _SEVERAL)
