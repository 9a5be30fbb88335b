"""The sentences that must stand with the ranking of this patient: exclusive signs with their counts, and cues without numbers.

Source: evidence tables an-table-1, an-cohort, an-cues, shah-density, montoya-density; clinical rules 7.
"""

from collections.abc import Iterator
from typing import Final

from service.evidence.tables import Tables, whole, word
from service.instruments.origin.gate import PRIMARY, named
from service.instruments.origin.ranking import Ranked
from service.instruments.origin.reading import stated
from service.instruments.origin.reasons import DIAMETER, LIGAMENT
from service.instruments.origin.scale import COHORT, CUES, DENSITY, ENHANCEMENT, PRIMARIES, Scale
from service.model.case import Case
from service.model.lesion import Known

DENSITY_LISTS: Final = ("shah-density", "montoya-density")
"""Tables of primaries by density, in words."""

_EXTENT: Final = "lesion-extent"
_NOT_IN_AN: Final = frozenset({"target", "patchy"})
_MASSES: Final = ("posterior-mass", "bulging-mass")


def notes(case: Case, tables: Tables, scale: Scale, ranked: Ranked) -> Iterator[str]:
    """Yield the sentences in the order in which they are printed.

    Args:
        case: the patient.
        tables: evidence.
        scale: the model.
        ranked: its ranking.
    """
    yield from (scale.signs[key].sentence for key in ranked.signs)
    yield from _on_the_model(case, ranked)
    yield from _on_density(case, tables)
    if "present" in stated(case.lesions, LIGAMENT):
        yield _cue(tables, LIGAMENT)
    if "extraosseous" in stated(case.lesions, _EXTENT):
        yield from (_cue(tables, cue) for cue in _MASSES)
    if any(DIAMETER in lesion.findings for lesion in case.lesions):
        yield _on_size(tables)
    if len(case.lesions) > 1:
        yield _on_number(tables)


def on_known_primary(known: Known) -> str:
    """Say why nothing is ranked."""
    return f"Not ranked: the primary is known ({', '.join(named(known))})."


def _on_the_model(case: Case, ranked: Ranked) -> Iterator[str]:
    """Yield what the ranking does not hold."""
    if ranked.is_outside_plausible:
        yield "Blastic or bright on T1 without an exclusive sign: a primary outside the model is plausible (prostate; melanoma)."
    if not ranked.is_robust:
        yield "Not robust: another primary leads when the counts are smoothed otherwise or every lesion is counted."
    if ranked.is_disputed:
        yield "Features with several readings are left out of the shares; the verdicts are those of every reading."
    if not ranked.is_exhaustive:
        yield "Too many features are disputed to try every reading: no verdict is excluded."
    if _NOT_IN_AN.intersection(stated(case.lesions, ENHANCEMENT)):
        yield "Target and patchy enhancement are no categories of the paper: they count as missing."
    if denied := case.known(PRIMARY).denied:
        yield f"The report excludes {', '.join(denied)}; the shares do not use it, and it is not called favoured."


def _on_density(case: Case, tables: Tables) -> Iterator[str]:
    """Yield the primaries that the literature names for each stated density: words without numbers."""
    for density in stated(case.lesions, DENSITY):
        lists = [f"{word(tables[name].used(density), 'primaries')} ({tables[name].citation.paper})" for name in DENSITY_LISTS]
        yield f"Primaries usual for {density} metastases, without numbers: {'; '.join(lists)}."


def _cue(tables: Tables, cue: str) -> str:
    row = tables[CUES].row(cue)
    return f"Described without counts, no weight: {word(row, 'label')} ({word(row, 'primaries')})."


def _on_size(tables: Tables) -> str:
    cohort = tables[COHORT]
    sizes = ", ".join(f"{primary} {cohort.row(primary)['mean_size_cm']}" for primary in PRIMARIES)
    return f"Mean diameter in cm, no weight: {sizes} ({whole(cohort.row('total'), 'measured')} lesions measured)."


def _on_number(tables: Tables) -> str:
    """Return lesions per patient, from the counts (erratum 18)."""
    rows = {primary: tables[COHORT].row(primary) for primary in PRIMARIES}
    each = ", ".join(f"{primary} {whole(row, 'lesions') / whole(row, 'patients'):.1f}" for primary, row in rows.items())
    return f"Lesions per patient, no weight: {each}."
