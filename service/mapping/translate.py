"""Coded items to findings: what a report means, and what of it was not understood.

Pure: the same reading and the same tables give the same translation.
Source: interfaces section 1; terminology/README, "Presence, absence, unknown".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from service.mapping.answer import NO_VALUE, Translated, answer, has_answer, unanswered
from service.mapping.around import Around, Resolved
from service.mapping.assertion import assert_all
from service.mapping.concept import Concept, Meaning
from service.mapping.exam import exam_meanings, modality_of, study_of
from service.mapping.frame import Frame, unmapped
from service.mapping.lookup import (
    CONDITION_NOT_MET,
    DISPLAY_MISMATCH,
    EXCLUDED_STATUS,
    LEVEL_NOT_UNDERSTOOD,
    UNKNOWN_ANSWER,
    UNKNOWN_CODE,
    UNKNOWN_SYSTEM,
    Refusal,
)
from service.mapping.mapfile import Mappings
from service.mapping.presence import Said, is_interpreted, refusal
from service.mapping.site import Site, is_segment_only, read_site, segment_refusal
from service.model.coded import CodedItem, CodedValue, Coding, ItemKind, QuantityValue, Reading
from service.model.finding import Finding, State, Translation, Unmapped

_SITE: Final = ".bodySite"
_METHOD: Final = ".method"
_INTERPRETATION: Final = ".interpretation"
_NO_PLACE: Final = "its site is stated in codes that are not known: the finding was not used, it may be outside the spine"
_OTHER_EXAM: Final = "an examination named by a Procedure says nothing about the examination of the report"
_ASKING: Final = frozenset({ItemKind.OBSERVATION, ItemKind.COMPONENT})
_UNKNOWN: Final = frozenset({UNKNOWN_CODE, UNKNOWN_SYSTEM})
_NO_CODING: Final = Coding(None, "")


def translate(reading: Reading, mappings: Mappings) -> Translation:
    """Return what the items of a reading mean in our vocabulary.

    Args:
        reading: every coded item, in document order.
        mappings: the loaded tables.

    Returns:
        Findings in document order, and every item that was not understood or not used, with its reason.
    """
    reader = _Reader(reading, mappings)
    said = list(reader.read())
    return Translation(
        findings=tuple(each for each in said if isinstance(each, Finding)),
        unmapped=tuple(each for each in said if isinstance(each, Unmapped)),
        foreign_codes=reader.foreign_codes,
    )


class _Reader:
    """One pass over a reading; codes, sites and examinations that several items share are read once."""

    def __init__(self, reading: Reading, mappings: Mappings) -> None:
        self._reading = reading
        self._lookup = mappings.lookup
        self._vocabulary = mappings.vocabulary
        self.foreign_codes = 0
        self._codes: dict[tuple[Coding, ...], tuple[tuple[Concept, ...], tuple[Refusal, ...]]] = {}
        self._sites: dict[tuple[Coding, ...], Site] = {}
        self._modalities: dict[tuple[Coding, ...], tuple[str, ...]] = {}
        self._resolved = [self._opened(item) for item in reading.items if item.kind is not ItemKind.PATIENT]
        self._around = Around(self._resolved, self._lookup, self._vocabulary, self._site)

    def read(self) -> Iterator[Translated]:
        for dropped in self._reading.dropped:
            for coding in dropped.codings or (_NO_CODING,):
                yield unmapped(Refusal(coding, dropped.reason, dropped.why), dropped.path)
        for resolved in self._resolved:
            said = tuple(self._item(resolved))
            yield from said
            yield from self._beside(resolved.item, said)

    def _resolve(self, item: CodedItem) -> Resolved:
        if (known := self._codes.get(item.code)) is None:
            known = self._codes[item.code] = self._lookup.find_all(item.code)
        return Resolved(item, *known)

    def _opened(self, item: CodedItem) -> Resolved:
        """Resolve an item; the finding in the value of "Clinical finding" or ASSERTION is its code."""
        resolved = self._resolve(item)
        if any(concept.is_wrapper for concept in resolved.concepts) and isinstance(item.value, CodedValue) and item.value.codings:
            return self._resolve(replace(item, code=item.value.codings, value=None))
        return resolved

    def _item(self, resolved: Resolved) -> Iterable[Translated]:
        item = resolved.item
        if item.is_searched and _is_of_no_interest(resolved):
            self.foreign_codes += 1
            return ()
        if why := refusal(item):
            return _listed(item, (Refusal(coding, EXCLUDED_STATUS, why) for coding in item.code or (_NO_CODING,)))
        if any(concept.is_wrapper for concept in resolved.concepts):
            return _empty(item)
        said = self._said(resolved)
        return self._unused(resolved) if said is None else said

    def _said(self, resolved: Resolved) -> Iterable[Translated] | None:
        """Return what an item says; None = its code has no meaning in this place."""
        item, concepts = resolved.item, resolved.concepts
        questions = _questions(concepts) if item.kind in _ASKING else []
        meanings = _asserted(item, concepts)
        if not questions and not meanings:
            return None if resolved.presence is None else ()
        frame = self._frame(item, meanings)
        if questions and has_answer(frame):
            said = [each for question in questions for each in answer(question, frame)]
        elif meanings and not any(_only_asks(concept) for concept in concepts):
            said = list(assert_all(meanings, frame))
        else:
            said = list(unanswered(questions, frame))
        if frame.site.is_not_understood:
            said = list(_without_elsewhere(said, frame))
        return (*said, *_remarks(resolved, frame, said))

    def _unused(self, resolved: Resolved) -> Iterable[Translated]:
        """List every coding of an item whose code has no meaning here; a heading or an examination in words is no coded item."""
        item = resolved.item
        if item.kind is ItemKind.PROCEDURE and any(concept.exams for concept in resolved.concepts):
            return _listed(item, (Refusal(coding, CONDITION_NOT_MET, _OTHER_EXAM) for coding in item.code))
        if not item.code and (item.members or item.kind is ItemKind.EXAM):
            return ()
        return _listed(item, self._lookup.unused(item.code or (_NO_CODING,)))

    def _beside(self, item: CodedItem, said: Sequence[Translated]) -> Iterable[Unmapped]:
        """List what surrounds an item that is used or holds others and means nothing to us: examination, interpretation, site."""
        is_used = any(isinstance(each, Finding) for each in said)
        if not (item.members or is_used):
            return
        path = item.source.path
        if item.own_method and not any(concept.exams for concept in self._lookup.find_all(item.method)[0]):
            yield from (unmapped(each, path + _METHOD) for each in self._lookup.unused(item.method))
        if item.interpretation and not is_interpreted(item.interpretation, self._lookup):
            yield from (unmapped(each, path + _INTERPRETATION) for each in self._lookup.unused(item.interpretation))
        if item.own_site and not is_used:
            yield from (unmapped(each, path + _SITE) for each in self._site(item).refusals)

    def _frame(self, item: CodedItem, meanings: Iterable[Meaning]) -> Frame:
        return Frame(
            item=item,
            site=self._site(item),
            modality=self._modality(item.method),
            study=study_of(item),
            around=self._around,
            lookup=self._lookup,
            vocabulary=self._vocabulary,
            region=next((meaning.value for meaning in meanings if meaning.finding == "spinal-region"), None),
        )

    def _site(self, item: CodedItem) -> Site:
        if (known := self._sites.get(item.sites)) is None:
            known = self._sites[item.sites] = read_site(item.sites, self._lookup)
        return known

    def _modality(self, method: tuple[Coding, ...]) -> tuple[str, ...]:
        if (known := self._modalities.get(method)) is None:
            concepts, _ = self._lookup.find_all(method)
            known = self._modalities[method] = modality_of(concepts)
        return known


def _empty(item: CodedItem) -> Iterable[Translated]:
    """List "Clinical finding" or ASSERTION without a coded value; with members or components it is only their heading."""
    if item.value is None and item.members:
        return ()
    why = NO_VALUE if item.value is None else None
    return _listed(item, (Refusal(coding, UNKNOWN_ANSWER, why) for coding in item.code))


def _is_of_no_interest(resolved: Resolved) -> bool:
    """Tell whether an item of the patient's record carries no code of our tables, or nothing but an examination that was made."""
    if resolved.refusals and any(each.reason not in _UNKNOWN for each in resolved.refusals):
        return False
    item, concepts = resolved.item, resolved.concepts
    if item.kind is ItemKind.PROCEDURE:
        return not any(concept.history or concept.barred for concept in concepts)
    return not concepts


