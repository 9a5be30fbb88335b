"""The reports of tests/reports through the whole service, held against figures that were derived by hand from the papers."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment

from service.mapping.translate import translate
from service.model.coded import CodedItem, CodedValue, Coding, ItemKind, Reading
from service.model.finding import Translation
from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr

Json = dict[str, Any]
FOLDER: Final = Path(__file__).resolve().parents[1] / "reports"
EXPECTED: Final[Mapping[str, Json]] = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
ABOUT_THE_READING: Final = frozenset({"convention-1c-low", "not-axial-t2"})
"""Flags that say how the grade was read and counted, whoever the patient is."""
every_report = pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.json")))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("reports")
    opened = Scene.open(folder, f"sqlite:///{folder}/service.db", StandInEhr())
    yield opened
    opened.parts.database.close()
    opened.ehr.stop()


def posted(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def outcome(lesion: Json, instrument: str) -> Json:
    [found] = [each for each in lesion["outcomes"] if each["instrument"] == instrument]
    assert isinstance(found, dict)
    return found


def test_every_report_has_its_expectation() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(EXPECTED)


@every_report
def test_a_report_gives_what_the_paper_prints(scene: Scene, name: str) -> None:
    expected = EXPECTED[name]
    answer = scene.post("/assessments?store=false", posted(name))
    assert answer.status_code == 200, answer.text
    [lesion] = answer.get_json()["lesions"]
    sins, escc = outcome(lesion, "sins"), outcome(lesion, "escc")
    assert lesion["site"]["level"] == expected["site"]
    assert [sins["score"]["low"], sins["score"]["high"]] == expected["score"]
    assert sins["verdicts"] == expected["sins"]
    assert sorted(sins["missing"]) == sorted(expected["sins_missing"])
    assert sins["recommendations"] == expected["sins_recommendations"]
    assert sorted(escc["verdicts"]) == sorted(expected["escc"])
    assert [flag for flag in escc["flags"] if flag not in ABOUT_THE_READING] == expected["escc_flags"]
    assert sins["applicability"] == expected["applicability"]


@every_report
def test_the_risk_assessment_of_the_operation_is_valid_r4_and_says_the_same(scene: Scene, name: str) -> None:
    answer = scene.post("/fhir/$assess?store=false", posted(name))
    [resource] = [
        entry["resource"] for entry in answer.get_json(force=True)["entry"] if entry["resource"]["resourceType"] == "RiskAssessment"
    ]
    RiskAssessment.model_validate_json(json.dumps(resource))
    scores = [
        extension["valueRange"]
        for prediction in resource["prediction"]
        for extension in prediction["extension"]
        if extension["url"].endswith("/score")
    ]
    assert [[each["low"]["value"], each["high"]["value"]] for each in scores] == [EXPECTED[name]["score"]]


@every_report
def test_every_coded_item_is_used_or_listed(scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Reading, Translation]] = []

    def watched(reading: Reading, mappings: Any) -> Translation:  # noqa: ANN401 - handed through
        seen.append((reading, translate(reading, mappings)))
        return seen[-1][1]

    monkeypatch.setattr("service.pipeline.compute.translate", watched)
    content = scene.post("/assessments?store=false", posted(name)).get_json()
    [(reading, translation)] = seen
    used = {finding.source.path for finding in translation.findings}
    listed = {row["path"] for row in content["unmapped"]}
    coded = [item for item in reading.items if item.code and item.kind not in {ItemKind.EXAM, ItemKind.PATIENT}]
    assert coded
    lost = [item.source.path for item in coded if not any(path.startswith(item.source.path) for path in used | listed)]
    assert lost == []
    for item in coded:
        rows = {(row["system"], row["code"]) for row in content["unmapped"] if row["path"] == item.source.path and row["code"]}
        assert len(rows) <= len(item.code) + len(_answers(item)), "one row for each coding"


def _answers(item: CodedItem) -> tuple[Coding, ...]:
    return item.value.codings if isinstance(item.value, CodedValue) else ()
