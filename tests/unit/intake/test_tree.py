from itertools import permutations

import pytest

from service.model.coded import Severity
from tests.builders import (
    BASE,
    Json,
    bundle,
    component,
    concept,
    lesion,
    level_site,
    observation,
    patient,
    question,
    read_document,
    reference,
    report,
)
from tests.unit.intake.readings import URN, findings, item_of, read_all, refused


def test_a_circle_of_members_is_read_once() -> None:
    one = observation(id="one", hasMember=[{"reference": "Observation/two"}])
    two = observation(id="two", hasMember=[{"reference": "Observation/one"}, {"reference": "Observation/two"}])
    reading = read_all(bundle(report(result=[reference(two)]), one, two))
    assert [item.source.reference for item in findings(reading)] == ["Observation/one", "Observation/two"]
    assert item_of(reading, "Observation/two").parents == ()
    assert item_of(reading, "Observation/one").parents == ("Observation/two",)


def test_an_observation_reached_twice_is_read_once_in_its_group() -> None:
    leaf = observation(id="leaf")
    first = observation(question("alignment"), id="first", hasMember=[reference(leaf)])
    second = observation(question("escc-grade"), id="second", hasMember=[reference(leaf)])
    named = [reference(each) for each in (leaf, second, first)]
    reading = read_all(bundle(report(result=named), leaf, first, second))
    assert [item.source.reference for item in findings(reading)] == ["Observation/leaf", "Observation/first", "Observation/second"]
    assert item_of(reading, "Observation/leaf").parents == ("Observation/second",)


def _lesions() -> tuple[Json, Json, Json, Json]:
    """Return two findings without place, and the groups of two lesions of which the first holds the first finding."""
    one, other = observation(id="one"), observation(id="other")
    here = observation(concept(text="lesion"), id="here", bodySite=level_site("T7"), hasMember=[reference(one)])
    there = observation(concept(text="lesion"), id="there", bodySite=level_site("L1"), hasMember=[reference(other)])
    return one, other, here, there


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_panel_that_lists_groups_and_their_members_takes_nothing_from_the_groups(order: tuple[int, ...]) -> None:
    said = _lesions()
    panel = observation(concept(text="panel"), id="panel", hasMember=[reference(said[place]) for place in order])
    reading = read_all(bundle(report(result=[reference(panel)]), panel, *said))
    assert item_of(reading, "Observation/one").parents == ("Observation/here", "Observation/panel")
    assert item_of(reading, "Observation/other").parents == ("Observation/there", "Observation/panel")


@pytest.mark.parametrize("turned", [False, True])
def test_a_member_that_groups_of_two_places_share_belongs_to_what_is_above_both(*, turned: bool) -> None:
    one, other, here, there = _lesions()
    there["hasMember"].append(reference(one))
    groups = [there, here] if turned else [here, there]
    named = [reference(each) for each in groups]
    loose = read_all(bundle(report(result=named), one, other, *groups))
    assert item_of(loose, "Observation/one").parents == ()
    assert item_of(loose, "Observation/one").sites == ()
    panel = observation(concept(text="panel"), id="panel", hasMember=named)
    held = read_all(bundle(report(result=[reference(panel)]), one, other, *groups, panel))
    assert item_of(held, "Observation/one").parents == ("Observation/panel",)


def test_a_member_that_groups_of_one_place_share_belongs_to_the_first() -> None:
    one, other, here, there = _lesions()
    there["hasMember"] += [reference(one), reference(one)]
    there["bodySite"] = here["bodySite"]
    reading = read_all(bundle(report(result=[reference(here), reference(there)]), one, other, here, there))
    assert item_of(reading, "Observation/one").parents == ("Observation/here",)


def test_a_place_is_that_of_the_group_above_where_a_group_says_none() -> None:
    one, _, here, there = _lesions()
    topics = [observation(concept(text="topic"), id=name, hasMember=[reference(one)]) for name in ("a", "b")]
    here["hasMember"], there["hasMember"] = [reference(topics[0])], [reference(topics[1])]
    reading = read_all(bundle(report(result=[reference(here), reference(there)]), one, *topics, here, there))
    assert item_of(reading, "Observation/one").parents == ()


