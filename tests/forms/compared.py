"""Assessments held against each other: what is said, without where it was said and how it was written."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from service.assessment.assess import assess
from service.assessment.document import document
from service.assessment.statements import say
from service.assessment.statements.words import PARTLY_ELSEWHERE
from service.evidence.tables import Tables
from service.model.assessment import Assessment, Versions
from service.model.coded import Report
from service.model.finding import Vocabulary
from service.model.outcome import Applicability, Citation, Outcome, Ratio, Reason, Score, Share
from tests.cases.written_case import BuiltCase

Json = dict[str, Any]
FROM_OTHER_REPORT: Final = "from-other-report"
_SAID: Final = ("lesions", "study_findings", "patient_findings", "patient_outcomes", "statements")
_FINDINGS: Final = frozenset({"findings", "study_findings", "patient_findings"})
_PARTLY_FROM_OTHERS: Final = f"; {PARTLY_ELSEWHERE}"
_SILENT: Final = "not-assessed"
_IDLE_ZEROS: Final = re.compile(r"(\.\d*[1-9])0+(?!\d)|\.0+(?!\d)")


def expected_of(built: BuiltCase, tables: Tables, vocabulary: Vocabulary) -> Json:
    """Return the Assessment JSON of a written case, as far as `said` reads it."""
    assessed = assess(built.case, tables)
    report = Report(
        reference=None,
        identity=None,
        version=None,
        last_updated=None,
        status="final",
        subject=None,
        encounter=None,
        effective=None,
        said_at=None,
    )
    assessment = Assessment(
        id="",
        series="",
        hospital="",
        status="final",
        report=report,
        supersedes=None,
        assessed_at="",
        versions=Versions(service="", ruleset="", mappings="", instruments={}),
        case=built.case,
        lesion_outcomes=assessed.lesion_outcomes,
        patient_outcomes=assessed.patient_outcomes,
        statements=say(built.case, assessed),
        unmapped=(),
        issues=(),
        read=(),
    )
    return document(assessment, vocabulary)


def said(content: Json) -> Json:
    """Return what an assessment says, whatever the form of its report.

    Left out are sources, questions without any answer, that a fact comes from beside the report (where study and patient are
    spoken of is a matter of form), and zeros at the end of a number, which stay as they were sent.
    """
    return {name: _said(name, content[name]) for name in _SAID}


def _said(name: str, element: Any) -> Any:  # noqa: ANN401 - any JSON
    match element:
        case dict():
            return {key: _said(key, each) for key, each in element.items() if key != "sources"}
        case list() if name in _FINDINGS:
            return [_said("", each) for each in element if each["state"] != _SILENT]
        case list() if name == "flags":
            return [each for each in element if each != FROM_OTHER_REPORT]
        case list():
            return [_said("", each) for each in element]
        case str() if name in {"text", "value"}:
            return _IDLE_ZEROS.sub(r"\1", element.replace(_PARTLY_FROM_OTHERS, ""))
        case _:
            return element


def first_lesion(content: Json, references: Iterable[str]) -> Json | None:
    """Return the lesion that these Observations speak of; None = none."""
    wanted = set(references)
    for lesion in content["lesions"]:
        sources = (source["reference"] for finding in lesion["findings"] for source in finding["sources"])
        if wanted & set(sources):
            found: Json = lesion
            return found
    return None


def outcome_of(told: Mapping[str, Any]) -> Outcome:
    """Return the outcome that Assessment JSON writes, so that the checks of the case files read it."""
    score, ratio = told["score"], told["likelihood_ratio"]
    return Outcome(
        instrument=told["instrument"],
        version=told["version"],
        applicability=Applicability(told["applicability"]),
        verdicts=tuple(told["verdicts"]),
        score=None if score is None else Score(low=score["low"], high=score["high"], attainable=tuple(score["attainable"])),
        likelihood_ratio=None if ratio is None else Ratio(value=ratio["value"], low=ratio["low"], high=ratio["high"]),
        probability=told["probability"],
        ranking=None if told["ranking"] is None else tuple(Share(**each) for each in told["ranking"]),
        measure=told["measure"],
        reasons=tuple(_reason(each) for each in told["reasons"]),
        missing=tuple(told["missing"]),
        decisive=tuple(tuple(each) for each in told["decisive"]),
        flags=tuple(told["flags"]),
        recommendations=tuple(told["recommendations"]),
        requests=tuple(told["requests"]),
        citations=tuple(Citation(**each) for each in told["citations"]),
        caveats=tuple(told["caveats"]),
    )


def _reason(told: Mapping[str, Any]) -> Reason:
    points = told.get("points")
    return Reason(
        finding=told["finding"],
        value=told["value"],
        evidence=told["evidence"],
        points=None if points is None else (points[0], points[1]),
        weight=told.get("weight"),
        direction=told.get("direction"),
    )
