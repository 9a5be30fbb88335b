"""What a derived finding says of its sources, what it may replace, and what only the patient's data decide."""

from dataclasses import replace
from decimal import Decimal

import pytest

from service.model.finding import State
from tests.unit.findings.following import at, part
from tests.unit.findings.statements import built, reading, said, word


def test_a_derived_finding_names_its_rule_and_the_statements_behind_it() -> None:
    stated = at("pedicle-destruction", "bilateral")
    known = built(stated).case.lesions[0].findings["posterolateral-involvement"]
    assert (known.derived_by, known.sources) == ("D18", (stated,))
    chained = built(stated).case.lesions[0].findings["posterior-element-involvement"]
    assert chained.sources == (stated,)


def test_a_stated_value_is_not_replaced_by_a_derived_one() -> None:
    stated = at("posterolateral-involvement", "bilateral")
    known = built(stated, at("pedicle-destruction", "unilateral")).case.lesions[0].findings["posterolateral-involvement"]
    assert (known.derived_by, known.sources) == (None, (stated,))


def test_what_one_rule_draws_from_two_statements_that_disagree_is_a_conflict_in_either_order() -> None:
    dark, bright = at("t1-signal", "hypo"), at("t1-signal", "hyper")
    for first, second in ((dark, bright), (bright, dark)):
        known = built(first, second, at("signal-reference", "muscle")).case.lesions[0].findings["t1-vs-muscle"]
        assert (known.state, known.values, known.derived_by) == (State.CONFLICT, ("hyper", "hypo"), "D34")


def test_two_signals_beside_a_denied_one_are_the_same_in_either_order() -> None:
    dark, bright, muscle = at("t1-signal", "hypo"), at("t1-signal", "hyper"), at("signal-reference", "muscle")
    denied = replace(at("t1-vs-muscle", "hypo"), state=State.ABSENT)
    one, other = (
        built(*said, muscle, denied).case.lesions[0].findings["t1-vs-muscle"] for said in ((dark, bright), (bright, dark))
    )
    assert (one.state, one.values) == (other.state, other.values)
    assert {"hyper", "hypo"} <= set(one.values)


def test_a_denied_reference_tissue_is_no_reference() -> None:
    signal, muscle = at("t1-signal", "hypo"), at("signal-reference", "muscle")
    denied = replace(at("signal-reference", "disc"), state=State.ABSENT)
    assert "t1-vs-disc" not in built(signal, denied).case.lesions[0].findings
    assert built(signal, denied, muscle).case.lesions[0].findings["t1-vs-muscle"].value == "hypo"


def test_a_more_specific_derived_value_keeps_the_stated_ones_source() -> None:
    general, percent = at("vertebral-collapse", "some"), at("vertebral-collapse-percent", 60)
    known = built(general, percent).case.lesions[0].findings["vertebral-collapse"]
    assert (known.value, known.derived_by, known.sources) == ("over-50", "D05", (general, percent))


def test_half_the_height_is_flagged_also_when_some_collapse_is_stated() -> None:
    for told in ((), (at("vertebral-collapse", "some"),)):
        known = built(at("vertebral-collapse-percent", 50), *told).case.lesions[0].findings["vertebral-collapse"]
        assert (known.value, known.flags) == ("some", ("collapse-exactly-50",))


def test_what_follows_of_disagreement_says_that_its_input_is_disputed() -> None:
    known = built(at("vertebral-collapse-percent", 30), at("vertebral-collapse-percent", 40)).case.lesions[0].findings
    assert known["vertebral-collapse"].flags == ("conflicting-input",)


def test_what_follows_from_other_reports_alone_says_so() -> None:
    found = built(at("bone-lesion", "lytic"), at("pedicle-destruction", "bilateral", context=True)).case.lesions[0].findings
    assert found["posterolateral-involvement"].flags == ("from-other-report",)


def test_a_derived_value_answers_an_uncertain_statement_and_keeps_its_flag() -> None:
    found = built(at("cord-compression"), at("cord-abutment", "?")).case.lesions[0].findings["cord-abutment"]
    assert word(found) == "present"
    assert found.flags == ("uncertain-input",)


