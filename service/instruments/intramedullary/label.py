"""Intramedullary lesion: a label only where its signs and its context are stated, else the differential.

Source: evidence table shah-intramedullary; clinical rules 11. The paper prints no age for its young woman: age is shown and decides
nothing.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Final

from service.evidence.tables import Tables
from service.instrument import Instrument, Judgement, input_flags, made_once, mentioned, reasons_of
from service.instruments.intramedullary.arguments import AGE, DEMYELINATING, LUNG, NAMED, arguments, is_begun
from service.instruments.intramedullary.printed import (
    AVM,
    CASE,
    DIAMETER,
    GRADE,
    LABELS,
    LARGE,
    LESION,
    MELANOMA,
    METASTASIS,
    OF_THE_CORD,
    PRIMARY,
    SIZE,
    TABLE,
    Printed,
    printed_of,
)
from service.model.case import Case
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from service.sign import Argument, Readings, Said, Sign, Standing, any_of, said_among, said_of

_DIFFERENTIAL_ONLY: Final = "differential-only"
_NO_AGE: Final = "The paper says a young woman and prints no age: the age is shown and decides nothing."
_DEGREE: Final = "enhancement-degree"
_SMALL: Final = "small"
_HIGHEST: Final = Decimal("Infinity")
_LOWEST: Final = Decimal("-Infinity")

_SPEAKING: Final = frozenset(OF_THE_CORD)
_SIGNS: Final = (
    *OF_THE_CORD,
    "enhancement",
    _DEGREE,
    DIAMETER,
    "known-malignancy",
    "bone-metastases",
    PRIMARY,
    GRADE,
    "oligoclonal-bands",
    "waxing-waning-course",
    "sex",
    "t1-signal",
    "t2-signal",
    "t2-star-signal",
)
_APPLICABILITY: Final = {
    Standing.YES: Applicability.APPLICABLE,
    Standing.NO: Applicability.NOT_APPLICABLE,
    Standing.MAYBE: Applicability.UNKNOWN,
    Standing.MISSING: Applicability.UNKNOWN,
}
"""Whether the label may be read, by how the lesion within the cord stands."""


def _assess(case: Case, tables: Tables) -> Outcome:
    """Weigh the lesion under study; one that is denied has no label, one of which nothing is said stays silent."""
    printed = printed_of(tables)
    if not mentioned(case, _SPEAKING):
        return _silent(tables)
    readings = dict(_readings(case, printed))
    also = frozenset({DEMYELINATING}.intersection(case.known(NAMED).values) | {LUNG}.intersection(case.known(PRIMARY).values))
    judgement = _judge(tuple(sorted(readings.items(), key=itemgetter(0))), printed, also)
    reasons = reasons_of(case, judgement.arguments)
    large = SIZE in judgement.flags
    return Outcome(
        instrument=INTRAMEDULLARY.key,
        version=INTRAMEDULLARY.version,
        applicability=judgement.applicability,
        verdicts=judgement.verdicts,
        reasons=reasons,
        missing=judgement.missing,
        flags=tuple(sorted(judgement.flags | input_flags(case, {*OF_THE_CORD, *(reason.finding for reason in reasons)}))),
        requests=judgement.requests,
        citations=printed.citations if large else printed.citations[:1],
        caveats=(
            *printed.caveats,
            *((printed.size_caveat,) if large else ()),
            *((_NO_AGE,) if any(reason.finding == AGE for reason in reasons) else ()),
        ),
    )


@made_once
def _silent(tables: Tables) -> Outcome:
    """Return the outcome of a lesion of which nothing is stated within the cord."""
    printed = printed_of(tables)
    judgement = _judge((), printed, frozenset())
    return Outcome(
        instrument=INTRAMEDULLARY.key,
        version=INTRAMEDULLARY.version,
        applicability=judgement.applicability,
        verdicts=judgement.verdicts,
        missing=judgement.missing,
        citations=printed.citations[:1],
        caveats=printed.caveats,
    )


def _readings(case: Case, printed: Printed) -> Iterator[tuple[str, Said]]:
    """Yield what is said of each sign: of the primary whether it is a melanoma, of the diameter which side of the typical size."""
    for finding in _SIGNS:
        known = case.known(finding)
        if finding == PRIMARY:
            said = said_among(known, frozenset({MELANOMA}))
        else:
            said = _size(known, printed.small_below_cm) if finding == DIAMETER else said_of(known)
        if said is not None:
            yield finding, said


def _size(known: Known, cut_cm: Decimal) -> Said | None:
    """Read a diameter as small (below the typical size), large, or either."""
    if known.interval is None:
        return None
    small = known.interval.meets(_LOWEST, cut_cm)
    large = known.interval.contains(cut_cm) or known.interval.meets(cut_cm, _HIGHEST)
    return Said(words=frozenset(word for word, possible in ((_SMALL, small), (LARGE, large)) if possible))


@lru_cache(maxsize=1024)
def _judge(signature: tuple[tuple[str, Said], ...], printed: Printed, also: frozenset[str]) -> Judgement:
    """Weigh the readings. Remembered: reports repeat the same words.

    Args:
        signature: what is said.
        printed: the tables.
        also: what else speaks for a label: `demyelination` as a named diagnosis, `lung` as the primary.
    """
    readings = dict(signature)
    lesion = _standing(LESION, readings)
    if lesion is Standing.NO:
        return Judgement(
            applicability=_APPLICABILITY[lesion],
            arguments=(Argument(finding=LESION, direction=None, evidence=f"{TABLE}: {METASTASIS} {LESION}"),),
        )
    standings = {label: any_of(way.standing(readings) for way in printed.ways[label]) for label in LABELS}
    found = tuple(label for label, standing in standings.items() if standing >= Standing.MAYBE)
    picture = printed.ways[METASTASIS][0].standing(readings)
    asks_context = lesion >= Standing.MAYBE and standings[METASTASIS] is picture is Standing.MISSING
    return Judgement(
        applicability=_APPLICABILITY[lesion],
        verdicts=found if Standing.YES in standings.values() else (*found, _DIFFERENTIAL_ONLY),
        arguments=tuple(dict.fromkeys(arguments(readings, printed, also))),
        missing=tuple(dict.fromkeys(_missing(readings, printed, standings))),
        flags=frozenset(_flags(readings, printed)) if lesion >= Standing.MAYBE else frozenset(),
        requests=("missing-context",) if asks_context else (),
    )


def _standing(finding: str, readings: Readings) -> Standing:
    """Return how a yes/no finding stands."""
    return Sign(finding=finding, values=frozenset({"present"}), evidence="").standing(readings.get(finding))


def _missing(readings: Readings, printed: Printed, standings: Mapping[str, Standing]) -> Iterator[str]:
    """Yield what would complete a label: a metastasis once a lesion is stated, the others once a sign of theirs is."""
    if LESION not in readings:
        yield LESION
    for label in LABELS if LESION in readings else (AVM,):
        asked = label == METASTASIS or is_begun(label, readings, printed)
        if asked and standings[label] is Standing.MISSING:
            yield from (sign.finding for sign in printed.ways[label][0].missing(readings) if sign.finding != _DEGREE)


def _flags(readings: Readings, printed: Printed) -> Iterator[str]:
    """Yield what the size and the signal of the lesion call for."""
    if LARGE in readings.get(DIAMETER, Said()).words:
        yield SIZE
    for flag, signs in printed.flags.items():
        if any(sign.standing(readings.get(sign.finding)) >= Standing.MAYBE for sign in signs):
            yield flag


INTRAMEDULLARY: Final = Instrument(
    key="intramedullary",
    version="1",
    title="Intramedullary lesion",
    scope="lesion",
    sources=(TABLE, CASE),
    reads=(*_SIGNS, AGE, NAMED),
    assess=_assess,
)
