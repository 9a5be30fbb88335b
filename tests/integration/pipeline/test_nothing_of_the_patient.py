"""Whatever happens, nothing of the patient stands in a log, a metric, an error, a job, readiness, or what a command prints.

What an EHR itself said to what it refused may speak of the patient: it stands in the Task, for those who may read it, and nowhere
else.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.__main__ import main
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


def named_outcome() -> bytes:
    """Return an answer of an EHR that says more than it should."""
    said = "Mrs Ottoline Quimby (MRN-4711, 1931-07-19) has a sealed record"
    issue = {"severity": "error", "code": "business-rule", "diagnostics": said, "details": {"text": said}}
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()


def ehr_names_the_patient_in_a_dead_letter(scene: Scene) -> None:
    scene.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422, body=named_outcome()))
    scene.accept(scene.ehr.get("DiagnosticReport/r1"))


def ehr_names_the_patient_in_every_answer(scene: Scene) -> None:
    headers = {"ETag": 'W/"Quimby"', "Location": f"{scene.ehr.base}/RiskAssessment/MRN-4711", "Retry-After": "Ottoline"}
    scene.ehr.strike(Fault(status=503, body=named_outcome(), headers=headers))
    scene.accept(report(lesion()))
    scene.accept(lesion())
    assert scene.post(f"/assessments?hospital={NORTH}", scene.ehr.get("DiagnosticReport/r1")).status_code >= 400


def ehr_redirects_to_the_patient(scene: Scene) -> None:
    scene.ehr.strike(Fault(method="GET", status=302, headers={"Location": "https://elsewhere.example/Quimby/MRN-4711"}))
    scene.accept(report(lesion()))


def ehr_holds_somebody_elses_work(scene: Scene) -> None:
    scene.settled(scene.ehr.get("DiagnosticReport/r1"))
    scene.ehr.put({**scene.held()[0], "note": [{"text": "Ottoline Quimby fell from a ladder"}]})
    scene.accept(scene.ehr.put({**scene.ehr.get("DiagnosticReport/r1"), "status": "amended"}))


def ehr_refuses_the_provenance(scene: Scene) -> None:
    hospitals = {**scene.parts.hospitals, scene.hospital().slug: replace(scene.hospital(), provenance=True)}
    object.__setattr__(scene.parts, "hospitals", hospitals)
    scene.ehr.strike(Fault(path="Provenance", status=422, body=named_outcome()))
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


WAYS = (
    ehr_down, ehr_refuses_the_read, ehr_refuses_the_write, ehr_names_the_patient_in_a_dead_letter,
    ehr_names_the_patient_in_every_answer, ehr_redirects_to_the_patient, ehr_holds_somebody_elses_work,
    ehr_refuses_the_provenance, ehr_answers_nonsense, broken_report, refused_webhooks,
    refused_direct_posts, a_mistake_of_ours, a_text_that_no_database_takes, a_database_that_refuses_the_rows,
)  # fmt: skip


def printed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every command that an operator looks with; what they print is captured."""
    settings = scene.parts.settings
    monkeypatch.setenv("SLS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SLS_HOSPITALS_DIR", str(settings.hospitals_dir))
    numbers = [job.id for state in JobState for job in scene.jobs(state)]
    assert numbers or scene.jobs(JobState.DONE) == ()
    words = [["jobs", "list"], ["jobs", "list", "--dead"], ["db", "check"], ["hospital", "list"], ["hospital", "check", NORTH]]
    for each in (*words, *(["jobs", "show", str(number)] for number in numbers)):
        assert main(each) in {0, 1, 2}


@dataclass
class Said:
    """Everything that left the service.

    Attributes:
        answers: headers and bodies of what HTTP callers were answered.
        statuses: of those answers.
        events: log events.
    """

    answers: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)


def listen(scene: Scene, act: Callable[[Scene], None], monkeypatch: pytest.MonkeyPatch) -> Said:
    """Let something happen and work be done, and keep what is said meanwhile."""
    said, opened = Said(), scene.client.open

    def kept(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the client's own
        answer = opened(*arguments, **named)
        said.answers.append(f"{answer.headers}{answer.text}")
        said.statuses.append(answer.status_code)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(scene.client, "open", kept)
        with capture_logs() as events:
            act(scene)
            scene.drain()
            said.events += events
        for path in ("/metrics", "/health/ready", "/health/live"):
            scene.client.get(path)
    return said


def tasks_of(scene: Scene, said: Said) -> list[Json]:
    """Return the Tasks of everything that was accepted."""
    lines = [line for each in said.answers for line in each.splitlines()]
    return [scene.get(line.split()[1]) for line in lines if line.startswith("Location: /fhir/Task")]


def our_words(task: Json) -> str:
    """Return a Task without what the EHR itself said."""
    return json.dumps({name: value for name, value in task.items() if name != "contained"})


@pytest.fixture
def patients(scene: Scene) -> Scene:
    """Let the EHR hold the patient."""
    for resource in (patient(), lesion(), report(lesion())):
        scene.ehr.put(resource)
    return scene


@pytest.mark.parametrize("fail", WAYS, ids=lambda way: way.__name__.replace("_", " "))
def test_nothing_of_the_patient_leaves_through_a_failure(
    patients: Scene, fail: Callable[[Scene], None], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    said = listen(patients, fail, monkeypatch)
    failures = [job.last_error for state in JobState for job in patients.jobs(state) if job.last_error]
    assert failures or max(said.statuses) >= 400, "nothing failed"
    assert said.events
    tasks = [our_words(each) for each in tasks_of(patients, said)]
    printed(patients, monkeypatch)
    captured = capfd.readouterr()
    assert captured.out, "the commands print something"
    everything = "\n".join([*said.answers, *tasks, str(said.events), str(failures), captured.out, captured.err])
    assert [word for word in SECRETS if word in everything] == []


def test_nothing_of_the_patient_leaves_through_a_success(
    patients: Scene, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def succeed(scene: Scene) -> None:
        for reference in ("DiagnosticReport/r1", "Observation/o1", "Patient/p1"):
            scene.accept(scene.ehr.get(reference))
        scene.post(f"/webhooks/{WEST}", bundle(identifier=[{"system": "https://hospital.example", "value": "MRN-4711"}]))

    said = listen(patients, succeed, monkeypatch)
    assert [each["status"] for each in tasks_of(patients, said)] == ["completed"] * 4
    assert len(patients.held()) == 1
    printed(patients, monkeypatch)
    captured = capfd.readouterr()
    everything = "\n".join(
        [*said.answers, *(our_words(each) for each in tasks_of(patients, said)), str(said.events), captured.out, captured.err]
    )
    assert [word for word in SECRETS if word in everything] == []


def test_what_the_ehr_said_of_the_patient_stands_in_the_task_alone(patients: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    said = listen(patients, ehr_names_the_patient_in_a_dead_letter, monkeypatch)
    [task] = tasks_of(patients, said)
    assert "Quimby" in task["contained"][0]["issue"][0]["diagnostics"]
    assert "Quimby" not in our_words(task)
