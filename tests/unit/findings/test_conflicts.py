"""Statements of one finding: agreement, less specific words, denials and conflicts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.findings.conflicts import ABSENT, combine, d52_density, d93_more_specific, d94_denied, d96_is_conflict, merge, tokens
from service.model.coded import Interval
from service.model.finding import Finding, State
from service.model.lesion import Known
from tests.unit.findings.statements import said, vocabulary, word


def _merged(finding: str, *told: str | float | Interval | None) -> Known:
    return merge(vocabulary()[finding], [said(finding, each) for each in told])


@pytest.mark.parametrize(
    ("finding", "told", "known"),
    [
        ("bone-lesion", ("lytic",), "lytic"),
        ("bone-lesion", ("lytic", "lytic"), "lytic"),
        ("alignment", ("normal", "de-novo-deformity"), {"normal", "de-novo-deformity"}),
        ("expansile", ("present",), "present"),
        ("expansile", ("absent",), "absent"),
        ("expansile", ("not present",), "absent"),
        ("expansile", ("present", "absent"), {"present", "absent"}),
        ("expansile", ("?",), "?"),
        ("expansile", ("?", "absent"), "absent"),
        ("expansile", (None,), "present"),
        ("primary-cancer", ("lung", "breast"), ("breast", "lung")),
        ("clinical-suspicion", ("infection", "absent"), {"infection", "absent"}),
        ("clinical-suspicion", ("infection", "not infection"), {"infection"}),
        ("vertebral-collapse", ("some", "over-50"), "over-50"),
        ("vertebral-collapse", ("absent", "none"), "none"),
        ("vertebral-collapse", ("absent", "over-50"), {"over-50", "absent"}),
        ("vertebral-collapse", ("over-50", "none", "some"), {"over-50", "none"}),
        ("vertebral-collapse", ("not some",), "absent"),
        ("vertebral-collapse", ("some", "not some"), {"some", "absent"}),
        ("vertebral-collapse", ("not over-50", "under-50"), "under-50"),
        ("collection-enhancement", ("not peripheral", "diffuse"), "diffuse"),
        ("alignment", ("absent",), "?"),
        ("alignment", (None,), "?"),
        ("vertebral-collapse-percent", (40,), Decimal(40)),
        ("vertebral-collapse-percent", ("absent",), "?"),
        ("vertebral-collapse-percent", (40, 60), (Decimal(40), Decimal(60))),
        ("vertebral-collapse-percent", (Interval(low=Decimal(50), high=None, low_open=True), 60), Decimal(60)),
    ],
)
def test_what_statements_say_together(finding: str, told: tuple[str | float | Interval | None, ...], known: object) -> None:
    assert word(_merged(finding, *told)) == known


def test_a_single_denial_leaves_the_finding_open_without_that_value() -> None:
    known = _merged("vertebral-collapse", "not over-50")
    assert known.state is State.NOT_ASSESSED
    assert known.denied == ("over-50",)


def test_the_denial_of_a_word_denies_its_special_cases() -> None:
    assert _merged("collection-enhancement", "not peripheral").denied == ("peripheral", "peripheral-necrotic-core")


def test_a_value_that_another_denies_leaves_every_value_possible() -> None:
    known = _merged("vertebral-collapse", "over-50", "not over-50")
    assert known.state is State.CONFLICT
    assert known.values == (*vocabulary()["vertebral-collapse"].values, "absent")
    assert _merged("alignment", "normal", "not normal").values == vocabulary()["alignment"].values


def test_values_of_a_conflict_stand_in_the_order_of_the_vocabulary() -> None:
    assert _merged("posterolateral-involvement", "none", "bilateral", "absent").values == ("bilateral", "none")
    assert _merged("posterolateral-involvement", "absent", "unilateral").values == ("unilateral", "absent")


def test_disagreeing_numbers_keep_their_hull_and_say_so() -> None:
    known = _merged("vertebral-collapse-percent", 40, 60)
    assert known.state is State.CONFLICT
    assert known.flags == ("conflicting-input",)


def test_a_conflict_is_flagged_and_keeps_every_source() -> None:
    known = _merged("expansile", "present", "absent")
    assert known.flags == ("conflicting-input",)
    assert len(known.sources) == 2


def test_an_uncertain_statement_stays_visible_and_overrides_nothing() -> None:
    known = _merged("expansile", "present", "?")
    assert word(known) == "present"
    assert known.flags == ("uncertain-input",)
    assert len(known.sources) == 1


def test_a_denied_least_specific_word_says_which_rule_read_it() -> None:
    assert _merged("vertebral-collapse", "not some").derived_by == "D94"
    assert _merged("vertebral-collapse", "absent").derived_by is None


def _density(*read: tuple[str, str | None, str, tuple[str, ...]]) -> Known:
    statements = [
        said("bone-lesion", value, observer=observer, study=study, modality=modality) for value, observer, study, modality in read
    ]
    return merge(vocabulary()["bone-lesion"], statements)


@pytest.mark.parametrize(
    ("read", "known", "rule"),
    [
        ((("lytic", "a", "s", ()), ("blastic", "a", "s", ())), "mixed", "D52"),
        ((("lytic", None, "s", ()), ("blastic", None, "s", ())), "mixed", "D52"),
        ((("lytic", "a", "s", ()), ("blastic", "b", "s", ())), {"lytic", "mixed", "blastic"}, None),
        ((("lytic", "a", "s", ()), ("blastic", None, "s", ())), {"lytic", "mixed", "blastic"}, None),
        ((("lytic", "a", "s", ()), ("blastic", "a", "t", ())), {"lytic", "mixed", "blastic"}, None),
        ((("lytic", "a", "s", ()), ("mixed", "b", "s", ())), {"lytic", "mixed"}, None),
        ((("lytic", "a", "s", ("x-ray",)), ("blastic", "a", "s", ("ct",))), "blastic", None),
        ((("lytic", "a", "s", ("x-ray",)), ("blastic", "a", "t", ("mri",))), {"lytic", "mixed", "blastic"}, None),
        ((("lytic", "a", "s", ("x-ray",)),), "lytic", None),
    ],
)
def test_lytic_and_blastic_are_mixed_by_one_reader_and_a_conflict_by_two(
    read: tuple[tuple[str, str | None, str, tuple[str, ...]], ...], known: object, rule: str | None
) -> None:
    found = _density(*read)
    assert word(found) == known
    assert found.derived_by == rule


def test_the_x_ray_that_ct_overrules_is_no_source() -> None:
    kept, values, _ = d52_density(
        [said("bone-lesion", "lytic", modality=("x-ray",)), said("bone-lesion", "blastic", modality=("dual-energy-ct",))]
    )
    assert values == {"blastic"}
    assert [each.value for each in kept] == ["blastic"]


def test_the_denial_of_one_density_is_no_reading() -> None:
    known = _merged("bone-lesion", "lytic", "not blastic")
    assert (word(known), known.denied) == ("lytic", ("blastic",))
    assert word(_merged("bone-lesion", "not blastic")) == "?"
    on_film = said("bone-lesion", "not blastic", modality=("x-ray",))
    on_ct = said("bone-lesion", "blastic", modality=("ct",))
    assert merge(vocabulary()["bone-lesion"], [on_film, on_ct]).denied == ()


@pytest.mark.parametrize(
    ("finding", "general", "specific"),
    [
        ("vertebral-collapse", "some", "over-50"),
        ("vertebral-collapse", "some", "under-50"),
        ("posterolateral-involvement", "at-least-unilateral", "unilateral"),
        ("posterolateral-involvement", "at-least-unilateral", "bilateral"),
        ("pedicle-destruction", "side-not-stated", "unilateral"),
        ("pedicle-destruction", "side-not-stated", "bilateral"),
        ("vertebral-fracture", "unspecified", "compression"),
        ("spinal-irradiation", "extent-not-stated", "whole-spine"),
        ("spinal-irradiation", "extent-not-stated", "partial"),
        ("neurological-deficit", "present", "severe-or-progressive"),
        ("cord-astrocytoma-grade", "grade-not-stated", "high"),
        ("cord-astrocytoma-grade", "grade-not-stated", "low"),
        ("lesion-treatment", "kind-not-stated", "ablation"),
        ("collection-enhancement", "peripheral", "peripheral-necrotic-core"),
        ("cord-oedema", "extent-not-stated", "extensive"),
    ],
)
def test_d93_a_less_specific_word_is_no_conflict(finding: str, general: str, specific: str) -> None:
    assert d93_more_specific(finding, {general, specific}) == {specific}
    assert word(_merged(finding, general, specific)) == specific


@pytest.mark.parametrize(
    ("finding", "value"),
    [
        ("vertebral-collapse", "some"),
        ("posterolateral-involvement", "at-least-unilateral"),
        ("pedicle-destruction", "side-not-stated"),
        ("vertebral-fracture", "unspecified"),
        ("spinal-irradiation", "extent-not-stated"),
        ("neurological-deficit", "present"),
        ("cord-astrocytoma-grade", "grade-not-stated"),
        ("lesion-treatment", "kind-not-stated"),
        ("cord-oedema", "extent-not-stated"),
    ],
)
def test_d94_denying_the_least_specific_word_denies_the_finding(finding: str, value: str) -> None:
    assert d94_denied(vocabulary()[finding], value) == {ABSENT}
    assert word(_merged(finding, f"not {value}")) == "absent"


def test_d96_two_values_conflict_unless_the_finding_takes_several() -> None:
    assert d96_is_conflict(vocabulary()["alignment"], {"normal", "de-novo-deformity"}, ())
    assert not d96_is_conflict(vocabulary()["primary-cancer"], {"lung", "breast"}, ())
    assert d96_is_conflict(vocabulary()["clinical-suspicion"], {"infection", ABSENT}, ())


_ANSWERS = st.sampled_from([*vocabulary()["vertebral-collapse"].values, "absent", "not over-50", "not some", "?"])


def _statements(told: list[str]) -> list[Finding]:
    return [said("vertebral-collapse", each) for each in told]


@given(st.lists(_ANSWERS, min_size=1, max_size=4))
def test_the_order_of_statements_does_not_matter(told: list[str]) -> None:
    definition = vocabulary()["vertebral-collapse"]
    forwards, backwards = merge(definition, _statements(told)), merge(definition, _statements(told[::-1]))
    assert (word(forwards), forwards.denied, forwards.flags) == (word(backwards), backwards.denied, backwards.flags)


@given(st.lists(_ANSWERS, min_size=1, max_size=3), st.lists(_ANSWERS, min_size=1, max_size=3))
def test_joining_two_halves_leaves_no_value_out_that_either_allows(first: list[str], second: list[str]) -> None:
    definition = vocabulary()["vertebral-collapse"]
    halves = merge(definition, _statements(first)), merge(definition, _statements(second))
    both = combine(definition, *halves)
    assert both.state is State.NOT_ASSESSED or tokens(both)
    assert d93_more_specific("vertebral-collapse", {*tokens(halves[0]), *tokens(halves[1])}) <= set(tokens(both))


@given(st.lists(_ANSWERS, min_size=1, max_size=4))
def test_unknown_is_never_absent(told: list[str]) -> None:
    definition = vocabulary()["vertebral-collapse"]
    without = [each for each in told if each != "?"]
    assert word(merge(definition, _statements(["?"]))) == "?"
    if without:
        assert word(merge(definition, _statements(told))) == word(merge(definition, _statements(without)))


def test_a_disagreement_of_numbers_outlives_what_is_joined_to_it() -> None:
    definition = vocabulary()["vertebral-collapse-percent"]
    both = combine(definition, _merged(definition.key, 40, 60), _merged(definition.key, 50))
    assert both.state is State.CONFLICT
    assert word(both) == (Decimal(40), Decimal(60))