def test_a_value_that_was_denied_singly_and_follows_is_a_conflict() -> None:
    found = built(at("vertebral-collapse", "not over-50"), at("vertebral-collapse-percent", 60)).case.lesions[0]
    assert "over-50" in found.findings["vertebral-collapse"].values
    assert "conflicting-input" in found.findings["vertebral-collapse"].flags


def test_nothing_rests_on_a_statement_that_was_contradicted() -> None:
    told = (at("posterior-element-involvement", "absent"), at("pedicle-destruction", "unilateral"))
    found = built(*told).case.lesions[0].findings
    assert word(found["posterior-element-involvement"]) == {"present", "absent"}
    assert word(found["pedicle-destruction"]) == {"unilateral", "absent"}
    assert "posterolateral-involvement" not in found


def test_tumour_in_a_pedicle_contradicts_free_posterior_elements() -> None:
    found = built(part("bone-lesion", "lytic", "pedicle"), at("posterior-element-involvement", "absent")).case.lesions[0].findings
    assert word(found["posterior-element-involvement"]) == {"present", "absent"}
    assert word(found["posterolateral-involvement"]) == "at-least-unilateral"


def test_two_derived_values_that_contradict_each_other_are_a_conflict() -> None:
    told = (part("lesion-morphology", "mass", "epidural-space"), at("escc-grade", "0"))
    assert word(built(*told).case.lesions[0].findings["epidural-involvement"]) == {"present", "absent"}


def test_conflicting_words_and_numbers_all_stay() -> None:
    told = (at("vertebral-collapse", "some"), at("vertebral-collapse", "none"), at("vertebral-collapse-percent", 60))
    assert word(built(*told).case.lesions[0].findings["vertebral-collapse"]) == {"over-50", "none"}


def test_an_in_phase_signal_of_zero_is_refused() -> None:
    found = built(at("in-phase-signal", 0), at("opposed-phase-signal", 10)).case
    assert found.invalid == {("lesion-1", "opposed-phase-loss-percent")}
    stated = built(at("in-phase-signal", 0), at("opposed-phase-signal", 10), at("opposed-phase-loss-percent", 30)).case
    assert stated.invalid == frozenset()


@pytest.mark.parametrize(
    ("birth_date", "effective", "age"),
    [
        ("1960-02-03", "2026-01-10T10:00:00+01:00", Decimal(65)),
        ("1960-01-10", "2026-01-10", Decimal(66)),
        ("1960-01", "2026-01-10", (Decimal(65), Decimal(66))),
        ("1960", "2026-01-10", (Decimal(65), Decimal(66))),
        ("1960", "2026", (Decimal(65), Decimal(66))),
        ("1960-12", "2026-12", (Decimal(65), Decimal(66))),
        ("2026-01-10", "2026-01-10", Decimal(0)),
        ("1960-02-03", None, Decimal(65)),
        (None, "2026-01-10", None),
        ("2027-01-01", "2026-01-10", None),
        ("1800-01-01", "2026-01-10", None),
        ("about 1960", "2026-01-10", None),
        ("1960-13-45", "2026-01-10", None),
    ],
)
def test_d90_age_in_completed_years(birth_date: str | None, effective: str | None, age: object) -> None:
    patient = built(of=reading(birth_date=birth_date, effective=effective)).case.patient
    assert word(patient.get("age-at-lesion")) == age


def test_d90_no_age_without_a_report_date_and_a_stated_age_stands() -> None:
    assert "age-at-lesion" not in built(of=reading(birth_date="1960-02-03", effective=None, at=None)).case.patient
    stated = built(said("age-at-lesion", 11), of=reading(birth_date="1960-02-03")).case.patient["age-at-lesion"]
    assert (word(stated), stated.derived_by) == (Decimal(11), None)


@pytest.mark.parametrize(
    ("gender", "sex"), [("female", "female"), ("male", "male"), ("other", None), ("unknown", None), (None, None)]
)
def test_d91_sex_is_the_administrative_one(gender: str | None, sex: str | None) -> None:
    known = built(of=reading(gender=gender)).case.patient.get("sex")
    assert word(known) == sex
    assert known is None or known.derived_by == "D91"
