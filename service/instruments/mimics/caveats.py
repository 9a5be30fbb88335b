"""Sentences that must stand with the candidates: always, and beside the findings they concern."""

from collections.abc import Iterator
from typing import Final

from service.evidence.tables import Tables
from service.instrument import is_stated
from service.instruments.mimics.reading import ATTENUATION, LOSS, TREATMENT, is_collection_disputed, is_within_cord
from service.instruments.mimics.rules import BULLS_EYE, CUT_OFFS, DENSITY, HALO, MARROW, STUDY, TREATED, Rules
from service.model.case import Case
from service.model.finding import State
from service.sign import Readings, Standing, all_of

ALWAYS: Final = (
    "A candidate is what the stated signs favour, never a diagnosis; biopsy is the reference test of every paper.",
    "Which signs a rule needs together, and what excludes a candidate, are this service's reading of the papers.",
)
_NEITHER: Final = "open"


def caveats(case: Case, readings: Readings, rules: Rules, tables: Tables) -> Iterator[str]:
    """Yield every sentence that this lesion needs."""
    yield from ALWAYS
    if HALO in readings or BULLS_EYE in readings:
        yield _of_marrow_signs(tables)
    if ATTENUATION in readings:
        yield from _of_attenuation(case, tables)
    if LOSS in readings and _NEITHER in readings[LOSS].words:
        yield f"A loss of signal of exactly {rules.cuts.loss_percent} % lies on neither side."
    if (
        _is_after_treatment(case)
        and all_of(sign.standing(readings.get(sign.finding)) for sign in rules.regenerating) >= Standing.MAYBE
    ):
        yield _of_regeneration(tables)
    if "ivory-vertebra" in readings and "present" in readings["ivory-vertebra"].words:
        yield "An ivory vertebra may be metastasis, Paget disease or lymphoma: X-ray cannot decide between them."
    if is_within_cord(case):
        yield "A lesion within the cord is stated: signal, margin and enhancement are taken as its own and not as those of bone."
    if is_collection_disputed(case):
        yield "An epidural collection is denied and described: both statements are kept."


def _of_marrow_signs(tables: Tables) -> str:
    halo, bulls_eye = (tables[MARROW].row(sign) for sign in (HALO, BULLS_EYE))
    groups = " and ".join(str(row["patients"]) for row in tables[STUDY].rows)
    return (
        f"Halo sign: sensitivity {halo['sensitivity_percent']} %, specificity {halo['specificity_percent']} %; bull's-eye sign: "
        f"{bulls_eye['sensitivity_percent']} % and {bulls_eye['specificity_percent']} %; measured in the pelvis of {groups} "
        f"patients ({tables[STUDY].citation.paper}): no likelihood for the spine, and a sign that is not there excludes nothing."
    )


def _of_attenuation(case: Case, tables: Tables) -> Iterator[str]:
    """Yield what limits the attenuation: the scale, the treatment, and which benign lesions it was measured in."""
    yield from (row.sentence for row in tables[DENSITY].errata)
    study = tables[CUT_OFFS].row("study")
    yield f"ext: measured in {study['lesions']} lesions of {study['patients']} patients ({tables[CUT_OFFS].citation.paper})."
    known = case.known(TREATMENT)
    if known.state is not State.ABSENT:
        why = "is not stated" if known.state is State.NOT_ASSESSED else "is stated"
        yield f"Attenuation counts for an untreated lesion only: treatment {why}, so the value is shown and decides nothing."


def _is_after_treatment(case: Case) -> bool:
    treatments = (case.known(TREATMENT), case.known("spinal-irradiation"))
    return any(known.values for known in treatments) or is_stated(case.known("chemotherapy"))


def _of_regeneration(tables: Tables) -> str:
    row = tables[TREATED].row("regenerating-marrow", "t1", "t1-signal", "hypo")
    return (
        f"After treatment, foci of red marrow that grows again ({row['weeks_from']} to {row['weeks_to']} weeks) are dark on T1 "
        f"and T2 too ({tables[TREATED].citation.paper}, {tables[TREATED].citation.locator})."
    )
