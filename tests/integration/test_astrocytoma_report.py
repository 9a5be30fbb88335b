"""The patient of the case report with the grade of the tumour beside the bone lesion: from FHIR to the RiskAssessment."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment

from tests import builders
from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr

Json = dict[str, Any]
REPORT: Final = Path(__file__).resolve().parents[1] / "reports" / "case-report-cord-astrocytoma.json"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("astrocytoma")
    opened = Scene.open(folder, f"sqlite:///{folder}/service.db", StandInEhr())
    yield opened
    opened.parts.database.close()
    opened.ehr.stop()


def told(*facts: tuple[str, Json]) -> bytes:
    """The printed report with further Observations of the patient in its result."""
    bundle = json.loads(REPORT.read_text(encoding="utf-8"))
    [report] = [each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == "DiagnosticReport"]
    for finding, value in facts:
        made = builders.observation(builders.question(finding), value, id=finding, subject=report["subject"])
        report["result"].append(builders.reference(made))
        bundle["entry"].append(builders.entry(made))
    return json.dumps(bundle).encode()


def test_a_high_grade_calls_for_scrutiny_of_the_bones_and_a_negative_scan_changes_nothing(scene: Scene) -> None:
    body = told(("cord-astrocytoma-grade", builders.answer("cord-astrocytoma-grade", "high")))
    content = scene.post("/assessments?store=false", body).get_json()
    [outcome] = [each for each in content["patient_outcomes"] if each["instrument"] == "cord-astrocytoma"]
    assert outcome["verdicts"] == ["scrutinise-for-bone-metastasis"]
    assert outcome["recommendations"] == ["mri-spine", "consider-bone-biopsy"]
    assert [reason["finding"] for reason in outcome["reasons"]] == ["cord-astrocytoma-grade", "bone-abnormality"]
    assert all(source["path"] for reason in outcome["reasons"] for source in reason["sources"])

    entries = scene.post("/fhir/$assess?store=false", body).get_json(force=True)["entry"]
    [resource] = [each["resource"] for each in entries if each["resource"]["resourceType"] == "RiskAssessment"]
    RiskAssessment.model_validate_json(json.dumps(resource))
    [prediction] = [each for each in resource["prediction"] if "Scrutinise" in each["outcome"]["text"]]
    assert prediction["outcome"]["text"] == "Patient: Scrutinise for bone metastasis"
    assert "MRI of the spine; Consider bone biopsy (Cord astrocytoma)" in resource["mitigation"]


def test_without_the_grade_nothing_of_it_is_said(scene: Scene) -> None:
    content = scene.post("/assessments?store=false", told()).get_json()
    [outcome] = [each for each in content["patient_outcomes"] if each["instrument"] == "cord-astrocytoma"]
    assert (outcome["reasons"], outcome["requests"], outcome["flags"]) == ([], [], [])
    assert "cord-astrocytoma" not in {each["instrument"] for each in content["statements"]}
