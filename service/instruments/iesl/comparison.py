"""IESL: one lesion compared with those of twelve patients.

Source: evidence tables wu-table-2, wu-table-1, wu-cohort; clinical rules 1. Nothing here is a diagnosis: a pattern favours.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from service.evidence.tables import Tables
from service.instrument import Instrument, input_flags, says_something
from service.instruments.iesl.criteria import CELLS, REASONS_AGAINST, TUMOUR, Criteria, criteria
from service.instruments.iesl.pattern import Pattern, pattern
from service.instruments.iesl.reading import DENSITY, PRIMARY, Options, blastic_primary, is_radiograph, read
from service.instruments.iesl.reasons import CONTEXT, OSTEONECROSIS, osteonecrosis, reasons
from service.instruments.iesl.scale import BLOCKS, COHORT, DENSITY_OF_PRIMARIES, PATIENTS, TABLE, scale_of
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_WEIGHED: Final = tuple(finding for findings in BLOCKS.values() for finding in findings)
_READ: Final = (*_WEIGHED, *CONTEXT, *OSTEONECROSIS, *CELLS, PRIMARY)
_DIGITS: Final = 9
"""Decimals of a probability: those that every machine computes alike."""


def _assess(case: Case, tables: Tables) -> Outcome:
    """Compare the lesion under study.

    Pattern and ratio stand whatever the applicability; the probability is a conclusion: it needs all criteria, and a prior.
    """
    scale = scale_of(tables)
    options = read(case, scale)
    found = pattern(scale, options)
    judged = criteria(case, scale.age_below)
    unstated = tuple([feature.finding for feature, values in zip(scale.features, options, strict=True) if not values])
    concludes = judged.applicability is Applicability.APPLICABLE
    return Outcome(
        instrument=IESL.key,
        version=IESL.version,
        applicability=judged.applicability,
        verdicts=found.verdicts,
        likelihood_ratio=found.ratio,
        probability=_probability(case.prior, found.ratio.value) if concludes else None,
        reasons=tuple(reasons(case, scale, options, judged)),
        missing=unstated + judged.missing,
        flags=tuple(sorted(input_flags(case, _READ).union(_flags(case, found, judged)))),
        requests=tuple(_requests(found, judged)),
        citations=scale.citations if blastic_primary(case) is False else (*scale.citations, tables[DENSITY_OF_PRIMARIES].citation),
        caveats=(*scale.caveats, *_own_caveats(case, options, judged)),
    )


def _probability(prior: Decimal | None, ratio: float) -> float | None:
    """Return the probability of an indolent lesion for the caller's prior; there is no default."""
    if prior is None:
        return None
    before = float(prior)
    return round(before * ratio / (before * ratio + 1 - before), _DIGITS)


def _flags(case: Case, found: Pattern, judged: Criteria) -> Iterator[str]:
    """Yield the flags of the comparison itself."""
    yield "small-sample"
    raised = {
        "outside-cohort-treatment": judged.is_outside_cohort,
        "sign-not-seen-in-iesl": found.has_foreign_sign,
        "blastic-primary": blastic_primary(case) is not False,
        "osteonecrosis-signs": bool(osteonecrosis(case)),
    }
    yield from (flag for flag, holds in raised.items() if holds)


def _requests(found: Pattern, judged: Criteria) -> Iterator[str]:
    if found.has_few_blocks:
        yield "too-few-blocks"
    if judged.applicability is Applicability.UNKNOWN:
        yield "missing-applicability"


def _own_caveats(case: Case, options: tuple[Options, ...], judged: Criteria) -> Iterator[str]:
    """Yield the sentences that must stand with the result of this lesion."""
    if judged.unmet:
        yield f"Not applicable: {'; '.join(REASONS_AGAINST[finding] for finding in judged.unmet)}. No conclusion follows."
    if case.prior is not None and judged.applicability is not Applicability.APPLICABLE:
        yield "A prior was stated; the probability is withheld because the criteria are not all known to be met."
    if any(len(values) > 1 for values in options):
        yield "Some findings have several readings: the ratio is the smallest of all readings, its interval spans all of them."
    if says_something(case.known("biopsy-result")):
        yield "A biopsy result is stated: it is the reference, not this pattern."
    yield from _caveats_of_density(case)


def _caveats_of_density(case: Case) -> Iterator[str]:
    known = case.known(DENSITY)
    if not says_something(known):
        return
    if is_radiograph(known):
        yield "Density was read on radiographs alone and adds nothing: the paper counted CT."
    elif not case.known(PRIMARY).values and case.known(TUMOUR).values:
        yield "The kind of brain tumour is not stated: for a medulloblastoma the density would add nothing."


IESL: Final = Instrument(
    key="iesl",
    version="2",
    title="IESL",
    scope="lesion",
    sources=(TABLE, PATIENTS, COHORT, DENSITY_OF_PRIMARIES),
    reads=_READ,
    assess=_assess,
)
