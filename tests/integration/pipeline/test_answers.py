"""Answers: a person supplies what the report leaves open; every later assessment of the report hears it, and nothing is lost."""

from typing import Any

import pytest

from service.model.hospital import HospitalSlug
from service.storage.terms import AuditAction
from tests import builders
from tests.integration.scene import NORTH, REPORT, Scene, sins

Json = dict[str, Any]
SUBJECT = "Patient/demo-patient"
SIGNED = {"who": "Practitioner/7", "when": "2026-03-01T11:00:00+01:00"}
IDENTIFIER = [{"system": "https://hospital.example/reports", "value": "A-1"}]


def report(lesions: Json | None = None, **elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    return builders.spine_report("component", lesions, identifier=IDENTIFIER, **elements)


def posted(scene: Scene, lesions: Json | None = None, **elements: object) -> Json:
    reply = scene.post("/assessments", report(lesions, **elements))
    assert reply.status_code in {200, 201}, reply.text
    content: Json = reply.get_json()
    return content


def give(scene: Scene, assessment_id: str, told: Json, status: int = 201, **others: object) -> Json:
    reply = scene.client.post(f"/assessments/{assessment_id}/answers", json={**told, **SIGNED, **others})
    assert reply.status_code == status, reply.text
    content: Json = reply.get_json(force=True)
    if status < 300:
        assert reply.headers["Location"] == f"/assessments/{content['id']}"
    return content


def pain(value: str, lesion: str = "lesion-1") -> Json:
    return {"set": {lesion: {"spinal-pain": value}}}


def finding(content: Json, name: str, lesion: int = 0) -> Json | None:
    return next((each for each in content["lesions"][lesion]["findings"] if each["finding"] == name), None)


def score(content: Json, lesion: int = 0) -> list[int]:
    found: list[int] = next(each for each in content["lesions"][lesion]["outcomes"] if each["instrument"] == "sins")["score"][
        "attainable"
    ]
    return found


def test_an_answer_makes_a_new_assessment_with_that_source(either: Scene) -> None:
    before = posted(either)
    after = give(either, before["id"], pain("mechanical"))
    assert after["supersedes"] == before["id"]
    assert score(after) == [score(before)[0] + 3]
    known = finding(after, "spinal-pain")
    assert known is not None
    [source] = known["sources"]
    assert source["reference"].startswith(f"assessments/{before['id']}/answers/")
    assert source["path"] == "set.lesion-1.spinal-pain"
    said = [each["text"] for each in after["issues"]]
    assert "spinal-pain (T12) was answered by Practitioner/7 at 2026-03-01T10:00:00+00:00." in said
    assert either.get(f"/assessments/{before['id']}")["superseded_by"] == after["id"]
    resource = either.get(f"/fhir/RiskAssessment/{after['id']}")
    assert source["reference"] in [each.get("display") for each in resource["basis"]]


def test_the_same_answer_twice_is_one(either: Scene) -> None:
    before = posted(either)
    after = give(either, before["id"], pain("mechanical"))
    again = give(either, before["id"], pain("mechanical"), 200)
    assert again["id"] == after["id"]


def test_the_same_report_again_still_has_the_answer(either: Scene) -> None:
    after = give(either, posted(either)["id"], pain("mechanical"))
    assert posted(either)["id"] == after["id"]


def test_a_new_version_of_the_report_hears_the_answer(either: Scene) -> None:
    after = give(either, posted(either)["id"], pain("mechanical"))
    cervical = {"C4": builders.ANSWERS, "T12": {**builders.ANSWERS, "bone-lesion": "blastic"}}
    amended = posted(either, cervical, meta={"versionId": "2"}, status="amended")
    assert amended["supersedes"] == after["id"]
    assert finding(amended, "spinal-pain", 0) is None
    known = finding(amended, "spinal-pain", 1)
    assert known is not None
    assert known["values"] == ["mechanical"]


def test_an_answer_about_a_lesion_that_is_gone_is_said(either: Scene) -> None:
    give(either, posted(either)["id"], pain("mechanical"))
    moved = posted(either, {"L2": builders.ANSWERS}, meta={"versionId": "2"}, status="amended")
    assert finding(moved, "spinal-pain") is None
    assert any("at T12 fits no single lesion" in each["text"] for each in moved["issues"])


def test_a_later_answer_takes_the_place_of_an_earlier_one_and_says_so(either: Scene) -> None:
    first = give(either, posted(either)["id"], pain("mechanical"))
    second = give(either, first["id"], pain("none"))
    known = finding(second, "spinal-pain")
    assert known is not None
    assert (known["state"], known["values"]) == ("present", ["none"])
    outcome = next(each for each in second["lesions"][0]["outcomes"] if each["instrument"] == "sins")
    assert "superseded-input" in outcome["flags"]


def test_an_answer_is_taken_back_by_unset(either: Scene) -> None:
    before = posted(either)
    first = give(either, before["id"], pain("mechanical"))
    second = give(either, first["id"], {"unset": {"lesion-1": ["spinal-pain"]}})
    assert finding(second, "spinal-pain") is None
    assert score(second) == score(before)


def test_an_answer_that_contradicts_the_report_is_a_conflict(either: Scene) -> None:
    after = give(either, posted(either)["id"], {"set": {"lesion-1": {"bone-lesion": "blastic"}}})
    known = finding(after, "bone-lesion")
    assert known is not None
    assert (known["state"], set(known["values"])) == ("conflict", {"lytic", "mixed", "blastic"})


def test_an_answer_of_the_patient_opens_the_gates(either: Scene) -> None:
    after = give(either, posted(either)["id"], {"set": {"patient": {"spinal-metastasis": True}}})
    assert {each["applicability"] for each in after["lesions"][0]["outcomes"] if each["instrument"] == "sins"} == {"applicable"}


def test_only_the_newest_assessment_is_answered(either: Scene) -> None:
    before = posted(either)
    newest = posted(either, meta={"versionId": "2"}, status="amended")
    assert newest["id"] in give(either, before["id"], pain("none"), 409)["detail"]


@pytest.mark.parametrize(
    ("told", "others", "path"),
    [
        (pain("severe"), {}, "set.lesion-1.spinal-pain"),
        (pain("none", "lesion-2"), {}, "set.lesion-2"),
        ({"set": {"lesion-1": {"vertebral-level": "T9"}}}, {}, "set.lesion-1.vertebral-level"),
        ({"unset": {"lesion-1": ["bone-lesion"]}}, {}, "unset.lesion-1"),
        ({"unset": {"lesion-1": ["colour"]}}, {}, "unset.lesion-1"),
        ({"unset": {"patient": ["bone-lesion"]}}, {}, "unset.patient"),
        (pain("none"), {"when": "2999-01-01T00:00:00Z"}, "when"),
        (pain("none"), {"when": None}, "when"),
        (pain("none"), {"who": ""}, "who"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_stored(scene: Scene, told: Json, others: Json, path: str) -> None:
    before = posted(scene)
    problem = give(scene, before["id"], told, 422, **others)
    assert path in [each.get("path") for each in problem["issues"]]
    assert scene.get(f"/assessments/{before['id']}")["superseded_by"] is None


def test_an_answer_is_audited_as_an_update_by_its_caller(scene: Scene) -> None:
    before = posted(scene)
    after = give(scene, before["id"], pain("none"))
    updates = [each for each in scene.facts() if each.action == AuditAction.UPDATE]
    assert [(each.detail, each.agent) for each in updates] == [(after["id"], "anonymous")]


def test_what_was_delivered_is_delivered_with_the_answer_and_keeps_it(either: Scene) -> None:
    either.settled(either.ehr.get(REPORT))
    low, high = sins(either.held()[0])
    assert low < high
    give(either, newest(either), pain("mechanical"))
    either.drain()
    assert sins(either.held()[0]) == (high, high)
    either.ehr.put({**either.ehr.get(REPORT), "status": "amended"})
    either.settled(either.ehr.get(REPORT))
    [held] = either.held()
    assert (held["status"], sins(held)) == ("amended", (high, high))


def newest(scene: Scene) -> str:
    """Return the id of the newest assessment of the demo report."""
    with scene.parts.database.read() as uow:
        [row] = uow.assessments.of_subject(HospitalSlug(NORTH), SUBJECT)
    return row.id
