"""The case: what an instrument sees."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Final

from service.model.finding import State
from service.model.lesion import Known, Lesion

_DISPUTED: Final = "conflicting-input"


@cache
def _unknown(finding: str) -> Known:
    """Return nothing known of a finding; one for each of the vocabulary."""
    return Known(finding=finding, state=State.NOT_ASSESSED)


class _Facts(dict[str, Known]):
    """What is known by finding; what nobody mentioned is added when it is asked for."""

    __slots__ = ()

    def __missing__(self, finding: str) -> Known:
        """Return, and from now on hold, that nothing is known."""
        self[finding] = unknown = _unknown(finding)
        return unknown


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
        heard: findings of which anything is known here, be it only that a value was uncertain or refused; a question that was
            not answered is not heard.
        doubts: what must be said with an outcome that rests on a finding, by finding: its flags, and `conflicting-input`.
    """

    lesions: tuple[Lesion, ...]
    study: Mapping[str, Known]
    patient: Mapping[str, Known]
    invalid: frozenset[tuple[str | None, str]] = frozenset()
    prior: Decimal | None = None
    focus: Lesion | None = None
    heard: frozenset[str] = field(init=False, repr=False, compare=False)
    doubts: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _facts: _Facts = field(init=False, repr=False, compare=False)
    _places: dict[str, "Case"] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Lay what is known at the lesion under study over the study, and that over the patient, once for all who ask."""
        facts = _Facts(self.patient)
        facts.update(self.study)
        if self.focus is not None:
            facts.update(self.focus.findings)
        heard, doubts = [], {}
        for finding, known in facts.items():
            is_disputed = known.state is State.CONFLICT
            if known.state is not State.NOT_ASSESSED or known.denied or known.flags:
                heard.append(finding)
            if known.flags or is_disputed:
                doubts[finding] = (*known.flags, _DISPUTED) if is_disputed else known.flags
        object.__setattr__(self, "_facts", facts)
        object.__setattr__(self, "heard", frozenset(heard))
        object.__setattr__(self, "doubts", doubts)

    def at(self, lesion: Lesion) -> "Case":
        """Return the same case with one lesion under study; made once for all who ask."""
        place = self._places.get(lesion.id)
        if place is None or place.focus is not lesion:
            place = self._places[lesion.id] = replace(self, focus=lesion)
        return place

    def known(self, finding: str) -> Known:
        """Return what is known of a finding: at the lesion under study, else of the study, else of the patient.

        A finding that nobody mentioned is NOT_ASSESSED with no sources.
        """
        return self._facts[finding]

    def everywhere(self, finding: str) -> tuple[Known, ...]:
        """Return all that is known of a finding: of study and patient, then of each lesion in their order."""
        wide = self.study.get(finding) or self.patient.get(finding)
        of_lesions = [found for lesion in self.lesions if (found := lesion.findings.get(finding)) is not None]
        return tuple(of_lesions if wide is None else [wide, *of_lesions])
