"""ESCC (Bilsky): the set of epidural compression grades that the stated signs leave possible, and their band.

Source: evidence table montoya-escc; clinical rules 3. The set treatment, and the rule that effaced CSF excludes 0-1b, are ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from service.evidence.tables import Row, Tables, word
from service.instrument import (
    NEOPLASM_FINDINGS,
    Instrument,
    Question,
    input_flags,
    made_once,
    neoplasm_gate,
    says_something,
    sources_of,
    text_of,
)
from service.model.case import Case
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability, Citation, Outcome, Reason
from service.model.spine import is_below_conus, is_level

_TABLE: Final = "montoya-escc"
_TESTED: Final = "bilsky-2010"
_CONVENTION: Final = "hallinan-2022"

_COMPRESSION: Final = "cord-compression"
_CSF: Final = "csf-visible"
_SIGNS: Final = ("epidural-involvement", "thecal-sac-deformation", "cord-abutment", _COMPRESSION, _CSF)
_SEVERITY: Final = ("epidural-involvement", "thecal-sac-deformation", "cord-abutment", _CSF, _COMPRESSION)
"""Signs by severity: each needs those before it. Of CSF the sign is that it is not visible."""
_BITS: Final[Mapping[str, int]] = {sign: 1 << place for place, sign in enumerate(_SIGNS)}
"""Each sign as a bit of its own, so that a sum names one answer to every sign."""
_REPORTED: Final = "escc-grade"
_BASIS: Final = "axial-t2-at-worst-level"
_INPUTS: Final = (*_SIGNS, _REPORTED, _BASIS, "vertebral-level", "spinal-region")
_HIGH: Final = "high-grade"
_FROM_THE_SCALE: Final = frozenset({"D32", "D33"})
"""Derivations that fill signs from other signs or from the reported grade: both are weighed here, so only statements count."""
_NOT_APPLICABLE: Final = (
    "ESCC is made for epidural tumour: a benign diagnosis is reported and no malignancy is stated, so no grade is given."
)

_Signs = Mapping[str, bool]
_Said = tuple[frozenset[bool], ...]
"""What was said of each sign, in their order: nothing, yes, no or both."""

_NOTHING: Final[frozenset[bool]] = frozenset()
_BOTH: Final = frozenset({True, False})
_YES: Final = frozenset({True})
_NO: Final = frozenset({False})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scale:
    """The tables in the form in which the rule reads them, made once.

    Attributes:
        rows: the grades, least severe first.
        bands: low before high.
        citations: where the scale, its test and the other convention are printed.
        caveats: sentences that stand with every grade.
    """

    rows: tuple[Row, ...]
    bands: tuple[str, ...]
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reading:
    """What the statements leave possible.

    Attributes:
        said: what was said of each sign: nothing, yes, no or both.
        rows: grades still possible, least severe first.
        contradictory: True = denials had to be dropped.
        disagrees: True = the reported grade is not among the grades of the signs.
        is_silent: True = neither a sign nor a grade is stated.
    """

    said: Mapping[str, frozenset[bool]]
    rows: tuple[Row, ...]
    contradictory: bool
    disagrees: bool
    is_silent: bool

    @property
    def is_effaced(self) -> bool:
        """Somebody says that no CSF is visible."""
        return False in self.said[_CSF]

    @property
    def has_open_abutment(self) -> bool:
        """Grade 1c beside effaced CSF: the paper's low grade is not to be relied on."""
        return self.is_effaced and any(_is_abutment(row) for row in self.rows)


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


@made_once
def _scale_of(tables: Tables) -> _Scale:
    """Return the scale that the evidence tables print."""
    table = tables[_TABLE]
    return _Scale(
        rows=table.rows,
        bands=tuple(dict.fromkeys(word(row, "band") for row in table.rows)),
        citations=(table.citation, tables[_TESTED].citation, tables[_CONVENTION].citation),
        caveats=_caveats(tables),
    )


def _assess(case: Case, tables: Tables) -> Outcome:
    """Grade the lesion under study.

    Where ESCC does not apply no grade is given; that the canal is in danger is said all the same (flag `urgent`).
    """
    scale = _scale_of(tables)
    gate = neoplasm_gate(case)
    reading = _read(case, scale)
    applies = gate.applicability is not Applicability.NOT_APPLICABLE
    grading = _graded(reading, scale) if applies else _Grading(flags=_flags(reading))
    read = [case.known(finding) for finding in (*_SIGNS, _REPORTED, _BASIS)]
    return Outcome(
        instrument=ESCC.key,
        version=ESCC.version,
        applicability=gate.applicability,
        verdicts=grading.verdicts,
        reasons=tuple([_reason(known) for known in read if known.finding in _SIGNS or says_something(known)]),
        missing=grading.missing,
        flags=tuple(sorted(gate.flags.union(input_flags(case, _INPUTS), grading.flags, _flags_of_place(case, reading)))),
        requests=grading.requests,
        citations=scale.citations,
        caveats=scale.caveats if applies else (*scale.caveats, _NOT_APPLICABLE),
    )


