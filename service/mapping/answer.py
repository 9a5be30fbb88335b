"""Questions and their answers: code with value, boolean, number; the interpretation beside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, assert_never

from service.mapping.concept import Match, Meaning, Polarity
from service.mapping.frame import Frame
from service.mapping.lookup import (
    CONDITION_NOT_MET,
    DISPLAY_MISMATCH,
    OUT_OF_RANGE,
    UNIT_NOT_UNDERSTOOD,
    UNKNOWN_ANSWER,
    UNKNOWN_CODE,
    UNKNOWN_SYSTEM,
    Refusal,
    barred,
)
from service.mapping.presence import (
    DENIAL_SAYS_NOTHING,
    INCOMPLETE,
    UNCERTAIN,
    UNKNOWN,
    Said,
    is_less_specific,
    joined,
    of_interpretation,
    said,
    transfers,
)
from service.mapping.unit import convert, fits, is_void_divisor, is_whole, overlaps
from service.model.coded import BooleanValue, CodedValue, Interval, QuantityValue, TextValue
from service.model.finding import Definition, Finding, Kind, State, Unmapped

NO_VALUE: Final = "no value"
NOT_A_NUMBER: Final = "the question asks for a number"
A_NUMBER: Final = "the question does not ask for a number"
TEXT: Final = "text is never read"
_AMOUNTS: Final = frozenset(
    {
        "body-involvement-percent",
        "bone-scan-foci",
        "cortex-destroyed-percent",
        "lesion-diameter",
        "mineral-loss-percent",
        "vertebral-collapse-percent",
    }
)
"""Numbers that say how much of something is there: none of it is 0. Source: derivations D06, D07, D88, D89."""

_NOTHING: Final = Interval.exactly(Decimal(0))
_SOMETHING: Final = Interval(low=Decimal(0), high=None, low_open=True)
NOT_WHOLE: Final = "a count is a whole number"

Translated = Finding | Unmapped


@dataclass(slots=True)
class Answers:
    """What the codings of one value say about one finding.

    Attributes:
        found: answers with the match of their code.
        words: present, absent, .. as answers.
        refusals: codings that are no answer.
    """

    found: list[tuple[Match, Said]] = field(default_factory=list)
    words: list[Polarity] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def has_answer(frame: Frame) -> bool:
    """Tell whether anything at an item answers its question."""
    item = frame.item
    return item.value is not None or bool(item.absent_reason) or bool(words_beside(frame))


def words_beside(frame: Frame) -> tuple[Polarity, ...]:
    """Return the words beside the value: interpretations, and components that say present or absent."""
    item = frame.item
    if not item.interpretation and not item.members:
        return ()
    words = of_interpretation(item.interpretation, frame.lookup)
    return tuple(dict.fromkeys((*words, *frame.around.words_below(item))))


def answer(question: Meaning, frame: Frame) -> Iterator[Translated]:
    """Translate the answer to one question."""
    item = frame.item
    if not frame.is_met(question):
        yield frame.refuse(question, CONDITION_NOT_MET, question.why)
    elif item.absent_reason:
        yield frame.finding(question, UNKNOWN)
    else:
        match item.value:
            case None:
                yield from _say(question, frame, [], words_beside(frame))
            case BooleanValue(value=value):
                yield from _say(question, frame, [], (Polarity.PRESENT if value else Polarity.ABSENT, *words_beside(frame)))
            case CodedValue():
                yield from _coded(question, frame, item.value)
            case QuantityValue():
                yield from _number(question, frame, item.value)
            case TextValue():
                yield frame.refuse(question, UNKNOWN_ANSWER, TEXT)
            case _:
                assert_never(item.value)


def read_codes(finding: str, value: CodedValue, frame: Frame) -> Answers:
    """Return what the codings of a value say about a finding: rows of that question first, then present, absent, .."""
    answers = Answers()
    definition = frame.vocabulary[finding]
    for coding in value.codings:
        concept = frame.lookup.find(coding)
        if isinstance(concept, Refusal):
            reason = UNKNOWN_ANSWER if concept.reason in {UNKNOWN_CODE, UNKNOWN_SYSTEM} else concept.reason
            answers.refusals.append(Refusal(coding, reason, concept.why, finding))
        elif rows := concept.answers.get(finding):
            answers.found += _rows(rows, definition, frame)
            answers.refusals += [Refusal(coding, CONDITION_NOT_MET, row.why, finding) for row in rows if not frame.is_met(row)]
        elif concept.presence is not None:
            answers.words.append(concept.presence)
        else:
            answers.refusals.append(barred(coding, concept, finding))
    return answers


def _rows(rows: Sequence[Meaning], definition: Definition, frame: Frame) -> Iterator[tuple[Match, Said]]:
    for row in rows:
        if frame.is_met(row) and (what := said_by(row, row.polarity, definition)) is not None:
            yield row.match, what


def said_by(row: Meaning, polarity: Polarity, definition: Definition) -> Said | None:
    """Return what a row says with a polarity: levels are values that are simply named."""
    if definition.kind is Kind.LEVEL and polarity is Polarity.PRESENT and row.value is not None:
        return Said(State.PRESENT, row.value)
    return said(polarity, row.value, definition)


def best(found: Iterable[tuple[Match, Said]], definition: Definition) -> list[Said]:
    """Return the answers that stand: all of a multi-valued finding, else those of the best match.

    A less specific value never loses against a specific one and never beats it.
    """
    ordered = sorted(dict.fromkeys(found), key=lambda pair: pair[0])
    if not ordered:
        return []
    top = ordered[0]
    kept = [
        what
        for match, what in ordered
        if definition.multi_valued
        or match is top[0]
        or is_less_specific(definition.key, what.value)
        or is_less_specific(definition.key, top[1].value)
    ]
    return list(dict.fromkeys(kept))


def _coded(question: Meaning, frame: Frame, value: CodedValue) -> Iterator[Translated]:
    definition = frame.definition(question)
    answers = read_codes(question.finding, value, frame)
    if definition.unit is not None:
        answers = Answers(words=[word for word in answers.words if word in {Polarity.UNCERTAIN, Polarity.UNKNOWN}])
    told = best(answers.found, definition)
    if told or answers.words:
        yield from _say(question, frame, told, (*answers.words, *words_beside(frame)))
        yield from frame.unmapped(each for each in answers.refusals if each.reason == DISPLAY_MISMATCH)
    elif answers.refusals:
        yield from frame.unmapped(answers.refusals)
    else:
        yield frame.refuse(question, UNKNOWN_ANSWER, TEXT if definition.unit is None else NOT_A_NUMBER)


def _say(question: Meaning, frame: Frame, told: Iterable[Said], words: Iterable[Polarity]) -> Iterator[Translated]:
    """Yield the answers, then what the words beside them say where they disagree."""
    kept = joined(told, words, question.value, frame.definition(question))
    if not kept:
        yield frame.refuse(question, UNKNOWN_ANSWER, INCOMPLETE)
    for what in kept:
        if transfers(question.match, what):
            yield frame.finding(question, what)
        else:
            yield frame.refuse(question, CONDITION_NOT_MET, DENIAL_SAYS_NOTHING)


def _number(question: Meaning, frame: Frame, value: QuantityValue) -> Iterator[Translated]:
    definition = frame.definition(question)
    if definition.unit is None:
        yield frame.refuse(question, UNKNOWN_ANSWER, A_NUMBER)
    elif (interval := convert(value, definition.unit)) is None:
        yield frame.refuse(question, UNIT_NOT_UNDERSTOOD)
    elif not fits(interval, definition.low, definition.high) or is_void_divisor(definition.key, interval):
        yield frame.refuse(question, OUT_OF_RANGE)
    elif definition.kind is Kind.COUNT and not is_whole(interval):
        yield frame.refuse(question, UNKNOWN_ANSWER, NOT_WHOLE)
    else:
        yield frame.number(question, interval)
        yield from _beside_number(question, frame, interval)


def _beside_number(question: Meaning, frame: Frame, interval: Interval) -> Iterator[Translated]:
    """Yield what words beside a number say where they disagree with it: "absent" beside 30 % is 0 % by another word."""
    for word in words_beside(frame):
        if word in {Polarity.UNCERTAIN, Polarity.UNKNOWN}:
            yield frame.finding(question, UNCERTAIN if word is Polarity.UNCERTAIN else UNKNOWN)
        elif question.finding in _AMOUNTS:
            meant = _NOTHING if word is Polarity.ABSENT else _SOMETHING
            if not overlaps(interval, meant):
                yield frame.number(question, meant)


def unanswered(questions: Iterable[Meaning], frame: Frame) -> Iterator[Translated]:
    """Yield that a question has no answer; one with members or components below it is only their heading."""
    if not frame.item.members:
        for question in questions:
            yield frame.refuse(question, UNKNOWN_ANSWER, NO_VALUE)
