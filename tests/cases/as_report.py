"""A written case as a hospital would send it: one Observation a statement, at its vertebra, with its method and its reader."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from service.model.finding import Definition, Kind, Vocabulary
from tests import builders
from tests.cases.written_case import WrittenCase

Json = dict[str, Any]

_METHODS: Final = {"ct": "RID10321", "mri": "RID10312", "x-ray": "RID10345", "pet-mri": "RID10342"}
"""RadLex code of each modality that the cases name."""
_PRESENT: Final = builders.coding("52101004", "Present")
_ABSENT: Final = builders.coding("2667000", "Absent")
_UNCERTAIN: Final = builders.coding("82334004", "Indeterminate")
_OTHER_FORMS: Final = frozenset({"denied", "site", "from_other_report"})
_NO_MODALITY: Final = builders.coding("18748-4", system=builders.LOINC)
"""Code of a report that names no modality: what is not stated with a statement is not stated at all."""


def is_sayable(case: WrittenCase) -> bool:
    """Tell whether the case can be written so: each lesion at one vertebra, nothing of another site or report.

    The denial of a single value has no form of its own in codes.
    """
    told = [said for _, said in _told(case)]
    otherwise = any(
        isinstance(each, Mapping) and not _OTHER_FORMS.isdisjoint(each)
        for said in told
        for answers in said.values()
        for each in _listed(answers)
    )
    return not otherwise and all(isinstance(lesion.get("vertebral-level"), str) for lesion in case.lesions)


def as_report(case: WrittenCase, vocabulary: Vocabulary) -> Json:
    """Return the Bundle of patient, report and Observations that say what the case says, and no age or sex beside it."""
    said = [
        _observation(f"{whose}-{number}", vocabulary[finding], answer, told.get("vertebral-level"))
        for whose, told in _told(case)
        for number, (finding, answer) in enumerate((key, each) for key, answers in told.items() for each in _listed(answers))
    ]
    return builders.bundle(
        builders.patient(gender=None, birthDate=None), builders.report(*said, code=builders.concept(_NO_MODALITY)), *said
    )


def _told(case: WrittenCase) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((f"lesion{number}", told) for number, told in enumerate(case.lesions, start=1))
    yield from (("study", case.study), ("patient", case.patient))


def _observation(name: str, definition: Definition, answer: object, level: str | None) -> Json:
    told: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {"value": answer}
    elements: Json = {"id": name}
    if level is not None:
        elements["bodySite"] = builders.level_site(level)
    if "modality" in told:
        elements["method"] = builders.concept(builders.coding(_METHODS[told["modality"]], system=builders.RADLEX))
    if "observer" in told:
        elements["performer"] = [{"reference": f"Practitioner/{told['observer']}"}]
    question = builders.concept(builders.coding(definition.key, system=builders.LOCAL))
    return builders.observation(question, _value(definition, told), **elements)


def _value(definition: Definition, told: Mapping[str, Any]) -> Json:
    if "low" in told:
        return {end: builders.quantity(told[end], definition.unit or "1") for end in ("low", "high")}
    match told["value"]:
        case "absent":
            return builders.concept(_ABSENT)
        case "uncertain":
            return builders.concept(_UNCERTAIN)
        case "present" if definition.kind is Kind.BOOLEAN:
            return builders.concept(_PRESENT)
        case str(value):
            return builders.concept(builders.coding(value, system=builders.LOCAL))
        case number:
            comparator = {"comparator": told["comparator"]} if "comparator" in told else {}
            return builders.quantity(number, definition.unit or "1", **comparator)


def _listed(answer: object) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]
