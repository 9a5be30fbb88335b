"""One prediction for each lesion, instrument and question that has something to say.

Source: interfaces section 4; FHIR R4 RiskAssessment.prediction (ras-2: decimals are percentages).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.model.coded import Coding
from service.model.lesion import Site
from service.model.outcome import Applicability, Citation, Outcome
from service.resources.answer import Answer, answers, codings_of, words_of
from service.resources.element import Element, coding, concept, extension
from service.resources.emission import Emission
from service.resources.identity import (
    APPLICABILITY,
    EVIDENCE,
    FINDING_SYSTEM,
    INSTRUMENT,
    LESION,
    MISSING_FINDING,
    POSSIBLE_OUTCOME,
    RISK_PROBABILITY,
    SCORE,
)
from service.resources.wording import (
    answer_text,
    applicability_text,
    citation_text,
    decisive_text,
    displays_text,
    missing_text,
    reasons_text,
    sentence,
    without_site,
)

_IN_RATIONALE: Final = frozenset({("escc", "band")})
"""Questions that repeat another one in coarser words: said in the rationale, never a prediction of their own."""

_PUBLISHED_RISK: Final = {("fracture-risk", "high-fracture-risk"): Coding(RISK_PROBABILITY, "high", "High likelihood")}
"""Verdicts whose source itself prints a risk word for an event (Shah 2.1: high risk of fracture). The bands of SINS name a
state, not the likelihood of one, and get none."""

_PROBABLE: Final = {"iesl": "favours-iesl"}
"""The verdict whose probability an instrument computes from the caller's prior."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a prediction speaks about.

    Attributes:
        text: what outcome.text and rationale begin with (`T12`).
        lesion: the lesion extension; None = the patient as a whole.
        sayings: texts of the statements about this place, by instrument.
        instant: dateTime of the examination: what a probability holds for.
    """

    text: str
    lesion: Element | None
    sayings: dict[str, list[str]]
    instant: str


def lesion_extension(site: Site, source: Element | None, emission: Emission) -> Element:
    """Return the lesion extension: where it was said, and one coded site for each level (else disc, else region).

    Args:
        site: where the lesion is.
        source: Reference to what states it; None = nothing that can be referred to.
        emission: codes that may be emitted.
    """
    nested: list[Element] = [] if source is None else [extension("source", "Reference", source)]
    stated = (("vertebral-level", site.levels), ("disc-level", site.discs), ("spinal-region", site.regions))
    finding, values = next(((finding, values) for finding, values in stated if values), ("", ()))
    places = [concept(emission.site(finding, value), emission.word(value)) for value in values] or [{"text": site.text}]
    return {"url": LESION, "extension": nested + [extension("site", "CodeableConcept", place) for place in places]}


def predictions(outcome: Outcome, place: Place, emission: Emission) -> list[Element]:
    """Return the predictions of one outcome; none where every question is only said in words."""
    found = answers(outcome, emission)
    spoken = [answer for answer in found if (outcome.instrument, answer.question) in _IN_RATIONALE]
    shown = [answer for answer in found if answer not in spoken]
    rationale = _rationale(outcome, place, spoken, emission) if shown else ""
    return [_prediction(outcome, answer, place, rationale, emission) for answer in shown]


def _prediction(outcome: Outcome, answer: Answer, place: Place, rationale: str, emission: Emission) -> Element:
    element: Element = {
        "extension": _extensions(outcome, answer, place, emission),
        "outcome": _outcome(outcome, answer, place, emission),
    }
    if answer.is_settled and (risk := _PUBLISHED_RISK.get((outcome.instrument, answer.verdicts[0]))):
        element["qualitativeRisk"] = {"coding": [coding(risk)]}
    element |= _probability(outcome, answer, place)
    element["rationale"] = rationale
    return element


def _outcome(outcome: Outcome, answer: Answer, place: Place, emission: Emission) -> Element:
    text = f"{place.text}: {answer_text(outcome, answer, emission)}"
    if note := applicability_text(outcome):
        text += f"; {note}"
    if answer.is_settled:
        return concept(codings_of(outcome, answer.verdicts[0], emission), text)
    return concept(() if answer.unsettled is None else emission.codings(outcome.instrument, answer.unsettled), text)


def _probability(outcome: Outcome, answer: Answer, place: Place) -> Element:
    """Return the probability in per cent, at the time of the examination, where the verdict is the one it belongs to.

    A verdict that favours must not stand beside a bare number: the qualitative risk says where the number comes from.
    """
    if outcome.probability is None or answer.verdicts != (_PROBABLE.get(outcome.instrument),):
        return {}
    return {
        "probabilityDecimal": round(outcome.probability * 100, 2),
        "qualitativeRisk": {"text": "computed from the prior probability that the caller stated; no published band"},
        "whenPeriod": {"start": place.instant, "end": place.instant},
    }


def _extensions(outcome: Outcome, answer: Answer, place: Place, emission: Emission) -> list[Element]:
    found: list[Element] = [] if place.lesion is None else [place.lesion]
    found.append(extension(INSTRUMENT, "Code", outcome.instrument))
    found.append(extension(APPLICABILITY, "Code", outcome.applicability.value))
    if outcome.score is not None:
        bounds = {"low": {"value": outcome.score.low}, "high": {"value": outcome.score.high}}
        found.append(extension(SCORE, "Range", bounds))
    if not answer.is_settled:
        found += [_possible(outcome, verdict, emission) for verdict in answer.verdicts]
    return [*found, *_missing(outcome.missing, emission), *_evidence(outcome.citations)]


@lru_cache(maxsize=1024)
def _missing(missing: tuple[str, ...], emission: Emission) -> tuple[Element, ...]:
    """Name what is not assessed. Remembered, as below: lesions and reports have the same gaps; nobody changes an element."""
    named = (coding(Coding(FINDING_SYSTEM, finding, emission.word(finding))) for finding in missing)
    return tuple(extension(MISSING_FINDING, "Coding", each) for each in named)


@lru_cache(maxsize=1024)
def _evidence(citations: tuple[Citation, ...]) -> tuple[Element, ...]:
    """Cite every printed place once."""
    cited = ({"type": "citation", "citation": citation_text(place)} for place in dict.fromkeys(citations))
    return tuple(extension(EVIDENCE, "RelatedArtifact", each) for each in cited)


def _possible(outcome: Outcome, verdict: str, emission: Emission) -> Element:
    possible = concept(codings_of(outcome, verdict, emission), words_of(outcome, verdict, emission))
    return extension(POSSIBLE_OUTCOME, "CodeableConcept", possible)


def _rationale(outcome: Outcome, place: Place, spoken: list[Answer], emission: Emission) -> str:
    """Say why, after the lesion: the statements' own words, then everything the figures rest on."""
    said = [without_site(text, place.text) for text in place.sayings.get(outcome.instrument, ())]
    if outcome.applicability is not Applicability.APPLICABLE:
        said.append(f"{emission.title(outcome.instrument)} {applicability_text(outcome)}")
    said += [answer_text(outcome, answer, emission) for answer in spoken]
    labelled = (
        ("Based on", reasons_text(outcome, emission)),
        ("Not assessed", missing_text(outcome, emission)),
        ("Would settle it", decisive_text(outcome, emission)),
        ("Take note", displays_text(outcome, outcome.flags, emission)),
    )
    said += [f"{label}: {text}" for label, text in labelled if text]
    sentences = [sentence(text) for text in said]
    return f"{place.text}: {' '.join(sentences) or sentence(emission.title(outcome.instrument))}"
