"""Short ways to say what is known of a lesion, and a case of one lesion in a patient with a stated metastasis."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from service.model.case import Case
from service.model.coded import Interval, Source
from service.model.finding import Finding, State
from service.model.lesion import Known, Lesion, Site


def said(finding: str, *, number: int = 1) -> Finding:
    source = Source(reference=f"Observation/{finding}-{number}", version="1", path=f"Observation[{number}]")
    return Finding(finding=finding, state=State.PRESENT, source=source)


def stated(finding: str, *values: str, flags: tuple[str, ...] = (), derived_by: str | None = None) -> Known:
    return Known(finding=finding, state=State.PRESENT, values=values, sources=(said(finding),), flags=flags, derived_by=derived_by)


def denied(finding: str, *values: str) -> Known:
    """The finding as a whole, or single values of it."""
    state = State.NOT_ASSESSED if values else State.ABSENT
    return Known(finding=finding, state=state, denied=values, sources=(said(finding),))


def disputed(finding: str, *values: str, denied: tuple[str, ...] = ()) -> Known:
    sources = tuple(said(finding, number=number) for number in range(1, len(values) + 1))
    return Known(finding=finding, state=State.CONFLICT, values=values, denied=denied, sources=sources)


def unknown(finding: str, *flags: str) -> Known:
    return Known(finding=finding, state=State.NOT_ASSESSED, flags=flags)


def yes(finding: str) -> Known:
    return stated(finding, "present")


def answered(finding: str, *, present: bool) -> Known:
    return yes(finding) if present else denied(finding)


def measured(finding: str, low: float | None, high: float | None, *, low_open: bool = False, high_open: bool = False) -> Known:
    interval = Interval(low=_decimal(low), high=_decimal(high), low_open=low_open, high_open=high_open)
    return Known(finding=finding, state=State.PRESENT, interval=interval, sources=(said(finding),))


def exactly(finding: str, number: float) -> Known:
    return measured(finding, number, number)


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def at(*levels: str) -> Site:
    return Site(levels=levels, text="-".join(levels))


def case_of(
    *knowns: Known,
    site: Site | None = None,
    patient: Iterable[Known] = (),
    study: Iterable[Known] = (),
    others: tuple[Lesion, ...] = (),
    invalid: Iterable[tuple[str | None, str]] = (),
    tumour: bool = True,
) -> Case:
    """A case with its first lesion under study."""
    lesion = Lesion(id="lesion-1", site=site or Site(), findings=by_finding(knowns))
    about = by_finding((*((yes("spinal-metastasis"),) if tumour else ()), *patient))
    case = Case(lesions=(lesion, *others), study=by_finding(study), patient=about, invalid=frozenset(invalid))
    return case.at(lesion)


def by_finding(knowns: Iterable[Known]) -> Mapping[str, Known]:
    return {known.finding: known for known in knowns}


def seen(finding: str, *votes: tuple[str | None, str], derived_by: str | None = None) -> Known:
    """What examinations say: (value, modality) of each, value None = denied, modality empty = not stated."""
    sources = tuple(
        replace(
            said(finding, number=number),
            state=State.PRESENT if value else State.ABSENT,
            value=value,
            modality=(modality,) if modality else (),
        )
        for number, (value, modality) in enumerate(votes, start=1)
    )
    answers = tuple(dict.fromkeys(value or "absent" for value, _ in votes))
    if len(answers) > 1:
        return Known(finding=finding, state=State.CONFLICT, values=answers, sources=sources)
    is_denied = answers == ("absent",)
    return Known(
        finding=finding,
        state=State.ABSENT if is_denied else State.PRESENT,
        values=() if is_denied else answers,
        sources=sources,
        derived_by=derived_by,
    )
