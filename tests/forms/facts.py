"""What is said of study and patient: Observations, Conditions, Procedures, elements of Patient, conclusions, another report."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from service.model.finding import Scope
from tests.builders import (
    CATEGORY,
    CLINICAL,
    RADLEX,
    VERIFICATION,
    Json,
    coding,
    component,
    concept,
    condition,
    observation,
    patient,
    procedure,
)
from tests.forms import codes
from tests.forms.codes import ours
from tests.forms.content import Statement
from tests.forms.features import Facts
from tests.forms.shapes import setting_elements
from tests.forms.wording import Worder

BESIDE_THE_REPORT: Final[Json] = {
    "category": [concept(coding("exam", system=CATEGORY))],
    "effectiveDateTime": "2026-01-05T08:00:00Z",
}
"""Of an Observation of the clinic or of another report, within the context window of the report."""

_REPORT_YEAR: Final = 2026


class FactWriter:
    """Writes what is said of study and patient.

    Attributes:
        patient: the Patient, with what is said in its elements.
        own: Observations of the report.
        inner: statements that go among those of the first lesion.
        conclusions: conclusionCode of the report.
        beside: Conditions, Procedures and Observations that no report lists.
        elsewhere: Observations of another report.
    """

    def __init__(self, worder: Worder, wide: Iterable[Statement]) -> None:
        """Start with nothing said.

        Args:
            worder: words the statements.
            wide: all that will be said; an element of Patient can say a thing once.
        """
        self._worder, self._speller = worder, worder.speller
        self._times = Counter(said.finding for said in wide)
        self.patient = patient(birthDate=None, gender=None)
        self.own: list[Json] = []
        self.inner: list[Statement] = []
        self.conclusions: list[Json] = []
        self.beside: list[Json] = []
        self.elsewhere: list[Json] = []

    def write(self, number: int, said: Statement, *, has_group: bool) -> None:
        """Write one statement as the form asks, where the vocabulary and the statement allow it.

        Args:
            number: for its id.
            said: the statement.
            has_group: whether the first lesion has a group in which it can stand.
        """
        facts = Facts.LOOSE if said.is_elsewhere else self._speller.form.facts
        is_patient = said.definition.scope is Scope.PATIENT
        if facts is Facts.IN_LESION and has_group:
            self.inner.append(said)
        elif facts is Facts.RESOURCE and said.finding == "modality" and said.value == self._speller.exam:
            pass  # the code of the report says it
        elif not (is_patient and self._is_written(facts, number, said)):
            facts = Facts.OWN
            self.own.append(self._observation(number, said))
        self._speller.used[facts] += 1

    def _is_written(self, facts: Facts, number: int, said: Statement) -> bool:
        """Write a fact of the patient in another way than as Observation of the report; False = that cannot be."""
        match facts:
            case Facts.CONCLUSION:
                return self._is_concluded(said)
            case Facts.RESOURCE:
                return self._is_resource(number, said)
            case Facts.LOOSE | Facts.OTHER_REPORT:
                written = self.beside if facts is Facts.LOOSE else self.elsewhere
                written.append({**self._observation(number, said), **BESIDE_THE_REPORT})
                return True
            case _:
                return False

    def _observation(self, number: int, said: Statement) -> Json:
        spoken = self._worder.say(said, on_vertebra=False)
        setting = setting_elements(said, self._speller)
        return observation(**{"code": None, "id": f"fact-{number}", **setting, **self._with_site(spoken, said.site)})

    def _with_site(self, spoken: Json, site: tuple[str, str] | None) -> Json:
        """Return a statement with its own site: bodySite, or a component that answers where."""
        if site is None:
            return spoken
        finding, value = site
        if self._speller.turn(2):
            known = codes.sites(finding, value, RADLEX)
            return {**spoken, "bodySite": concept(self._speller.coding(known[0] if known else ours(value)))}
        inner = component(self._speller.concept(ours(finding)), self._speller.concept(ours(value)))
        return {**spoken, "component": [*spoken.get("component", []), inner]}

    def _is_concluded(self, said: Statement) -> bool:
        """Write a conclusionCode, which can only say that something is there; False = it cannot."""
        known = self._worder.asserting(said)
        if not known or said.is_denied or said.is_uncertain or said.observer:
            return False
        self.conclusions.append(self._speller.concept(self._speller.choose(known)))
        return True

    def _is_resource(self, number: int, said: Statement) -> bool:
        """Write an element of Patient, a Condition or a Procedure; False = the vocabulary has no code for it."""
        if self._of_patient(said):
            return True
        known = self._worder.asserting(said)
        if not known:
            return False
        chosen = self._speller.choose(known)
        code = self._speller.concept(chosen)
        if chosen.role == "history" and not said.is_uncertain:
            done = "not-done" if said.is_denied else "completed"
            self.beside.append(procedure(code, id=f"fact-{number}", status=done))
        else:
            self.beside.append(_condition(code, said, f"fact-{number}"))
        return True

    def _of_patient(self, said: Statement) -> bool:
        """Write birthDate or gender; False = the statement is about something else, or not the only one."""
        if self._times[said.finding] > 1:
            return False
        if said.finding == "sex":
            self.patient["gender"] = said.value
        elif said.finding == "age-at-lesion" and said.number is not None and said.number.is_exact and not said.is_refused:
            self.patient["birthDate"] = f"{_REPORT_YEAR - 1 - int(said.number.low or 0)}-07-01"
        else:
            return False
        return True


def _condition(code: Json, said: Statement, name: str) -> Json:
    status = "refuted" if said.is_denied else "provisional" if said.is_uncertain else "confirmed"
    clinical = None if said.is_denied else concept(coding("active", system=CLINICAL))
    verified = concept(coding(status, system=VERIFICATION))
    return condition(code, id=name, verificationStatus=verified, clinicalStatus=clinical, recordedDate=f"{_REPORT_YEAR}-01-09")
