"""The sentences that stand with every ranking: what was studied, and what is ours.

Source: evidence tables an-cohort, an-table-1, an-table-3; clinical rules 7.
"""

from collections.abc import Iterator
from typing import Final

from service.evidence.tables import Tables, whole

_OURS: Final = (
    "Ours, not the paper's: the naive Bayes model (equal priors, one pseudo-patient for each feature, lesions counted as patients, "
    "several lesions averaged)"
)


def caveats_of(tables: Tables, primaries: tuple[str, ...], share: float, factor: float) -> tuple[str, ...]:
    """Return the sentences that stand with every result.

    Args:
        tables: evidence.
        primaries: of the model, in their order.
        share: what a favourite needs of the support.
        factor: how much more than the second it needs.
    """
    return (
        f"Shares are relative support among five primaries ({', '.join(primaries)}), not calibrated probabilities.",
        "Prostate, thyroid, kidney and all other primaries are absent from the data.",
        *_studied(tables, primaries),
        f"{_OURS} and the rule that a favourite has a share of {share:g} and {factor:g} times the second.",
        "Expected to fail: a patient of the paper with lung cancer (Figure 7a, homogeneous mass beyond the bone) ranks HCC first.",
    )


def _studied(tables: Tables, primaries: tuple[str, ...]) -> Iterator[str]:
    cohort, density = tables["an-cohort"], tables["an-table-3"]
    total = cohort.row("total")
    patients = ", ".join(f"{primary} {whole(cohort.row(primary), 'patients')}" for primary in primaries)
    yield (
        f"n = {whole(total, 'patients')} patients ({patients}), {whole(total, 'lesions')} lesions, one hospital, retrospective; "
        "one or two lesions of each patient were proven, and lesions of one patient resemble each other."
    )
    ill_defined = whole(tables["an-table-1"].row("lesion-margin", "ill-defined", "total"), "count")
    yield (
        f"Signals are those against nearby muscle; lesions of the whole vertebra ({whole(total, 'whole_vertebra')}) are among the "
        f"{ill_defined} ill-defined ones by definition."
    )
    yield from (row.sentence for row in density.errata)
    blastic, lytic = density.row("blastic"), density.row("lytic")
    yield (
        f"T2 and density say the same ({whole(blastic, 't2_low')} of {whole(blastic, 'total')} blastic lesions are not bright, "
        f"{whole(lytic, 't2_high')} of {whole(lytic, 'total')} lytic ones bright): together they count as one."
    )
