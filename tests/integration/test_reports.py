"""The reports of tests/reports through the whole service, held against figures that were derived by hand from the papers."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment

from service.assessment.catalogue import CATALOGUE, POINTERS
from service.mapping.mapfile import load as load_mappings
from service.mapping.translate import translate
from service.model.coded import CodedItem, CodedValue, Coding, ItemKind, Reading
from service.model.finding import Translation
from tests.cases.expectation import CHECKS, check
from tests.cases.read_outcome import read_outcome
from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr

Json = dict[str, Any]
TESTS: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = TESTS / "reports"
EXPECTED: Final[Mapping[str, Json]] = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
OUTCOMES: Final = load_mappings(TESTS.parent / "mappings", snomed_affiliate=False).outcomes
SCOPES: Final = {each.key: each.scope for each in CATALOGUE} | {each.key: each.scope for each in POINTERS}
SITE: Final = "site"
CLINICAL_FINDING: Final = "404684003"
SHAPE: Final = "shape-"
"""How the reports begin that show a form and no patient of a paper."""
NOTHING_ELSE: Final[Json] = {"flags_exactly": [], "recommendations_exactly": [], "requests": []}
"""What holds of an outcome of a patient of a paper where nothing else is written."""
IN_RATIONALE: Final = frozenset({("escc", "band")})
"""Questions that are said in the rationale of another."""
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


def address(path: str, name: str) -> str:
    prior = EXPECTED[name].get("prior")
    return f"{path}?store=false" + ("" if prior is None else f"&prior={prior}")


def questions(instrument: str) -> Mapping[str, str]:
    return {each.outcome: each.question for each in OUTCOMES if each.instrument == instrument}


def of_a_paper(name: str, told: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what is expected of one place; of the patient of a paper nothing is said but what is written."""
    wanted = {key: each for key, each in told.items() if key != SITE}
    return wanted if name.startswith(SHAPE) else {key: {**NOTHING_ELSE, **each} for key, each in wanted.items()}


def hold(outcomes: list[Json], told: Mapping[str, Json]) -> None:
    """Hold the outcomes of one place against what is expected of some of them."""
    by_instrument = {each["instrument"]: read_outcome(each) for each in outcomes}
    for instrument, wanted in told.items():
        check(by_instrument[instrument], wanted, questions(instrument))


def test_every_report_has_its_expectation() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(EXPECTED)


def test_every_expectation_is_one_of_an_instrument_that_the_runner_knows() -> None:
    places = [(each, "lesion") for told in EXPECTED.values() for each in told["lesion"]]
    places += [(told["patient"], "patient") for told in EXPECTED.values() if "patient" in told]
    for place, scope in places:
        instruments = {key: wanted for key, wanted in place.items() if key != SITE}
        assert {SCOPES[key] for key in instruments} <= {scope}
        assert {key for wanted in instruments.values() for key in wanted} <= CHECKS


@every_report
def test_a_report_gives_what_the_paper_prints(scene: Scene, name: str) -> None:
    expected = EXPECTED[name]
    answer = scene.post(address("/assessments", name), posted(name))
    assert answer.status_code == 200, answer.text
    content = answer.get_json()
    assert [lesion["site"]["text"] for lesion in content["lesions"]] == [told[SITE] for told in expected["lesion"]]
    for lesion, told in zip(content["lesions"], expected["lesion"], strict=True):
        hold(lesion["outcomes"], of_a_paper(name, told))
    hold(content["patient_outcomes"], of_a_paper(name, expected.get("patient", {})))


@pytest.mark.parametrize("name", sorted(name for name in EXPECTED if not name.startswith(SHAPE)))
def test_every_instrument_and_pointer_is_expected_of_every_patient_of_a_paper(name: str) -> None:
    for told in EXPECTED[name]["lesion"]:
        assert told.keys() == {SITE, *(key for key, scope in SCOPES.items() if scope == "lesion")}
    assert EXPECTED[name]["patient"].keys() == {key for key, scope in SCOPES.items() if scope == "patient"}
    places = [of_a_paper(name, told) for told in (*EXPECTED[name]["lesion"], EXPECTED[name]["patient"])]
    assert all(wanted.keys() >= {"applicability", "verdicts"} for place in places for wanted in place.values())


