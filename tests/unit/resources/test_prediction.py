"""prediction: one for each lesion, instrument and question."""

from typing import Any

import pytest

from service.model.lesion import Site
from service.model.outcome import Applicability, Citation, Outcome, Ratio, Score
from service.resources.identity import (
    APPLICABILITY,
    CANON,
    EVIDENCE,
    FINDING_SYSTEM,
    INSTRUMENT,
    LESION,
    MISSING_FINDING,
    OUTCOME_SYSTEM,
    POSSIBLE_OUTCOME,
    SCORE,
)
from service.resources.prediction import Place, lesion_extension, predictions
from tests.unit.resources.example import emission, low_escc, open_sins, outcome

_INSTANT = "2026-03-01T09:00:00+01:00"


def _predict(made: Outcome, **sayings: list[str]) -> list[Any]:
    extension = lesion_extension(Site(levels=("T12",), text="T12"), {"reference": "Observation/1"}, emission())
    return list(predictions(made, Place(text="T12", lesion=extension, sayings=sayings, instant=_INSTANT), emission()))


def _values(prediction: Any, url: str) -> list[Any]:  # noqa: ANN401 - JSON
    found = [each for each in prediction["extension"] if each["url"] == url]
    return [value for each in found for name, value in each.items() if name.startswith("value")]


def test_a_settled_question_is_one_prediction_with_the_verdicts_code() -> None:
    (only,) = _predict(outcome("sins", "stable"))
    assert only["outcome"] == {
        "coding": [{"system": OUTCOME_SYSTEM, "code": "sins-stable", "display": "Stable (SINS 0-6)"}],
        "text": "T12: Stable (SINS 0-6)",
    }
    assert _values(only, POSSIBLE_OUTCOME) == []


def test_an_open_question_is_one_prediction_with_the_open_code_and_what_remains() -> None:
    (only,) = _predict(open_sins())
    assert [each["code"] for each in only["outcome"]["coding"]] == ["sins-category-open"]
    assert [each["coding"][0]["code"] for each in _values(only, POSSIBLE_OUTCOME)] == ["sins-potentially-unstable", "sins-unstable"]
    assert [each["text"] for each in _values(only, POSSIBLE_OUTCOME)] == [
        "Potentially unstable (SINS 7-12)",
        "Unstable (SINS 13-18)",
    ]


def test_escc_predicts_the_grade_and_says_the_band_in_the_rationale() -> None:
    (only,) = _predict(low_escc())
    assert [each["code"] for each in only["outcome"]["coding"]] == ["escc-grade-1b", "OIFMA_CDE_001998.2"]
    assert "Low-grade epidural disease." in only["rationale"]


def test_an_outcome_with_nothing_but_a_band_is_no_prediction() -> None:
    assert _predict(outcome("escc", "low-grade")) == []


def test_an_outcome_without_verdicts_is_no_prediction() -> None:
    assert _predict(outcome("next-imaging", recommendations=("mri",))) == []


def test_two_candidates_without_an_open_code_are_one_prediction_in_words() -> None:
    (only,) = _predict(outcome("mimics", "haemangioma", "enostosis"))
    assert only["outcome"] == {"text": "T12: Haemangioma or Enostosis"}
    assert len(_values(only, POSSIBLE_OUTCOME)) == 2


def test_the_extensions_carry_instrument_score_missing_findings_and_evidence() -> None:
    (only,) = _predict(open_sins())
    assert _values(only, INSTRUMENT) == ["sins"]
    assert _values(only, APPLICABILITY) == ["applicable"]
    assert _values(only, SCORE) == [{"low": {"value": 11}, "high": {"value": 14}}]
    assert _values(only, MISSING_FINDING) == [{"system": FINDING_SYSTEM, "code": "spinal-pain", "display": "spinal pain"}]
    assert _values(only, EVIDENCE) == [{"type": "citation", "citation": "Montoya-Bordon 2023, Table 3"}]


def test_a_place_that_is_cited_twice_is_evidence_once() -> None:
    cited = Citation(paper="Wu 2022", locator="Table 2")
    (only,) = _predict(outcome("iesl", "favours-iesl", citations=(cited, cited)))
    assert len(_values(only, EVIDENCE)) == 1


def test_the_rationale_begins_with_the_lesion_and_says_what_the_figures_rest_on() -> None:
    (only,) = _predict(open_sins(), sins=["T12: SINS 11 to 14", "T12: Consultation advised."])
    assert only["rationale"] == (
        "T12: SINS 11 to 14. Consultation advised. "
        "Based on: bone lesion lytic (2 points), spinal pain not assessed (0 to 3 points). "
        "Not assessed: spinal pain. Would settle it: spinal pain."
    )


def test_a_rationale_with_nothing_to_add_still_names_lesion_and_instrument() -> None:
    (only,) = _predict(outcome("sins", "stable", reasons=()))
    assert only["rationale"] == "T12: SINS."


