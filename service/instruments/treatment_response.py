"""Treatment response: what imaging says of a treated lesion, and what it cannot say.

Source: evidence tables shah-response and montoya-response; clinical rules 12. That a lytic lesion is none of the new sclerotic
ones, and that diffusion more restricted than before leaves the response open, is this service's reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from service.evidence.tables import Tables
from service.instrument import Instrument, Judgement, input_flags, made_once, mentioned, reasons_of
from service.model.case import Case
from service.model.outcome import Applicability, Citation, Outcome
from service.sign import (
    ABSENT,
    CONTRADICTED,
    SHOWN,
    Argument,
    Readings,
    Said,
    Sign,
    Standing,
    Way,
    any_of,
    said_of,
    sign_of,
    weighed,
)

TABLE: Final = "shah-response"
FLARES: Final = "montoya-response"

_FLARE: Final = "osteoblastic-flare"
_RESPONSE: Final = "favours-response"
_UNDECIDABLE: Final = "undecidable"
_ALL: Final = (_FLARE, _RESPONSE, _UNDECIDABLE)
_OVERCALLS: Final = "mri-overcalls-after-treatment"

_TREATMENT: Final = "lesion-treatment"
_SCLEROSIS: Final = "sclerosis-change"
_NEW: Final = "new-sclerotic-lesions"
_DIFFUSION: Final = "diffusion-change"
_LOW_T1: Final = "persistent-low-t1"
_OTHER: Final = "other-response-signs"
_SIGNS: Final = (_SCLEROSIS, _NEW, _DIFFUSION, _LOW_T1)
_SPEAKING: Final = frozenset({_TREATMENT, *_SIGNS})
_READS: Final = (_TREATMENT, *_SIGNS, _OTHER, "bone-lesion")
_MORE: Final = "more-restricted"
"""Diffusion that speaks against the response of the printed rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Printed:
    """The tables as the rule reads them.

    Attributes:
        flare: ways to an osteoblastic flare.
        sclerosis: its signs without the response that it needs.
        response: signs of response.
        contrary: the sign against it.
        undecidable: signs that may mean either, by the flag that they raise.
        citations: of both papers.
        caveats: sentences that stand with every result.
    """

    flare: tuple[Way, ...]
    sclerosis: tuple[Way, ...]
    other: Sign
    response: tuple[Sign, ...]
    contrary: Sign
    undecidable: tuple[tuple[str, Sign], ...]
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@made_once
def _printed(tables: Tables) -> Printed:
    shah, montoya = tables[TABLE], tables[FLARES]
    rim = sign_of(montoya, montoya.row(_FLARE, "sclerosis", _SCLEROSIS, "sclerotic-rim"))
    new = sign_of(montoya, montoya.row(_FLARE, "sclerosis", _NEW, "present"))
    other = sign_of(montoya, montoya.row(_FLARE, "response", _OTHER, "present"))
    lytic = Sign(finding="bone-lesion", values=frozenset({"lytic"}), evidence=new.evidence)
    fading = shah.row(_UNDECIDABLE, "-", _SCLEROSIS, "fading")
    low_t1 = shah.row(_UNDECIDABLE, "-", _LOW_T1, "present")
    less = sign_of(shah, shah.row(_RESPONSE, "-", _DIFFUSION, "less-restricted"))
    tumour, free = (shah.row(_OVERCALLS, part, _TREATMENT, "treated") for part in ("tumour", "no-tumour"))
    return Printed(
        flare=(Way(parts=((rim,), (other,))), Way(parts=((new,), (other,)), excluded_by=(lytic,))),
        sclerosis=(Way(parts=((rim,),)), Way(parts=((new,),), excluded_by=(lytic,))),
        other=other,
        response=(sign_of(shah, shah.row(_RESPONSE, "-", _SCLEROSIS, "progressive")), less),
        contrary=Sign(finding=_DIFFUSION, values=frozenset({_MORE}), evidence=less.evidence),
        undecidable=(
            ("active-tumour-or-fibrosis", sign_of(shah, low_t1)),
            ("response-or-lytic-conversion", sign_of(shah, fading)),
        ),
        citations=(shah.citation, montoya.citation),
        caveats=(
            (
                f"After treatment MRI over-calls: {tumour['abnormal']} of {tumour['sites']} sites with tumour were abnormal, and "
                f"so was a significant share of {free['sites']} without."
            ),
            *(row.sentence for row in montoya.errata),
        ),
    )


def _assess(case: Case, tables: Tables) -> Outcome:
    """Weigh the signs of the lesion under study; an untreated one has no response."""
    if not mentioned(case, _SPEAKING):
        return _outcome(_judge((), _printed(tables)), tables)
    said = ((finding, said_of(case.known(finding))) for finding in _READS)
    judgement = _judge(tuple((finding, each) for finding, each in said if each is not None), _printed(tables))
    return _outcome(judgement, tables, case)


def _outcome(judgement: Judgement, tables: Tables, case: Case | None = None) -> Outcome:
    """Return the outcome of a judgement; without a case that of a lesion of which nothing is said."""
    reasons = reasons_of(case, judgement.arguments) if case is not None else ()
    flags = judgement.flags
    if case is not None:
        flags |= input_flags(case, _SPEAKING | {reason.finding for reason in reasons})
    printed = _printed(tables)
    return Outcome(
        instrument=TREATMENT_RESPONSE.key,
        version=TREATMENT_RESPONSE.version,
        applicability=judgement.applicability,
        verdicts=judgement.verdicts,
        reasons=reasons,
        missing=judgement.missing,
        flags=tuple(sorted(flags)),
        requests=judgement.requests,
        citations=printed.citations,
        caveats=printed.caveats,
    )


