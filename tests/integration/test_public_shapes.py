"""What the shapes of public imaging FHIR carry beyond scores; their outcomes stand in tests/reports/expected.toml (`shape-..`)."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr

Json = dict[str, Any]
FOLDER: Final = Path(__file__).resolve().parents[1] / "reports"
EXPECTED: Final[Mapping[str, Json]] = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
WRITTEN: Final = ("applicability", "recommendations", "requests", "flags")

POINTED: Final[Mapping[str, tuple[list[str], list[str], list[str]]]] = {
    "problem-list": ([], ["complete-sins"], []),
    "mii": ([], ["complete-sins"], []),
    "hl7-eu": (["surgical-consultation-soon"], ["axial-t2"], []),
    "breast-form": (["surgical-consultation-soon"], ["axial-t2"], []),
    "ihe-idr": (["surgical-consultation-soon"], [], []),
    "mcode": ([], ["complete-sins", "axial-t2"], ["earlier-radiotherapy", "from-other-report"]),
}
"""By form, what management points to and asks for, and its flags: stability is settled in three, the band of compression in three.
Radiation follows from neither: no form holds a stable spine of low grade."""


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


@pytest.mark.parametrize("name", sorted(POINTED))
def test_what_follows_is_the_same_in_every_form(scene: Scene, name: str) -> None:
    content = assessed(scene, name)
    [management] = [each for each in content["lesions"][0]["outcomes"] if each["instrument"] == "management"]
    recommended, asked, flags = POINTED[name]
    assert [management[key] for key in WRITTEN] == ["applicable", recommended, asked, flags]
    [imaging] = [each for each in content["patient_outcomes"] if each["instrument"] == "next-imaging"]
    assert imaging["verdicts"] == ["no-red-flag"]
    assert imaging["recommendations"] == ["mri", "ct"]


@pytest.mark.parametrize("name", sorted(name for name in EXPECTED if name.startswith("shape-")))
def test_what_speaks_is_expected_and_everything_else_is_silent(scene: Scene, name: str) -> None:
    content = assessed(scene, name.removeprefix("shape-"))
    for lesion, told in zip(content["lesions"], EXPECTED[name]["lesion"], strict=True):
        assert spoken(lesion["outcomes"]) == {*told} - {"site"} | {"management"}
    told = {*EXPECTED[name].get("patient", {})} | ({"next-imaging"} if content["lesions"] else set())
    assert spoken(content["patient_outcomes"]) == told


def spoken(outcomes: list[Json]) -> set[str]:
    """Return the instruments whose outcome rests on a statement."""
    return {each["instrument"] for each in outcomes if each["reasons"]}