def _without_elsewhere(said: Iterable[Translated], frame: Frame) -> Iterator[Translated]:
    """Refuse findings whose place is stated in codes we do not understand: they may be no findings of the spine.

    Both are listed: the code that said it, and the site where it stands (an inherited one is listed where it is stated).
    """
    path = frame.item.source.path
    refused = kept = False
    for each in said:
        if not isinstance(each, Finding):
            yield each
        elif frame.may_be_elsewhere(each.finding):
            refused = True
            yield unmapped(Refusal(frame.coding(each.code), LEVEL_NOT_UNDERSTOOD, _NO_PLACE, each.finding), path)
        else:
            kept = True
            yield each
    if refused and not kept and frame.item.own_site:  # beside what is kept it is listed anyway
        yield from (unmapped(each, path + _SITE) for each in frame.site.refusals)


def _listed(item: CodedItem, refusals: Iterable[Refusal]) -> Iterable[Translated]:
    return [unmapped(refusal, item.source.path) for refusal in refusals]


def _questions(concepts: Iterable[Concept]) -> list[Meaning]:
    """Return each question once; the same one may stand in several code systems."""
    found: dict[tuple[str, str | None], Meaning] = {}
    for concept in concepts:
        for question in concept.questions:
            found.setdefault((question.finding, question.value), question)
    return list(found.values())