@lru_cache(maxsize=1024)
def _judge(signature: tuple[tuple[str, Said], ...], printed: Printed) -> Judgement:
    """Weigh the readings. Remembered: reports repeat the same words."""
    readings = dict(signature)
    treated = readings.get(_TREATMENT, Said()).words
    treatment = Argument(finding=_TREATMENT, direction=None, evidence=f"{TABLE}: {_OVERCALLS} {_TREATMENT}")
    if treated == {ABSENT}:
        return Judgement(applicability=Applicability.NOT_APPLICABLE, arguments=tuple(_in_vain(treatment, readings)))
    applies = bool(treated) and ABSENT not in treated
    verdicts = _verdicts(readings, printed)
    asks_response = _new_sclerosis(readings, printed) >= Standing.MAYBE and _OTHER not in readings
    return Judgement(
        applicability=Applicability.APPLICABLE if applies else Applicability.UNKNOWN,
        verdicts=verdicts,
        arguments=(treatment, *dict.fromkeys(_arguments(readings, printed))),
        missing=tuple(_missing(readings, verdicts, asks_response=asks_response)),
        flags=frozenset(flag for flag, holds in _flags(readings, printed) if holds),
        requests=("missing-response-signs",) if asks_response else (),
    )


def _in_vain(treatment: Argument, readings: Readings) -> Iterator[Argument]:
    """Yield signs that are stated of an untreated lesion, which has no response; without them there is nothing to say."""
    stated = [finding for finding in _SIGNS if finding in readings]
    if stated:
        yield treatment
        yield from (replace(treatment, finding=finding) for finding in stated)


def _new_sclerosis(readings: Readings, printed: Printed) -> Standing:
    return any_of(way.standing(readings) for way in printed.sclerosis)


def _verdicts(readings: Readings, printed: Printed) -> tuple[str, ...]:
    """Return what the stated signs leave: a flare before a plain response, undecidable where no rule surely says more."""
    if not any(finding in readings for finding in _SIGNS):
        return _ALL
    flare = any_of(way.standing(readings) for way in printed.flare)
    response = any_of(sign.standing(readings.get(sign.finding)) for sign in printed.response)
    opposed = printed.contrary.standing(readings.get(_DIFFUSION)) >= Standing.MAYBE
    found = {
        _FLARE: flare >= Standing.MAYBE,
        _RESPONSE: flare is not Standing.YES and response >= Standing.MAYBE,
        _UNDECIDABLE: opposed or Standing.YES not in {flare, response},
    }
    return tuple(verdict for verdict in _ALL if found[verdict])


def _flags(readings: Readings, printed: Printed) -> Iterator[tuple[str, bool]]:
    """Yield every flag of the instrument and whether it is raised."""
    established = printed.other.standing(readings.get(_OTHER)) is Standing.YES
    yield "flare-not-established", _new_sclerosis(readings, printed) >= Standing.MAYBE and not established
    for flag, sign in printed.undecidable:
        yield flag, sign.standing(readings.get(sign.finding)) >= Standing.MAYBE
    yield _OVERCALLS, bool(readings.get(_TREATMENT, Said()).words - {ABSENT})


def _missing(readings: Readings, verdicts: tuple[str, ...], *, asks_response: bool) -> Iterator[str]:
    """Yield what could change the result: the treatment, and signs of response while these leave it open."""
    if not readings.get(_TREATMENT, Said()).words:
        yield _TREATMENT
    if _UNDECIDABLE in verdicts:
        yield from (finding for finding in (_SCLEROSIS, _DIFFUSION) if finding not in readings)
    if asks_response:
        yield _OTHER


def _arguments(readings: Readings, printed: Printed) -> Iterator[Argument]:
    """Yield what every stated finding speaks for; the other signs of response count beside new sclerosis only."""
    sclerosis = [sign for way in printed.sclerosis for part in way.parts for sign in part]
    yield from weighed(sclerosis, readings, SHOWN, f"for {_FLARE}")
    if _new_sclerosis(readings, printed) >= Standing.MAYBE:
        yield from weighed((printed.other,), readings, SHOWN, f"for {_FLARE}")
        yield from weighed((printed.other,), readings, CONTRADICTED, f"against {_FLARE}")
    yield from weighed(printed.response, readings, SHOWN, f"for {_RESPONSE}")
    yield from weighed((printed.contrary,), readings, SHOWN, f"against {_RESPONSE}")
    yield from weighed((sign for _, sign in printed.undecidable), readings, SHOWN, _UNDECIDABLE)
    for sign in (*sclerosis, *printed.response):
        if sign.finding in readings and readings[sign.finding].words <= _SAYS_NOTHING:
            yield Argument(finding=sign.finding, direction=None, evidence=sign.evidence)


_SAYS_NOTHING: Final = frozenset({"unchanged", ABSENT})
"""Answers that are stated and speak for nothing."""


TREATMENT_RESPONSE: Final = Instrument(
    key="treatment-response",
    version="1",
    title="Treatment response",
    scope="lesion",
    sources=(TABLE, FLARES),
    reads=_READS,
    assess=_assess,
)