@lru_cache(maxsize=4096)
def _graded(reading: _Reading, scale: _Scale) -> _Grading:
    """Return the grades, the band and what is missing."""
    found = _bands(reading, scale)
    asks_cord = len(found) > 1 and not reading.said[_COMPRESSION]
    requests = (("no-statement", reading.is_silent), ("missing-cord-status", asks_cord))
    return _Grading(
        flags=_flags(reading),
        verdicts=(*(f"grade-{row['grade']}" for row in reading.rows), *found),
        missing=tuple(sign for sign in _SIGNS if not reading.said[sign] and _separates(sign, reading.rows)),
        requests=tuple(request for request, holds in requests if holds),
    )


def _bands(reading: _Reading, scale: _Scale) -> tuple[str, ...]:
    """Return the bands still possible, low before high; 1c beside effaced CSF leaves both."""
    found = {word(row, "band") for row in reading.rows}
    return tuple(band for band in scale.bands if band in found or reading.has_open_abutment)


def _question(case: Case, tables: Tables) -> Question | None:
    """Ask for the band where it is open, else for the grade; a grade that contradicts the signs is settled by no missing sign."""
    return _asked(_read(case, _scale_of(tables)))


@lru_cache(maxsize=4096)
def _asked(reading: _Reading) -> Question | None:
    """Return what a reading leaves open."""
    if reading.disagrees:
        return None
    asked = "band" if len({row["band"] for row in reading.rows}) > 1 else "grade"
    named = {total: word(row, asked) for row in reading.rows for total in _totals(row, effaced=reading.is_effaced)}
    return Question(components={sign: _answers(reading, sign) for sign in _SIGNS}, category=named.get)


def _totals(row: Row, *, effaced: bool) -> tuple[int, ...]:
    """Return the answers to all signs that make a grade, each as a sum of bits; effaced CSF beside 1c only where it is stated."""
    cord = sum(bit for sign, bit in _BITS.items() if row.get(sign) is True)
    if _CSF in row:
        return (cord,)
    return (cord | _BITS[_CSF], cord) if effaced and _is_abutment(row) else (cord | _BITS[_CSF],)


def _answers(reading: _Reading, sign: str) -> tuple[int, ...]:
    """Return the bits that a sign may still add; a denial that was dropped is open again."""
    said = reading.said[sign]
    dropped = reading.contradictory and sign != _CSF and False in said
    return tuple(_BITS[sign] * present for present in sorted(said if said and not dropped else _BOTH))


def _read(case: Case, scale: _Scale) -> _Reading:
    """Weigh the signs, each reading of a conflict for itself, then the reported grade."""
    reported = case.known(_REPORTED)
    said = tuple([_said(case.known(sign)) for sign in _SIGNS])
    return _weighed(scale, said, reported.values, reported.denied, is_reported=says_something(reported))


@lru_cache(maxsize=4096)
def _weighed(scale: _Scale, answers: _Said, reported: tuple[str, ...], excluded: tuple[str, ...], *, is_reported: bool) -> _Reading:
    """Weigh what is said. Remembered: reports repeat the same words.

    Args:
        scale: the grades.
        answers: what was said of each sign.
        reported: grades that the report states.
        excluded: grades that it denies.
        is_reported: True = it speaks of the grade at all.
    """
    said = dict(zip(_SIGNS, answers, strict=True))
    fits = [_fitting(signs, scale.rows) for signs in _readings(said)]
    names = {word(row, "grade") for rows, _ in fits for row in rows}
    names, disagrees = _with_reported(names, reported, excluded, tuple(word(row, "grade") for row in scale.rows))
    return _Reading(
        said=said,
        rows=tuple(row for row in scale.rows if row["grade"] in names),
        contradictory=any(dropped for _, dropped in fits),
        disagrees=disagrees,
        is_silent=not any(answers) and not is_reported,
    )


def _said(known: Known) -> frozenset[bool]:
    """Return yes, no, both (a conflict) or nothing."""
    if known.state is State.CONFLICT:
        return _BOTH
    if known.derived_by in _FROM_THE_SCALE or known.state is State.NOT_ASSESSED:
        return _NOTHING
    return _YES if known.state is State.PRESENT else _NO


