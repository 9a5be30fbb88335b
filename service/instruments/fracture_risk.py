"""Risk of pathologic fracture: high from half of the cortex destroyed.

Below that the risk is not high by this criterion, which does not mean low; SINS stands beside it and is not merged.
Source: evidence tables shah-fracture-risk and montoya-fracture-risk; clinical rules 5 and 14.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from service.evidence.tables import Tables, whole, word
from service.instrument import Instrument, input_flags, is_stated, made_once, mentioned, says_something, sources_of, text_of
from service.model.case import Case
from service.model.coded import Interval
from service.model.lesion import Known
from service.model.outcome import Applicability, Citation, Outcome, Reason

_TABLE: Final = "shah-fracture-risk"
_SECOND: Final = "montoya-fracture-risk"

_SHARE: Final = "cortex-destroyed-percent"
_BLURRING: Final = "cortical-blurring"
_FRACTURES: Final = ("vertebral-fracture", "pathologic-fracture")
_REPEATED: Final = "D10"
"""Derivation that repeats a pathologic fracture as a fracture."""
_TREATMENT: Final = "lesion-treatment"
_ABLATION: Final = "ablation"
_READS: Final = (_SHARE, _BLURRING, *_FRACTURES, _TREATMENT)
_ANY: Final = frozenset(_READS)

_HIGH: Final = "high-fracture-risk"
_NOT_HIGH: Final = "not-high-by-this-criterion"
_DIRECTIONS: Final = {_HIGH: "high risk", _NOT_HIGH: "not high by this criterion"}
_NOTHING: Final = Decimal("-Infinity")
_EVERYTHING: Final = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scale:
    """The criterion.

    Attributes:
        edge: share of the cortex in per cent from which the risk is high.
        citations: where it is printed.
        caveats: sentences that stand with every result.
    """

    edge: Decimal
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@made_once
def _scale_of(tables: Tables) -> _Scale:
    """Return the criterion as the evidence tables print it."""
    table, second = tables[_TABLE], tables[_SECOND]
    causes = word(second.row("causes"), "label")
    return _Scale(
        edge=Decimal(whole(table.row("cortex-destroyed"), "percent")),
        citations=(table.citation, second.citation),
        caveats=(
            *(row.sentence for row in table.errata),
            "A crude criterion of radiographs, printed without a number of patients; read SINS beside it, the two are not merged.",
            f"Causes of pathologic fracture as printed: {causes} ({second.citation.paper}, Plain X-ray).",
        ),
    )


def _assess(case: Case, tables: Tables) -> Outcome:
    """Read the share of the cortex that is destroyed; without it no word is given, and it is asked for."""
    scale = _scale_of(tables)
    heard = mentioned(case, _ANY)
    if not heard:
        return _outcome(scale)
    share = case.known(_SHARE)
    verdicts = () if share.interval is None else _verdicts(share.interval, scale.edge)
    raised = {
        "cortical-blurring-seen": is_stated(case.known(_BLURRING)),
        "already-fractured": any(_is_fractured(case.known(finding)) for finding in _FRACTURES),
        "bone-weakened-by-ablation": _is_ablated(case),
    }
    flags = input_flags(case, heard).union(flag for flag, holds in raised.items() if holds)
    return _outcome(scale, verdicts=verdicts, flags=flags, reasons=tuple(_reasons(case, verdicts)))


def _outcome(
    scale: _Scale, *, verdicts: tuple[str, ...] = (), flags: frozenset[str] = frozenset(), reasons: tuple[Reason, ...] = ()
) -> Outcome:
    return Outcome(
        instrument=FRACTURE_RISK.key,
        version=FRACTURE_RISK.version,
        applicability=Applicability.APPLICABLE,
        verdicts=verdicts,
        reasons=reasons,
        missing=() if verdicts else (_SHARE,),
        flags=tuple(sorted(flags)),
        requests=() if verdicts else ("missing-cortex-percent",),
        citations=scale.citations,
        caveats=scale.caveats,
    )


@lru_cache(maxsize=1024)
def _verdicts(share: Interval, edge: Decimal) -> tuple[str, ...]:
    """Return the words that a share may have; the edge itself is high."""
    high = share.contains(edge) or share.meets(edge, _EVERYTHING)
    return (*((_HIGH,) if high else ()), *((_NOT_HIGH,) if share.meets(_NOTHING, edge) else ()))


def _is_fractured(known: Known) -> bool:
    """Tell whether somebody states a fracture."""
    return any(value != "absent" for value in known.values)


def _is_ablated(case: Case) -> bool:
    return _ABLATION in case.known(_TREATMENT).values


def _reasons(case: Case, verdicts: tuple[str, ...]) -> Iterator[Reason]:
    """Yield what speaks of the cortex or of its strength; that a fractured vertebra is fractured stands beside these only."""
    share, blurring, treatment = (case.known(finding) for finding in (_SHARE, _BLURRING, _TREATMENT))
    spoken = [known for known in (share, blurring) if says_something(known)] + ([treatment] if _is_ablated(case) else [])
    fractures = [known for finding in _FRACTURES if _is_fractured(known := case.known(finding)) and known.derived_by != _REPEATED]
    for known in (*spoken, *(fractures if spoken else ())):
        yield Reason(
            finding=known.finding,
            value=text_of(known),
            direction=_DIRECTIONS[verdicts[0]] if known is share and len(verdicts) == 1 else None,
            evidence=_EVIDENCE.get(known.finding, f"{_TABLE}: fracture"),
            sources=sources_of((known,)),
        )


_EVIDENCE: Final = {
    _SHARE: f"{_TABLE}: cortex-destroyed",
    _BLURRING: f"{_SECOND}: cortical-blurring",
    _TREATMENT: f"{_SECOND}: ablation",
}
"""Table and cell that a finding rests on."""

FRACTURE_RISK: Final = Instrument(
    key="fracture-risk",
    version="1",
    title="Fracture risk",
    scope="lesion",
    sources=(_TABLE, _SECOND),
    reads=_READS,
    assess=_assess,
)
