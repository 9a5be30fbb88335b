"""Assessment JSON: the keys of interfaces section 3, exactly.

Source: interfaces section 3.
"""

import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from service.model.assessment import Assessment, Versions
from service.model.case import Case
from service.model.coded import Interval, Report, Source
from service.model.finding import State, Unmapped, Vocabulary
from service.model.lesion import Known, Lesion
from service.model.outcome import Outcome, Ratio, Reason, Share

Json = dict[str, object]

_LARGEST_EXACT: Final = 2**53 - 1
"""Whole numbers beyond it are not the same in every JSON reader (RFC 8785)."""


def document(assessment: Assessment, vocabulary: Vocabulary) -> Json:
    """Return the assessment as a JSON dictionary.

    Args:
        assessment: the result; a withdrawn one (no case) has no lesions, findings or outcomes.
        vocabulary: units of the findings.

    Returns:
        Plain dictionaries, lists, text, numbers and None. `superseded_by` is None here: it is known only when asked.
    """
    case = assessment.case
    return {
        "id": assessment.id,
        "hospital": assessment.hospital,
        "status": assessment.status,
        "report": _report(assessment.report),
        "subject": assessment.report.subject,
        "supersedes": assessment.supersedes,
        "superseded_by": None,
        "assessed_at": assessment.assessed_at,
        "versions": _versions(assessment.versions),
        "lesions": [] if case is None else _lesions(assessment, case, vocabulary),
        "study_findings": [] if case is None else _findings(case.study.values(), vocabulary),
        "patient_findings": [] if case is None else _findings(case.patient.values(), vocabulary),
        "patient_outcomes": [_outcome(outcome) for outcome in assessment.patient_outcomes],
        "statements": [
            {"rank": each.rank, "lesion": each.lesion, "text": each.text, "urgent": each.urgent, "instrument": each.instrument}
            for each in assessment.statements
        ],
        "unmapped": [_unmapped(each) for each in assessment.unmapped],
        "issues": [
            {"severity": each.severity.value, "code": each.code, "text": each.text, "path": each.path} for each in assessment.issues
        ],
    }


def _report(report: Report) -> Json:
    return {"reference": report.reference, "version": report.version, "status": report.status}


def _versions(versions: Versions) -> Json:
    return {
        "service": versions.service,
        "ruleset": versions.ruleset,
        "mappings": versions.mappings,
        "instruments": dict(versions.instruments),
    }


def _lesions(assessment: Assessment, case: Case, vocabulary: Vocabulary) -> list[Json]:
    return [_lesion(lesion, assessment.lesion_outcomes.get(lesion.id, ()), vocabulary) for lesion in case.lesions]


def _lesion(lesion: Lesion, outcomes: Iterable[Outcome], vocabulary: Vocabulary) -> Json:
    return {
        "id": lesion.id,
        "site": {"level": lesion.site.level, "levels": list(lesion.site.levels), "text": lesion.site.text},
        "findings": _findings(lesion.findings.values(), vocabulary),
        "outcomes": [_outcome(outcome) for outcome in outcomes],
    }


def _findings(known: Iterable[Known], vocabulary: Vocabulary) -> list[Json]:
    """Return what is known; what nobody spoke of is left out, what was asked without an answer is not."""
    return [_finding(each, vocabulary) for each in known if each.state is not State.NOT_ASSESSED or each.sources or each.denied]


def _finding(known: Known, vocabulary: Vocabulary) -> Json:
    definition = vocabulary.get(known.finding)
    return {
        "finding": known.finding,
        "state": known.state.value,
        "values": list(known.values),
        "unit": None if definition is None else definition.unit,
        "interval": None if known.interval is None else _interval(known.interval),
        "sources": [_source(finding.source) for finding in known.sources],
    }


def _interval(interval: Interval) -> list[int | float | None]:
    low, high = interval.low, interval.high
    return [None if low is None else _number(low), None if high is None else _number(high)]


def _number(value: Decimal | float) -> int | float:
    """Return a number as the JSON number it is: whole numbers without a point, nothing beyond the largest double."""
    number = _finite(float(value))
    return int(number) if number.is_integer() and abs(number) <= _LARGEST_EXACT else number


def _finite(number: float) -> float:
    """Return a number that JSON can carry: absurd input gives the largest double, not an error."""
    return max(-sys.float_info.max, min(sys.float_info.max, number))


def _source(source: Source) -> Json:
    """Return where something is said; of another report or record also the day (UTC), where it states one."""
    found: Json = {
        "reference": source.reference,
        "version": source.version,
        "path": source.path,
        "from_other_report": source.from_other_report,
    }
    if not source.from_other_report or source.said_at is None:
        return found
    return found | {"said_on": source.said_at.date().isoformat()}


def _outcome(outcome: Outcome) -> Json:
    score = outcome.score
    return {
        "instrument": outcome.instrument,
        "version": outcome.version,
        "applicability": outcome.applicability.value,
        "verdicts": list(outcome.verdicts),
        "score": None if score is None else {"low": score.low, "high": score.high, "attainable": list(score.attainable)},
        "likelihood_ratio": None if outcome.likelihood_ratio is None else _ratio(outcome.likelihood_ratio),
        "probability": None if outcome.probability is None else _number(outcome.probability),
        "ranking": None if outcome.ranking is None else [_share(share) for share in outcome.ranking],
        "measure": _measure(outcome.measure),
        "reasons": [_reason(reason) for reason in outcome.reasons],
        "missing": list(outcome.missing),
        "decisive": [list(each) for each in outcome.decisive],
        "flags": list(outcome.flags),
        "recommendations": list(outcome.recommendations),
        "requests": list(outcome.requests),
        "citations": [{"paper": each.paper, "locator": each.locator} for each in outcome.citations],
        "caveats": list(outcome.caveats),
    }


def _ratio(ratio: Ratio) -> Json:
    return {"value": _number(ratio.value), "low": _number(ratio.low), "high": _number(ratio.high)}


def _share(share: Share) -> Json:
    return {"outcome": share.outcome, "share": _number(share.share)}


def _measure(measure: Mapping[str, float] | None) -> Json | None:
    return None if measure is None else {name: _number(value) for name, value in measure.items()}


def _reason(reason: Reason) -> Json:
    """Return one reason; of points, weight, direction and kappa only those it has stand in it."""
    found: Json = {
        "finding": reason.finding,
        "value": reason.value,
        "evidence": reason.evidence,
        "sources": [_source(source) for source in reason.sources],
    }
    if reason.points is not None:
        found["points"] = list(reason.points)
    if reason.weight is not None:
        found["weight"] = _number(reason.weight)
    if reason.direction is not None:
        found["direction"] = reason.direction
    if reason.kappa is not None:
        found["kappa"] = reason.kappa
    return found


def _unmapped(unmapped: Unmapped) -> Json:
    """Return what was not used; `why` is our sentence, where the reason does not say it all."""
    found: Json = {
        "system": unmapped.system,
        "code": unmapped.code,
        "display": unmapped.display,
        "path": unmapped.path,
        "reason": unmapped.reason,
    }
    return found if unmapped.why is None else found | {"why": unmapped.why}
