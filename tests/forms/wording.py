"""One statement as code, value, interpretation and reason of absence: every way that the vocabulary has for it."""

from collections.abc import Sequence
from typing import Final

from service.model.finding import LEAST_SPECIFIC, Kind
from tests.builders import LOCAL, RADLEX, SNOMED, Json, concept
from tests.forms import codes
from tests.forms.codes import Code, ours
from tests.forms.content import Statement
from tests.forms.features import Word, Wording
from tests.forms.quantities import written
from tests.forms.spelling import Speller

CLINICAL_FINDING: Final = "404684003"
_ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SYSTEM_OF: Final = {Word.OURS: LOCAL, Word.SNOMED: SNOMED, Word.RADLEX: RADLEX}
_MEMBERS_OF_SPINE: Final = frozenset({"needs-spinal-site", "needs-vertebra-site", "needs-same-lesion-site"})


class Worder:
    """Words the statements of one report.

    Attributes:
        speller: spells the codings, and follows the form.
    """

    def __init__(self, speller: Speller) -> None:
        """Start with nothing said."""
        self.speller = speller
        self._may_hold = True

    def say(self, said: Statement, *, on_vertebra: bool, may_hold: bool = True) -> Json:
        """Return the elements of a statement: code, value[x], interpretation, component.

        Args:
            said: the statement.
            on_vertebra: whether it stands where a vertebra is stated, which some codes need.
            may_hold: whether it will be an Observation, which can have components; False = it will be a component.
        """
        self._may_hold = may_hold
        if said.is_refused:
            return self._refused(said)
        if said.number is not None:
            return self._number(said, on_vertebra=on_vertebra)
        worded = self._foreign(said, self.speller.form.wording, on_vertebra=on_vertebra)
        if worded is None and said.is_denied and said.value is not None:
            worded = self._foreign(said, Wording.ASSERTION, on_vertebra=on_vertebra)  # our questions deny no single value
        return worded or self._our_question(said)

    def can_say(self, said: Statement) -> bool:
        """Tell whether the vocabulary has a code for a statement everywhere: the denial of one value of several may have none."""
        if said.value is None or not said.is_denied:
            return True
        return bool(self.asserting(said))

    def asserting(self, said: Statement) -> tuple[Code, ...]:
        """Return the codes that say a statement's value by themselves, without condition."""
        return tuple(code for code in self._assertions(said) if not code.needs)

    def _foreign(self, said: Statement, wording: Wording, *, on_vertebra: bool) -> Json | None:
        """Return a statement in a wording; None = it is our own, or the vocabulary has no such code for it."""

        def fits(code: Code) -> bool:
            return not code.needs or (on_vertebra and code.needs in _MEMBERS_OF_SPINE)

        match wording:
            case Wording.OUR_QUESTION:
                return None
            case Wording.OPEN_QUESTION if not (said.is_denied and said.value):
                return self._open_question(said, [code for code in codes.open_questions(said.finding) if fits(code)])
            case Wording.YES_NO_QUESTION:
                value = self._value(said)
                asked = codes.yes_no_questions(said.finding, value) if value else ()
                return self._yes_no(said, [code for code in asked if fits(code) and _carries(code, said)])
            case Wording.ASSERTION:
                return self._assertion(said, [code for code in self._assertions(said) if fits(code)])
            case Wording.WRAPPED | Wording.ASSERTED:
                return self._wrapped(said, [code for code in self._assertions(said) if fits(code)])
            case _:
                return None

    def _assertions(self, said: Statement) -> tuple[Code, ...]:
        value = self._value(said)
        return tuple(code for code in codes.assertions(said.finding, value) if _carries(code, said)) if value else ()

    def _value(self, said: Statement) -> str | None:
        """Return the value that a code must be about; None = none says it."""
        if said.value is not None:
            return said.value
        if said.definition.kind is Kind.BOOLEAN:
            return "present"
        return LEAST_SPECIFIC.get(said.finding) if said.is_denied else None

    def _open_question(self, said: Statement, questions: Sequence[Code]) -> Json | None:
        if not questions:
            return None
        question = self.speller.choose(questions)
        self.speller.used[Wording.OPEN_QUESTION] += 1
        own = [code for value, code in codes.element_values(question.code) if value == said.value and not said.is_denied]
        if own and self.speller.form.word is Word.ELEMENT:
            self.speller.used[Word.ELEMENT] += 1
            answered = {"valueCodeableConcept": self.speller.concept(own[0])}
        else:
            answered = self._answered(said)
        return {"code": self.speller.concept(question, *self._question_twins(said, question)), **answered}

    def _question_twins(self, said: Statement, question: Code) -> tuple[Code, ...]:
        """Return our own code of the same question, where the form translates."""
        return (ours(said.finding),) if question.system != LOCAL else ()

    def _our_question(self, said: Statement) -> Json:
        self.speller.used[Wording.OUR_QUESTION] += 1
        twins = [code for code in codes.open_questions(said.finding) if not code.needs and code.match == "exact"]
        return {"code": self.speller.concept(ours(said.finding), *twins), **self._answered(said)}

    def _yes_no(self, said: Statement, questions: Sequence[Code]) -> Json | None:
        if not questions:
            return None
        question = self.speller.choose(questions)
        self.speller.used[Wording.YES_NO_QUESTION] += 1
        answer = codes.element_answer(question, _polarity(said))
        if answer is not None and self.speller.form.word is Word.ELEMENT:
            self.speller.used[Word.ELEMENT] += 1
            return {"code": self.speller.concept(question), "valueCodeableConcept": self.speller.concept(answer)}
        return {"code": self.speller.concept(question), **self._word(_polarity(said), may_be_bare=False)}

    def _assertion(self, said: Statement, found: Sequence[Code]) -> Json | None:
        if not found:
            return None
        self.speller.used[Wording.ASSERTION] += 1
        if self.speller.form.word is Word.COMPONENT and self._may_hold:
            word = self._word_as_component(_polarity(said))
        else:
            word = self._word(_polarity(said), may_be_bare=not said.is_denied and not said.is_uncertain)
        return {"code": self.speller.concept(*self._led(found)), **word}

    def _wrapped(self, said: Statement, found: Sequence[Code]) -> Json | None:
        """Return a finding as value: a denial can only be said beside it."""
        if not found:
            return None
        wording = self.speller.form.wording
        self.speller.used[wording] += 1
        wrapper = concept(
            {"system": SNOMED, "code": CLINICAL_FINDING}
            if wording is Wording.WRAPPED
            else {"system": _ACT_CODE, "code": "ASSERTION"}
        )
        beside = {} if _polarity(said) == "present" else self._interpreted(_polarity(said))
        return {"code": wrapper, "valueCodeableConcept": self.speller.concept(*self._led(found)), **beside}

    def _led(self, found: Sequence[Code]) -> tuple[Code, ...]:
        """Return codes with one of them first, in its turn."""
        first = self.speller.turn(len(found))
        return (*found[first:], *found[:first])

    def _answered(self, said: Statement) -> Json:
        """Return the answer to a question about the finding as a whole."""
        if said.value is None or said.definition.kind is Kind.BOOLEAN:
            return self._word(_polarity(said), may_be_bare=False)
        if said.is_denied:
            raise AssertionError(f"no code denies {said.finding}={said.value}")
        found = codes.answers(said.finding, said.value)
        wanted = _SYSTEM_OF.get(self.speller.form.word, LOCAL)
        own = [code for code in found if code.system == wanted and not code.needs]
        chosen = self.speller.choose(own) if own else ours(said.value)
        if own:
            self.speller.used[self.speller.form.word if wanted != LOCAL else Word.OURS] += 1
        return {
            "valueCodeableConcept": self.speller.concept(
                chosen, *(code for code in found if code is not chosen and code.match == "exact")
            )
        }

    def _word(self, polarity: str, *, may_be_bare: bool) -> Json:
        """Return present, absent or uncertain in the words that the form asks for."""
        word = self.speller.form.word
        if word is Word.BARE and may_be_bare:
            self.speller.used[word] += 1
            return {}
        if word is Word.INTERPRETATION:
            return self._interpreted(polarity)
        if word in _SYSTEM_OF or polarity == "uncertain":
            system = _SYSTEM_OF.get(word, LOCAL)
            self.speller.used[word if word in _SYSTEM_OF else Word.OURS] += 1
            found = codes.words(polarity, system)
            return {"valueCodeableConcept": self.speller.concept(*self._led(found))}
        self.speller.used[Word.BOOLEAN] += 1
        return {"valueBoolean": polarity == "present"}

    def _word_as_component(self, polarity: str) -> Json:
        """Return present, absent or uncertain as the code of a component, as annalise.ai sends it."""
        self.speller.used[Word.COMPONENT] += 1
        return {"component": [{"code": self.speller.concept(*self._led(codes.words(polarity, RADLEX)))}]}

    def _interpreted(self, polarity: str) -> Json:
        self.speller.used[Word.INTERPRETATION] += 1
        return {"interpretation": [self.speller.concept(*self._led(codes.interpretations(polarity)))]}

    def _refused(self, said: Statement) -> Json:
        if said.number is not None:
            return {
                "code": self.speller.concept(ours(said.finding)),
                **written(self.speller, said.number, said.definition.unit or "1"),
            }
        return {
            "code": self.speller.concept(ours(said.finding)),
            "valueCodeableConcept": self.speller.concept(ours(str(said.value))),
        }

    def _number(self, said: Statement, *, on_vertebra: bool) -> Json:
        if said.number is None or said.definition.unit is None:
            raise AssertionError(f"{said.finding} is no number")
        questions = [
            code
            for code in codes.open_questions(said.finding)
            if not code.needs or (on_vertebra and code.needs in _MEMBERS_OF_SPINE)
        ]
        if self.speller.form.wording is Wording.OPEN_QUESTION and questions:
            self.speller.used[Wording.OPEN_QUESTION] += 1
            asked = self.speller.concept(self.speller.choose(questions), ours(said.finding))
        else:
            self.speller.used[Wording.OUR_QUESTION] += 1
            asked = self.speller.concept(ours(said.finding), *questions)
        return {"code": asked, **written(self.speller, said.number, said.definition.unit)}


def _polarity(said: Statement) -> str:
    if said.is_uncertain:
        return "uncertain"
    return "absent" if said.is_denied or said.value == "absent" else "present"


def _carries(code: Code, said: Statement) -> bool:
    """Tell whether a code can say what is said: a denial needs one through which denials pass."""
    return code.says_denials or not said.is_denied
