"""Whatever fails, nothing of the patient stands in a log, an error, a job or a Task."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from service.pipeline import work
from service.storage.terms import JobState
from tests import builders
from tests.integration.scene import NORTH, WEST, Scene
from tests.stand_in_ehr import Fault

Json = dict[str, Any]
SECRETS = ("Quimby", "Ottoline", "MRN-4711", "1931-07-19", "kidney-transplant", "ZZ-LOCAL-99", "fell from a ladder")


def patient() -> Json:
    return builders.patient(
        name=[{"family": "Quimby", "given": ["Ottoline"]}],
        identifier=[{"system": "https://hospital.example/mrn", "value": "MRN-4711"}],
        birthDate="1931-07-19",
    )


def lesion(**elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    code = builders.concept(builders.coding("ZZ-LOCAL-99", "kidney-transplant", system="https://hospital.example/codes"))
    usual: Json = {"id": "o1", "note": [{"text": "Ottoline Quimby fell from a ladder"}], "component": [builders.component()]}
    return builders.observation(code, "fell from a ladder", **{**usual, "bodySite": builders.level_site("T7"), **elements})


def report(*observations: Json, **elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    said = {"conclusion": "Mrs Ottoline Quimby, MRN-4711, fell from a ladder", "id": "r1"}
    return builders.report(*observations, **{**said, **elements})


def bundle(**elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    return builders.bundle(patient(), lesion(), report(lesion(), **elements))


def ehr_down(scene: Scene) -> None:
    scene.ehr.strike(Fault(status=503, body=b"Quimby MRN-4711 is not to be read now"))
    scene.accept(report(lesion()))


def ehr_refuses_the_read(scene: Scene) -> None:
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport", status=400, body=b'{"text": "Quimby MRN-4711"}'))
    scene.accept(report(lesion()))


def ehr_refuses_the_write(scene: Scene) -> None:
    scene.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422, body=b"Quimby MRN-4711 refused"))
    scene.accept(scene.ehr.get("DiagnosticReport/r1"))


def ehr_answers_nonsense(scene: Scene) -> None:
    scene.ehr.strike(Fault(method="GET", path="DiagnosticReport", status=200, body=b"<html>Quimby MRN-4711</html>"))
    scene.accept(report(lesion()))
    scene.accept(lesion())


def broken_report(scene: Scene) -> None:
    scene.accept(report(lesion(), status="Quimby", id="broken"), WEST)
    scene.post(f"/webhooks/{WEST}", bundle(effectiveDateTime="1931-07-19T99:99"))
    scene.post(f"/webhooks/{WEST}", bundle(issued={"value": "MRN-4711"}))


def refused_webhooks(scene: Scene) -> None:
    for path, body in (
        (f"/webhooks/{NORTH}/Patient/Quimby", patient()),
        (f"/webhooks/{NORTH}", {"resourceType": "Quimby", "id": "MRN-4711"}),
        (f"/webhooks/{NORTH}/DiagnosticReport/other", report(lesion())),
        ("/webhooks/Quimby/Patient/p1", patient()),
        ("/fhir/Patient/MRN-4711", patient()),
    ):
        assert scene.post(path, body).status_code >= 400
    assert scene.post(f"/webhooks/{NORTH}", b'{"resourceType": "Patient", "name": "Quimby", "name": "Ottoline"}').status_code == 400


def refused_direct_posts(scene: Scene) -> None:
    broken = lesion(status="Quimby", effectiveDateTime="fell from a ladder", valueString={"MRN-4711": "1931-07-19"})
    for body in (
        builders.bundle(patient(), broken, report(broken)),
        builders.bundle(patient(), lesion(subject={"reference": "Patient/MRN-4711"}), report(lesion())),
        bundle(status="kidney-transplant"),
        builders.parameters(bundle(), prior=7),
        {"resourceType": "Parameters", "parameter": [{"name": "Quimby", "valueString": "MRN-4711"}]},
    ):
        assert scene.post("/assessments", body).status_code >= 400
    assert scene.post("/assessments?prior=Quimby&hospital=MRN-4711", bundle()).status_code >= 400


def a_mistake_of_ours(scene: Scene) -> None:
    def fail(*_: object) -> None:
        raise ValueError(json.dumps(patient()))

    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(work._RUNS, "assess", fail)
        patched.setattr("service.web.assessments.assess", fail)
        scene.accept(report(lesion()))
        assert scene.post("/assessments", bundle()).status_code == 500
        scene.drain()


def a_text_that_no_database_takes(scene: Scene) -> None:
    nul = report(lesion(), id="nul", identifier=[{"system": "https://hospital.example", "value": "MRN-4711\u0000Quimby"}])
    scene.post(f"/webhooks/{WEST}", builders.bundle(patient(), lesion(), nul))
    scene.post("/assessments", builders.bundle(patient(), lesion(), nul))


def a_database_that_refuses_the_rows(scene: Scene) -> None:
    with scene.parts.database._transaction() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON assessment BEGIN SELECT RAISE(ABORT, 'injected'); END")
    scene.accept(scene.ehr.get("DiagnosticReport/r1"))
    scene.post("/assessments", bundle(identifier=[{"system": "https://hospital.example", "value": "MRN-4711"}]))


def our_words(task: TestResponse) -> str:
    """Return a Task without what the EHR itself said: that is shown to those who may read the Task, and to nobody else."""
    return json.dumps({name: value for name, value in task.get_json(force=True).items() if name != "contained"})


WAYS = (
    ehr_down, ehr_refuses_the_read, ehr_refuses_the_write, ehr_answers_nonsense, broken_report, refused_webhooks,
    refused_direct_posts, a_mistake_of_ours, a_text_that_no_database_takes, a_database_that_refuses_the_rows,
)  # fmt: skip


@pytest.mark.parametrize("fail", WAYS, ids=lambda way: way.__name__.replace("_", " "))
def test_nothing_of_the_patient_leaves_through_a_failure(
    scene: Scene, fail: Callable[[Scene], None], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for resource in (patient(), lesion(), report(lesion())):
        scene.ehr.put(resource)
    answers: list[str] = []
    statuses: list[int] = []
    opened = scene.client.open

    def kept(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the client's own
        answer = opened(*arguments, **named)
        answers.append(f"{answer.headers}{answer.text}")
        statuses.append(answer.status_code)
        return answer

    monkeypatch.setattr(scene.client, "open", kept)
    with capture_logs() as events:
        fail(scene)
        scene.drain()
    given = list(answers)
    lines = [line for each in given for line in each.splitlines()]
    tasks = [our_words(scene.client.get(line.split()[1])) for line in lines if line.startswith("Location: /fhir/Task")]
    failures = [job.last_error for state in JobState for job in scene.jobs(state) if job.last_error]
    captured = capfd.readouterr()
    said = "\n".join([*given, *tasks, str(events), str(failures), captured.out, captured.err])
    assert failures or max(statuses) >= 400, "nothing failed"
    assert events
    assert [word for word in SECRETS if word in said] == []
