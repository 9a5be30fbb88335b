"""Leptomeningeal disease: suspected by any sign or by the clinician, and never excluded.

Weakness, sensory loss and pain with a malignancy are no suspicion: nearly every patient here has them. Whether the CSF may be
punctured follows from the epidural disease of all lesions: assessment/pointers decides it.

Source: evidence table shah-leptomeningeal; clinical rules 10.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.evidence.tables import Table, Tables, word
from service.instrument import Instrument, input_flags, is_stated, made_once, mentioned, reason_of, says_something
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome, Reason
from service.sign import Said, Sign, Standing, any_of, said_among, said_of, sign_of

SUSPECTED: Final = "leptomeningeal-suspected"
_NOT_EXCLUDED: Final = "leptomeningeal-not-excluded"
TABLE: Final = "shah-leptomeningeal"
PUNCTURES: Final = "negative-lumbar-punctures"
CAUDA_EQUINA: Final = "cauda-equina-syndrome"

_CONTRAST: Final = "contrast-given"
_PRIMARY: Final = "primary-cancer"
_SUSPICION: Final = "clinical-suspicion"
_CSF: Final = "csf-enhancement"
_EXCLUDES_NOTHING: Final = "does not exclude"
_CONTEXT: Final = "context"
_SIGNS: Final = (
    "subarachnoid-nodules",
    "leptomeningeal-enhancement",
    "thickened-nerve-roots",
    _CSF,
    "unexplained-hydrocephalus",
    "leptomeningeal-seeding",
    _SUSPICION,
)
_SPEAKING: Final = frozenset({*_SIGNS, PUNCTURES})
_TRIGGERS: Final = _SPEAKING | {_CONTRAST}
_READS: Final = (*_SIGNS, PUNCTURES, _CONTRAST, _PRIMARY, CAUDA_EQUINA)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Printed:
    """The table as the rule reads it.

    Attributes:
        signs: any one of them is a suspicion.
        prognosis: signs that are enhancement of the central nervous system.
        primaries: tumours that are printed to spread to the leptomeninges.
        caveats: sentences that stand with every result.
    """

    signs: tuple[Sign, ...]
    prognosis: tuple[str, ...]
    primaries: frozenset[str]
    caveats: tuple[str, ...]


@made_once
def _printed(tables: Tables) -> Printed:
    table = tables[TABLE]
    return Printed(
        signs=tuple(sign_of(table, row) for role in ("sign", "stated") for row in table.groups[role]),
        prognosis=tuple(word(row, "finding") for row in table.groups["prognosis"]),
        primaries=frozenset(word(row, "value") for row in table.groups["primary"]),
        caveats=tuple(_caveats(table)),
    )


def _caveats(table: Table) -> Iterator[str]:
    """Yield what tests miss: nothing that is not seen excludes the disease."""
    one, three = table.row("test", PUNCTURES, "1"), table.row("test", PUNCTURES, "3")
    ct, mri = (table.row("test", "modality", modality) for modality in ("ct", "mri"))
    solid, blood = (table.row("test", "modality", f"mri-{tumour}") for tumour in ("solid-tumour", "lymphoma-leukaemia"))
    rescued = table.row("test", "modality", "mri-after-negative-puncture")
    yield "Symptoms alone are no suspicion, and nothing that is not seen excludes leptomeningeal disease."
    yield (
        f"One lumbar puncture finds {one['found_percent_from']}-{one['found_percent_to']} %, three {three['found_percent_to']} %; "
        f"MRI finds up to {rescued['found_percent_to']} % of those with a negative puncture."
    )
    yield f"Missed by CT: {ct['missed']} of {ct['of']}; by MRI: {mri['missed']} of {mri['of']}."
    yield (
        f"Sensitivity of MRI: {solid['sensitivity_percent']} % with solid tumours, {blood['sensitivity_percent']} % with lymphoma "
        "and leukaemia."
    )


def _assess(case: Case, tables: Tables) -> Outcome:
    """Tell whether leptomeningeal disease is suspected in this patient."""
    printed = _printed(tables)
    if not mentioned(case, _TRIGGERS):
        return _silent(tables)
    reading = _read(tuple(_said(case, sign) for sign in printed.signs), printed)
    reasons = tuple(_reasons(case, reading, printed))
    return Outcome(
        instrument=LEPTOMENINGEAL.key,
        version=LEPTOMENINGEAL.version,
        applicability=Applicability.APPLICABLE,
        verdicts=reading.verdicts,
        reasons=reasons,
        missing=reading.missing,
        flags=tuple(sorted(reading.flags | input_flags(case, _SPEAKING | {reason.finding for reason in reasons}))),
        recommendations=("whole-neuraxis-mri-gd", "csf-flow-study") if SUSPECTED in reading.verdicts else (),
        requests=_requests(case),
        citations=(tables[TABLE].citation,),
        caveats=printed.caveats,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What the signs come to; `standings` are theirs in the order of the table."""

    standings: tuple[Standing, ...]
    verdicts: tuple[str, ...]
    missing: tuple[str, ...]
    flags: frozenset[str]


