from datetime import UTC, datetime

import pytest

from service.model.coded import CodedValue, Coding, ItemKind
from tests.builders import (
    BASE,
    RADELEMENT,
    RADLEX,
    Json,
    bundle,
    coding,
    component,
    concept,
    observation,
    quantity,
    question,
    reference,
    report,
)
from tests.unit.intake.readings import findings, item_of, read_all, refused


def test_an_item_tells_everything_around_a_statement() -> None:
    said = observation(
        concept(coding("RDE153", "Lesion quality", system=RADELEMENT), coding("2", system="urn:x"), text="quality"),
        concept(coding("RDE153.2", "lytic", system=RADELEMENT)),
        meta={"versionId": "4"},
        bodySite=concept(coding("RID29209", system=RADLEX)),
        method=concept(coding("RID10321", "CT", system=RADLEX)),
        performer=[{"reference": "Organization/1"}, {"reference": f"{BASE}/Practitioner/r"}],
        interpretation=[concept(coding("POS")), concept(coding("A"))],
        effectiveDateTime="2026-01-09T10:00:00+01:00",
    )
    item = item_of(read_all(bundle(report(said), said), ehr_base=BASE), "Observation/o1")
    assert item.source.version == "4"
    assert item.source.path == "Bundle.entry[1].resource"
    assert not item.source.from_other_report
    assert item.source.said_at == datetime(2026, 1, 9, 9, tzinfo=UTC)
    assert (item.kind, item.status, item.code_text) == (ItemKind.OBSERVATION, "final", "quality")
    assert item.code == (Coding(RADELEMENT, "RDE153", "Lesion quality"), Coding("urn:x", "2"))
    assert item.value == CodedValue(codings=(Coding(RADELEMENT, "RDE153.2", "lytic"),))
    assert [each.code for each in item.interpretation] == ["POS", "A"]
    assert (item.sites, item.own_site) == ((Coding(RADLEX, "RID29209"),), True)
    assert (item.method, item.study) == ((Coding(RADLEX, "RID10321", "CT"),), f"{RADLEX}|RID10321")
    assert item.observer == "Practitioner/r"
    assert (item.parents, item.members, item.identities) == ((), 0, ())


def test_members_and_components_inherit_site_method_observer_and_time() -> None:
    leaf = observation(id="leaf", component=[component(question("alignment"), concept(coding("x")))], effectiveDateTime=None)
    middle = observation(question("escc-grade"), id="middle", hasMember=[reference(leaf)], effectiveDateTime=None)
    top = observation(
        question("bone-lesion"),
        id="top",
        hasMember=[reference(middle)],
        bodySite=concept(coding("RID29209", system=RADLEX)),
        method=concept(coding("RID10321", system=RADLEX)),
        performer=[{"display": "first reader"}],
        effectiveDateTime="2026-01-09",
    )
    reading = read_all(bundle(report(top, middle, leaf), top, middle, leaf))
    items = {(item.source.reference, item.kind): item for item in findings(reading)}
    last = items[("Observation/leaf", ItemKind.COMPONENT)]
    assert last.source.path == "Bundle.entry[3].resource.component[0]"
    assert last.parents == ("Observation/leaf", "Observation/middle", "Observation/top")
    assert (last.sites, last.own_site) == ((Coding(RADLEX, "RID29209"),), False)
    assert (last.study, last.observer) == (f"{RADLEX}|RID10321", "first reader")
    assert last.source.said_at == datetime(2026, 1, 9, tzinfo=UTC)
    assert items[("Observation/leaf", ItemKind.OBSERVATION)].parents == ("Observation/middle", "Observation/top")
    assert [items[(f"Observation/{name}", ItemKind.OBSERVATION)].members for name in ("top", "middle", "leaf")] == [1, 1, 1]


def test_a_site_of_its_own_replaces_the_inherited_one() -> None:
    own = observation(id="own", bodySite=concept(coding("RID29208", system=RADLEX)))
    wordy = observation(id="wordy", bodySite=concept(text="left pedicle of T11"))
    group = observation(
        question("alignment"), id="g", hasMember=[reference(own), reference(wordy)], bodySite=concept(coding("RID29209"))
    )
    reading = read_all(bundle(report(group, own, wordy), group, own, wordy))
    assert [each.code for each in item_of(reading, "Observation/own").sites] == ["RID29208"]
    assert (item_of(reading, "Observation/wordy").sites, item_of(reading, "Observation/wordy").own_site) == ((), True)
    assert [issue.path for issue in reading.issues] == ["Bundle.entry[3].resource.bodySite"]


def test_without_a_method_the_exam_of_the_report_is_the_study_whatever_the_order_of_its_codings() -> None:
    codings = (coding("RID10312", system=RADLEX), coding("18748-4", system="http://loinc.org"))
    studies = {
        item_of(read_all(bundle(report(observation(), code=concept(*order)), observation())), "Observation/o1").study
        for order in (codings, codings[::-1])
    }
    assert studies == {"http://loinc.org|18748-4"}
    bare = read_all(bundle(report(observation(), code=concept(text="MRI")), observation()))
    assert item_of(bare, "Observation/o1").study == "DiagnosticReport/r1"


