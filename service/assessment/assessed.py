"""Every outcome of one case, asked by lesion and instrument."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from service.model.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """Every outcome of one case.

    Attributes:
        lesion_outcomes: by lesion id, in catalogue order.
        patient_outcomes: over all lesions.
    """

    lesion_outcomes: Mapping[str, tuple[Outcome, ...]]
    patient_outcomes: tuple[Outcome, ...]

    def at(self, lesion: str, instrument: str) -> Outcome | None:
        """Return an instrument's outcome of a lesion; None = it has none."""
        return next((each for each in self.lesion_outcomes.get(lesion, ()) if each.instrument == instrument), None)

    def of_patient(self, instrument: str) -> Outcome | None:
        """Return an instrument's outcome over all lesions; None = it has none."""
        return next((each for each in self.patient_outcomes if each.instrument == instrument), None)

    def with_lesions(self, change: Callable[[str, tuple[Outcome, ...]], tuple[Outcome, ...]]) -> "Assessed":
        """Return the same with each lesion's outcomes changed; `change` gets the lesion's id and its outcomes."""
        changed = {lesion: change(lesion, outcomes) for lesion, outcomes in self.lesion_outcomes.items()}
        return replace(self, lesion_outcomes=changed)

    def with_patient(self, change: Callable[[Outcome], Outcome]) -> "Assessed":
        """Return the same with each of the patient's outcomes changed."""
        return replace(self, patient_outcomes=tuple(map(change, self.patient_outcomes)))
