"""The command line in this process: what it prints, what it answers, what it says when something is wrong."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service import __version__, settings
from service.__main__ import main
from service.storage.terms import JobState
from service.worker import Worker
from tests import builders
from tests.demo_patient import REPORT_ID
from tests.integration.scene import REPORT, Scene, stage
from tests.stand_in_ehr import Fault

ROOT = Path(__file__).resolve().parents[3]


def output(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, output(capsys).strip()) == (0, __version__)


def test_help_of_serve_prints_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    printed = output(capsys)
    assert all(name in printed for name, _, _ in settings.rows())


def test_a_file_is_assessed_and_nothing_is_stored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(builders.body(builders.spine_report()))
    assert main(["assess", str(file)]) == 0
    [lesion] = json.loads(output(capsys))["lesions"]
    assert lesion["site"]["level"] == "T12"
    assert not (tmp_path / "service.db").exists()


def test_a_broken_entry_is_named_or_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, broken = builders.observation(id="o1"), builders.observation(id="o2", status="bogus")
    file = tmp_path / "report.json"
    file.write_bytes(builders.body(builders.bundle(builders.patient(), good, broken, builders.report(good, broken))))
    assert main(["assess", str(file)]) == 2
    assert "(Bundle.entry[2].resource.status)" in capsys.readouterr().err
    assert main(["assess", str(file), "--lenient"]) == 0
    assert json.loads(output(capsys))["issues"]


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assess", str(tmp_path / "none.json")]) == 2
    assert capsys.readouterr().err == "spinal-lesion-service: assess: the file cannot be read (FileNotFoundError).\n"


def test_the_database_is_behind_before_it_is_migrated_and_at_head_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "check"]) == 1
    assert "schema none" in output(capsys)
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "check"]) == 0
    assert main(["db", "upgrade"]) == 0


def test_a_wrong_database_address_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLS_DATABASE_URL", "mysql://user:s3cret@host/db")
    assert main(["db", "check"]) == 2
    said = capsys.readouterr().err
    assert "SLS_DATABASE_URL" in said
    assert "s3cret" not in said


def test_a_row_that_a_hospital_overrides_is_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "hospitals" / "ours" / "codings.csv"
    own.parent.mkdir()
    head, *rows = (ROOT / "mappings" / "base" / "codings.csv").read_text(encoding="utf-8").splitlines()
    own.write_text(f"{head}\n{next(row for row in rows if ',RDE153,' in row)}\n", encoding="utf-8")
    assert main(["mappings", "check", "ours"]) == 0
    assert "RDE153 as question is overridden by ours/codings.csv:2." in capsys.readouterr().out


def test_the_shipped_mappings_are_proved(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mappings", "check"]) == 0
    printed = output(capsys)
    assert "base, open rows only" in printed
    assert "base, with licensed rows" in printed


def test_a_hospital_of_its_own_is_proved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "mappings" / "hospitals" / "_template", tmp_path / "hospitals" / "ours")
    assert main(["mappings", "check", "ours"]) == 0
    assert main(["mappings", "check"]) == 0
    assert "ours, open rows only" in output(capsys)
    assert main(["mappings", "check", "nobody"]) == 2


def test_a_broken_row_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings", copy)
    table = copy / "base" / "codings.csv"
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([header, rows[0], rows[0], *rows[1:]]) + "\n", encoding="utf-8")
    monkeypatch.setenv("SLS_MAPPINGS_DIR", str(copy))
    assert main(["mappings", "check"]) == 1
    lines = output(capsys).splitlines()
    assert lines
    assert len(lines) == len(set(lines))
    assert all("codings.csv" in line for line in lines)


def test_jobs_are_listed_shown_replayed_and_discarded(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    location = scene.accept(scene.ehr.get(REPORT))
    assert main(["jobs", "list"]) == 0
    assert "\topen\tassess\tassess\t" in output(capsys)
    scene.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422))
    scene.drain()
    [dead] = scene.jobs(JobState.DEAD)
    assert main(["jobs", "list", "--dead"]) == 0
    listed = output(capsys)
    assert listed.startswith(f"{dead.id}\tdead\tdeliver\tdeliver\t")
    assert REPORT_ID not in listed
    assert main(["jobs", "show", str(dead.id)]) == 0
    assert "422" in output(capsys)
    scene.ehr.clear()
    assert main(["jobs", "replay", str(dead.id)]) == 0
    scene.drain()
    assert stage(scene.get(location)) == "delivered"
    assert [each.detail for each in scene.facts() if each.agent == "operator"] == ["replay"]


def test_a_dead_letter_is_discarded_for_good(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.accept(scene.ehr.get(REPORT))
    scene.ehr.strike(Fault(status=503))
    scene.drain()
    [dead] = scene.jobs(JobState.DEAD)
    assert main(["jobs", "discard", str(dead.id)]) == 0
    assert main(["jobs", "discard", str(dead.id)]) == 2
    assert "is not dead" in capsys.readouterr().err
    assert [each.detail for each in scene.facts() if each.agent == "operator"] == ["discard"]


def test_a_replayed_assessment_says_that_it_is_to_be_done(scene: Scene) -> None:
    location = scene.accept(scene.ehr.get(REPORT))
    scene.ehr.strike(Fault(status=503))
    scene.drain()
    assert scene.get(location)["status"] == "failed"
    assert main(["jobs", "replay", str(scene.jobs(JobState.DEAD)[0].id)]) == 0
    assert scene.get(location)["status"] == "requested"


def test_an_older_dead_letter_is_not_replayed(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.accept(scene.ehr.get(REPORT))
    scene.ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422))
    scene.drain()
    [dead] = scene.jobs(JobState.DEAD)
    scene.accept(scene.ehr.put({**scene.ehr.get(REPORT), "status": "amended"}))
    Worker(scene.parts, "assesses").step()
    assert main(["jobs", "replay", str(dead.id)]) == 2, "a newer one is on its way"
    scene.ehr.clear()
    scene.drain()
    assert main(["jobs", "replay", str(dead.id)]) == 2, "a newer one was delivered"
    assert "is overtaken" in capsys.readouterr().err
    assert scene.held()[0]["status"] == "amended"


@pytest.mark.parametrize("action", ["show", "replay", "discard"])
def test_a_job_that_is_not_named_or_not_there_is_one_sentence(
    scene: Scene, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scene.jobs() == ()
    assert main(["jobs", action]) == 2
    assert main(["jobs", action, "99"]) == 2
    assert "99" in capsys.readouterr().err


def test_jobs_of_a_database_that_nobody_migrated_are_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", "list"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_who_has_read_enough_leaves_no_traceback() -> None:
    command = [sys.executable, "-m", "service", "instruments", "document"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 1