def test_a_group_that_the_report_does_not_list_is_read_above_its_members() -> None:
    group, *members = lesion("hasMember")
    above = observation(question("escc-grade"), id="above", hasMember=[reference(group)])
    reading = read_all(bundle(report(*members), above, group, *members))
    assert item_of(reading, "Observation/lesion-alignment").parents == ("Observation/lesion", "Observation/above")
    assert not item_of(reading, "Observation/above").source.from_other_report


def test_contained_observations_belong_to_the_report_also_when_it_does_not_list_them() -> None:
    unlisted = report(observation(), contained=True, result=None)
    assert [item.source.reference for item in findings(read_all(unlisted))] == ["DiagnosticReport/r1#o1"]
    assert findings(read_all(unlisted))[0].source.path == "DiagnosticReport.contained[0]"


def test_a_contained_observation_that_nothing_refers_to_is_said() -> None:
    holder = {**observation(), "contained": [observation(id="inner")]}
    reading = read_all(bundle(report(holder), holder))
    assert len(findings(reading)) == 1
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[1].resource.contained[0]"]
    assert [(row.path, row.why) for row in reading.dropped] == [("Bundle.entry[1].resource.contained[0]", "nothing refers to it")]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_withdrawn_observations_and_all_below_them_are_listed_and_not_read(status: str) -> None:
    group, *members = lesion("hasMember", answers={"bone-lesion": "lytic"})
    group["status"] = status
    erroneous = observation(question("alignment"), id="c", component=[component()], status=status)
    reading = read_all(bundle(report(group, *members, erroneous), group, *members, erroneous))
    assert findings(reading) == []
    assert [(row.path.removeprefix("Bundle.entry"), row.codings[0].code, row.reason) for row in reading.dropped] == [
        ("[1].resource", "RDES21", "excluded-status"),
        ("[2].resource", "RDE153", "excluded-status"),
        ("[3].resource", "RDE154", "excluded-status"),
        ("[3].resource.component[0]", "RDE153", "excluded-status"),
    ]


def test_what_is_below_two_withdrawn_groups_is_listed_once() -> None:
    member = observation(id="m")
    groups = [observation(question("alignment"), id=name, status="cancelled", hasMember=[reference(member)]) for name in ("a", "b")]
    reading = read_all(bundle(report(*groups), *groups, member))
    assert [row.path for row in reading.dropped] == [f"Bundle.entry[{place}].resource" for place in (1, 3, 2)]


def test_a_group_entered_in_error_takes_nothing_that_stands_elsewhere() -> None:
    member, listed = observation(id="m"), observation(question("alignment"), id="l")
    old = observation(concept(text="lesion"), id="old", status="entered-in-error", hasMember=[reference(member), reference(listed)])
    new = observation(concept(text="lesion"), id="new", hasMember=[reference(member)])
    reading = read_all(bundle(report(result=[reference(each) for each in (old, new, listed)]), old, new, member, listed))
    assert [item.source.reference for item in findings(reading)] == ["Observation/new", "Observation/m", "Observation/l"]
    assert [row.path for row in reading.dropped] == ["Bundle.entry[1].resource"]


def test_a_member_entered_in_error_that_names_its_own_group_is_alone_left_out() -> None:
    wrong = observation(id="wrong", status="entered-in-error", hasMember=[{"reference": "Observation/group"}])
    right = observation(id="right")
    group = observation(concept(text="lesion"), id="group", hasMember=[reference(wrong), reference(right)])
    reading = read_all(bundle(report(result=[reference(group)]), group, wrong, right))
    assert [item.source.reference for item in findings(reading)] == ["Observation/group", "Observation/right"]
    assert [row.path for row in reading.dropped] == ["Bundle.entry[2].resource"]


def test_members_of_a_broken_group_are_left_out_with_it() -> None:
    group, *members = lesion("hasMember", answers={"bone-lesion": "lytic"})
    group["colour"] = "red"
    reading = read_all(bundle(report(group, *members), group, *members), strict=False)
    assert findings(reading) == []
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[1].resource.colour", "Bundle.entry[2].resource"]
    assert [(row.path, row.why) for row in reading.dropped] == [
        ("Bundle.entry[2].resource", "the group it belongs to breaks FHIR R4")
    ]