def _only_asks(concept: Concept) -> bool:
    """Tell whether a code is a question and nothing that could be asserted without an answer."""
    return bool(concept.questions) and not concept.assertions and not concept.exams


def _asserted(item: CodedItem, concepts: Iterable[Concept]) -> Sequence[Meaning]:
    """Return what codes say by themselves where they stand.

    A Procedure says only what was done, an examination only what it is; a code with a number measures something, whatever
    examination or sequence it names ("apparent diffusion coefficient map" with a coefficient).
    """
    match item.kind:
        case ItemKind.EXAM:
            return exam_meanings(concepts)
        case ItemKind.PROCEDURE:
            return [meaning for concept in concepts for meaning in concept.history]
        case ItemKind.CONCLUSION | ItemKind.CONDITION:
            return [meaning for concept in concepts for meaning in (*concept.assertions, *concept.history)]
        case _ if isinstance(item.value, QuantityValue):
            return [meaning for concept in concepts for meaning in (*concept.assertions, *concept.history)]
        case _:
            return [meaning for concept in concepts for meaning in (*concept.assertions, *concept.history, *concept.exams)]


def _remarks(resolved: Resolved, frame: Frame, said: Sequence[Translated]) -> Iterator[Translated]:
    """Yield what must be said beside an item that was read: contradicting displays, sites not understood, bands they name."""
    if resolved.refusals:
        yield from frame.unmapped(each for each in resolved.refusals if each.reason == DISPLAY_MISMATCH)
    item, site = resolved.item, frame.site
    if not item.own_site or not (site.refusals or site.segments or site.junction):
        return
    findings = [each.finding for each in said if isinstance(each, Finding)]
    if not findings:
        return
    yield from frame.unmapped(site.refusals, _SITE)
    if segment := next((finding for finding in findings if is_segment_only(site, item, finding)), None):
        yield from frame.unmapped((segment_refusal(site, segment),), _SITE)
    if site.junction is not None:
        yield frame.finding(site.junction, Said(State.PRESENT, site.junction.value))
