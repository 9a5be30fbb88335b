"""What the shapes of public imaging FHIR carry beyond scores; their outcomes stand in tests/reports/expected.toml (`shape-..`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr

Json = dict[str, Any]
FOLDER: Final = Path(__file__).resolve().parents[1] / "reports"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("shapes")
    opened = Scene.open(folder, f"sqlite:///{folder}/service.db", StandInEhr())
    yield opened
    opened.parts.database.close()
    opened.ehr.stop()


def assessed(scene: Scene, name: str) -> Json:
    answer = scene.post("/assessments?store=false", (FOLDER / f"shape-{name}.json").read_bytes())
    assert answer.status_code == 200, answer.text
    content: Json = answer.get_json()
    return content


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
