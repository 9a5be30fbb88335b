"""Nature of a bone lesion: density, attenuation, chemical shift, T1 and marrow signs, each question answered for itself.

Nothing is joined into one verdict: the papers give no rule for it.
Source: the evidence tables of the questions; clinical rules 5 and 8.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from service.evidence.tables import Tables
from service.instrument import Instrument, input_flags, mentioned
from service.instruments.lesion_nature import attenuation, density, opposed_phase, signs, t1
from service.instruments.lesion_nature.part import Part
from service.instruments.lesion_nature.scale import SOURCES, Scale, scale_of
from service.model.case import Case
from service.model.outcome import Applicability, Outcome

_QUESTIONS: Final[tuple[tuple[frozenset[str], Callable[[Case, Scale], Part | None]], ...]] = (
    (frozenset(density.READS), density.density),
    (frozenset((attenuation.MEAN, attenuation.MAXIMUM)), attenuation.attenuation),
    (frozenset((opposed_phase.LOSS, opposed_phase.APPEARANCE, *opposed_phase.SIGNALS)), opposed_phase.opposed_phase),
    (frozenset((opposed_phase.FAT_FRACTION,)), opposed_phase.fat_fraction),
    (frozenset(t1.AGAINST.values()), t1.t1),
    (frozenset((t1.FAT_SUPPRESSED,)), t1.fat_suppressed),
    (frozenset(signs.READS), signs.marrow_signs),
)
"""Each question with the findings one of which must be known for it to be asked, in the order of outcomes.csv."""

_READS: Final = tuple(dict.fromkeys((*density.READS, *attenuation.READS, *opposed_phase.READS, *t1.READS, *signs.READS)))
_ANY: Final = frozenset(_READS)


def _assess(case: Case, tables: Tables) -> Outcome:
    """Answer every question about which something is stated; caveats and citations are those of the questions answered."""
    scale = scale_of(tables)
    heard = mentioned(case, _ANY)
    found = [part for findings, answer in _QUESTIONS if not heard.isdisjoint(findings) and (part := answer(case, scale))]
    tables_used = _joined(part.tables for part in found)
    return Outcome(
        instrument=LESION_NATURE.key,
        version=LESION_NATURE.version,
        applicability=Applicability.APPLICABLE,
        verdicts=_joined(part.verdicts for part in found),
        measure=_measure(case),
        reasons=tuple(each for part in found for each in part.reasons),
        missing=_joined(part.missing for part in found),
        flags=tuple(sorted(input_flags(case, heard).union(*(part.flags for part in found)))),
        requests=_joined(part.requests for part in found),
        citations=tuple(scale.citations[table] for table in tables_used),
        caveats=tuple(caveat for table in tables_used for caveat in scale.caveats.get(table, ())),
    )


def _measure(case: Case) -> Mapping[str, float] | None:
    """Return the signal loss where it is one number."""
    loss = case.known(opposed_phase.LOSS).interval
    return {opposed_phase.LOSS: float(loss.low)} if loss is not None and loss.is_exact and loss.low is not None else None


def _joined(codes: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Join codes of several questions, each once."""
    return tuple(dict.fromkeys(code for each in codes for code in each))


LESION_NATURE: Final = Instrument(
    key="lesion-nature",
    version="2",
    title="Lesion nature",
    scope="lesion",
    sources=SOURCES,
    reads=_READS,
    assess=_assess,
)
