"""A dead letter says why: our sentence in job and Task, and what the EHR answered in the Task alone."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.task import Task

from service.model.caller import OURSELVES
from service.pipeline.dead_letter import LONGEST_ANSWER
from service.pipeline.operate import replay_job
from service.storage.terms import JobState
from service.worker import Worker
from tests.integration.scene import REPORT, Scene, reason, stage
from tests.integration.storage.rows import let_pass
from tests.stand_in_ehr import Fault, StandInEhr

Json = dict[str, Any]
SAID = "Quimby has a sealed record."
REFUSAL = json.dumps(
    {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "business-rule", "diagnostics": SAID}]}
).encode()
WRITES = {"method": "PUT", "path": "RiskAssessment"}
READS = {"method": "GET", "path": "DiagnosticReport"}


def answers(task: Json) -> list[Json]:
    """Return the OperationOutcomes of the EHR that outputs point at."""
    held = {f"#{each['id']}": each for each in task.get("contained", [])}
    named = [output["valueReference"]["reference"] for output in task["output"] if "valueReference" in output]
    return [held[each] for each in named if each in held]


@pytest.mark.parametrize("where", [WRITES, READS], ids=["the write", "the read"])
@pytest.mark.parametrize("status", [400, 403, 422, 501, 503])
def test_the_task_of_a_dead_letter_shows_what_the_ehr_said_and_nothing_else_does(
    either: Scene, where: dict[str, str], status: int
) -> None:
    either.ehr.strike(Fault(method=where["method"], path=where["path"], status=status, body=REFUSAL))
    task = either.settled(either.ehr.get(REPORT))
    Task.model_validate(task)
    assert task["status"] == "failed"
    assert [part["valueInteger"] for part in task["output"] if "valueInteger" in part] == [status]
    [said] = answers(task)
    assert said["issue"] == [{"severity": "error", "code": "business-rule", "diagnostics": SAID}]
    [dead] = either.jobs(JobState.DEAD)
    assert str(status) in (dead.last_error or "")
    assert reason(task) == dead.last_error
    assert SAID not in (dead.last_error or "")


def test_a_replay_takes_the_answer_away_until_there_is_another(scene: Scene) -> None:
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport", status=422, body=REFUSAL))
    location = scene.accept(scene.ehr.get(REPORT))
    scene.drain()
    assert answers(scene.get(location))
    scene.ehr.clear()
    replay_job(scene.parts, scene.jobs(JobState.DEAD)[0].id, OURSELVES)
    assert "contained" not in scene.get(location)
    scene.drain()
    assert (stage(scene.get(location)), "contained" in scene.get(location)) == ("delivered", False)


@pytest.mark.parametrize("status", [409, 412])
def test_a_conflict_that_nobody_else_caused_shows_what_the_ehr_said(scene: Scene, status: int) -> None:
    scene.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=status, body=REFUSAL))
    task = scene.settled(scene.ehr.get(REPORT))
    assert (task["status"], "conflict" in (reason(task) or "")) == ("failed", True)
    assert [each["issue"][0]["diagnostics"] for each in answers(task)] == [SAID]


def test_somebody_elses_work_and_doubles_are_dead_letters_that_say_so(scene: Scene) -> None:
    scene.settled(scene.ehr.get(REPORT))
    scene.ehr.put({**scene.held()[0], "note": [{"text": "seen by the tumour board"}]})
    task = scene.settled(scene.ehr.put({**scene.ehr.get(REPORT), "status": "amended"}))
    assert (stage(task), "Somebody else" in (reason(task) or "")) == ("dead-letter", True)


def test_several_matches_are_a_dead_letter_that_says_so(scene: Scene) -> None:
    scene.ehr.switches.update_create = False
    scene.settled(scene.ehr.get(REPORT))
    [held] = scene.held()
    scene.ehr.delete(f"RiskAssessment/{held['id']}")
    for number in ("a", "b"):
        scene.ehr.put({**held, "id": number})
    task = scene.settled(scene.ehr.put({**scene.ehr.get(REPORT), "status": "amended"}))
    assert (stage(task), "holds 2 RiskAssessments" in (reason(task) or "")) == ("dead-letter", True)


def test_of_an_answer_without_end_the_beginning_is_kept(scene: Scene) -> None:
    scene.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422, body=b"x" * (LONGEST_ANSWER * 4)))
    task = scene.settled(scene.ehr.get(REPORT))
    [said] = answers(task)
    assert len(json.dumps(task)) < LONGEST_ANSWER
    assert said["issue"][0]["diagnostics"].startswith("xxx")
    with scene.parts.database._transaction() as connection:
        longest = connection.exec_driver_sql("SELECT max(length(answer)) FROM delivery").scalar_one()
    assert longest <= LONGEST_ANSWER


def test_an_ehr_that_does_not_answer_at_all_leaves_our_sentence_alone(scene: Scene) -> None:
    location = scene.accept(scene.ehr.get(REPORT))
    scene.ehr.strike(Fault(lost=True))
    scene.drain()
    task = scene.get(location)
    assert (task["status"], "output" in task) == ("failed", False)
    assert "did not answer" in (reason(task) or "")


def test_a_date_in_retry_after_is_waited_for(scene: Scene) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    scene.accept(scene.ehr.get(REPORT))
    scene.ehr.strike(Fault(status=503, headers={"Retry-After": then}, times=1))
    scene.drain()
    assert not Worker(scene.parts, "early").step()
    let_pass(scene.parts.database, 80)
    assert not Worker(scene.parts, "still early").step()
    let_pass(scene.parts.database, 21)
    assert Worker(scene.parts, "late").step()


def test_where_nothing_is_written_back_the_task_completes_at_assessment(tmp_path: Path, ehr: StandInEhr) -> None:
    silent = Scene.open(tmp_path, f"sqlite:///{tmp_path}/service.db", ehr, policy="none")
    silent.fill()
    task = silent.settled(silent.ehr.get(REPORT))
    assert (task["status"], stage(task)) == ("completed", "assessed")
    assert [each["type"]["text"] for each in task["output"]] == ["RiskAssessment"]
    assert (silent.held(), [job.kind for job in silent.jobs(JobState.DONE)]) == ([], ["assess"])
    silent.parts.database.close()
