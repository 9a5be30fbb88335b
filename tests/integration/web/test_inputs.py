"""What may be posted: every wrapping of a report, and the answer where something is missing, foreign or wrong."""

from decimal import Decimal
from typing import Any, Final

import pytest
from werkzeug.test import TestResponse

from tests import builders
from tests.builders import coding, concept, quantity, question
from tests.integration.scene import WEST, Scene

Json = dict[str, Any]
DRY: Final = "/assessments?store=false"


def strict(scene: Scene, posted: Json | bytes) -> TestResponse:
    return scene.post(DRY, posted)


def lenient(scene: Scene, posted: Json | bytes) -> Json:
    """Return the assessment of lenient handling."""
    answer = scene.post(DRY, posted, Prefer="handling=lenient")
    assert answer.status_code == 200, answer.text
    content: Json = answer.get_json()
    return content


def expressions(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [issue["expression"][0] for issue in answer.get_json(force=True)["issue"]]


def paths(content: Json) -> set[str]:
    return {issue["path"] for issue in content["issues"]}


# wrappings


@pytest.mark.parametrize("kind", builders.BUNDLE_TYPES)
@pytest.mark.parametrize("form", builders.FORMS)
def test_a_report_is_read_alike_in_every_wrapping(shared: Scene, kind: str, form: builders.Form) -> None:
    bundle = builders.spine_report(form, kind=kind)
    for posted in (bundle, builders.parameters(bundle)):
        answer = strict(shared, posted)
        assert answer.status_code == 200, answer.text
        [lesion] = answer.get_json()["lesions"]
        assert lesion["site"]["level"] == "T12"
        assert lesion["outcomes"][0]["missing"] == ["spinal-pain"]


def test_a_report_may_contain_its_observations(shared: Scene) -> None:
    bare = builders.report(builders.observation(id="o1", bodySite=builders.level_site("T7")), contained=True)
    for posted in (bare, builders.parameters(bare)):
        assert strict(shared, posted).get_json()["lesions"][0]["site"]["level"] == "T7"
    dangling = {**bare, "result": [{"reference": "#o1"}, {"reference": "#o2"}]}
    assert expressions(strict(shared, dangling)) == ["DiagnosticReport.result[1].reference"]
    assert paths(lenient(shared, dangling)) == {"DiagnosticReport.result[1]"}


@pytest.mark.parametrize(
    ("posted", "root"),
    [
        ({"resourceType": "Bundle", "type": "collection"}, "Bundle"),
        (builders.bundle(builders.patient()), "Bundle"),
        (builders.bundle(builders.observation(), kind="batch"), "Bundle"),
        ({"resourceType": "Parameters"}, "Parameters"),
        (builders.parameters({"resourceType": "Bundle", "type": "searchset"}), "Parameters"),
        (builders.observation(), "Observation"),
        ({"resourceType": "OperationOutcome"}, "OperationOutcome"),
    ],
    ids=[
        "empty Bundle",
        "no report",
        "Observations only",
        "empty Parameters",
        "empty Bundle in Parameters",
        "Observation",
        "outcome",
    ],
)
def test_what_holds_no_report_is_422_in_every_handling(shared: Scene, posted: Json, root: str) -> None:
    for prefer in ("handling=strict", "handling=lenient"):
        answer = shared.post(DRY, posted, Prefer=prefer)
        assert expressions(answer) == [root]
        assert "no DiagnosticReport" in answer.text


def test_an_empty_entry_list_and_an_empty_entry_are_named(shared: Scene) -> None:
    posted = builders.spine_report()
    assert expressions(strict(shared, {**posted, "entry": [*posted["entry"], {"fullUrl": "urn:uuid:1"}]})) == [
        "Bundle.entry[3].resource"
    ]
    assert expressions(strict(shared, {**posted, "type": "bag"})) == ["Bundle.type"]
    assert expressions(strict(shared, {**posted, "entry": {}})) == ["Bundle.entry"]
    broken = {
        **posted,
        "entry": [*posted["entry"], {"resource": builders.patient(id="x"), "request": {"method": "MOVE", "url": "x"}}],
    }
    assert "Bundle.entry[3].request.method" in expressions(strict(shared, broken))


# subjects and references


def test_two_subjects_are_refused_or_dropped_and_listed(shared: Scene) -> None:
    stranger = builders.observation(id="o2", subject={"reference": "Patient/p2"}, bodySite=builders.level_site("T3"))
    own = builders.observation(id="o1", bodySite=builders.level_site("T7"))
    posted = builders.bundle(builders.patient(), builders.patient(id="p2"), own, stranger, builders.report(own, stranger))
    assert expressions(strict(shared, posted)) == ["Bundle.entry[1].resource", "Bundle.entry[3].resource.subject"]
    content = lenient(shared, posted)
    assert [row["path"] for row in content["unmapped"] if row["reason"] == "not-for-this-patient"] == [
        "Bundle.entry[1].resource", "Bundle.entry[3].resource",
    ]  # fmt: skip
    assert [lesion["site"]["level"] for lesion in content["lesions"]] == ["T7"]


@pytest.mark.parametrize(
    "reference", ["Observation/gone", "urn:uuid:0b7d8b0e-51a3-4d0a-9a35-0d1f2c3b4a22", "https://other.example/fhir/Observation/1"]
)
def test_a_reference_to_elsewhere_is_said_in_every_handling(shared: Scene, reference: str) -> None:
    own = builders.observation(id="o1")
    posted = builders.bundle(
        builders.patient(), own, builders.report(own, result=[{"reference": reference}, {"reference": "Observation/o1"}])
    )
    for content in (strict(shared, posted).get_json(), lenient(shared, posted)):
        assert paths(content) == {"Bundle.entry[2].resource.result[0]"}
        assert content["lesions"]


@pytest.mark.parametrize("reference", ["Patient/p1", "#gone"])
def test_a_reference_that_can_be_nothing_is_refused_or_listed(shared: Scene, reference: str) -> None:
    own = builders.observation(id="o1")
    posted = builders.bundle(
        builders.patient(), own, builders.report(own, result=[{"reference": reference}, {"reference": "Observation/o1"}])
    )
    assert expressions(strict(shared, posted))[0].startswith("Bundle.entry[2].resource.result[0]")
    assert paths(lenient(shared, posted)) == {"Bundle.entry[2].resource.result[0]"}


def test_members_that_go_round_in_circles_come_to_an_end(shared: Scene) -> None:
    ring = [builders.observation(id=f"o{n}", hasMember=[{"reference": f"Observation/o{(n + 1) % 3}"}]) for n in range(3)]
    assert (
        strict(shared, builders.bundle(*ring, builders.report(ring[0], result=[{"reference": "Observation/o0"}]))).status_code
        == 200
    )


# one bad Observation


UNSAID: Final[Json] = {"valueCodeableConcept": None}
BAD: Final[dict[str, tuple[Json, str]]] = {
    "a status outside its list": ({"status": "bogus"}, "status"),
    "a status in capitals": ({"status": "FINAL"}, "status"),
    "no status": ({"status": None}, "status"),
    "a text for a boolean": ({**UNSAID, "valueBoolean": "true"}, "value"),
    "a number for a text": ({**UNSAID, "valueString": 7}, "value"),
    "an empty text": ({**UNSAID, "valueString": ""}, "value"),
    "two values": ({"valueString": "x"}, "value"),
    "a value and its absence": ({"dataAbsentReason": concept(coding("unknown"))}, "dataAbsentReason"),
    "an empty list": ({"note": []}, "note"),
    "an empty object": ({"bodySite": {}}, "bodySite"),
    "null": ({"method": None, "bodySite": ...}, "bodySite"),
    "a time without zone": ({"effectiveDateTime": "2026-01-10T09:30:00"}, "effective"),
    "a day that is none": ({"effectiveDateTime": "2026-02-30"}, "effective"),
    "an element that is none": ({"colour": "red"}, "colour"),
    "a list for one": ({"code": [concept(coding("x"))]}, "code"),
    "one for a list": ({"category": concept(coding("x"))}, "category"),
    "an id that is none": ({"id": "a b"}, "id"),
    "a reference that is none": ({"performer": [{"reference": "Dr Who"}]}, "performer[0].reference"),
    "a comparator that is none": ({**UNSAID, "valueQuantity": quantity(5, comparator="about")}, "value.comparator"),
    "a number as text": ({**UNSAID, "valueQuantity": {"value": "5"}}, "value.value"),
    "a range upside down": ({**UNSAID, "valueRange": {"low": quantity(5), "high": quantity(4)}}, "value"),
    "a number outside its range": (
        {**UNSAID, "code": question("vertebral-collapse-percent"), "valueQuantity": quantity(Decimal("100.50"))},
        "",
    ),
}


@pytest.mark.parametrize("elements", BAD.values(), ids=BAD.keys())
def test_one_bad_observation_is_named_in_strict_and_left_out_in_lenient_handling(shared: Scene, elements: tuple[Json, str]) -> None:
    changes, element = elements
    bad = {name: each for name, each in {**builders.observation(id="o2"), **changes}.items() if each is not None}
    bad = {name: None if each is ... else each for name, each in bad.items()}
    good = builders.observation(id="o1", bodySite=builders.level_site("T7"))
    report = builders.report(good, result=[{"reference": "Observation/o1"}, {"reference": "Observation/o2"}])
    whole = builders.bundle(builders.patient(), good, report)
    whole["entry"].append({"resource": bad})
    where = f"Bundle.entry[3].resource{'.' if element else ''}{element}"
    assert where in expressions(strict(shared, builders.body(whole)))
    content = lenient(shared, builders.body(whole))
    assert where in paths(content) | {row["path"] for row in content["unmapped"]}
    assert [lesion["site"]["level"] for lesion in content["lesions"]] == ["T7"]


def test_a_broken_report_is_refused_in_every_handling(shared: Scene) -> None:
    own = builders.observation(id="o1")
    for prefer in ("handling=strict", "handling=lenient"):
        answer = shared.post(DRY, builders.bundle(own, builders.report(own, status="bogus")), Prefer=prefer)
        assert expressions(answer) == ["Bundle.entry[1].resource.status"]


def test_the_refusal_of_a_number_says_what_is_allowed(shared: Scene) -> None:
    own = builders.observation(question("vertebral-collapse-percent"), quantity(Decimal("100.50")), id="o1")
    answer = strict(shared, builders.body(builders.bundle(own, builders.report(own))))
    assert "vertebral-collapse-percent: the number is outside its range (0 to 100 %)." in answer.text


# hostile texts and numbers


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "\u202e\u0007 ", "<script>alert(1)</script>", "\U0001f9b4" * 10, "null", "' OR 1=1 --"]
)
def test_a_text_of_any_kind_is_kept_out_of_the_way(shared: Scene, text: str) -> None:
    own = builders.observation(id="o1", code=None, note=[{"text": text}], bodySite=builders.level_site("T7"))
    own["code"] = {**question("bone-lesion"), "text": text}
    own["valueCodeableConcept"] = {**builders.answer("bone-lesion", "lytic"), "text": text}
    answer = strict(shared, builders.bundle(builders.patient(name=[{"text": text}]), own, builders.report(own, conclusion=text)))
    assert answer.status_code == 200, answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize("number", ["9e308", "-9e308", "1e-400", "1" * 60, "-0", "0.000000000000000000000000000000000000001"])
