"""The case: what an instrument sees."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from service.model.finding import State
from service.model.lesion import Known, Lesion


@cache
def _unknown(finding: str) -> Known:
    """Return nothing known of a finding; one for each of the vocabulary."""
    return Known(finding=finding, state=State.NOT_ASSESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One patient's lesions and what is known of study and patient.

    Attributes:
        lesions: in the order of their ids.
        study, patient: what is known at those scopes, by finding key.
        invalid: findings for which a value was refused (out of range, unknown answer, unit not understood), as
            (lesion id or None, finding).
        prior: the caller's prior probability for IESL (0-1); None = none stated.
        focus: the lesion under study; None = the patient as a whole.
    """

    lesions: tuple[Lesion, ...]
    study: Mapping[str, Known]
    patient: Mapping[str, Known]
    invalid: frozenset[tuple[str | None, str]] = frozenset()
    prior: Decimal | None = None
    focus: Lesion | None = None

    def at(self, lesion: Lesion) -> "Case":
        """Return the same case with one lesion under study."""
        return replace(self, focus=lesion)

    def known(self, finding: str) -> Known:
        """Return what is known of a finding: at the lesion under study, else of the study, else of the patient.

        A finding that nobody mentioned is NOT_ASSESSED with no sources.
        """
        if self.focus is not None and (found := self.focus.findings.get(finding)) is not None:
            return found
        return self.study.get(finding) or self.patient.get(finding) or _unknown(finding)

    def everywhere(self, finding: str) -> tuple[Known, ...]:
        """Return all that is known of a finding: of study and patient, then of each lesion in their order."""
        wide = self.study.get(finding) or self.patient.get(finding)
        of_lesions = [found for lesion in self.lesions if (found := lesion.findings.get(finding)) is not None]
        return tuple(of_lesions if wide is None else [wide, *of_lesions])