@lru_cache(maxsize=1024)
def _read(said: tuple[Said | None, ...], printed: Printed) -> _Reading:
    """Weigh the signs. Remembered: reports repeat the same words."""
    standings = tuple(sign.standing(each) for sign, each in zip(printed.signs, said, strict=True))
    by_finding = dict(zip((sign.finding for sign in printed.signs), standings, strict=True))
    suspicion = any_of(standings)
    unstated = tuple(finding for finding, standing in by_finding.items() if standing is Standing.MISSING)
    raised = {
        "poor-prognosis": any(by_finding[finding] >= Standing.MAYBE for finding in printed.prognosis),
        "massive-tumour-coating": by_finding[_CSF] >= Standing.MAYBE,
    }
    return _Reading(
        standings=standings,
        verdicts=_VERDICTS[suspicion],
        missing=() if suspicion is Standing.YES else unstated,
        flags=frozenset(flag for flag, holds in raised.items() if holds),
    )


_VERDICTS: Final = {
    Standing.YES: (SUSPECTED,),
    Standing.MAYBE: (SUSPECTED, _NOT_EXCLUDED),
    Standing.MISSING: (_NOT_EXCLUDED,),
    Standing.NO: (_NOT_EXCLUDED,),
}
"""What is said by how the clearest sign stands."""


def _said(case: Case, sign: Sign) -> Said | None:
    known = case.known(sign.finding)
    return said_among(known, sign.values) if sign.finding == _SUSPICION else said_of(known)


def _requests(case: Case) -> tuple[str, ...]:
    """Ask for contrast where the study had none and enhancement is not stated from elsewhere."""
    without = case.known(_CONTRAST).state is State.ABSENT and not case.known("leptomeningeal-enhancement").values
    return ("no-contrast-mri",) if without else ()


def _reasons(case: Case, reading: _Reading, printed: Printed) -> Iterator[Reason]:
    """Yield what is stated of signs and punctures, and beside these the tumour, the contrast and a cauda equina syndrome."""
    weighed = list(zip(printed.signs, reading.standings, strict=True))
    found = [
        reason_of(case.known(sign.finding), sign.evidence, _EXCLUDES_NOTHING if standing is Standing.NO else f"for {SUSPECTED}")
        for sign, standing in weighed
        if standing is not Standing.MISSING
    ]
    punctures = case.known(PUNCTURES)
    if says_something(punctures):
        found.append(reason_of(punctures, f"{TABLE}: test {PUNCTURES}", _EXCLUDES_NOTHING))
    yield from found
    if found:
        yield from _beside(case, reading, printed)


def _beside(case: Case, reading: _Reading, printed: Printed) -> Iterator[Reason]:
    """Yield what says nothing alone."""
    primary, contrast, cauda_equina = (case.known(finding) for finding in (_PRIMARY, _CONTRAST, CAUDA_EQUINA))
    if not printed.primaries.isdisjoint(primary.values):
        yield reason_of(primary, f"{TABLE}: primary {_PRIMARY}", _CONTEXT)
    if says_something(contrast):
        yield reason_of(contrast, f"{TABLE}: sign leptomeningeal-enhancement", _CONTEXT)
    if is_stated(cauda_equina) and SUSPECTED in reading.verdicts:
        yield reason_of(cauda_equina, f"{TABLE}: sign thickened-nerve-roots", _CONTEXT)


@made_once
def _silent(tables: Tables) -> Outcome:
    """Return the outcome of a patient of whom no sign is stated."""
    return Outcome(
        instrument=LEPTOMENINGEAL.key,
        version=LEPTOMENINGEAL.version,
        applicability=Applicability.APPLICABLE,
        verdicts=(_NOT_EXCLUDED,),
        missing=_SIGNS,
        citations=(tables[TABLE].citation,),
        caveats=_printed(tables).caveats,
    )


LEPTOMENINGEAL: Final = Instrument(
    key="leptomeningeal",
    version="1",
    title="Leptomeningeal disease",
    scope="patient",
    sources=(TABLE,),
    reads=_READS,
    assess=_assess,
)
