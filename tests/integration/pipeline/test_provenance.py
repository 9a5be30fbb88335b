"""A Provenance follows each delivered version, exactly one, and never stands in the way of a result."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.provenance import Provenance
from structlog.testing import capture_logs

from service.ehr.provenance import TYPE
from service.model.caller import OURSELVES
from service.pipeline import provenance
from service.pipeline.operate import replay_job
from service.storage.terms import AuditAction, JobState
from service.worker import Worker
from tests.integration.scene import NORTH, REPORT, Scene, stage
from tests.integration.storage.rows import let_pass
from tests.stand_in_ehr import Fault, StandInEhr

Json = dict[str, Any]


@pytest.fixture
def proving(tmp_path: Path, ehr: StandInEhr) -> Iterator[Scene]:
    """A service whose hospital asks for Provenances."""
    opened = Scene.open(tmp_path, f"sqlite:///{tmp_path}/service.db", ehr)
    with_provenance(opened)
    opened.fill()
    yield opened
    opened.parts.database.close()


def with_provenance(scene: Scene) -> None:
    hospitals = {**scene.parts.hospitals, scene.hospital().slug: replace(scene.hospital(), provenance=True)}
    object.__setattr__(scene.parts, "hospitals", hospitals)


def targets(scene: Scene) -> list[str]:
    return sorted(each["target"][0]["reference"] for each in scene.ehr.all(TYPE))


def amend(scene: Scene, status: str = "amended") -> Json:
    return scene.ehr.put({**scene.ehr.get(REPORT), "status": status})


def said(task: Json, name: str) -> object:
    return next(
        (
            next(value for key, value in each.items() if key.startswith("value"))
            for each in task["output"]
            if each["type"]["text"] == name
        ),
        None,
    )


@pytest.mark.parametrize("update_create", [True, False], ids=["ids of ours", "ids of the EHR"])
def test_every_delivered_version_has_one_that_names_its_inputs(proving: Scene, update_create: bool) -> None:
    proving.ehr.switches.update_create = update_create
    first = proving.settled(proving.ehr.get(REPORT))
    proving.settled(amend(proving))
    [held] = proving.held()
    assert targets(proving) == [f"RiskAssessment/{held['id']}/_history/{number}" for number in (1, 2)]
    for made, version in zip(proving.ehr.all(TYPE), proving.ehr.versions(f"RiskAssessment/{held['id']}"), strict=True):
        Provenance.model_validate(made)
        assert version is not None
        assert [each["what"] for each in made["entity"]] == version["basis"]
        assert made["agent"][0]["who"]["identifier"]["value"] == "spinal-lesion-service"
        assert f"{REPORT}/_history/" in made["entity"][0]["what"]["reference"]
    assert [each["activity"]["coding"][0]["code"] for each in proving.ehr.all(TYPE)] == ["CREATE", "UPDATE"]
    assert str(said(first, "Provenance in the EHR")).count(f"{proving.ehr.base}/Provenance/") == 1
    written = [each for each in proving.facts() if each.action == AuditAction.CREATE and str(each.entity).startswith(TYPE)]
    assert len(written) == 2


def test_none_is_written_where_the_hospital_does_not_ask_for_one(scene: Scene) -> None:
    task = scene.settled(scene.ehr.get(REPORT))
    assert scene.ehr.all(TYPE) == []
    assert "Provenance" not in str(task)


def test_a_withdrawal_has_one_too(proving: Scene) -> None:
    proving.settled(proving.ehr.get(REPORT))
    proving.settled(amend(proving, "entered-in-error"))
    assert len(targets(proving)) == 2


@pytest.mark.parametrize("refusal", [400, 404, 405, 422], ids=str)
def test_a_refusal_leaves_the_task_completed_and_is_said_in_it_and_in_the_log(proving: Scene, refusal: int) -> None:
    body = b'{"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid", "diagnostics": "Not here."}]}'
    proving.ehr.strike(Fault(method="PUT", path=TYPE, status=refusal, body=body))
    with capture_logs() as events:
        task = proving.settled(proving.ehr.get(REPORT))
    assert (task["status"], stage(task)) == ("completed", "delivered")
    assert str(said(task, "Provenance")).startswith("refused: The EHR refuses (PUT of Provenance:")
    assert task["contained"][0]["issue"][0]["diagnostics"] == "Not here."
    assert [job.kind for job in proving.jobs(JobState.DEAD)] == ["provenance"]
    assert [each["reason"].partition(" (")[0] for each in events if each.get("kind") == "provenance"] == ["The EHR refuses"]
    assert proving.held()[0]["status"] == "final"
    proving.ehr.clear()
    replay_job(proving.parts, proving.jobs(JobState.DEAD)[0].id, OURSELVES)
    proving.drain()
    assert len(targets(proving)) == 1


def test_an_ehr_that_cannot_take_one_now_does_not_hold_up_the_next_result(proving: Scene) -> None:
    proving.ehr.strike(Fault(method="PUT", path=TYPE, status=503, headers={"Retry-After": "3600"}))
    location = proving.accept(proving.ehr.get(REPORT))
    proving.drain()
    task = proving.get(location)
    assert (task["status"], said(task, "Provenance")) == ("completed", "pending")
    assert stage(proving.settled(amend(proving))) == "delivered"
    assert (proving.held()[0]["status"], targets(proving)) == ("amended", [])
    proving.ehr.clear()
    let_pass(proving.parts.database, 3700)
    proving.drain()
    assert [each.rpartition("/")[2] for each in targets(proving)] == ["1", "2"]


def test_an_ehr_that_offers_none_is_not_asked_and_the_task_and_the_log_say_so(proving: Scene) -> None:
    proving.ehr.switches.unknown_types = frozenset({TYPE})
    with capture_logs() as events:
        task = proving.settled(proving.ehr.get(REPORT))
    assert (task["status"], said(task, "Provenance")) == ("completed", f"not-offered: {provenance.NOT_OFFERED}")
    assert proving.jobs(JobState.DEAD) == ()
    assert "provenance_not_offered" in {each["event"] for each in events}
    assert [path for _, path in proving.ehr.asked() if path.startswith(TYPE)] == []


MODES: tuple[dict[str, bool], ...] = ({}, {"update_create": False}, {"update_create": False, "conditional_create": False})


@pytest.mark.parametrize("mode", MODES, ids=["ids of ours", "conditional create", "search"])
@pytest.mark.parametrize("moment", ["before the write", "after the write", "the answer is lost"])
def test_a_worker_that_dies_at_any_moment_leaves_exactly_one(
    proving: Scene, mode: dict[str, bool], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in mode.items():
        setattr(proving.ehr.switches, name, value)
    proving.accept(proving.ehr.get(REPORT))
    mortal = Worker(proving.parts, "mortal")
    assert [mortal.step(), mortal.step()] == [True, True], "assessed and delivered"
    if moment == "the answer is lost":
        for method in ("PUT", "POST"):
            proving.ehr.strike(Fault(method=method, path=TYPE, times=1, applied=True, lost=True))
        mortal.step()
    else:
        with monkeypatch.context() as patched:
            name = "write_provenance" if moment == "before the write" else "_keep"
            patched.setattr(provenance, name, _die)
            with pytest.raises(KeyboardInterrupt):
                mortal.step()
    assert [job.kind for job in proving.jobs()] == ["provenance"], "still to be done"
    let_pass(proving.parts.database, proving.parts.settings.lease_seconds + 1)
    proving.drain()
    assert len(proving.ehr.all(TYPE)) == 1
    assert proving.jobs() == ()
    assert proving.jobs(JobState.DEAD) == ()


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt  # what no handler of ours catches, as no handler catches SIGKILL


def test_a_worker_that_dies_between_risk_assessment_and_provenance_leaves_one_of_each(
    proving: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    proving.accept(proving.ehr.get(REPORT))
    mortal = Worker(proving.parts, "mortal")
    mortal.step()
    with monkeypatch.context() as patched:
        patched.setattr("service.pipeline.deliver._keep", _die)
        with pytest.raises(KeyboardInterrupt):
            mortal.step()
    assert (len(proving.held()), targets(proving)) == (1, [])
    let_pass(proving.parts.database, proving.parts.settings.lease_seconds + 1)
    proving.drain()
    [held] = proving.held()
    assert targets(proving) == [f"RiskAssessment/{held['id']}/_history/1"]


def test_one_whose_assessment_retention_removed_is_a_dead_letter(proving: Scene) -> None:
    proving.accept(proving.ehr.get(REPORT))
    mortal = Worker(proving.parts, NORTH)
    mortal.step()
    mortal.step()
    with proving.parts.database._transaction() as connection:
        connection.exec_driver_sql("UPDATE assessment SET resource = x''")
    proving.drain()
    assert "retention" in (proving.jobs(JobState.DEAD)[0].last_error or "")
