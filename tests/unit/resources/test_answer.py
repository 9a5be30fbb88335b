"""Questions of an instrument, and which codes a verdict may carry."""

import pytest

from service.model.outcome import Applicability
from service.resources.answer import answers, codings_of, words_of
from tests.unit.resources.example import emission, outcome


def test_escc_answers_two_questions() -> None:
    found = answers(outcome("escc", "grade-2", "grade-3", "high-grade"), emission())
    assert [(each.question, each.verdicts, each.unsettled) for each in found] == [
        ("grade", ("grade-2", "grade-3"), "grade-set"),
        ("band", ("high-grade",), None),
    ]
    assert [each.is_settled for each in found] == [False, True]


def test_two_candidates_without_an_open_code_stay_two() -> None:
    (found,) = answers(outcome("mimics", "haemangioma", "enostosis"), emission())
    assert (found.verdicts, found.unsettled, found.is_settled) == (("haemangioma", "enostosis"), None, False)


def test_a_verdict_outside_the_table_answers_the_instruments_own_question() -> None:
    (found,) = answers(outcome("newcomer", "yes"), emission())
    assert found.question == "newcomer"


def _codes(applicability: Applicability, verdict: str, instrument: str = "escc", flags: tuple[str, ...] = ()) -> list[str]:
    made = outcome(instrument, verdict, applicability=applicability, flags=flags)
    return [each.code for each in codings_of(made, verdict, emission())]


def test_a_grade_that_applies_carries_every_allowed_code() -> None:
    expected = ["escc-grade-2", "OIFMA_CDE_001998.4", "71286001", "RID28797"]
    assert _codes(Applicability.APPLICABLE, "grade-2") == expected
    assert _codes(Applicability.UNKNOWN, "grade-2") == expected


def test_below_the_conus_no_code_says_cord_compression() -> None:
    assert _codes(Applicability.APPLICABLE, "grade-2", flags=("below-conus",)) == ["escc-grade-2", "OIFMA_CDE_001998.4"]
    assert _codes(Applicability.APPLICABLE, "high-grade", flags=("below-conus",)) == ["escc-high-grade"]


def test_an_instrument_that_does_not_apply_says_nothing_in_foreign_codes() -> None:
    assert _codes(Applicability.NOT_APPLICABLE, "grade-2") == ["escc-grade-2"]


@pytest.mark.parametrize(
    ("applicability", "codes"),
    [
        (Applicability.APPLICABLE, ["iesl-favours-metastasis", "94602001"]),
        (Applicability.UNKNOWN, ["iesl-favours-metastasis"]),
        (Applicability.NOT_APPLICABLE, ["iesl-favours-metastasis"]),
    ],
)
def test_a_pattern_whose_conclusion_is_withheld_carries_no_diagnosis_code(applicability: Applicability, codes: list[str]) -> None:
    assert _codes(applicability, "favours-metastasis", "iesl") == codes


def test_below_the_conus_the_words_do_not_speak_of_the_cord() -> None:
    below = outcome("escc", "grade-2", "high-grade", flags=("below-conus",))
    above = outcome("escc", "grade-2", "high-grade")
    assert "cord" not in words_of(below, "high-grade", emission()).lower()
    assert words_of(below, "grade-2", emission()) == "ESCC grade 2"
    assert words_of(above, "high-grade", emission()) == "High-grade cord compression"
