"""Assessment JSON: exactly the keys of the interfaces, section 3."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from service.assessment.document import document
from service.model.assessment import Assessment
from service.model.case import Case
from service.model.coded import Issue, Severity
from service.model.finding import Definition, Finding, Kind, Scope, State, Unmapped
from service.model.lesion import Known, Lesion, Site
from service.model.outcome import Ratio, Reason, Share
from tests.unit.resources.example import assessment, lesion, measured, open_sins, outcome, source, stated, withdrawn

_OUTCOME_KEYS = {
    "instrument", "version", "applicability", "verdicts", "score", "likelihood_ratio", "probability", "ranking", "measure",
    "reasons", "missing", "decisive", "flags", "recommendations", "requests", "citations", "caveats",
}  # fmt: skip
_VOCABULARY = {
    "vertebral-collapse-percent": Definition(
        key="vertebral-collapse-percent",
        kind=Kind.QUANTITY,
        scope=Scope.LEVEL,
        values=(),
        unit="%",
        low=Decimal(0),
        high=Decimal(100),
        multi_valued=False,
        absent_means=None,
        meaning="",
        instruments=("sins",),
    )
}


def _document(made: Assessment) -> Any:  # noqa: ANN401 - JSON
    return document(made, _VOCABULARY)


def _with(*known: Known) -> Lesion:
    return lesion(findings={each.finding: each for each in known})


def _only_lesion(*known: Known) -> Any:  # noqa: ANN401 - JSON
    return _document(assessment(case=Case(lesions=(_with(*known),), study={}, patient={})))["lesions"][0]


def test_the_keys_are_those_of_the_interfaces() -> None:
    assert set(_document(assessment())) == {
        "id", "hospital", "status", "report", "subject", "supersedes", "superseded_by", "assessed_at", "versions", "lesions",
        "study_findings", "patient_findings", "patient_outcomes", "statements", "unmapped", "issues",
    }  # fmt: skip


def test_it_is_plain_json() -> None:
    made = _document(assessment())
    assert orjson.loads(orjson.dumps(made)) == made


def test_the_head_names_report_subject_versions_and_what_it_supersedes() -> None:
    made = _document(assessment(supersedes="older"))
    assert made["report"] == {"reference": "DiagnosticReport/7", "version": "2", "status": "final"}
    assert made["subject"] == "Patient/9"
    assert (made["supersedes"], made["superseded_by"]) == ("older", None)
    assert made["versions"] == {
        "service": "0.1.0",
        "ruleset": "3",
        "mappings": "abc",
        "instruments": {"sins": "1", "escc": "1"},
    }


def test_a_lesion_has_id_site_findings_and_outcomes() -> None:
    (only,) = _document(assessment())["lesions"]
    assert set(only) == {"id", "site", "findings", "outcomes"}
    assert only["site"] == {"level": "T12", "levels": ["T12"], "text": "T12"}
    assert [each["instrument"] for each in only["outcomes"]] == ["sins", "escc"]


def test_a_lesion_over_two_levels_has_no_single_level() -> None:
    spanning = lesion(site=Site(levels=("T11", "T12"), text="T11-T12"))
    (only,) = _document(assessment(case=Case(lesions=(spanning,), study={}, patient={})))["lesions"]
    assert only["site"] == {"level": None, "levels": ["T11", "T12"], "text": "T11-T12"}


def test_a_finding_says_state_values_and_where_it_was_said() -> None:
    (only,) = _only_lesion(stated("bone-lesion", "lytic"))["findings"]
    assert only == {
        "finding": "bone-lesion",
        "state": "present",
        "values": ["lytic"],
        "unit": None,
        "interval": None,
        "sources": [{"reference": "Observation/1", "version": "3", "path": "Bundle.entry[1].resource", "from_other_report": False}],
    }


@pytest.mark.parametrize(
    ("low", "high", "interval"),
    [
        ("60", "60", [60, 60]),
        ("50.00", None, [50, None]),
        ("12.5", "40", [12.5, 40]),
        ("-9e308", "9e308", [-sys.float_info.max, sys.float_info.max]),
        ("1e-400", "9007199254740992", [0, 2.0**53]),
    ],
)
def test_a_number_is_an_interval_of_json_numbers_in_the_vocabularys_unit(
    low: str, high: str | None, interval: list[float | None]
) -> None:
    (only,) = _only_lesion(measured("vertebral-collapse-percent", low, high))["findings"]
    assert (only["interval"], only["unit"]) == (interval, "%")
    assert [type(bound) for bound in only["interval"]] == [type(bound) for bound in interval]


def test_an_interval_open_below_has_no_lower_bound() -> None:
    known = measured("vertebral-collapse-percent", "0", "50")
    assert known.interval is not None
    below = Known(finding=known.finding, state=State.PRESENT, interval=type(known.interval)(low=None, high=Decimal(50)))
    assert _only_lesion(below)["findings"][0]["interval"] == [None, 50]


def test_what_nobody_spoke_of_is_left_out() -> None:
    assert _only_lesion(Known(finding="spinal-pain", state=State.NOT_ASSESSED))["findings"] == []


def test_what_was_asked_without_an_answer_is_listed_as_not_assessed() -> None:
    asked = Finding(finding="spinal-pain", state=State.NOT_ASSESSED, source=source(4, from_other_report=True))
    (only,) = _only_lesion(Known(finding="spinal-pain", state=State.NOT_ASSESSED, sources=(asked,)))["findings"]
    assert only["state"] == "not-assessed"
    assert only["sources"][0]["from_other_report"] is True


def test_a_source_of_another_report_says_from_which_day_it_is() -> None:
    march = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    dated, own = replace(source(4, from_other_report=True), said_at=march), replace(source(5), said_at=march)
    known = Known(
        finding="spinal-pain",
        state=State.PRESENT,
        values=("mechanical",),
        sources=tuple(Finding(finding="spinal-pain", state=State.PRESENT, source=each) for each in (dated, own)),
    )
    (only,) = _only_lesion(known)["findings"]
    assert [each.get("said_on") for each in only["sources"]] == ["2026-03-01", None]


def test_a_single_denied_value_is_listed() -> None:
    denied = Known(finding="bone-lesion", state=State.NOT_ASSESSED, denied=("lytic",))
    assert [each["finding"] for each in _only_lesion(denied)["findings"]] == ["bone-lesion"]


def test_findings_of_study_and_patient_stand_apart() -> None:
    case = Case(lesions=(), study={"modality": stated("modality", "mri")}, patient={"known": stated("known-malignancy", "present")})
    made = _document(assessment(case=case))
    assert [each["finding"] for each in made["study_findings"]] == ["modality"]
    assert [each["finding"] for each in made["patient_findings"]] == ["known-malignancy"]


def test_an_outcome_has_every_key_and_no_figure_is_null_but_those_it_lacks() -> None:
    sins, escc = _document(assessment())["lesions"][0]["outcomes"]
    assert set(sins) == set(escc) == _OUTCOME_KEYS
    assert sins["score"] == {"low": 11, "high": 14, "attainable": [11, 12, 14]}
    assert sins["decisive"] == [["spinal-pain"]]
    assert sins["citations"] == [{"paper": "Montoya-Bordon 2023", "locator": "Table 3"}]
    assert [escc[key] for key in ("score", "likelihood_ratio", "probability", "ranking", "measure")] == [None] * 5


def test_a_reason_carries_points_weight_or_direction_only_where_it_has_them() -> None:
    reasons = (
        *open_sins().reasons,
        Reason(finding="lesion-margin", value="well-defined", evidence="wu-table-2", weight=2.53),
        Reason(finding="soft-tissue", value="present", evidence="shah-3-1", direction="metastatic"),
    )
    found = _document(assessment(outcome("iesl", reasons=reasons)))["lesions"][0]["outcomes"][0]["reasons"]
    common = {"finding", "value", "evidence", "sources"}
    assert [set(each) - common for each in found] == [{"points"}, {"points"}, {"weight"}, {"direction"}]
    assert [each["points"] for each in found[:2]] == [[2, 2], [0, 3]]


def test_ratio_ranking_and_measure_are_numbers_by_name() -> None:
    made = outcome(
        "origin",
        likelihood_ratio=Ratio(value=2.7, low=1.1, high=8.5),
        probability=0.5,
        ranking=(Share(outcome="lung", share=0.7), Share(outcome="hcc", share=0.3)),
        measure={"metastatic": 2.0},
    )
    only = _document(assessment(patient_outcomes=(made,)))["patient_outcomes"][0]
    assert only["likelihood_ratio"] == {"value": 2.7, "low": 1.1, "high": 8.5}
    assert only["probability"] == 0.5
    assert only["ranking"] == [{"outcome": "lung", "share": 0.7}, {"outcome": "hcc", "share": 0.3}]
    assert only["measure"] == {"metastatic": 2.0}


def test_whole_figures_are_written_without_a_point() -> None:
    made = outcome(
        "iesl",
        likelihood_ratio=Ratio(value=1.0, low=1.0, high=1.0),
        probability=0.0,
        ranking=(Share(outcome="lung", share=1.0),),
        measure={"metastatic": 2.0},
        reasons=(Reason(finding="enhancement", value="present", evidence="wu-table-2", weight=0.0),),
    )
    only = _document(assessment(made))["lesions"][0]["outcomes"][0]
    figures = [*only["likelihood_ratio"].values(), only["probability"], only["ranking"][0]["share"], only["measure"]["metastatic"]]
    assert [repr(figure) for figure in (*figures, only["reasons"][0]["weight"])] == ["1", "1", "1", "0", "1", "2", "0"]


def test_statements_keep_their_order_and_words() -> None:
    assert _document(assessment())["statements"][0] == {
        "rank": 1,
        "lesion": "lesion-1",
        "text": "T12: SINS 11 to 14",
        "urgent": False,
        "instrument": "sins",
    }


def test_what_was_not_understood_is_listed_with_our_reason_where_we_gave_one() -> None:
    plain = Unmapped(system="s", code="c", display=None, path="Observation.code", reason="unknown-code")
    excluded = Unmapped(system="s", code="c", display="d", path="Observation.code", reason="excluded", why="Not spinal.")
    first, second = _document(assessment(unmapped=(plain, excluded)))["unmapped"]
    assert first == {"system": "s", "code": "c", "display": None, "path": "Observation.code", "reason": "unknown-code"}
    assert second["why"] == "Not spinal."


def test_issues_keep_severity_code_text_and_path() -> None:
    issue = Issue(severity=Severity.WARNING, code="conflict", text="Two lesions at T11.", path=None)
    assert _document(assessment(issues=(issue,)))["issues"] == [
        {"severity": "warning", "code": "conflict", "text": "Two lesions at T11.", "path": None}
    ]


def test_a_lesion_without_outcomes_has_an_empty_list() -> None:
    assert _document(assessment(lesion_outcomes={}))["lesions"][0]["outcomes"] == []


def test_a_withdrawn_assessment_has_neither_lesions_nor_findings() -> None:
    made = _document(withdrawn())
    assert made["status"] == "entered-in-error"
    assert [made[key] for key in ("lesions", "study_findings", "patient_findings", "patient_outcomes")] == [[], [], [], []]


def test_a_measure_that_no_double_holds_is_the_largest_double() -> None:
    (only,) = _document(assessment(outcome("lesion-nature", "malignant", measure={"loss": float("-inf"), "other": 1.5})))["lesions"]
    assert only["outcomes"][0]["measure"] == {"loss": -sys.float_info.max, "other": 1.5}