@pytest.mark.parametrize(
    ("applicability", "words"),
    [(Applicability.UNKNOWN, "applicability unknown"), (Applicability.NOT_APPLICABLE, "not applicable")],
)
def test_what_is_not_plainly_applicable_says_so_in_text_rationale_and_extension(applicability: Applicability, words: str) -> None:
    (only,) = _predict(outcome("sins", "stable", applicability=applicability))
    assert only["outcome"]["text"] == f"T12: Stable (SINS 0-6); {words}"
    assert f"SINS {words}." in only["rationale"]
    assert _values(only, APPLICABILITY) == [applicability.value]


def test_flags_are_words_in_the_rationale_and_never_predictions() -> None:
    (only,) = _predict(outcome("escc", "grade-2", flags=("below-conus", "conflicting-input")))
    assert "Take note: Below the conus; Conflicting input." in only["rationale"]
    assert [each["code"] for each in only["outcome"]["coding"]] == ["escc-grade-2", "OIFMA_CDE_001998.4"]


def test_the_bands_of_sins_are_no_risk_words() -> None:
    for verdict in ("stable", "potentially-unstable", "unstable"):
        assert "qualitativeRisk" not in _predict(outcome("sins", verdict))[0]


def test_the_published_risk_of_fracture_is_a_risk_word() -> None:
    (only,) = _predict(outcome("fracture-risk", "high-fracture-risk"))
    assert only["qualitativeRisk"]["coding"][0]["code"] == "high"


def test_a_probability_is_in_per_cent_at_the_time_of_the_examination_and_says_where_it_comes_from() -> None:
    (only,) = _predict(outcome("iesl", "favours-iesl", probability=0.85))
    assert only["probabilityDecimal"] == 85
    assert only["whenPeriod"] == {"start": _INSTANT, "end": _INSTANT}
    assert "prior" in only["qualitativeRisk"]["text"]


def test_the_probability_of_one_verdict_never_stands_beside_another() -> None:
    (only,) = _predict(outcome("iesl", "favours-metastasis", probability=0.19))
    assert "probabilityDecimal" not in only
    assert "qualitativeRisk" not in only


def test_without_a_prior_there_is_no_probability() -> None:
    (only,) = _predict(outcome("iesl", "favours-iesl", likelihood_ratio=Ratio(value=2.7, low=1.1, high=8.0)))
    assert "probabilityDecimal" not in only


def test_the_lesion_extension_names_source_and_site() -> None:
    found: Any = lesion_extension(Site(levels=("T12",), text="T12"), {"reference": "Observation/1"}, emission())
    assert found["url"] == LESION
    assert [each["url"] for each in found["extension"]] == ["source", "site"]
    site = found["extension"][1]["valueCodeableConcept"]
    assert [each["code"] for each in site["coding"]] == ["23215003", "RID29209", "T12"]
    assert site["text"] == "T12"


@pytest.mark.parametrize(
    ("site", "texts"),
    [
        (Site(levels=("T11", "T12"), discs=("T11-T12",), text="T11-T12"), ["T11", "T12"]),
        (Site(discs=("T11-T12",), regions=("thoracic",), text="T11-T12"), ["T11-T12"]),
        (Site(regions=("thoracic",), text="thoracic spine"), ["thoracic"]),
        (Site(), ["site not stated"]),
    ],
)
def test_a_lesion_has_one_coded_site_for_each_of_its_most_precise_places(site: Site, texts: list[str]) -> None:
    found: Any = lesion_extension(site, None, emission())
    assert [each["valueCodeableConcept"]["text"] for each in found["extension"]] == texts


def test_a_prediction_about_the_patient_has_no_lesion() -> None:
    place = Place(text="Patient", lesion=None, sayings={}, instant=_INSTANT)
    (only,) = predictions(outcome("sins", "stable", reasons=()), place, emission())
    assert _values(only, LESION) == []
    assert only["rationale"] == "Patient: SINS."


def test_a_whole_prediction_reads_as_printed_here() -> None:
    cited = Citation(paper="Montoya-Bordon 2023", locator="Table 3")
    made = outcome("sins", "stable", score=Score(low=5, high=5, attainable=(5,)), citations=(cited,), reasons=())
    place = Place(text="Patient", lesion=None, sayings={"sins": ["Patient: SINS 5, stable."]}, instant=_INSTANT)
    assert predictions(made, place, emission()) == [
        {
            "extension": [
                {"url": f"{CANON}/StructureDefinition/instrument", "valueCode": "sins"},
                {"url": f"{CANON}/StructureDefinition/applicability", "valueCode": "applicable"},
                {"url": f"{CANON}/StructureDefinition/score", "valueRange": {"low": {"value": 5}, "high": {"value": 5}}},
                {
                    "url": f"{CANON}/StructureDefinition/evidence",
                    "valueRelatedArtifact": {"type": "citation", "citation": "Montoya-Bordon 2023, Table 3"},
                },
            ],
            "outcome": {
                "coding": [
                    {"system": f"{CANON}/CodeSystem/outcome", "code": "sins-stable", "display": "Stable (SINS 0-6)"},
                ],
                "text": "Patient: Stable (SINS 0-6)",
            },
            "rationale": "Patient: SINS 5, stable.",
        }
    ]
