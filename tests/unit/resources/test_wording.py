"""The words that RiskAssessment and narrative share."""

import pytest

from service.model.outcome import Applicability, Citation, Reason, Score
from service.resources import wording
from service.resources.answer import answers
from tests.unit.resources.example import emission, open_sins, outcome


def _answer_text(*verdicts: str, instrument: str = "sins") -> str:
    made = outcome(instrument, *verdicts)
    return wording.answer_text(made, answers(made, emission())[0], emission())


def test_a_settled_question_says_its_verdict() -> None:
    assert _answer_text("stable") == "Stable (SINS 0-6)"


def test_an_open_question_says_what_remains() -> None:
    text = _answer_text("stable", "potentially-unstable", "unstable")
    assert text == "Category open: Stable (SINS 0-6), Potentially unstable (SINS 7-12) or Unstable (SINS 13-18)"


def test_two_candidates_are_named_both() -> None:
    assert _answer_text("haemangioma", "enostosis", instrument="mimics") == "Haemangioma or Enostosis"


@pytest.mark.parametrize(
    ("applicability", "text"),
    [
        (Applicability.APPLICABLE, ""),
        (Applicability.NOT_APPLICABLE, "not applicable"),
        (Applicability.UNKNOWN, "applicability unknown"),
    ],
)
def test_applicability_is_said_unless_it_is_plain(applicability: Applicability, text: str) -> None:
    assert wording.applicability_text(outcome("sins", applicability=applicability)) == text


def test_a_score_is_one_number_or_two_bounds() -> None:
    assert wording.score_text(Score(low=8, high=8, attainable=(8,))) == "8"
    assert wording.score_text(Score(low=8, high=14, attainable=(8, 14))) == "8 to 14"


def test_reasons_name_finding_value_and_points_and_never_a_zero_for_what_is_unknown() -> None:
    assert wording.reasons_text(open_sins(), emission()) == "bone lesion lytic (2 points), spinal pain not assessed (0 to 3 points)"


def test_a_reason_without_points_says_its_side() -> None:
    reasons = (
        Reason(finding="bone-lesion", value="lytic | mixed", evidence="", points=(1, 1)),
        Reason(finding="bone-lesion", value="lytic", evidence="", direction="metastatic"),
    )
    text = wording.reasons_text(outcome("fracture-cause", reasons=reasons), emission())
    assert text == "bone lesion lytic or mixed (1 point), bone lesion lytic (metastatic)"


def test_every_decisive_set_is_named() -> None:
    made = outcome("sins", decisive=(("spinal-pain",), ("bone-lesion", "vertebral-level")))
    assert wording.decisive_text(made, emission()) == "spinal pain, or bone lesion with vertebral level"


def test_a_citation_names_paper_and_place() -> None:
    assert wording.citation_text(Citation(paper="Wu 2022", locator="Table 2")) == "Wu 2022, Table 2"
    assert wording.citation_text(Citation(paper="Wu 2022", locator="")) == "Wu 2022"


def test_a_saying_ends_once() -> None:
    assert wording.sentence("ESCC 1b") == "ESCC 1b."
    assert wording.sentence("ESCC 1b.") == "ESCC 1b."
