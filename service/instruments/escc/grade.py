"""ESCC (Bilsky): the set of epidural compression grades that the stated signs leave possible, and their band.

Source: evidence table montoya-escc; clinical rules 3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.evidence.tables import Row, Tables, word
from service.instrument import (
    NEOPLASM_FINDINGS,
    Instrument,
    Question,
    input_flags,
    neoplasm_gate,
    reason_of,
    says_something,
)
from service.instruments.escc.reading import REPORTED, Reading, allows, read
from service.instruments.escc.scale import COMPRESSION, CONVENTION, CSF, SIGNS, TABLE, TESTED, Scale, is_abutment, scale_of
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome
from service.model.spine import is_below_conus, is_level

_BITS: Final[Mapping[str, int]] = {sign: 1 << place for place, sign in enumerate(SIGNS)}
"""Each sign as a bit of its own, so that a sum names one answer to every sign."""
_BASIS: Final = "axial-t2-at-worst-level"
_INPUTS: Final = (*SIGNS, REPORTED, _BASIS, "vertebral-level", "spinal-region")
_OPEN: Final = "open"
_HIGH: Final = "high-grade"
_NOT_APPLICABLE: Final = (
    "ESCC is made for epidural tumour: a benign diagnosis is reported and no malignancy is stated, so no grade is given."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grading:
    """What a reading comes to.

    Attributes:
        flags: flags of the scale itself, whether or not it applies.
        verdicts: grades, then bands; empty = no grade is given.
        missing, requests: what would narrow it, what is asked for.
    """

    flags: frozenset[str]
    verdicts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()


def _assess(case: Case, tables: Tables) -> Outcome:
    """Grade the lesion under study.

    Where ESCC does not apply no grade is given; that the canal is in danger is said all the same (flag `urgent`).
    """
    scale = scale_of(tables)
    gate = neoplasm_gate(case)
    reading = read(case, scale)
    applies = gate.applicability is not Applicability.NOT_APPLICABLE
    grading = _graded(reading, scale) if applies else _Grading(flags=_flags(reading))
    spoken = [case.known(finding) for finding in (*SIGNS, REPORTED, _BASIS)]
    return Outcome(
        instrument=ESCC.key,
        version=ESCC.version,
        applicability=gate.applicability,
        verdicts=grading.verdicts,
        reasons=tuple(
            [reason_of(known, f"{TABLE}: {known.finding}") for known in spoken if known.finding in SIGNS or says_something(known)]
        ),
        missing=grading.missing,
        flags=tuple(sorted(gate.flags.union(input_flags(case, _INPUTS), grading.flags, _flags_of_place(case, reading)))),
        requests=grading.requests,
        citations=scale.citations,
        caveats=scale.caveats if applies else (*scale.caveats, _NOT_APPLICABLE),
    )


@lru_cache(maxsize=4096)
def _graded(reading: Reading, scale: Scale) -> _Grading:
    """Return the grades, the band and what is missing."""
    found = _bands(reading, scale)
    asks_cord = len(found) > 1 and not reading.said[COMPRESSION]
    requests = (("no-statement", reading.is_silent), ("missing-cord-status", asks_cord))
    return _Grading(
        flags=_flags(reading),
        verdicts=(*(f"grade-{row['grade']}" for row in reading.rows), *found),
        missing=tuple(sign for sign in SIGNS if not reading.said[sign] and _separates(sign, reading.rows)),
        requests=tuple(request for request, holds in requests if holds),
    )


def _bands(reading: Reading, scale: Scale) -> tuple[str, ...]:
    """Return the bands still possible, low before high; 1c beside effaced CSF leaves both."""
    found = {word(row, "band") for row in reading.rows}
    return tuple(band for band in scale.bands if band in found or reading.has_open_abutment)


def _question(case: Case, tables: Tables) -> Question | None:
    """Ask for the band where it is open, else for the grade; a grade that contradicts the signs is settled by no missing sign."""
    return _asked(read(case, scale_of(tables)))


@lru_cache(maxsize=4096)
def _asked(reading: Reading) -> Question | None:
    """Return what a reading leaves open."""
    if reading.disagrees:
        return None
    asked = "band" if len({row["band"] for row in reading.rows}) > 1 else "grade"
    named = {total: _word(row, asked, total) for row in reading.asked for total in _totals(row, effaced=reading.is_effaced)}
    return Question(components={sign: _answers(reading, sign) for sign in SIGNS}, category=named.get)


def _totals(row: Row, *, effaced: bool) -> tuple[int, ...]:
    """Return the answers to all signs that make a grade, each as a sum of bits; effaced CSF beside 1c only where it is stated."""
    cord = sum(bit for sign, bit in _BITS.items() if row.get(sign) is True)
    if CSF in row:
        return (cord,)
    return (cord | _BITS[CSF], cord) if effaced and is_abutment(row) else (cord | _BITS[CSF],)


def _word(row: Row, asked: str, total: int) -> str:
    """Return the band or grade of a row; 1c beside effaced CSF leaves the band open, so that a low band does not settle it."""
    is_open = asked == "band" and is_abutment(row) and not total & _BITS[CSF]
    return _OPEN if is_open else word(row, asked)


def _answers(reading: Reading, sign: str) -> tuple[int, ...]:
    """Return the bits that a sign may still add; a denial that was dropped is open again."""
    said = reading.said[sign]
    dropped = reading.contradictory and sign != CSF and False in said
    return tuple(_BITS[sign] * present for present in sorted(said if said and not dropped else (False, True)))


def _separates(sign: str, rows: tuple[Row, ...]) -> bool:
    """Tell whether knowing a sign could leave fewer grades."""
    return any(0 < sum(allows(row, sign, present=answer) for row in rows) < len(rows) for answer in (False, True))


def _flags(reading: Reading) -> frozenset[str]:
    """Return the flags of the scale itself; beside effaced CSF a compression that is disputed is as urgent as one not stated."""
    compression = reading.said[COMPRESSION]
    high = [row["band"] == _HIGH for row in reading.rows]
    raised = {
        "urgent": all(high) or (reading.is_effaced and compression != {False} and any(high)),
        "contradictory": reading.contradictory,
        "csf-effaced-without-compression": reading.has_open_abutment,
        "reported-grade-disagrees": reading.disagrees,
        "convention-1c-low": not reading.is_silent,
    }
    return frozenset(flag for flag, holds in raised.items() if holds)


def _flags_of_place(case: Case, reading: Reading) -> Iterable[str]:
    """Yield what must be said of where and on what it was read."""
    if not reading.is_silent and case.known(_BASIS).state is not State.PRESENT:
        yield "not-axial-t2"
    if any(_below_conus(case)):
        yield "below-conus"


def is_wholly_below_conus(case: Case) -> bool:
    """Tell whether every stated place of the lesion under study is L2 or lower, where no cord is left to speak of."""
    places = _below_conus(case)
    return bool(places) and all(places)


def _below_conus(case: Case) -> tuple[bool, ...]:
    """Tell for each level, else for each region, whether it is below the conus; the lumbar region leaves it open."""
    site = case.focus.site if case.focus is not None else None
    levels = (site.levels if site is not None else ()) or case.known("vertebral-level").values
    regions = (site.regions if site is not None else ()) or case.known("spinal-region").values
    if levels:
        return tuple(is_below_conus(level) for level in levels if is_level(level))
    return tuple(region == "sacral" for region in regions)


ESCC: Final = Instrument(
    key="escc",
    version="3",
    title="ESCC",
    scope="lesion",
    sources=(TABLE, TESTED, CONVENTION),
    reads=(*_INPUTS, *NEOPLASM_FINDINGS),
    assess=_assess,
    question=_question,
)