@pytest.mark.parametrize(
    ("named", "code", "text"),
    [
        ({"reference": "Observation/gone"}, "not-found", "not in the input"),
        ({"reference": "#gone"}, "not-found", "contains none"),
        ({"reference": f"{URN}9"}, "not-found", "not in the input"),
        ({"reference": "https://other.example/Observation/1"}, "not-found", "foreign address"),
        ({"display": "the other one"}, "not-found", "names no address"),
        ({"reference": "QuestionnaireResponse/1"}, "not-supported", "another type"),
    ],
)
def test_a_dangling_result_is_said_and_the_report_still_assessed(named: Json, code: str, text: str) -> None:
    posted_json = bundle(report(result=[named, {"reference": "Observation/o1"}]), observation())
    reading = read_all(posted_json, strict=False)
    assert len(findings(reading)) == 1
    (issue,) = reading.issues
    assert (issue.severity, issue.code, issue.path) == (Severity.WARNING, code, "Bundle.entry[0].resource.result[0]")
    assert text in issue.text


def test_what_the_ehr_does_not_have_is_said_with_its_answer() -> None:
    documents = (report(result=[{"reference": "Observation/o1"}]), read_document("Observation/o1", status=404))
    (issue,) = read_all(*documents, ehr_base=BASE).issues
    assert "404" in issue.text
    assert issue.path == "DiagnosticReport.result[0]"
    (issue,) = read_all(documents[0], ehr_base=BASE).issues
    assert "not asked" in issue.text


@pytest.mark.parametrize(
    ("named", "path"),
    [("Patient/p1", "Bundle.entry[0].resource.result[0]"), ("#gone", "Bundle.entry[0].resource.result[0].reference")],
)
def test_a_result_that_can_never_be_one_is_refused_in_strict_handling_and_said_in_lenient(named: str, path: str) -> None:
    wrong = bundle(report(result=[{"reference": named}, {"reference": "Observation/o1"}]), patient(), observation())
    assert [fault.path for fault in refused(wrong).faults] == [path]
    reading = read_all(wrong, strict=False)
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[0].resource.result[0]"]
    assert len(findings(reading)) == 1


def test_what_a_listed_score_is_derived_from_belongs_to_the_report() -> None:
    lytic = observation(id="lytic")
    group = observation(question("alignment"), id="group", hasMember=[reference(lytic)])
    total = observation(question("escc-grade"), id="total", derivedFrom=[reference(group), {"reference": "ImagingStudy/i1"}])
    reading = read_all(bundle(report(total), total, group, lytic))
    assert {item.source.reference for item in findings(reading)} == {f"Observation/{each}" for each in ("total", "group", "lytic")}
    assert not any(item.source.from_other_report for item in findings(reading))
    assert item_of(reading, "Observation/lytic").parents == ("Observation/group",)
    assert reading.issues == ()


def test_what_was_measured_on_another_day_stays_beside_the_report() -> None:
    before = observation(id="before", effectiveDateTime="2026-01-02T08:00:00Z")
    change = observation(question("escc-grade"), id="change", derivedFrom=[reference(before)])
    reading = read_all(bundle(report(change), change, before))
    assert [item.source.from_other_report for item in findings(reading)] == [False, True]


def test_what_another_report_lists_stays_with_that_report() -> None:
    theirs = observation(id="theirs")
    mine = observation(question("escc-grade"), id="mine", derivedFrom=[reference(theirs)])
    other = report(theirs, id="r2", effectiveDateTime="2026-01-10T08:00:00Z", issued=None)
    reading = read_all(bundle(report(mine), other, mine, theirs))
    assert item_of(reading, "Observation/theirs").source.from_other_report


def test_derived_from_one_another_is_read_once() -> None:
    one = observation(id="one", derivedFrom=[{"reference": "Observation/two"}])
    two = observation(id="two", derivedFrom=[{"reference": "Observation/one"}])
    assert len(findings(read_all(bundle(report(one), one, two)))) == 2
