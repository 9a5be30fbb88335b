"""The gate before every pointer to treatment: an accepted metastasis that this lesion may be taken for.

Source: clinical rules 16, "Gate" (ours, not the paper's): an accepted metastasis or a malignant biopsy, no fulfilled benign or
infective candidate, and a SINS and ESCC that may be read.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from service.assessment.assessed import Assessed
from service.assessment.pointers.answers import Spine, is_yes
from service.instrument import benign_names
from service.model.case import Case
from service.model.finding import State
from service.model.outcome import Applicability, Outcome

STATED: Final = ("spinal-metastasis", "biopsy-result")
"""Findings that open the gate."""

FINDINGS: Final = (*STATED, "reported-diagnosis")
"""Findings that open or close it."""

_NOT_BENIGN: Final = frozenset({"metastasis", "osteoblastic-flare", "ivory-vertebra-differential", "no-leading-candidate"})
"""Verdicts of `mimics` beside which a metastasis stands unquestioned."""

OF_ANOTHER_NATURE: Final[Mapping[str, tuple[str, str]]] = {
    "fracture-cause": ("favours-osteoporotic", "the signs of the fracture favour an osteoporotic one"),
    "iesl": ("favours-iesl", "the pattern favours an indolent enhancing lesion"),
}
"""Other instruments whose only verdict, where they apply, is that this lesion is no metastasis; and how that is said."""


_CLOSED: Final = "No pointer: "
_UNPROVEN: Final = f"{_CLOSED}nobody states an accepted metastasis or a malignant biopsy."


def gate(case: Case, assessed: Assessed, spine: Spine) -> tuple[Applicability, tuple[str, ...]]:
    """Decide whether anything may follow for the lesion under study, and say why not.

    Args:
        case: with that lesion under study.
        assessed: the outcomes of the instruments.
        spine: what SINS and ESCC say of it.

    Returns:
        Whether pointers apply, and the sentences that say why they do not.
    """
    accepted, is_malignant = is_yes(case.known("spinal-metastasis")), _is_malignant(case)
    if accepted is False and not is_malignant:
        return Applicability.NOT_APPLICABLE, (f"{_CLOSED}a metastasis is denied.",)
    if not is_malignant and not accepted:
        return Applicability.UNKNOWN, (_UNPROVEN,)
    doubts = tuple(f"{_CLOSED}{doubt}." for doubt in _doubts(case, assessed, spine, is_malignant=is_malignant))
    return (Applicability.UNKNOWN if doubts else Applicability.APPLICABLE), doubts


def closed_by(outcome: Outcome) -> tuple[str, ...]:
    """Return what stands against an accepted metastasis here, as the outcome says; () = nothing, or none is accepted."""
    return tuple(each.removeprefix(_CLOSED) for each in outcome.caveats if each.startswith(_CLOSED) and each != _UNPROVEN)


def _is_malignant(case: Case) -> bool:
    biopsy = case.known("biopsy-result")
    return biopsy.state is State.PRESENT and biopsy.value == "malignant"


def _doubts(case: Case, assessed: Assessed, spine: Spine, *, is_malignant: bool) -> Iterator[str]:
    """Yield why the metastasis of the patient is perhaps not this lesion, and why the two scales may not be read.

    That a metastasis is accepted is said of the patient. What is said of the lesion itself stands against it: signs, and, unless
    a biopsy of it is malignant, a biopsy without malignancy or a benign diagnosis.
    """
    assert case.focus is not None, "a pointer of scope lesion has a lesion"  # noqa: S101 - narrows the type
    mimics = assessed.at(case.focus.id, "mimics")
    if candidates := [verdict for verdict in (mimics.verdicts if mimics is not None else ()) if verdict not in _NOT_BENIGN]:
        yield f"the signs of {' or '.join(candidates)} are fulfilled"
    if not is_malignant:
        yield from _said_benign(case)
        yield from _of_another_nature(assessed, case.focus.id)
    read = [outcome for outcome in (spine.sins, spine.escc) if outcome is not None]
    if any(outcome.applicability is not Applicability.APPLICABLE for outcome in read):
        yield "SINS or ESCC may not be read for this lesion"


def _said_benign(case: Case) -> Iterator[str]:
    biopsies = case.known("biopsy-result").values
    if "no-malignancy" in biopsies and "malignant" not in biopsies:
        yield "the biopsy of this lesion held no malignancy"
    if names := benign_names(case):
        yield f"the report names this lesion {' or '.join(names)}"


def _of_another_nature(assessed: Assessed, lesion: str) -> Iterator[str]:
    for instrument, (verdict, said) in OF_ANOTHER_NATURE.items():
        outcome = assessed.at(lesion, instrument)
        if outcome is not None and outcome.applicability is Applicability.APPLICABLE and outcome.verdicts == (verdict,):
            yield said
