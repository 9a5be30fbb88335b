"""The one shape of an instrument, and what all instruments read of a case in the same way."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from service.evidence.tables import Tables
from service.model.case import Case
from service.model.coded import Source
from service.model.finding import State
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome, Reason
from service.sign import Argument

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A verdict as a function of findings that each have finitely many answers.

    Attributes:
        components: what each finding may still add to the total, in the order in which findings are named; one number = settled.
        category: verdict of a total; None = no patient can have that total.
    """

    components: Mapping[str, tuple[int, ...]]
    category: Callable[[int], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One published assessment.

    Attributes:
        key: name in JSON, codes and cases (`sins`).
        version: raised by every change of its rule or its tables.
        title: what people call it.
        scope: `lesion` = once for each lesion (`case.focus` is set), `patient` = once over all.
        sources: names of the evidence tables it reads.
        reads: findings that can change its outcome.
        assess: the rule; pure: same case and tables, same outcome; never raises on unknown, conflicting or missing findings.
        question: what is still open, for the search of the findings that would settle it (`Outcome.decisive`); gives None when
            nothing is open or no missing finding can settle it. None = the instrument has no such search.
    """

    key: str
    version: str
    title: str
    scope: Literal["lesion", "patient"]
    sources: tuple[str, ...]
    reads: tuple[str, ...]
    assess: Callable[[Case, Tables], Outcome]
    question: Callable[[Case, Tables], Question | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What readings come to before it is known where they stand: an outcome whose reasons are still arguments.

    It follows from words alone, so an instrument may remember it: reports repeat the same words.

    Attributes:
        arguments: what each stated finding speaks for or against, in the order of the reasons.
        applicability, verdicts, missing, flags, recommendations, requests: as in the outcome; the flags are those of the rule,
            without those of its inputs.
    """

    applicability: Applicability
    verdicts: tuple[str, ...] = ()
    arguments: tuple[Argument, ...] = ()
    missing: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    recommendations: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()


def made_once(make: Callable[[Tables], _Made]) -> Callable[[Tables], _Made]:
    """Keep what is made of the evidence tables: a process has one set of them, and cases without number."""
    kept: tuple[Tables, _Made] | None = None

    def made(tables: Tables) -> _Made:
        nonlocal kept
        found = kept
        if found is None or found[0] is not tables:
            kept = found = (tables, make(tables))
        return found[1]

    return made


_TUMOUR_FINDINGS: Final = ("spinal-metastasis", "biopsy-result", "reported-diagnosis", "known-malignancy")
NEOPLASM_FINDINGS: Final = (*_TUMOUR_FINDINGS, "bone-lesion")
"""Findings that open or close the instruments made for neoplastic disease."""

_DOUBTS: Final = frozenset({"conflicting-input", "uncertain-input", "invalid-input", "preliminary-input"})
"""What must be said of these findings; that the history of a tumour stands in another report is its usual place."""

_MALIGNANT: Final = frozenset({"lymphoma", "metastatic-fracture"})
_BENIGN: Final = frozenset(
    {
        "haemangioma",
        "discogenic-endplate-change",
        "discitis-osteomyelitis",
        "epidural-haematoma",
        "epidural-abscess",
        "enostosis",
        "osteonecrosis",
        "paget-disease",
        "osteoporotic-fracture",
        "demyelination",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether an instrument may be read for this lesion, and the flags that say why not."""

    applicability: Applicability
    flags: frozenset[str]


def neoplasm_gate(case: Case) -> Gate:
    """Decide whether the lesion under study counts as neoplastic.

    Applicable: a spinal metastasis, a malignant biopsy or a reported tumour is stated, or a bone lesion in a patient with a known
    malignancy unless metastasis or tumour cells are denied. Not applicable: a benign diagnosis without known malignancy. Else
    unknown.

    Source: clinical rules 2, "Applicability" (ours, not the papers').
    """
    named = case.known("reported-diagnosis").values
    is_malignant, is_benign = not _MALIGNANT.isdisjoint(named), not _BENIGN.isdisjoint(named)
    malignancy = is_stated(case.known("known-malignancy"))
    tumour = is_malignant or is_stated(case.known("spinal-metastasis")) or "malignant" in case.known("biopsy-result").values
    flags = input_flags(case, _TUMOUR_FINDINGS) & _DOUBTS
    if tumour or (malignancy and bool(case.known("bone-lesion").values) and not _is_tumour_denied(case)):
        disputed = {"conflicting-input"} if is_malignant and is_benign else set[str]()
        return Gate(applicability=Applicability.APPLICABLE, flags=flags | disputed)
    if is_benign and not malignancy:
        return Gate(applicability=Applicability.NOT_APPLICABLE, flags=flags | {"benign-diagnosis"})
    return Gate(applicability=Applicability.UNKNOWN, flags=flags | {"neoplasm-not-stated"})


def _is_tumour_denied(case: Case) -> bool:
    """Tell whether metastasis is refuted or an adequate biopsy held no tumour cells."""
    return case.known("spinal-metastasis").state is State.ABSENT or "no-malignancy" in case.known("biopsy-result").values


def benign_names(case: Case) -> tuple[str, ...]:
    """Return the benign diagnoses that the report names for the lesion under study, in its order."""
    return tuple(name for name in case.known("reported-diagnosis").values if name in _BENIGN)


def is_stated(known: Known) -> bool:
    """Tell whether somebody states a yes/no finding as present, disputed or not."""
    return known.state is State.PRESENT or (known.state is State.CONFLICT and "present" in known.values)


def input_flags(case: Case, findings: Collection[str]) -> frozenset[str]:
    """Return what must be said about the inputs of an outcome.

    Conflicts, refused values, and every flag that the findings bring along (uncertain, from another report, ..).
    """
    flags = {flag for finding, raised in case.doubts.items() if finding in findings for flag in raised}
    place = case.focus.id if case.focus is not None else None
    if case.invalid and any((where, finding) in case.invalid for finding in findings for where in (place, None)):
        flags.add("invalid-input")
    return frozenset(flags)


def mentioned(case: Case, findings: frozenset[str]) -> frozenset[str]:
    """Return those of these findings of which anything is known, be it only that a value was uncertain or refused.

    That a question was not answered is nothing known: it is as if nobody had asked.
    """
    found = findings & case.heard
    return found.union(finding for _, finding in case.invalid if finding in findings) if case.invalid else found


def text_of(known: Known) -> str:
    """Write what is known as the value of a reason.

    Returns:
        The value, a number, `absent`, `not-assessed`, `not over-50` for a denied value; alternatives are joined by ` | `.
    """
    if known.interval is not None and (number := known.interval.text):
        return number
    said = known.values or tuple(f"not {value}" for value in known.denied)
    return " | ".join(said) or known.state.value


def says_something(known: Known) -> bool:
    """Tell whether anything was stated or denied."""
    return known.state is not State.NOT_ASSESSED or bool(known.denied)


def sources_of(knowns: Iterable[Known]) -> tuple[Source, ...]:
    """Return where the statements stand, each place once, in their order."""
    places = [said.source for known in knowns for said in known.sources]
    return tuple(dict.fromkeys(places) if len(places) > 1 else places)


def reason_of(known: Known, evidence: str, direction: str | None = None, weight: float | None = None) -> Reason:
    """Return one finding's part in an outcome that is no score.

    Args:
        known: what was read.
        evidence: table and cell it rests on.
        direction: what it speaks for or against; None = for nothing.
        weight: the log likelihood ratio of its value; None = none.
    """
    return Reason(
        finding=known.finding,
        value=text_of(known),
        evidence=evidence,
        weight=weight,
        direction=direction,
        sources=sources_of((known,)),
    )


def reasons_of(case: Case, arguments: Iterable[Argument]) -> tuple[Reason, ...]:
    """Return arguments as reasons, with what was stated; what only follows from another finding is named there."""
    stated = ((argument, case.known(argument.finding)) for argument in arguments)
    return tuple(reason_of(known, each.evidence, each.direction) for each, known in stated if says_something(known))
