"""Assertions: a finding code that says the finding by itself, with or without a word for present or absent."""

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from service.mapping.answer import A_NUMBER, TEXT, Translated, best, read_codes, said_by, words_beside
from service.mapping.concept import Match, Meaning, Polarity
from service.mapping.frame import Frame
from service.mapping.lookup import CONDITION_NOT_MET, DISPLAY_MISMATCH, EXCLUDED_STATUS, UNKNOWN_ANSWER
from service.mapping.presence import DENIAL_SAYS_NOTHING, calls_normal, is_less_specific, is_outdated, is_over, joined, stance
from service.mapping.unit import is_positive_length
from service.model.coded import BooleanValue, CodedValue, QuantityValue, TextValue
from service.model.finding import Finding, Unmapped

_OVER: Final = "the condition is over"
_OUTDATED: Final = "said outside the context window or without a date, and no history of cancer or treatment"
_FLIPPED: Final = {Polarity.PRESENT: Polarity.ABSENT, Polarity.ABSENT: Polarity.PRESENT}


def assert_all(meanings: Iterable[Meaning], frame: Frame) -> Iterator[Translated]:
    """Translate every meaning of an asserted code.

    What could not be used is listed once for each coding, and only where the code says nothing else: an item is used or
    listed. A display that contradicts its code is always listed.
    """
    said = [each for meaning in _distinct(meanings) for each in _assert(meaning, frame)]
    findings = [each for each in said if isinstance(each, Finding)]
    yield from findings
    listed: dict[tuple[str | None, str | None, str, str], Unmapped] = {}
    # of several findings that one coding would have answered, the row names the same one whatever the order of the codes
    for each in sorted((each for each in said if isinstance(each, Unmapped)), key=lambda row: row.finding or ""):
        if not findings or each.reason == DISPLAY_MISMATCH:
            listed.setdefault((each.system, each.code, each.path, each.reason), each)
    yield from listed.values()


def _assert(meaning: Meaning, frame: Frame) -> Iterator[Translated]:
    item = frame.item
    if is_over(item, meaning):
        yield frame.refuse(meaning, EXCLUDED_STATUS, _OVER)
    elif is_outdated(item, meaning):
        yield frame.refuse(meaning, CONDITION_NOT_MET, _OUTDATED)
    elif not frame.is_met(meaning):
        yield frame.refuse(meaning, CONDITION_NOT_MET, meaning.why)
    elif item.absent_reason:
        yield from _say(meaning, frame, (Polarity.UNKNOWN,))
    else:
        match item.value:
            case None:
                yield from _bare(meaning, frame)
            case BooleanValue(value=value):
                yield from _say(meaning, frame, (Polarity.PRESENT if value else Polarity.ABSENT, *words_beside(frame)))
            case CodedValue():
                yield from _coded(meaning, frame, item.value)
            case QuantityValue():
                yield from _sized(meaning, frame, item.value)
            case TextValue():
                yield frame.refuse(meaning, UNKNOWN_ANSWER, TEXT)
            case _:
                assert_never(item.value)


def _bare(meaning: Meaning, frame: Frame) -> Iterator[Translated]:
    """A code without value: present, unless a word beside it or a question below it says something else."""
    words = words_beside(frame)
    if not words and frame.around.is_answered_below(frame.item, meaning.finding, meaning.value):
        return
    if not words and calls_normal(frame.item):
        words = (Polarity.UNCERTAIN,)
    yield from _say(meaning, frame, words or (stance(frame.item),))


def _coded(meaning: Meaning, frame: Frame, value: CodedValue) -> Iterator[Translated]:
    """A code with a coded value: present, absent, .. or an answer to the finding itself."""
    definition = frame.definition(meaning)
    answers = read_codes(meaning.finding, value, frame)
    told = best(answers.found, definition)
    if told and all(is_less_specific(definition.key, what.value) for what in told):
        # "present" as answer to a code that names a special case affirms the special case (D93)
        told, answers.words = [], [Polarity.PRESENT, *answers.words]
    words = (*answers.words, *words_beside(frame))
    if told:
        for what in joined(told, words, meaning.value, definition):
            yield frame.finding(meaning, what)
    elif answers.words:
        yield from _say(meaning, frame, words)
    elif not answers.refusals:
        yield frame.refuse(meaning, UNKNOWN_ANSWER, TEXT)
    yield from frame.unmapped(answers.refusals)


def _sized(meaning: Meaning, frame: Frame, value: QuantityValue) -> Iterator[Translated]:
    """A code with a size beside it: what has a size is there (openimagingdata samples)."""
    if is_positive_length(value):
        yield from _say(meaning, frame, (Polarity.PRESENT, *words_beside(frame)))
    else:
        yield frame.refuse(meaning, UNKNOWN_ANSWER, A_NUMBER)


def _say(meaning: Meaning, frame: Frame, words: Iterable[Polarity]) -> Iterator[Translated]:
    """Yield what each distinct word says of a meaning; words that disagree give two findings, so that a conflict results."""
    definition = frame.definition(meaning)
    for word in dict.fromkeys(words):
        polarity = _FLIPPED.get(word, word) if meaning.polarity is Polarity.ABSENT else word
        what = said_by(meaning, polarity, definition)
        if what is None or (word is Polarity.ABSENT and meaning.match is Match.CLOSE):
            yield frame.refuse(meaning, CONDITION_NOT_MET, DENIAL_SAYS_NOTHING)
        else:
            yield frame.finding(meaning, what)


def _distinct(meanings: Iterable[Meaning]) -> Iterable[Meaning]:
    """Return each meaning once, by its best match where several codings say the same."""
    kept: dict[tuple[str, str | None, Polarity], Meaning] = {}
    for meaning in sorted(meanings, key=lambda meaning: meaning.match):
        kept.setdefault((meaning.finding, meaning.value, meaning.polarity), meaning)
    return kept.values()