@pytest.mark.parametrize(
    "finding", ["in-phase-signal", "opposed-phase-signal", "opposed-phase-loss-percent", "bone-scan-foci", "field-strength"]
)
def test_a_number_of_any_size_is_read_or_refused(shared: Scene, finding: str, number: str) -> None:
    said = builders.observation(question(finding), quantity(Decimal(number), "1"), id="o2", bodySite=builders.level_site("T7"))
    other = builders.observation(
        question("in-phase-signal"), quantity(Decimal("1e-300"), "1"), id="o3", bodySite=builders.level_site("T7")
    )
    own = builders.observation(id="o1", bodySite=builders.level_site("T7"))
    posted = builders.body(builders.bundle(builders.patient(), own, said, other, builders.report(own, said, other)))
    assert strict(shared, posted).status_code in {200, 422}
    assert lenient(shared, posted)["lesions"]


def test_a_notification_is_lenient(shared: Scene) -> None:
    bad, good = builders.observation(id="o2", status="bogus"), builders.observation(id="o1", bodySite=builders.level_site("T7"))
    posted = builders.bundle(
        builders.patient(), good, bad, builders.report(good, bad, identifier=[{"system": "urn:x", "value": "7"}])
    )
    location = shared.post(f"/webhooks/{WEST}", posted, Prefer="handling=strict").headers["Location"]
    shared.drain()
    assert shared.get(location)["status"] == "completed"
