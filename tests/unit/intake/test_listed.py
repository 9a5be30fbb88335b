"""What was sent beside a report and does not count is listed with its codes; what a search brought is counted."""

from service.model.coded import Reading
from tests.builders import (
    BASE,
    CATEGORY,
    Json,
    bundle,
    coding,
    concept,
    condition,
    observation,
    procedure,
    question,
    read_document,
    reference,
    report,
)
from tests.unit.intake.readings import read_all


def an_observation(**elements: object) -> Json:
    usual: Json = {"category": [concept(coding("exam", system=CATEGORY))], "effectiveDateTime": "2026-01-20"}
    return observation(question("spinal-pain"), concept(coding("mechanical")), **{**usual, **elements})


def other_report(*observations: Json, **elements: object) -> Json:
    usual: Json = {"id": "other", "code": concept(coding("CT"))}
    return report(*observations, **{**usual, **elements})


def unused(reading: Reading) -> list[str]:
    return [issue.text for issue in reading.issues if "not used" in issue.text]


def test_what_was_sent_and_does_not_count_is_listed_with_the_reason() -> None:
    member = an_observation(id="member", effectiveDateTime=None, component=[{"code": question("axial-pain"), "valueBoolean": True}])
    group = an_observation(id="group", effectiveDateTime="1999", hasMember=[reference(member)])
    later = condition(onsetDateTime="2027-01-01")
    said = an_observation(id="said", effectiveDateTime=None)
    other = other_report(said, effectiveDateTime="1999", conclusionCode=[concept(coding("94222008"))])
    reading = read_all(bundle(report(), group, member, later, other, said))
    assert {(row.path.removeprefix("Bundle.entry"), row.reason, row.why) for row in reading.dropped} == {
        ("[1].resource", "condition-not-met", "outside the context window"),
        ("[2].resource", "condition-not-met", "outside the context window"),
        ("[2].resource.component[0]", "condition-not-met", "outside the context window"),
        ("[3].resource", "condition-not-met", "begun after the report"),
        ("[4].resource", "condition-not-met", "outside the context window"),
        ("[4].resource.conclusionCode[0]", "condition-not-met", "outside the context window"),
        ("[5].resource", "condition-not-met", "outside the context window"),
    }


def test_what_a_search_brought_and_does_not_count_is_only_counted() -> None:
    found = read_document("Observation?patient=p1", bundle(an_observation(effectiveDateTime="1999"), kind="searchset"))
    reading = read_all(report(), found, ehr_base=BASE)
    assert reading.dropped == ()
    assert len(unused(reading)) == 1
    modified = {"code": question("axial-pain"), "modifierExtension": [{"url": "http://x", "valueCode": "y"}]}
    found = read_document("Observation?patient=p1", bundle(an_observation(component=[modified]), kind="searchset"))
    assert read_all(report(), found, ehr_base=BASE).dropped == ()


def test_what_is_broken_below_a_group_that_does_not_count_is_an_issue_alone() -> None:
    broken = an_observation(id="broken", valueBoolean=True)
    group = an_observation(id="group", effectiveDateTime="1999", hasMember=[reference(broken)])
    reading = read_all(bundle(report(), group, broken), strict=False)
    assert [row.path for row in reading.dropped] == ["Bundle.entry[1].resource"]
    assert "Bundle.entry[2].resource.value" in {issue.path for issue in reading.issues}


def test_history_with_a_modifier_is_said_and_listed() -> None:
    reading = read_all(bundle(report(), procedure(modifierExtension=[{"url": "http://x", "valueCode": "y"}])))
    assert "modifier" in unused(reading)[0]
    assert [(row.path, row.reason) for row in reading.dropped] == [("Bundle.entry[1].resource", "condition-not-met")]
