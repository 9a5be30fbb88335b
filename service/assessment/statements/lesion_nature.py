"""What is said of the nature of a lesion: question by question, what the finding favours; never a diagnosis."""

from collections.abc import Iterable, Mapping
from typing import Final

from service.assessment.statements.saying import Order, Sayer, Tier
from service.assessment.statements.words import either, missing, notes
from service.model.case import Case
from service.model.outcome import Citation, Outcome

_DENSITY: Final[Mapping[str, str]] = {"lytic-pattern": "lytic", "blastic-pattern": "blastic", "mixed-pattern": "mixed"}
_ATTENUATION: Final[Mapping[str, str]] = {
    "attenuation-favours-metastasis": "favours metastasis",
    "attenuation-favours-enostosis": "favours enostosis",
    "attenuation-indeterminate": "is indeterminate",
    "attenuation-not-applicable-treated": "says nothing of a treated lesion",
}
_OPPOSED: Final[Mapping[str, str]] = {
    "opposed-phase-malignant": "favours malignancy",
    "opposed-phase-benign": "favours a benign lesion",
    "opposed-phase-indeterminate": "is indeterminate",
}
_T1: Final[Mapping[str, str]] = {
    "t1-darker-than-muscle": "darker than muscle, abnormal",
    "t1-darker-than-disc": "darker than disc, abnormal",
    "t1-not-darker": "not darker than its reference tissue",
}
_SIGNS: Final[Mapping[str, str]] = {
    "halo-supports-metastasis": "halo sign supports metastasis",
    "bulls-eye-favours-normal-marrow": "bull's-eye sign favours normal marrow",
}
_NOTES: Final[Mapping[str, str]] = {
    "halo-bulls-eye-conflict": "the two signs contradict each other",
    "evidence-from-pelvis": "figures of the sign are from the pelvis",
    "low-fat-fraction-supports-malignancy": "low fat fraction supports malignancy",
    "fat-sat-t1-supports-metastasis": "fat-suppressed T1 signal supports metastasis",
    "fat-sat-t1-supports-non-neoplastic": "fat-suppressed T1 signal supports a non-neoplastic lesion",
    "t2-hint-lytic": "bright T2 hints at a lytic lesion, CT density not stated",
    "t2-hint-blastic": "T2 not bright hints at a blastic lesion, CT density not stated",
}
_WITHHELD: Final[Mapping[str, str]] = {
    "attenuation-treatment-unknown": "not stated whether the lesion was treated",
    "missing-density": "not stated whether it is sclerotic",
}
_SUSPICIOUS: Final = frozenset({"attenuation-favours-metastasis", "opposed-phase-malignant", "halo-supports-metastasis"})
_HOUNSFIELD: Final[Mapping[str, str]] = {"attenuation-mean": "mean", "attenuation-max": "maximum"}
_LOSS: Final = "opposed-phase-loss-percent"
_SIGNALS: Final = frozenset({"in-phase-signal", "opposed-phase-signal", "opposed-phase-appearance"})
_WITHOUT_LABEL: Final[Mapping[tuple[str, str], str]] = {
    ("halo-sign", "absent"): "halo sign not seen, which excludes nothing",
    ("bulls-eye-sign", "absent"): "bull's-eye sign not seen, which excludes nothing",
    ("diffuse-t2-hyperintensity", "present"): "diffuse T2 hyperintensity alone gives no label",
}
"""Answers that are said because nothing follows from them."""


def _words(_: Case, outcome: Outcome) -> Iterable[str]:
    values = {reason.finding: reason.value for reason in outcome.reasons}
    yield _density(outcome, values)
    yield _attenuation(outcome, values)
    yield _opposed_phase(outcome, values)
    yield _said("T1 signal ", outcome, _T1)
    yield _said("", outcome, _SIGNS)
    yield from (words for answer, words in _WITHOUT_LABEL.items() if answer in values.items())
    yield from notes(outcome, _NOTES)
    yield missing(outcome)


def _said(before: str, outcome: Outcome, question: Mapping[str, str]) -> str:
    """Write the verdicts of one question; empty = none is possible."""
    found = [question[verdict] for verdict in outcome.verdicts if verdict in question]
    return f"{before}{either(found)}" if found else ""


def _density(outcome: Outcome, values: Mapping[str, str]) -> str:
    said = _said("", outcome, _DENSITY)
    if not said:
        return ""
    return f"{said} lesion" if "bone-lesion" in values else f"{said} pattern by MR signal, CT density not stated"


def _attenuation(outcome: Outcome, values: Mapping[str, str]) -> str:
    """Write the values with their label, or why there is none."""
    measured = [f"{word} {values[finding]} HU" for finding, word in _HOUNSFIELD.items() if finding in values]
    if not measured:
        return ""
    said = _said("", outcome, _ATTENUATION)
    withheld = [why for request, why in _WITHHELD.items() if request in outcome.requests]
    label = said or f"no label, {', '.join(withheld) or 'not known to be an untreated sclerotic lesion'}"
    return f"CT attenuation {label}: {', '.join(measured)}"


def _opposed_phase(outcome: Outcome, values: Mapping[str, str]) -> str:
    said = _said("opposed phase ", outcome, _OPPOSED)
    if said:
        return f"{said}: signal loss {values[_LOSS]} %" if _LOSS in values else said
    return "no label from opposed phase" if not _SIGNALS.isdisjoint(values) else ""


def _order(outcome: Outcome) -> Order:
    return Tier.NATURE, int(_SUSPICIOUS.isdisjoint(outcome.verdicts)), 0


def _cites(outcome: Outcome) -> Iterable[Citation]:
    """Return where each question answered is printed; what lies beyond the papers stands in the caveats."""
    return (citation for citation in outcome.citations if "(ext)" not in citation.locator)


SAYER: Final = Sayer(words=_words, order=_order, cites=_cites)
