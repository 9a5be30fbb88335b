"""What if: the assessment as it would be, on the stored dossier; nothing is stored, everything is audited."""

from typing import Any

import pytest

from service.storage.tables import answer, assessment, delivery, dossier, receipt
from service.storage.terms import AuditAction, AuditOutcome
from tests import builders
from tests.integration.scene import WEST, Scene

Json = dict[str, Any]
IDENTIFIER = [{"system": "https://hospital.example/reports", "value": "A-1"}]


def report(**elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    return builders.spine_report("component", None, identifier=IDENTIFIER, **elements)


def posted(scene: Scene, **elements: object) -> Json:
    answer = scene.post("/assessments", report(**elements))
    assert answer.status_code == 201, answer.text
    content: Json = answer.get_json()
    return content


def ask(scene: Scene, assessment_id: str, body: Json, status: int = 200) -> Json:
    reply = scene.client.post(f"/assessments/{assessment_id}/what-if", json=body)
    assert reply.status_code == status, reply.text
    content: Json = reply.get_json(force=True)
    return content


def sins(content: Json, lesion: int = 0) -> Json:
    found: Json = next(each for each in content["lesions"][lesion]["outcomes"] if each["instrument"] == "sins")
    return found


def rows(scene: Scene) -> list[int]:
    """Count what is stored, audit apart."""
    with scene.parts.database._transaction() as connection:
        return [len(connection.execute(table.select()).all()) for table in (receipt, dossier, assessment, answer, delivery)]


def test_a_missing_finding_that_is_supposed_narrows_the_score(scene: Scene) -> None:
    before = posted(scene)
    would_be = ask(scene, before["id"], {"set": {"lesion-1": {"spinal-pain": "mechanical"}}})
    low = sins(before)["score"]["low"]
    assert sins(would_be)["score"] == {"low": low + 3, "high": low + 3, "attainable": [low + 3]}
    assert sins(would_be)["missing"] == []
    pain = next(each for each in would_be["lesions"][0]["findings"] if each["finding"] == "spinal-pain")
    assert [each["reference"] for each in pain["sources"]] == ["what-if"]
    assert (would_be["supersedes"], would_be["superseded_by"]) == (before["id"], None)


def test_what_is_supposed_is_said_on_the_day_of_the_report(scene: Scene) -> None:
    axial = builders.observation(builders.question("axial-pain"), value=True, id="pain")
    before = scene.post("/assessments", builders.spine_report("component", None, axial, identifier=IDENTIFIER)).get_json()
    would_be = ask(scene, before["id"], {"set": {"patient": {"movement-related-pain": True}}})
    values = {each["finding"]: each["values"] for each in would_be["lesions"][0]["findings"]}
    assert values["spinal-pain"] == ["mechanical"]


def test_what_is_set_replaces_what_the_report_says_and_unset_takes_it_away(scene: Scene) -> None:
    before = posted(scene)
    body = {"set": {"lesion-1": {"bone-lesion": "blastic"}}, "unset": {"lesion-1": ["alignment"]}}
    would_be = ask(scene, before["id"], body)
    values = {each["finding"]: each["values"] for each in would_be["lesions"][0]["findings"]}
    assert values["bone-lesion"] == ["blastic"]
    assert "alignment" not in values
    assert "alignment" in sins(would_be)["missing"]


def test_nothing_is_stored_and_the_question_is_audited(scene: Scene) -> None:
    before = posted(scene)
    stored, facts = rows(scene), len(scene.facts())
    ask(scene, before["id"], {"set": {"lesion-1": {"spinal-pain": "none"}}})
    assert rows(scene) == stored
    [fact] = scene.facts()[facts:]
    assert (fact.action, fact.entity, fact.patient, fact.outcome) == (
        AuditAction.EXECUTE,
        f"Assessment/{before['id']}",
        "Patient/p1",
        AuditOutcome.SUCCESS,
    )
    assert scene.get(f"/assessments/{before['id']}") == before


def test_an_older_version_can_be_asked_about(scene: Scene) -> None:
    before = posted(scene)
    posted(scene, meta={"versionId": "2"}, status="amended")
    would_be = ask(scene, before["id"], {"set": {"lesion-1": {"spinal-pain": "none"}}})
    assert would_be["report"]["version"] == before["report"]["version"]


def test_the_prior_of_the_assessment_holds_for_the_question(scene: Scene) -> None:
    before = scene.post("/assessments?prior=0.30", report()).get_json()
    with scene.parts.database.read() as uow:
        row = uow.assessments.get(before["id"])
        assert row is not None
        content = uow.dossiers.get(row.dossier_id)
    assert content is not None
    assert b'"prior":"0.30"' in content
    assert ask(scene, before["id"], {"set": {"lesion-1": {"spinal-pain": "none"}}})["lesions"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"set": {"lesion-9": {"spinal-pain": "none"}}}, "set.lesion-9"),
        ({"unset": {"lesion-9": ["spinal-pain"]}}, "unset.lesion-9"),
        ({"set": {"lesion-1": {"colour": "red"}}}, "set.lesion-1.colour"),
        ({"unset": {"lesion-1": ["colour"]}}, "unset.lesion-1"),
        ({"set": {"lesion-1": {"spinal-pain": "severe"}}}, "set.lesion-1.spinal-pain"),
        ({"set": {"lesion-1": {"vertebral-collapse-percent": 101}}}, "set.lesion-1.vertebral-collapse-percent"),
        ({"sets": {}}, "sets"),
    ],
)
def test_what_is_not_understood_is_a_problem_with_its_path(scene: Scene, body: Json, path: str) -> None:
    problem = ask(scene, posted(scene)["id"], body, 422)
    assert path in [each.get("path") for each in problem["issues"]]


def test_another_media_type_and_broken_json_are_refused(scene: Scene) -> None:
    address = f"/assessments/{posted(scene)['id']}/what-if"
    assert scene.client.post(address, data=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert scene.client.post(address, data=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert scene.client.post(address, data=b'{"set":{},"set":{}}', headers={"Content-Type": "application/json"}).status_code == 400
    listed = scene.client.post(address, data=b"[]", headers={"Content-Type": "application/json"})
    assert listed.status_code == 400
    assert "resource" not in listed.text, "no resource is asked for here"


def test_what_is_not_there_is_404_and_audited(scene: Scene) -> None:
    assert ask(scene, "nothing", {"set": {"lesion-1": {"spinal-pain": "none"}}}, 404)["status"] == 404
    assert [(each.action, each.outcome_desc) for each in scene.facts()] == [(AuditAction.EXECUTE, "not-found")]


def test_a_withdrawn_assessment_has_nothing_to_ask(scene: Scene) -> None:
    posted(scene)
    gone = scene.post("/assessments", report(status="entered-in-error", meta={"versionId": "2"})).get_json()
    assert "withdrawn" in ask(scene, gone["id"], {"set": {"lesion-1": {"spinal-pain": "none"}}}, 409)["detail"]


def test_what_retention_removed_is_410(scene: Scene) -> None:
    before = posted(scene)
    with scene.parts.database._transaction() as connection:
        connection.execute(dossier.update().values(purged_at=scene.parts.clock(), content=b""))
    assert ask(scene, before["id"], {"set": {"lesion-1": {"spinal-pain": "none"}}}, 410)["status"] == 410


def test_the_hospital_of_the_assessment_gives_the_tables(scene: Scene) -> None:
    before = scene.post(f"/assessments?hospital={WEST}", report()).get_json()
    assert ask(scene, before["id"], {"set": {"patient": {"known-malignancy": True}}})["hospital"] == WEST