def test_every_figure_of_wu_and_an_that_shows_a_patient_is_a_report() -> None:
    figures = {name for name in EXPECTED if name.startswith(("wu-", "an-"))}
    of_an = {"an-fig4", "an-fig5a", "an-fig5c-7c", "an-fig6", "an-fig7a", "an-fig7b", "an-fig8a", "an-fig8c"}
    assert figures == of_an | {"wu-fig1", "wu-fig2", "wu-fig3", "wu-fig4"}


@every_report
def test_the_risk_assessment_of_the_operation_is_valid_r4_and_says_the_same(scene: Scene, name: str) -> None:
    answer = scene.post(address("/fhir/$assess", name), posted(name))
    [resource] = [
        entry["resource"] for entry in answer.get_json(force=True)["entry"] if entry["resource"]["resourceType"] == "RiskAssessment"
    ]
    RiskAssessment.model_validate_json(json.dumps(resource))
    content = scene.post(address("/assessments", name), posted(name)).get_json()
    places = [
        *((lesion["site"]["text"], lesion["outcomes"]) for lesion in content["lesions"]),
        ("Patient", content["patient_outcomes"]),
    ]
    spoken = [(site, outcome) for site, outcomes in places for outcome in outcomes if outcome["reasons"]]
    wanted = [(site, outcome["instrument"], _figures(outcome)) for site, outcome in spoken for _ in _asked(outcome)]
    predictions = resource.get("prediction", [])
    said = [(each["outcome"]["text"].partition(":")[0], _extension(each, "instrument"), _shown(each)) for each in predictions]
    assert said == wanted
    assert all(each["rationale"].startswith(f"{site}: ") for each, (site, *_) in zip(predictions, said, strict=True))


@pytest.mark.parametrize("name", sorted(name for name, told in EXPECTED.items() if "unmapped" in told))
def test_every_code_that_is_not_used_is_the_one_expected(scene: Scene, name: str) -> None:
    rows = scene.post(address("/assessments", name), posted(name)).get_json()["unmapped"]
    assert [[row["code"], row["reason"]] for row in rows] == EXPECTED[name]["unmapped"]


def _asked(outcome: Json) -> set[str]:
    """Return the questions that an outcome answers in predictions of their own."""
    asked = questions(outcome["instrument"])
    return {asked[verdict] for verdict in outcome["verdicts"] if (outcome["instrument"], asked[verdict]) not in IN_RATIONALE}


def _figures(outcome: Json) -> tuple[Json | None, float | None]:
    """Return the score, and the probability in per cent where the verdict is the one it belongs to."""
    score = outcome["score"]
    bounds = None if score is None else {"low": {"value": score["low"]}, "high": {"value": score["high"]}}
    probability = outcome["probability"] if outcome["verdicts"] == ["favours-iesl"] else None
    return bounds, None if probability is None else round(100 * probability, 2)


def _shown(prediction: Json) -> tuple[Json | None, float | None]:
    return _extension(prediction, "score"), prediction.get("probabilityDecimal")


def _extension(prediction: Json, name: str) -> Any:  # noqa: ANN401 - a value of any type
    found = [each for each in prediction["extension"] if each["url"].endswith(f"/{name}")]
    return next((value for each in found for key, value in each.items() if key.startswith("value")), None)


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
    coded = [item for item in coded if not _is_heading(item)]
    assert coded
    lost = [item.source.path for item in coded if not any(path.startswith(item.source.path) for path in used | listed)]
    assert lost == []
    for item in coded:
        rows = {(row["system"], row["code"]) for row in content["unmapped"] if row["path"] == item.source.path and row["code"]}
        assert len(rows) <= len(item.code) + len(_answers(item)), "one row for each coding"


def _is_heading(item: CodedItem) -> bool:
    """Tell whether an item says no more than "Clinical finding" over its members."""
    return item.value is None and bool(item.members) and {coding.code for coding in item.code} == {CLINICAL_FINDING}


def _answers(item: CodedItem) -> tuple[Coding, ...]:
    return item.value.codings if isinstance(item.value, CodedValue) else ()
