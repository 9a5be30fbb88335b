"""One transaction: the assessment (superseding the older), its dossier, audit facts and the delivery job."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from service.intake.opened import Opened
from service.metrics import ASSESSMENTS, OUTCOMES, UNMAPPED, system_label
from service.model.caller import Caller
from service.model.coded import Report
from service.model.dossier import Document, Dossier, Origin
from service.model.hospital import Hospital, HospitalSlug, WriteBack
from service.parts import Language, Parts
from service.pipeline.compute import Computed, Identity, Rendered, assemble, compute, render, says_the_same, series_of
from service.pipeline.pack import pack
from service.storage.answers import AnswerRow
from service.storage.assessments import AssessmentRow, NewAssessment, StoredAssessment
from service.storage.terms import AssessmentId, AuditAction, DossierId, ReleaseId, SeriesId, StreamKey
from service.storage.unit_of_work import UnitOfWork

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a computed result.

    Attributes:
        row: the assessment that holds now.
        created: False = nothing new: the input was known, or a newer version of the report is already assessed.
        reason: why nothing was created (`unchanged`, `superseded`); None = created.
    """

    row: AssessmentRow
    created: bool
    reason: str | None = None


def served_references(computed: Computed, hospital: Hospital) -> frozenset[str]:
    """Return the references of the input that the hospital's EHR serves; none without an EHR."""
    if hospital.ehr_base is None:
        return frozenset()
    return frozenset(reference for reference, _ in computed.read if "#" not in reference and ":" not in reference)


def with_every_answer(
    parts: Parts, hospital: Hospital, opened: Opened, computed: Computed, act: Callable[[UnitOfWork, Computed], _Made]
) -> _Made:
    """Run a transaction on a result that has heard every answer to its report.

    Where somebody answered an earlier assessment, or does so meanwhile, the answers join the dossier and it is computed anew.

    Args:
        parts: evidence and database.
        hospital: whose patient it is.
        opened: the dossier; grows by the answers.
        computed: what it came to so far.
        act: stores the result; what it returns is returned.
    """
    while True:
        with parts.database.write() as uow:
            if not (unheard := _unheard(uow, hospital, computed, opened.dossier)):
                return act(uow, computed)
        opened.add(unheard)
        computed = compute(opened, parts.languages[hospital.slug], parts.tables)


def _unheard(uow: UnitOfWork, hospital: Hospital, computed: Computed, dossier: Dossier) -> tuple[Document, ...]:
    """Return the answers to the report that the dossier does not hold; nothing is asked of a withdrawn report."""
    identity = computed.reading.report.identity
    if identity is None or computed.case is None:
        return ()
    series = SeriesId(series_of(hospital.slug, identity))
    uow.assessments.lock(series)
    heard = {each.request for each in dossier.documents if each.origin is Origin.ANSWERED}
    return tuple(document_of(each) for each in uow.answers.of_series(series) if each.name not in heard)


def document_of(answer: AnswerRow) -> Document:
    """Return an answer as a document of a dossier."""
    return Document(origin=Origin.ANSWERED, request=answer.name, status=200, body=answer.body)


def store(
    uow: UnitOfWork,
    parts: Parts,
    hospital: Hospital,
    computed: Computed,
    dossier: Dossier,
    *,
    caller: Caller,
    write_back: bool,
    any_envelope: bool = False,
) -> Stored:
    """Store a computed result unless it is known or overtaken.

    Args:
        uow: the open transaction; everything here is committed with what the caller adds.
        parts: clock, ids, settings.
        hospital: whose patient it is.
        computed: the result.
        dossier: the bytes it was made from.
        caller: for the audit.
        write_back: whether the EHR is to receive it (the hospital's policy may still say none).
        any_envelope: True = statements that stand elsewhere in another envelope are unchanged (an EHR told of the report twice);
            False = whoever sent them is to find them by their paths.
    """
    report = computed.reading.report
    series = SeriesId(series_of(hospital.slug, report.identity or ""))
    uow.assessments.lock(series)
    latest = uow.assessments.latest(series)
    if latest is not None and is_older(report, latest):
        return Stored(row=latest, created=False, reason="superseded")
    computed = _known_subject(computed, latest)
    language = parts.languages[hospital.slug]
    identity = Identity(
        id=parts.new_id(),
        series=series,
        hospital=hospital.slug,
        supersedes=latest.id if latest else None,
        assessed_at_instant=parts.clock(),
    )
    packed = pack(dossier)
    dossier_id = _dossier_id(packed)
    if latest is not None and latest.dossier_id == dossier_id and _is_made_anew(latest, language):
        computed = replace(computed, status="corrected")
    rendered = render(assemble(computed, identity, language), language, served_references(computed, hospital))
    if latest is not None and (
        latest.input_hash == rendered.fingerprint or (any_envelope and says_the_same(latest.content, rendered.content))
    ):
        if write_back and uow.deliveries.get(latest.id) is None:  # assessed before for somebody who did not want it written
            _plan_delivery(uow, hospital, series, latest.id)
        return Stored(row=latest, created=False, reason="unchanged")
    row = _new_row(computed, identity, rendered, dossier_id, language=language, latest=latest)
    uow.dossiers.add(row.dossier_id, packed)
    uow.assessments.add(row)
    action, subtype = (AuditAction.UPDATE, "update") if latest else (AuditAction.CREATE, "create")
    entity = f"RiskAssessment/{series}/_history/{row.version}"
    uow.audit.add(parts.fact(caller, action, subtype, entity=entity, patient=row.subject, hospital=hospital.slug, detail=row.id))
    if write_back:
        _plan_delivery(uow, hospital, series, row.id)
    _count(computed)
    return Stored(row=row, created=True)


