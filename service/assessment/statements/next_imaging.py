"""What is said of the next imaging: red flags first, then the examinations in their order."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, notes
from service.model.case import Case
from service.model.outcome import Outcome

_EXAMINATIONS: Final[Mapping[str, str]] = {
    "urgent-whole-spine-mri": "urgent MRI of the whole spine (T1, T2 or STIR, axial T2 at the worst level)",
    "mri": "MRI (T1 and STIR or fat-saturated T2)",
    "ct-myelography": "CT myelography",
    "whole-neuraxis-mri-gd": "MRI of the whole neuraxis with gadolinium",
    "x-ray": "X-ray",
    "ct": "CT for the extent of bone involvement",
    "full-body-ct": "full-body CT in search of the primary",
    "radiograph-correlation-or-mri": "radiograph correlation or MRI of the single focus",
    "dual-energy-ct": "dual-energy CT beside metal",
    "follow-up-imaging": "follow-up imaging",
}
_FLAGS: Final[Mapping[str, str]] = {
    "red-flag-5": "cauda equina syndrome or severe or progressive deficit",
    "red-flag-1": "suspected tumour",
    "red-flag-2": "suspected infection",
    "red-flag-3": "suspected fracture",
    "red-flag-4": "inflammatory pain",
    "red-flag-6": "very severe, progressing low back pain",
    "red-flag-7": "refractory radicular low back pain",
}
_NOTES: Final[Mapping[str, str]] = {
    "prefer-stir": "metal in the field: STIR rather than SPIR or SPAIR",
    "negative-film-never-excludes": "a negative film never excludes a metastasis",
    "no-follow-up-imaging": "no follow-up imaging as long as no new symptoms appear",
}
_DETECTABILITY: Final[Mapping[str, str]] = {
    "xray-detectable-possible": "an X-ray could show a lesion of this size and mineral loss",
    "xray-detectable-borderline": "a lesion of exactly 1 cm is borderline for an X-ray",
    "xray-not-detectable": "an X-ray cannot show a lesion of this size or mineral loss",
}


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    raised = [said for code, said in _FLAGS.items() if code in outcome.flags]
    listed = [said for code, said in _EXAMINATIONS.items() if code in outcome.recommendations]
    seen = [said for code, said in _DETECTABILITY.items() if code in outcome.verdicts]
    own = tuple(notes(outcome, _NOTES))
    if raised or listed or seen or own:
        yield "time-critical: cord or cauda equina compression is suspected" if "urgent" in outcome.flags else ""
        yield f"red flag: {', '.join(raised)}" if raised else ""
        yield f"next imaging: {', then '.join(listed)}" if listed else ""
        yield either(seen) if seen else ""
        yield from own


def _order(outcome: Outcome) -> Order:
    return (Tier.TIME_CRITICAL, 0, 1) if "urgent" in outcome.flags else (Tier.REST, 1, 0)


SAYER: Final = Sayer(words=_words, order=_order)