def test_modifier_extensions_are_never_read_over() -> None:
    modifier: Json = {"modifierExtension": [{"url": "http://x", "valueBoolean": True}]}
    modified = observation(**modifier)
    partly = observation(
        question("alignment"), id="p", component=[component(**modifier), component(question("escc-grade"), value=True)]
    )
    reading = read_all(bundle(report(modified, partly), modified, partly))
    assert [(item.kind.value, item.code[0].code) for item in findings(reading)] == [
        ("observation", "RDE154"),
        ("component", "RDE1998"),
    ]
    assert [(issue.code, issue.path) for issue in reading.issues] == [
        ("not-supported", "Bundle.entry[1].resource.modifierExtension"),
        ("not-supported", "Bundle.entry[2].resource.component[0]"),
    ]
    assert [(row.path, row.reason, [each.code for each in row.codings]) for row in reading.dropped] == [
        ("Bundle.entry[1].resource", "condition-not-met", ["RDE153"]),
        ("Bundle.entry[2].resource.component[0]", "condition-not-met", ["RDE153"]),
    ]
    error = refused(report(**modifier), strict=False)
    assert [(fault.code, fault.path) for fault in error.faults] == [("not-supported", "DiagnosticReport.modifierExtension")]


def test_quantities_of_components_are_read_with_their_bounds() -> None:
    said = observation(question("vertebral-collapse"), component=[component(question("collapse"), quantity(50, comparator=">"))])
    value = findings(read_all(bundle(report(said), said)))[1].value
    assert repr(value).count("low_open=True") == 1


@pytest.mark.parametrize(
    ("performer", "observer"),
    [
        ({"reference": f"{BASE}/Practitioner/1/_history/2"}, "Practitioner/1"),
        ({"reference": "https://other.example/Practitioner/1"}, "https://other.example/Practitioner/1"),
        ({"reference": "Practitioner/1", "display": "first"}, "Practitioner/1"),
        ({"identifier": {"system": "urn:staff", "value": "7"}, "display": "first"}, "urn:staff|7"),
        ({"identifier": {"value": "7"}}, "|7"),
        ({"display": "first"}, "first"),
        ({"reference": "#reader"}, "Observation/o1#reader"),
        ({"type": "Practitioner"}, None),
    ],
)
def test_an_observer_is_told_by_address_identifier_or_display(performer: Json, observer: str | None) -> None:
    said = observation(performer=[performer])
    assert item_of(read_all(bundle(report(said), said)), "Observation/o1").observer == observer


def test_a_person_is_the_observer_before_an_organisation() -> None:
    person = {"type": "Practitioner", "identifier": {"value": "7"}}
    said = observation(performer=[{"reference": "Organization/1"}, person])
    assert item_of(read_all(bundle(report(said), said)), "Observation/o1").observer == "|7"


def test_contained_readers_of_one_report_are_one_observer_and_of_two_observations_two() -> None:
    one, two = (observation(id=name, performer=[{"reference": "#reader"}]) for name in ("one", "two"))
    inside = read_all(report(one, two, contained=True))
    assert {item.observer for item in findings(inside)} == {"DiagnosticReport/r1#reader"}
    apart = read_all(bundle(report(one, two), one, two))
    assert {item.observer for item in findings(apart)} == {"Observation/one#reader", "Observation/two#reader"}


def test_a_preliminary_observation_is_used_and_said() -> None:
    said = observation(status="preliminary")
    reading = read_all(bundle(report(said), said))
    assert len(findings(reading)) == 1
    assert [(issue.severity.value, issue.path) for issue in reading.issues] == [("information", "Bundle.entry[1].resource.status")]


GRADE = component(question("escc-grade"), concept(coding("x")))


def test_a_site_in_words_is_a_place_that_members_and_components_inherit() -> None:
    leaf = observation(id="leaf")
    coded = observation(id="coded", bodySite=concept(coding("RID29208", system=RADLEX)), component=[GRADE])
    group = observation(
        question("alignment"),
        id="group",
        bodySite=concept(text="T7"),
        component=[component()],
        hasMember=[reference(leaf), reference(coded)],
    )
    items = findings(read_all(bundle(report(group), group, leaf, coded)))
    assert [(item.source.reference.partition("/")[2], item.site_text) for item in items] == [
        ("group", "T7"),
        ("group", "T7"),
        ("leaf", "T7"),
        ("coded", None),
        ("coded", None),
    ]


def test_a_method_belongs_to_its_observation_and_is_inherited_by_others() -> None:
    leaf = observation(id="leaf")
    wordy = observation(id="wordy", method=concept(text="CT"))
    group = observation(
        question("alignment"),
        id="group",
        method=concept(coding("RID10321", system=RADLEX)),
        component=[component()],
        hasMember=[reference(leaf), reference(wordy)],
    )
    items = findings(read_all(bundle(report(group), group, leaf, wordy)))
    assert [item.own_method for item in items] == [True, False, False, False]
    assert {item.method[0].code for item in items} == {"RID10321"}
