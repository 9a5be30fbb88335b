"""RiskAssessment of one assessment: what the EHR receives and `GET /fhir/RiskAssessment` serves.

Source: interfaces section 4; FHIR R4 RiskAssessment.
"""

from collections.abc import Container, Iterable, Iterator

from service.model.assessment import Assessment
from service.model.case import Case
from service.model.outcome import Outcome
from service.resources.element import Element, coding, device
from service.resources.emission import Emission
from service.resources.identity import ASSESSMENT_IDENTIFIER, INSTRUMENT_SYSTEM, SNOMED
from service.resources.narrative import div
from service.resources.prediction import Place, lesion_extension, predictions
from service.resources.reference import inputs, to_report, to_source
from service.resources.wording import PATIENT, displays_text, not_understood_text, sentence


def build(assessment: Assessment, emission: Emission, *, served: Container[str]) -> Element:
    """Return the RiskAssessment as a plain dictionary.

    Args:
        assessment: the result; a withdrawn one (no case) has no prediction.
        emission: codes and words that may leave the service.
        served: version-less references that the receiving EHR serves itself; only these become literal in `basis`.
    """
    resource = _frame(assessment, emission)
    if assessment.case is None:
        return resource | {"basis": [to_report(assessment.report, served)]}
    resource["basis"] = inputs(assessment, served)
    placed = list(_placed(assessment, assessment.case, emission, served))
    if found := [each for place, outcome in placed for each in predictions(outcome, place, emission)]:
        resource["prediction"] = found
    if mitigation := _mitigation(placed, emission):
        resource["mitigation"] = mitigation
    notes = _notes(placed, emission)
    if said := not_understood_text(assessment.unmapped):
        notes.append({"text": said})
    if notes:
        resource["note"] = notes
    return resource


def _frame(assessment: Assessment, emission: Emission) -> Element:
    """Return everything that a withdrawn assessment has too."""
    report = assessment.report
    resource: Element = {"resourceType": "RiskAssessment", "id": assessment.series}
    if report.security:
        resource["meta"] = {"security": [coding(label) for label in report.security]}
    resource |= {
        "text": {"status": "generated", "div": div(assessment, emission)},
        "identifier": [{"system": ASSESSMENT_IDENTIFIER, "value": assessment.series}],
        "status": assessment.status,
        "method": {"coding": [{"system": INSTRUMENT_SYSTEM, "version": assessment.versions.ruleset, "code": "ruleset"}]},
        "code": {"coding": [{"system": SNOMED, "code": "709510001", "display": "Assessment of risk for disease"}]},
        "subject": {"display": "not stated"} if report.subject is None else {"reference": report.subject},
        "occurrenceDateTime": report.effective or assessment.assessed_at,
        "performer": device(),
    }
    if report.encounter is not None:
        resource["encounter"] = {"reference": report.encounter}
    return resource


def _placed(assessment: Assessment, case: Case, emission: Emission, served: Container[str]) -> Iterator[tuple[Place, Outcome]]:
    """Yield every outcome that has something to say with the place it speaks about, lesions first."""
    instant = assessment.report.effective or assessment.assessed_at
    for lesion in case.lesions:
        source = None if lesion.source is None else to_source(lesion.source, assessment, served)
        extension = lesion_extension(lesion.site, source, emission)
        place = Place(text=lesion.site.text, lesion=extension, sayings=_sayings(assessment, lesion.id), instant=instant)
        for outcome in _spoken(assessment.lesion_outcomes.get(lesion.id, ())):
            yield place, outcome
    place = Place(text=PATIENT, lesion=None, sayings=_sayings(assessment, None), instant=instant)
    for outcome in _spoken(assessment.patient_outcomes):
        yield place, outcome


def _spoken(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    return (outcome for outcome in outcomes if not outcome.is_silent)


def _sayings(assessment: Assessment, lesion: str | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for statement in assessment.statements:
        if statement.lesion == lesion:
            found.setdefault(statement.instrument, []).append(statement.text)
    return found


def _mitigation(placed: list[tuple[Place, Outcome]], emission: Emission) -> str:
    """Say every recommendation with its lesion, each once; empty = none."""
    said = (
        f"{place.text}: {displays_text(outcome, outcome.recommendations, emission)} ({emission.title(outcome.instrument)})."
        for place, outcome in placed
        if outcome.recommendations
    )
    return " ".join(dict.fromkeys(said))


def _notes(placed: list[tuple[Place, Outcome]], emission: Emission) -> list[Element]:
    """Return one annotation for each outcome that recommends or asks for something, then the caveats of each instrument."""
    notes: list[Element] = []
    for place, outcome in placed:
        labelled = [
            ("Recommended", displays_text(outcome, outcome.recommendations, emission)),
            ("Asked for", displays_text(outcome, outcome.requests, emission)),
        ]
        if not outcome.verdicts:
            labelled.append(("Take note", displays_text(outcome, outcome.flags, emission)))
        if said := " ".join(sentence(f"{label}: {text}") for label, text in labelled if text):
            notes.append({"text": f"{place.text}, {emission.title(outcome.instrument)}: {said}"})
    return notes + _caveats(placed, emission)


def _caveats(placed: list[tuple[Place, Outcome]], emission: Emission) -> list[Element]:
    """Return what must be printed with the results of each instrument, each sentence once for all lesions."""
    said: dict[str, dict[str, None]] = {}
    for _, outcome in placed:
        said.setdefault(outcome.instrument, {}).update(dict.fromkeys(outcome.caveats))
    return [
        {"text": f"{emission.title(instrument)}, caveats: {' '.join(sentence(text) for text in texts)}"}
        for instrument, texts in said.items()
        if texts
    ]