def _readings(said: Mapping[str, frozenset[bool]]) -> Iterable[_Signs]:
    """Yield every way to read the statements: one way without conflict."""
    spoken = {sign: sorted(answers) for sign, answers in said.items() if answers}
    return (dict(zip(spoken, chosen, strict=True)) for chosen in product(*spoken.values()))


def _fitting(signs: _Signs, rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], bool]:
    """Return the grades that fit, and whether denials had to be dropped for it.

    A contradiction drops only denials that are less severe than the worst positive sign: never a downgrade.
    """
    found = tuple(row for row in rows if _fits(row, signs))
    if found:
        return found, False
    worst = max(place for place, sign in enumerate(_SEVERITY) if sign in signs and _is_sign(sign, present=signs[sign]))
    kept = {s: said for s, said in signs.items() if s == _CSF or said or _SEVERITY.index(s) > worst}
    return tuple(row for row in rows if _fits(row, kept)), True


def _is_sign(sign: str, *, present: bool) -> bool:
    """Tell whether a statement speaks for compression."""
    return present is not (sign == _CSF)


def _fits(row: Row, signs: _Signs) -> bool:
    """Tell whether a grade agrees with every statement."""
    return all(_allows(row, sign, present=present) for sign, present in signs.items())


def _allows(row: Row, sign: str, *, present: bool) -> bool:
    """Tell whether a grade agrees with one statement; where it says nothing of CSF, effaced CSF still needs an abutted cord."""
    return row[sign] is present if sign in row else present or row["cord-abutment"] is True


def _is_abutment(row: Row) -> bool:
    """Tell whether the grade is the one with an abutted, not compressed cord (1c)."""
    return row["cord-abutment"] is True and row[_COMPRESSION] is False


def _separates(sign: str, rows: tuple[Row, ...]) -> bool:
    """Tell whether knowing a sign could leave fewer grades."""
    return any(0 < sum(_allows(row, sign, present=answer) for row in rows) < len(rows) for answer in (False, True))


def _with_reported(
    names: set[str], reported: tuple[str, ...], excluded: tuple[str, ...], scale: tuple[str, ...]
) -> tuple[set[str], bool]:
    """Weigh the reported grade against the grades of the signs.

    A grade among them narrows them; one outside is flagged (True) and, when it is worse than all of them, stays possible beside
    them: never a downgrade. Grades that the report excludes are left out while others remain.
    """
    worst = max(scale.index(name) for name in names)
    chosen: set[str] = set()
    for grade in (grade for grade in reported if grade in scale):
        chosen |= {grade} if grade in names else names | ({grade} if scale.index(grade) > worst else set())
    disagrees = any(grade in scale and grade not in names for grade in reported)
    found = chosen or names
    return (found - set(excluded)) or found, disagrees


def _flags(reading: _Reading) -> frozenset[str]:
    """Return the flags of the scale itself."""
    compression = reading.said[_COMPRESSION]
    high = [row["band"] == _HIGH for row in reading.rows]
    raised = {
        "urgent": all(high) or (reading.is_effaced and not compression and any(high)),
        "contradictory": reading.contradictory,
        "csf-effaced-without-compression": reading.has_open_abutment,
        "reported-grade-disagrees": reading.disagrees,
        "convention-1c-low": not reading.is_silent,
    }
    return frozenset(flag for flag, holds in raised.items() if holds)


def _flags_of_place(case: Case, reading: _Reading) -> Iterable[str]:
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


def _reason(known: Known) -> Reason:
    """Say what one statement is."""
    return Reason(finding=known.finding, value=text_of(known), evidence=f"{_TABLE}: {known.finding}", sources=sources_of((known,)))


def _caveats(tables: Tables) -> tuple[str, ...]:
    """Return the sentences that must stand with every grade."""
    study, other = tables[_TESTED].row("reliability"), tables[_CONVENTION].row("1c")
    return (
        "Sets of grades for what is not stated, and the rule for when the scale applies, are this service's, not the paper's.",
        *(f"Printed ({row.where}): {row.printed}. Used: {row.used}." for row in tables[_TABLE].errata),
        f"ext: part of the literature counts 1c as {other['band']} ({tables[_CONVENTION].citation.paper}).",
        f"ext: tested on {study['regions']} tumours ({study['images']} MRI examinations, {study['surgeons']} surgeons).",
        f"ext: agreement {study['agreement']} on {study['sequence']} ({tables[_TESTED].citation.paper}).",
    )


ESCC: Final = Instrument(
    key="escc",
    version="1",
    title="ESCC",
    scope="lesion",
    sources=(_TABLE, _TESTED, _CONVENTION),
    reads=(*_INPUTS, *NEOPLASM_FINDINGS),
    assess=_assess,
    question=_question,
)
