"""Which codes and words leave the service."""

from service.resources.identity import FINDING_SYSTEM, OUTCOME_SYSTEM, RADLEX, SNOMED
from tests.unit.resources.example import OIFM, emission


def test_our_code_of_a_verdict_comes_first_and_once() -> None:
    stable = emission().codings("sins", "stable")
    assert [(each.system, each.code, each.display) for each in stable] == [(OUTCOME_SYSTEM, "sins-stable", "Stable (SINS 0-6)")]
    assert [each.system for each in emission().codings("escc", "grade-2")] == [OUTCOME_SYSTEM, OIFM, SNOMED, RADLEX]


def test_a_level_has_its_external_codes_and_ours() -> None:
    assert [(each.system, each.code) for each in emission().site("vertebral-level", "T12")] == [
        (SNOMED, "23215003"),
        (RADLEX, "RID29209"),
        (FINDING_SYSTEM, "T12"),
    ]


def test_a_level_that_no_terminology_codes_still_has_ours() -> None:
    assert [(each.system, each.code) for each in emission().site("vertebral-level", "C0")] == [(FINDING_SYSTEM, "C0")]


def test_words_of_every_instrument_serve_each_of_them() -> None:
    assert emission().display("sins", "conflicting-input") == "Conflicting input"


def test_what_has_no_words_is_named_by_its_code() -> None:
    assert emission().display("sins", "unheard-of") == "unheard-of"
    assert emission().word("unheard-of") == "unheard-of"
    assert emission().title("unheard-of") == "unheard-of"


def test_the_open_code_belongs_to_its_question() -> None:
    assert emission().open_outcomes == {
        ("sins", "sins"): "category-open",
        ("escc", "grade"): "grade-set",
        ("escc", "band"): "band-undetermined",
    }
