"""The shapes in which public imaging FHIR carries findings, through the whole service."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment

from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr

Json = dict[str, Any]
FOLDER: Final = Path(__file__).resolve().parents[1] / "reports" / "shapes"
EXPECTED: Final[Mapping[str, Json]] = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
SITE: Final = "site"
every_shape = pytest.mark.parametrize("name", sorted(EXPECTED))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("shapes")
    opened = Scene.open(folder, f"sqlite:///{folder}/service.db", StandInEhr())
    yield opened
    opened.parts.database.close()
    opened.ehr.stop()


def posted(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()


def assessed(scene: Scene, name: str) -> Json:
    answer = scene.post("/assessments?store=false", posted(name))
    assert answer.status_code == 200, answer.text
    content: Json = answer.get_json()
    return content


def shown(outcome: Json, wanted: Json) -> Json:
    """Return of an outcome what is expected of it: sets without order, a score by its bounds."""
    found = {key: outcome[key] for key in wanted}
    if "score" in found:
        found["score"] = {"low": outcome["score"]["low"], "high": outcome["score"]["high"]}
    return {key: sorted(value) if isinstance(value, list) else value for key, value in found.items()}


def test_every_shape_has_its_report_and_its_expectation() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(EXPECTED)
    assert all(told["source"] and told["why"] for told in EXPECTED.values())


@every_shape
def test_a_shape_gives_what_was_derived_by_hand(scene: Scene, name: str) -> None:
    lesions = assessed(scene, name)["lesions"]
    assert [each["site"]["text"] for each in lesions] == [told[SITE] for told in EXPECTED[name]["lesion"]]
    for lesion, told in zip(lesions, EXPECTED[name]["lesion"], strict=True):
        outcomes = {each["instrument"]: each for each in lesion["outcomes"]}
        for instrument in told.keys() - {SITE}:
            wanted = {key: sorted(value) if isinstance(value, list) else value for key, value in told[instrument].items()}
            assert shown(outcomes[instrument], wanted) == wanted, instrument


@every_shape
def test_every_code_that_is_not_used_is_listed(scene: Scene, name: str) -> None:
    assert [[row["code"], row["reason"]] for row in assessed(scene, name)["unmapped"]] == EXPECTED[name]["unmapped"]


@every_shape
def test_its_risk_assessment_is_valid_r4(scene: Scene, name: str) -> None:
    answer = scene.post("/fhir/$assess?store=false", posted(name))
    resources = [entry["resource"] for entry in answer.get_json(force=True)["entry"]]
    [resource] = [each for each in resources if each["resourceType"] == "RiskAssessment"]
    RiskAssessment.model_validate_json(json.dumps(resource))


def test_a_licence_brings_the_vertebra_of_a_snomed_site(tmp_path: Path) -> None:
    with StandInEhr() as ehr:
        licensed = Scene.open(tmp_path, f"sqlite:///{tmp_path}/service.db", ehr, snomed_affiliate=True)
        content = assessed(licensed, "mii")
        licensed.parts.database.close()
    [lesion] = content["lesions"]
    assert lesion["site"]["level"] == "T12"
    assert {each["finding"]: each["interval"] for each in lesion["findings"]}["lesion-diameter"] == [2.3, 2.3]
    assert [row["code"] for row in content["unmapped"]] == ["MR"]


def test_a_size_a_primary_and_a_treatment_come_with_a_cancer_record(scene: Scene) -> None:
    content = assessed(scene, "mcode")
    [lesion] = content["lesions"]
    found = {each["finding"]: each for each in (*lesion["findings"], *content["patient_findings"])}
    assert found["lesion-diameter"]["interval"] == [3.1, 3.1]
    assert found["primary-cancer"]["values"] == ["breast"]
    assert found["lesion-treatment"]["values"] == ["radiotherapy"]


def test_words_are_never_scored(scene: Scene) -> None:
    content = assessed(scene, "ihe-imr")
    assert content["lesions"] == []
    assert {each["finding"] for each in content["study_findings"]} == {"modality"}
