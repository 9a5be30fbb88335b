"""What a report says before it is written in any form: the statements of a written case, one by one, with whose they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from service.model.coded import Interval
from service.model.finding import Definition, Kind, Scope, Vocabulary
from tests.cases.written_case import WrittenCase, interval_of, is_allowed, listed

PLACES: Final = ("vertebral-level", "disc-level", "spinal-region")
"""Findings of a written lesion that say where it is."""

_NUMBERS: Final = frozenset({Kind.QUANTITY, Kind.COUNT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that is said.

    Attributes:
        definition: the finding.
        value: a value; None = the finding as a whole (`is_denied`), a number, or nothing certain.
        number: of a quantity or count; None = no number.
        is_denied: the value, or the finding as a whole, is said not to be there.
        is_uncertain: possible, probable, equivocal.
        is_refused: value or number is outside the list or range of the vocabulary.
        modality, observer: the examination it was seen on, who said it; None = not stated.
        site: finding (`lesion-site`, `spinal-region`) and value of its own site; None = that of the lesion.
        is_elsewhere: another report of the patient says it.
    """

    definition: Definition
    value: str | None = None
    number: Interval | None = None
    is_denied: bool = False
    is_uncertain: bool = False
    is_refused: bool = False
    modality: str | None = None
    observer: str | None = None
    site: tuple[str, str] | None = None
    is_elsewhere: bool = False

    @property
    def finding(self) -> str:
        """Key of the finding."""
        return self.definition.key

    @property
    def setting(self) -> tuple[str | None, str | None, tuple[str, str] | None]:
        """What a component cannot say of itself: method, performer and body site belong to its Observation."""
        return self.modality, self.observer, self.site


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionContent:
    """One lesion: its name in ids (`lesion1`), where it is, and what is said of it."""

    name: str
    levels: tuple[str, ...]
    discs: tuple[str, ...]
    regions: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def has_place(self) -> bool:
        """Tell whether anything says where it is."""
        return bool(self.levels or self.discs or self.regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything that one written case says.

    Attributes:
        lesions: in the order of the case.
        wide: what is said of study and patient.
        prior: the caller's prior probability; None = none.
    """

    lesions: tuple[LesionContent, ...]
    wide: tuple[Statement, ...]
    prior: Decimal | None = None

    @property
    def only_modality(self) -> str | None:
        """The modality of the study, when it is stated once and everything was seen on it; None = there is no such."""
        stated = [said.value for said in self.wide if said.finding == "modality"]
        seen = [said for lesion in self.lesions for said in lesion.statements]
        seen += [said for said in self.wide if said.definition.scope is Scope.STUDY and said.finding != "modality"]
        return stated[0] if len(stated) == 1 and all(said.modality == stated[0] for said in seen) else None


def content_of(case: WrittenCase, vocabulary: Vocabulary) -> Content:
    """Return what a written case says."""
    lesions = tuple(
        LesionContent(
            name=f"lesion{number}",
            levels=_places(told, "vertebral-level"),
            discs=_places(told, "disc-level"),
            regions=_places(told, "spinal-region"),
            statements=tuple(_statements({key: said for key, said in told.items() if key not in PLACES}, vocabulary)),
        )
        for number, told in enumerate(case.lesions, start=1)
    )
    return Content(lesions=lesions, wide=tuple(_statements({**case.study, **case.patient}, vocabulary)), prior=case.prior)


def _places(told: Mapping[str, Any], finding: str) -> tuple[str, ...]:
    return tuple(listed(told.get(finding, [])))


def _statements(told: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Statement]:
    for finding, answers in told.items():
        for answer in listed(answers):
            told = answer if isinstance(answer, Mapping) else {"value": answer}
            yield replace(_statement(vocabulary[finding], told, answer), site=_site(told.get("site"), vocabulary))


def _site(told: str | None, vocabulary: Vocabulary) -> tuple[str, str] | None:
    if told is None:
        return None
    return ("lesion-site" if told in vocabulary["lesion-site"].values else "spinal-region"), told


def _statement(definition: Definition, told: Mapping[str, Any], answer: object) -> Statement:
    said = Statement(
        definition=definition,
        is_refused=not is_allowed(definition, answer),
        modality=told.get("modality"),
        observer=told.get("observer"),
        is_elsewhere=bool(told.get("from_other_report", False)),
    )
    if "denied" in told:
        return replace(said, value=told["denied"], is_denied=True)
    if definition.kind in _NUMBERS and told.get("value") != "uncertain":
        return replace(said, number=interval_of(told))
    match told["value"]:
        case "uncertain":
            return replace(said, is_uncertain=True)
        case "absent":
            return replace(said, is_denied=True)
        case value:
            return replace(said, value=value)
