"""From bytes to the stored RiskAssessment, with model classes at both ends."""

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.riskassessment import RiskAssessment

from benchmarks.plain.reading import read
from benchmarks.plain.storing import Written, store
from service.assessment.assess import assess
from service.assessment.document import document
from service.assessment.statements import say
from service.findings.build import build
from service.mapping.translate import translate
from service.model.assessment import Assessment
from service.model.caller import Caller
from service.model.hospital import HospitalSlug
from service.parts import Parts, utc_text
from service.pipeline.compute import series_of
from service.resources import risk_assessment
from service.resources.canonical import canonical


def assess_plainly(parts: Parts, hospital: HospitalSlug, body: bytes, caller: Caller) -> Written:
    """Validate, read, assess, render and store one posted Bundle.

    Args:
        parts: the service, for its tables and its database.
        hospital: on whose behalf.
        body: the Bundle.
        caller: for the audit.
    """
    language = parts.languages[hospital]
    reading = read(Bundle.model_validate_json(body))
    translation = translate(reading, language.mappings)
    case = build(translation, reading, language.mappings.vocabulary).case
    assessed = assess(case, parts.tables)
    assessment = Assessment(
        id=parts.new_id(),
        series=series_of(hospital, reading.report.identity or ""),
        hospital=hospital,
        status=reading.report.status,
        report=reading.report,
        supersedes=None,
        assessed_at=utc_text(parts.clock()),
        versions=language.versions,
        case=case,
        lesion_outcomes=assessed.lesion_outcomes,
        patient_outcomes=assessed.patient_outcomes,
        statements=say(case, assessed),
        unmapped=translation.unmapped,
        issues=(),
        read=reading.read,
    )
    resource = RiskAssessment.model_validate(risk_assessment.build(assessment, language.emission, served=frozenset()))
    written = Written(
        content=canonical(document(assessment, language.mappings.vocabulary)),
        resource=resource.model_dump_json().encode(),
    )
    store(parts, assessment, body, written, caller)
    return written