def _plan_delivery(uow: UnitOfWork, hospital: Hospital, series: SeriesId, assessment_id: AssessmentId) -> None:
    """Have an assessment delivered, where the hospital has an EHR and wants it written."""
    if hospital.ehr_base is None or hospital.write_back is not WriteBack.RISK_ASSESSMENT:
        return
    uow.deliveries.plan(assessment_id, series, hospital.slug)
    uow.jobs.enqueue(
        StreamKey(f"deliver|{hospital.slug}|{series}"),
        "deliver",
        {"series": series, "hospital": hospital.slug, "assessment": assessment_id},
        f"deliver|{assessment_id}",
    )


def _count(computed: Computed) -> None:
    """Count what was stored; what a failing commit takes back is counted too, which a rate forgives."""
    ASSESSMENTS.labels(computed.status).inc()
    for _, instrument, outcome in _outcomes(computed):
        OUTCOMES.labels(instrument, outcome).inc()
    for each in computed.unmapped:
        UNMAPPED.labels(system_label(each.system), each.reason).inc()


def _known_subject(computed: Computed, latest: StoredAssessment | None) -> Computed:
    """Let a withdrawal that says nothing of the patient be of the patient that was assessed."""
    report = computed.reading.report
    if latest is None or computed.case is not None or report.subject is not None:
        return computed
    named = replace(report, subject=latest.subject, encounter=report.encounter or latest.encounter)
    return replace(computed, reading=replace(computed.reading, report=named))


def _is_made_anew(latest: StoredAssessment, language: Language) -> bool:
    """Tell whether equal input is computed under other rules or tables than before (or was, the last time)."""
    before, now = (latest.ruleset, latest.mappings_release), (language.versions.ruleset, language.versions.mappings)
    return latest.status == "corrected" or (before != now and latest.status != "entered-in-error")


def is_older(report: Report, latest: StoredAssessment) -> bool:
    """Tell whether the report version is older than the one already assessed.

    Server version numbers decide where both are numbers, else meta.lastUpdated; where neither can be compared, the order of
    arrival holds.
    """
    if report.version and latest.report_version and report.version.isdecimal() and latest.report_version.isdecimal():
        return int(report.version) < int(latest.report_version)
    updated, known = _instant(report.last_updated), _instant(latest.report_last_updated)
    return updated is not None and known is not None and updated < known


def _instant(text: str | None) -> datetime | None:
    """Read meta.lastUpdated; None = it is not there, or no instant that can be compared."""
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _new_row(
    computed: Computed,
    identity: Identity,
    rendered: Rendered,
    dossier_id: DossierId,
    *,
    language: Language,
    latest: StoredAssessment | None,
) -> NewAssessment:
    report = computed.reading.report
    return NewAssessment(
        id=AssessmentId(identity.id),
        series=SeriesId(identity.series),
        version=1 if latest is None else latest.version + 1,
        hospital=HospitalSlug(identity.hospital),
        subject=report.subject,
        encounter=report.encounter,
        report_reference=report.reference,
        report_identity=report.identity or "",
        report_version=report.version,
        report_last_updated=report.last_updated,
        report_said_at=report.said_at,
        status=computed.status,
        supersedes=AssessmentId(identity.supersedes) if identity.supersedes else None,
        input_hash=rendered.fingerprint,
        dossier_id=dossier_id,
        ruleset=language.versions.ruleset,
        mappings_release=ReleaseId(language.versions.mappings),
        assessed_at=identity.assessed_at_instant,
        content=rendered.content,
        resource=rendered.resource,
        outcomes=tuple(_outcomes(computed)),
        read=computed.read + computed.heard,
    )


def _dossier_id(packed: bytes) -> DossierId:
    return DossierId(hashlib.sha256(packed).hexdigest())


def _outcomes(computed: Computed) -> list[tuple[str | None, str, str]]:
    """Return the verdicts by which the assessment is found; an outcome that rests on no statement has none."""
    if computed.assessed is None:
        return []
    rows: list[tuple[str | None, str, str]] = [
        (lesion, outcome.instrument, verdict)
        for lesion, outcomes in computed.assessed.lesion_outcomes.items()
        for outcome in outcomes
        if not outcome.is_silent
        for verdict in outcome.verdicts
    ]
    rows += [
        (None, outcome.instrument, verdict)
        for outcome in computed.assessed.patient_outcomes
        if not outcome.is_silent
        for verdict in outcome.verdicts
    ]
    return rows
