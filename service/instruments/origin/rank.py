"""Origin: which of five primary cancers the spinal metastases of a patient look like.

Source: evidence tables an-table-1, an-table-2, an-cohort; clinical rules 7. Nothing here is a diagnosis: support is relative, and a
primary outside the five is never excluded.
"""

from collections.abc import Iterator
from typing import Final

from service.evidence.tables import Tables
from service.instrument import Instrument, input_flags
from service.instruments.origin.gate import METASTASIS, PRIMARY, Gate, Primary, gate
from service.instruments.origin.lesions import SAYS_WHAT_IT_IS, without_benign
from service.instruments.origin.notes import DENSITY_LISTS, notes, on_known_primary
from service.instruments.origin.ranking import NO_FAVOURITE, VERDICTS, Ranked, rank
from service.instruments.origin.reading import CATEGORY, LesionOptions, read, stated
from service.instruments.origin.reasons import LIGAMENT, SHOWN, of_gate, reasons
from service.instruments.origin.scale import COHORT, CORRELATION, CUES, DENSITY, DENSITY_TABLE, TABLE, Scale, scale_of
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Lesion
from service.model.outcome import Outcome, Reason, Share

_NOT_MODELLED: Final = "not-modelled"
_OF_LESION: Final = (*CATEGORY, *SHOWN)
_OF_PATIENT: Final = (METASTASIS, PRIMARY)
_WORDS_ONLY: Final = (CUES, *DENSITY_LISTS)


def _assess(case: Case, tables: Tables) -> Outcome:
    """Rank the primaries for all lesions together; without an accepted metastasis, or with a known primary, nothing is ranked."""
    scale = scale_of(tables)
    stands = gate(case)
    case, left_out = without_benign(case)
    lesions = tuple([read(lesion, scale) for lesion in case.lesions])
    told = [options for options in lesions if any(options)]
    ranked = rank(scale, told) if told and stands.is_ranked else None
    return Outcome(
        instrument=ORIGIN.key,
        version=ORIGIN.version,
        applicability=stands.applicability,
        verdicts=_verdicts(case, stands, ranked),
        ranking=None if ranked is None else tuple([Share(outcome=primary, share=share) for primary, share in ranked.shares]),
        reasons=_reasons(case, scale, lesions, stands, ranked),
        missing=tuple(_missing(case, scale, lesions, stands)),
        flags=tuple(sorted(_input_flags(case, left_out).union(_flags(case, scale, ranked)))),
        requests=_requests(stands, has_features=bool(told)),
        citations=scale.citations if ranked is None else scale.citations + tuple([tables[name].citation for name in _WORDS_ONLY]),
        caveats=(*scale.caveats, *_on_lesions(left_out), *_own_caveats(case, tables, scale, stands, ranked)),
    )


def _verdicts(case: Case, stands: Gate, ranked: Ranked | None) -> tuple[str, ...]:
    """Return the verdicts still possible: a disputed primary leaves a ranking and none, an excluded one is never favoured."""
    if stands.primary is Primary.KNOWN:
        return (_NOT_MODELLED,)
    if ranked is None:
        return ()
    if stands.primary is Primary.DISPUTED:
        return (*ranked.verdicts, _NOT_MODELLED)
    excluded = {f"favoured-{primary}" for primary in case.known(PRIMARY).denied}
    possible = {NO_FAVOURITE if verdict in excluded else verdict for verdict in ranked.verdicts}
    return tuple(verdict for verdict in VERDICTS if verdict in possible)


def _reasons(
    case: Case, scale: Scale, lesions: tuple[LesionOptions, ...], stands: Gate, ranked: Ranked | None
) -> tuple[Reason, ...]:
    """Return what the outcome rests on; where nothing is ranked, only the primary that is known."""
    if stands.primary is Primary.KNOWN:
        return (of_gate(case, PRIMARY),)
    return () if ranked is None else tuple(reasons(case, scale, lesions))


def _missing(case: Case, scale: Scale, lesions: tuple[LesionOptions, ...], stands: Gate) -> Iterator[str]:
    """Yield what nobody assessed at any lesion, then what would open the gate; nothing where nothing can be ranked."""
    metastasis = case.known(METASTASIS).state
    if stands.primary is Primary.KNOWN or metastasis is State.ABSENT:
        return
    for place, feature in enumerate(scale.features):
        if not any(options[place] for options in lesions):
            yield feature.finding
    if metastasis is State.NOT_ASSESSED:
        yield METASTASIS
    if stands.primary is Primary.NOT_STATED:
        yield PRIMARY


def _requests(stands: Gate, *, has_features: bool) -> tuple[str, ...]:
    """Return why nothing is ranked; a known primary asks for nothing."""
    if stands.primary is Primary.KNOWN:
        return ()
    asked = (("metastasis-not-accepted", not stands.is_accepted), ("too-few-features", not has_features))
    return tuple(request for request, holds in asked if holds)


def _input_flags(case: Case, left_out: tuple[Lesion, ...]) -> frozenset[str]:
    """Return what must be said about the inputs, over all lesions."""
    of_lesions = [input_flags(case.at(lesion), (*_OF_LESION, *SAYS_WHAT_IT_IS)) for lesion in case.lesions]
    of_others = [input_flags(case.at(lesion), SAYS_WHAT_IT_IS) for lesion in left_out]
    return input_flags(case, _OF_PATIENT).union(*of_lesions, *of_others)


def _flags(case: Case, scale: Scale, ranked: Ranked | None) -> Iterator[str]:
    """Yield the flags of the ranking itself."""
    yield "five-primaries-only"
    if ranked is None:
        return
    yield from (scale.signs[key].flag for key in ranked.signs)
    raised = {
        "not-robust": not ranked.is_robust,
        "unmodelled-primary-plausible": ranked.is_outside_plausible,
        "anterior-ligament-cue": "present" in stated(case.lesions, LIGAMENT),
        "density-prior": bool(stated(case.lesions, DENSITY)),
    }
    yield from (flag for flag, holds in raised.items() if holds)


def _on_lesions(left_out: tuple[Lesion, ...]) -> Iterator[str]:
    """Say which lesions do not count."""
    if left_out:
        sites = ", ".join(lesion.site.text for lesion in left_out)
        yield f"Left out, because named benign or without tumour cells on biopsy: {sites}."


def _own_caveats(case: Case, tables: Tables, scale: Scale, stands: Gate, ranked: Ranked | None) -> Iterator[str]:
    if stands.primary is Primary.KNOWN:
        yield on_known_primary(case.known(PRIMARY))
    elif ranked is not None:
        yield from notes(case, tables, scale, ranked)


ORIGIN: Final = Instrument(
    key="origin",
    version="2",
    title="Origin",
    scope="patient",
    sources=(TABLE, DENSITY_TABLE, CORRELATION, COHORT, CUES, *DENSITY_LISTS),
    reads=(*_OF_LESION, *SAYS_WHAT_IT_IS, *_OF_PATIENT),
    assess=_assess,
)
