"""What somebody told us in the words of the vocabulary becomes findings, or is refused with the reason.

Source: terminology/vocabulary (allowed values, inclusive ranges); interfaces section 2 (`what-if`, `answers`).
"""

from typing import Final

from service.errors import Fault
from service.mapping.unit import fits, is_whole
from service.model.change import PATIENT, STUDY, Answer, Told
from service.model.coded import Interval, Source
from service.model.finding import Definition, Finding, Kind, Scope, State, Vocabulary

ABSENT: Final = "absent"
_NUMBERS: Final = frozenset({Kind.QUANTITY, Kind.COUNT})
_OF_LESION: Final = frozenset({Scope.LESION, Scope.LEVEL})
_WIDE: Final = {Scope.STUDY: STUDY, Scope.PATIENT: PATIENT}


def findings_of(told: Told, vocabulary: Vocabulary, source: Source, *, observer: str | None) -> tuple[Finding, ...] | Fault:
    """Return the statements that a told finding makes, or what is wrong with it.

    Args:
        told: the finding with its values.
        vocabulary: every finding by key.
        source: where it is said.
        observer: who says it; None = nobody.
    """
    definition = vocabulary.get(told.finding)
    if definition is None:
        return _fault(told, "The vocabulary has no such finding.")
    if (wrong := wrong_place(definition, told.place)) is not None:
        return _fault(told, wrong)
    if len(told.answers) > 1 and not definition.multi_valued:
        return _fault(told, "This finding has one value.")
    made = [_finding(definition, answer, source, observer) for answer in told.answers]
    if refused := next((each for each in made if isinstance(each, str)), None):
        return _fault(told, refused)
    return tuple(each for each in made if isinstance(each, Finding))


def wrong_place(definition: Definition, place: str) -> str | None:
    """Say where a finding belongs that is told of another place; None = it belongs there."""
    if definition.scope in _OF_LESION:
        return None if place not in _WIDE.values() else "This finding belongs to a lesion."
    right = _WIDE[definition.scope]
    return None if place == right else f"This finding belongs to the {right}."


def _fault(told: Told, text: str) -> Fault:
    return Fault(text=text, path=told.path, code="value")


def _finding(definition: Definition, answer: Answer, source: Source, observer: str | None) -> Finding | str:
    """Return the statement, or the sentence that refuses it."""
    if isinstance(answer, Interval) or definition.kind in _NUMBERS:
        return _number(definition, answer, source, observer)
    word = {True: "present", False: ABSENT}[answer] if isinstance(answer, bool) else answer
    if isinstance(answer, bool) and definition.kind is not Kind.BOOLEAN:
        return f"true and false do not answer it; allowed are {', '.join(definition.values)}."
    if word == ABSENT:
        if definition.kind is not Kind.BOOLEAN and definition.absent_means is None:
            return f"A denial does not answer it; allowed are {', '.join(definition.values)}."
        return Finding(finding=definition.key, state=State.ABSENT, source=source, observer=observer)
    if word not in definition.values:
        return f"It is not in the list; allowed are {', '.join(definition.values)}."
    return Finding(finding=definition.key, state=State.PRESENT, value=word, source=source, observer=observer)


def _number(definition: Definition, answer: Answer, source: Source, observer: str | None) -> Finding | str:
    if definition.kind not in _NUMBERS:
        return f"A number does not answer it; allowed are {', '.join(definition.values)}."
    if not isinstance(answer, Interval):
        return f"A number in {definition.unit} is needed."
    if not fits(answer, definition.low, definition.high):
        return f"The number is outside its range, {_text(definition.low)} to {_text(definition.high)} {definition.unit}."
    if definition.kind is Kind.COUNT and not is_whole(answer):
        return "A whole number is needed."
    return Finding(finding=definition.key, state=State.PRESENT, interval=answer, source=source, observer=observer)


def _text(bound: object) -> str:
    return "any" if bound is None else str(bound)
