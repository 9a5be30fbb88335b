"""What a comparison rests on: weighed findings, findings that are only shown, and the criteria, each with its printed cell.

Source: evidence tables wu-table-2, wu-table-1, wu-cohort, shah-density.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from service.instrument import is_stated, reason_of, says_something
from service.instruments.iesl.criteria import CELLS, CHEMOTHERAPY, IRRADIATION, TUMOUR, Criteria
from service.instruments.iesl.reading import PRIMARY, Options, blastic_primary
from service.instruments.iesl.scale import COHORT, DENSITY_OF_PRIMARIES, PATIENTS, TABLE, Feature, Scale
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Reason

CONTEXT: Final[Mapping[str, str]] = {
    "t1-vs-muscle": f"{TABLE}: t1-vs-muscle",
    "enhancement": f"{TABLE}: enhancement",
    "endplate-abutment": f"{TABLE}: endplate-abutment",
    "corner-involvement": f"{TABLE}: corner-involvement",
    "posterior-element-involvement": f"{TABLE}: posterior-element-involvement",
    "change-from-prior": f"{PATIENTS}: lesion-progression",
    "leptomeningeal-seeding": f"{TABLE}: leptomeningeal-seeding",
    "biopsy-result": f"{PATIENTS}: proof",
}
"""Shown without weight, because the groups do not differ in it or it is why they were treated. By finding, its cell."""

OSTEONECROSIS: Final[Mapping[str, str]] = {"double-line-sign": "present", "enhancement-pattern": "rim"}
"""Findings with the value that speaks of osteonecrosis, seen beside the lesions of one patient."""

_DIGITS: Final = 9
"""Decimals of a weight: those that every machine computes alike."""

_TOWARDS: Final = "IESL"
_AGAINST: Final = "metastasis"
_SHOWN: Final = "no weight"
_DISPUTED: Final = "either side"
_STANDS: Final[Mapping[bool | None, str]] = {True: "criterion met", False: "criterion not met", None: "criterion open"}


def reasons(case: Case, scale: Scale, options: tuple[Options, ...], judged: Criteria) -> Iterator[Reason]:
    """Yield what was stated, weighed findings first.

    Where neither a weighed finding nor the brain tumour is stated, nobody asks the question and nothing is said.

    Args:
        case: with the lesion under study.
        scale: the comparison.
        options: what each weighed finding may be, in the order of the scale.
        judged: the criteria.
    """
    heard = [pair for pair in zip(scale.features, options, strict=True) if pair[0].finding in case.heard]
    weighed = [(feature, values, each) for feature, values in heard if says_something(each := case.known(feature.finding))]
    if not weighed and not is_stated(case.known(TUMOUR)):
        return
    yield from (_weighed(*each) for each in weighed)
    yield from _shown(case)
    for finding, cell in CELLS.items():
        if finding in case.heard and says_something(each := case.known(finding)):
            yield reason_of(each, cell, _STANDS[judged.met[IRRADIATION if finding == CHEMOTHERAPY else finding]])


def osteonecrosis(case: Case) -> tuple[Known, ...]:
    """Return the findings that speak of osteonecrosis, disputed or not."""
    return tuple(known for finding, value in OSTEONECROSIS.items() if value in (known := case.known(finding)).values)


def _weighed(feature: Feature, values: Options, known: Known) -> Reason:
    """Say what a weighed finding says; a disputed one has no single weight."""
    cell = f"{TABLE}: {feature.finding}"
    match values:
        case (str(value),):
            weight = feature.weights[value].log
            return _weighted(known, feature.cells[value], _TOWARDS if weight > 0 else _AGAINST, weight)
        case () | (None,):
            return _weighted(known, cell, _SHOWN, 0.0)
        case _:
            return reason_of(known, cell, _DISPUTED)


def _shown(case: Case) -> Iterator[Reason]:
    """Yield what is shown without weight."""
    for finding, cell in CONTEXT.items():
        if finding in case.heard and says_something(known := case.known(finding)):
            yield _weighted(known, cell, _SHOWN, 0.0)
    for known in osteonecrosis(case):
        yield _weighted(known, f"{COHORT}: osteonecrosis-signs", _SHOWN, 0.0)
    if blastic_primary(case) is not False:
        yield reason_of(case.known(PRIMARY), f"{DENSITY_OF_PRIMARIES}: blastic", "density tells nothing")


def _weighted(known: Known, cell: str, direction: str, weight: float) -> Reason:
    """Return a reason with the log likelihood ratio of its value."""
    return reason_of(known, cell, direction, round(weight, _DIGITS))
