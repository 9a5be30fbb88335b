import pytest

from service.mapping import codes
from service.model.coded import Coding, Value
from service.model.finding import LEAST_SPECIFIC, State
from tests.unit.mapping.items import (
    ABSENT,
    COLLAPSE_QUESTION,
    PRESENT,
    T12,
    coded,
    component,
    false,
    interpretation,
    item,
    local,
    only_finding,
    only_unmapped,
    radlex,
    refused,
    said,
    true,
    understood,
)

Said = list[tuple[str, State, str | None]]
UNCERTAIN = Coding(codes.SNOMED, "82334004")
UNKNOWN = Coding(codes.SNOMED, "261665006")
QUALITY = Coding(codes.RADELEMENT, "RDE153", "Lesion quality")
COMPRESSED: Said = [("cord-compression", State.PRESENT, "present")]


def element(code: str, display: str | None) -> Coding:
    return Coding(codes.RADELEMENT, code, display)


def oifm(code: str, display: str | None = None) -> Coding:
    return Coding(codes.OIFM, code, display)


@pytest.mark.parametrize(
    ("suffix", "display", "value"),
    [
        (0, "none", "none"),
        (1, "less than 50 percent collapse", "under-50"),
        (2, "More than 50  percent collapse", "over-50"),
        (3, "no collapse with more 50 percent vertebral body involved", "no-collapse-over-50-involved"),
    ],
)
def test_a_radelement_answer_counts_beside_its_own_display(suffix: int, display: str, value: str) -> None:
    answer = coded(element(f"RDE155.{suffix}", display))
    assert said(item(COLLAPSE_QUESTION, value=answer)) == [("vertebral-collapse", State.PRESENT, value)]


@pytest.mark.parametrize("display", ["more than 50 percent collapse", "over half", None])
def test_a_radelement_answer_without_its_own_display_is_not_scored(display: str | None) -> None:
    assert refused(item(COLLAPSE_QUESTION, value=coded(element("RDE155.1", display)))) == [
        ("display-mismatch", "vertebral-collapse")
    ]


def test_a_radelement_answer_that_nobody_knows_is_an_unknown_answer() -> None:
    assert refused(item(COLLAPSE_QUESTION, value=coded(element("RDE155.9", "none")))) == [("unknown-answer", "vertebral-collapse")]


def test_an_excluded_answer_is_listed_with_our_reason() -> None:
    unmapped = only_unmapped(item(element("RDE1472", "vertebrae"), value=coded(element("RDE1472.7", "c8"))))
    assert (unmapped.reason, unmapped.why, unmapped.finding) == ("excluded", "no such vertebra", "vertebral-level")
    abnormal = only_unmapped(item(local("alignment"), value=coded(Coding(codes.SNOMED, "263654008", "Abnormal"))))
    assert (abnormal.reason, abnormal.finding) == ("excluded", "alignment")


def test_a_value_that_is_barred_for_one_question_stays_barred() -> None:
    kyphosis = Coding(codes.SNOMED, "414564002")
    assert refused(item(local("alignment"), value=coded(kyphosis))) == [("excluded", "alignment")]
    assert refused(item(local("bone-lesion"), value=coded(kyphosis))) == [("unknown-answer", "bone-lesion")]
    assert said(item(kyphosis, value=true())) == [("spinal-deformity", State.PRESENT, "present")]


def test_all_codings_of_an_answer_count_in_any_order() -> None:
    known, unknown = oifm("OIFMA_CDE_000153.2", "lytic"), Coding("http://hospital.example", "L")
    expected = [("bone-lesion", State.PRESENT, "lytic")]
    assert said(item(QUALITY, value=coded(known, unknown))) == expected
    assert said(item(QUALITY, value=coded(unknown, radlex(45729, "lytic"), known))) == expected


def test_a_display_mismatch_is_listed_even_beside_an_answer() -> None:
    translation = understood(item(QUALITY, value=coded(radlex(45729, "lytic"), radlex(45724, "lytic"))))
    assert [each.value for each in translation.findings] == ["lytic"]
    assert [(each.code, each.reason) for each in translation.unmapped] == [("RID45724", "display-mismatch")]


def test_the_best_match_wins_between_answers_of_a_single_valued_finding() -> None:
    exact, close = radlex(45729), Coding(codes.SNOMED, "26242008")
    assert said(item(QUALITY, value=coded(close, exact))) == [("bone-lesion", State.PRESENT, "lytic")]


def test_two_equal_matches_are_both_kept() -> None:
    assert said(item(QUALITY, value=coded(radlex(45729), radlex(45724)))) == [
        ("bone-lesion", State.PRESENT, "lytic"),
        ("bone-lesion", State.PRESENT, "blastic"),
    ]


def test_all_answers_of_a_multi_valued_finding_are_kept() -> None:
    answers = coded(local("T11"), local("T12"))
    assert said(item(local("vertebral-level"), value=answers)) == [
        ("vertebral-level", State.PRESENT, "T11"),
        ("vertebral-level", State.PRESENT, "T12"),
    ]


def test_a_less_specific_value_never_beats_a_specific_one() -> None:
    some, over = Coding(codes.SNOMED, "84138006"), local("over-50")
    assert [value for *_, value in said(item(local("vertebral-collapse"), value=coded(over, some)))] == ["over-50", "some"]
    osteoporotic = Coding(codes.SNOMED, "240198002")
    assert [value for *_, value in said(item(local("vertebral-collapse"), value=coded(osteoporotic, over)))] == ["over-50", "some"]


@pytest.mark.parametrize("level", ["T12", "Th12", "D12"])
def test_thoracic_levels_are_read_in_every_spelling_of_ours(level: str) -> None:
    assert said(item(element("RDE151", "Spinal level"), value=coded(local(level)))) == [("vertebral-level", State.PRESENT, "T12")]


def test_a_level_may_be_answered_with_the_code_of_a_vertebra() -> None:
    assert said(item(local("vertebral-level"), value=coded(T12))) == [("vertebral-level", State.PRESENT, "T12")]
    assert said(item(local("disc-level"), value=coded(local("Th12-L1")))) == [("disc-level", State.PRESENT, "T12-L1")]


@pytest.mark.parametrize("answer", [coded(PRESENT), coded(ABSENT), true(), false()])
def test_present_and_absent_are_no_level(answer: Value) -> None:
    assert refused(item(local("vertebral-level"), value=answer)) == [("unknown-answer", "vertebral-level")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (true(), COMPRESSED),
        (false(), [("cord-compression", State.ABSENT, None)]),
        (coded(local("present")), COMPRESSED),
        (coded(local("absent")), [("cord-compression", State.ABSENT, None)]),
        (coded(local("uncertain")), [("cord-compression", State.NOT_ASSESSED, None)]),
        (coded(local("not-assessed")), [("cord-compression", State.NOT_ASSESSED, None)]),
    ],
)
def test_a_yes_no_question_of_ours_takes_every_form_of_answer(value: Value, expected: Said) -> None:
    assert said(item(local("cord-compression"), value=value)) == expected


def test_a_question_of_ours_without_value_is_incomplete() -> None:
    unmapped = only_unmapped(item(local("cord-compression", "cord compression")))
    assert (unmapped.reason, unmapped.finding, unmapped.why) == ("unknown-answer", "cord-compression", "no value")
    assert refused(item(Coding(codes.SNOMED, "71286001"), local("cord-compression"))) == [("unknown-answer", "cord-compression")]


def test_an_interpretation_answers_a_question_without_value() -> None:
    assert said(item(local("cord-compression"), interpretation=(interpretation("POS"),))) == COMPRESSED
    assert refused(item(local("cord-compression"), interpretation=(interpretation("A"),))) == [
        ("unknown-answer", "cord-compression")
    ]


def test_a_question_with_members_is_only_their_heading() -> None:
    heading = item(local("vertebral-collapse"), members=1)
    assert said(heading, component(heading, local("cord-compression"), value=true())) == COMPRESSED


def test_absent_reason_leaves_a_question_not_assessed() -> None:
    finding = only_finding(item(COLLAPSE_QUESTION, absent_reason=(Coding(codes.ABSENT_REASON, "not-performed"),)))
    assert (finding.finding, finding.state, finding.flags) == ("vertebral-collapse", State.NOT_ASSESSED, ())
    as_value = only_finding(item(COLLAPSE_QUESTION, value=coded(Coding(codes.ABSENT_REASON, "masked"))))
    assert as_value.state is State.NOT_ASSESSED


@pytest.mark.parametrize(("finding", "least"), LEAST_SPECIFIC.items())
def test_d92_present_answers_a_question_with_its_least_specific_value(finding: str, least: str) -> None:
    assert said(item(local(finding), value=coded(PRESENT))) == [(finding, State.PRESENT, least)]
    assert said(item(local(finding), value=true())) == [(finding, State.PRESENT, least)]


@pytest.mark.parametrize("finding", ["alignment", "bone-lesion", "escc-grade"])
@pytest.mark.parametrize("answer", [coded(PRESENT), coded(ABSENT), true(), false()])
def test_present_or_absent_is_incomplete_where_it_has_no_meaning(finding: str, answer: Value) -> None:
    unmapped = only_unmapped(item(local(finding), value=answer))
    assert (unmapped.reason, unmapped.finding) == ("unknown-answer", finding)
    assert unmapped.why is not None


def test_absent_denies_a_finding_whose_denial_has_a_meaning() -> None:
    assert said(item(COLLAPSE_QUESTION, value=coded(ABSENT))) == [("vertebral-collapse", State.ABSENT, None)]
    assert said(item(local("spinal-pain"), value=false())) == [("spinal-pain", State.ABSENT, None)]


@pytest.mark.parametrize(("answer", "flags"), [(UNCERTAIN, ("uncertain-input",)), (UNKNOWN, ())])
def test_uncertain_and_unknown_answers_are_not_assessed(answer: Coding, flags: tuple[str, ...]) -> None:
    finding = only_finding(item(COLLAPSE_QUESTION, value=coded(answer)))
    assert (finding.state, finding.flags) == (State.NOT_ASSESSED, flags)


def test_an_answer_row_that_is_indeterminate_belongs_to_its_question() -> None:
    finding = only_finding(item(QUALITY, value=coded(element("RDE153.3", "indeterminate"))))
    assert (finding.state, finding.value, finding.flags) == (State.NOT_ASSESSED, None, ("uncertain-input",))


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        (0, [("bone-lesion", State.ABSENT, "lytic")]),
        (1, [("bone-lesion", State.PRESENT, "lytic")]),
        (2, [("bone-lesion", State.NOT_ASSESSED, None)]),
        (3, [("bone-lesion", State.NOT_ASSESSED, None)]),
    ],
)
def test_presence_elements_of_the_finding_model_derive_their_suffixes(suffix: int, expected: Said) -> None:
    assert said(item(oifm("OIFMA_GMTS_276351", "presence"), value=coded(oifm(f"OIFMA_GMTS_276351.{suffix}")))) == expected


def test_a_presence_suffix_answers_its_own_question_only() -> None:
    assert refused(item(oifm("OIFMA_GMTS_757734"), value=coded(oifm("OIFMA_GMTS_276351.1")))) == [
        ("unknown-answer", "t1-hypointensity-pattern")
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (true(), [("vertebral-fracture", State.PRESENT, "compression")]),
        (false(), [("vertebral-fracture", State.ABSENT, "compression")]),
        (coded(PRESENT), [("vertebral-fracture", State.PRESENT, "compression")]),
        (coded(element("RDE1471.0", "absent")), [("vertebral-fracture", State.ABSENT, "compression")]),
        (coded(element("RDE1471.1", "present")), [("vertebral-fracture", State.PRESENT, "compression")]),
        (coded(local("unspecified")), [("vertebral-fracture", State.PRESENT, "unspecified")]),
    ],
)
def test_a_yes_no_question_with_a_value_asks_for_that_value(value: Value, expected: Said) -> None:
    assert said(item(element("RDE1471", "presence"), value=value)) == expected


def test_d95_a_denied_narrower_question_says_nothing() -> None:
    collapsed = oifm("OIFMA_GMTS_361854", "presence")
    assert refused(item(collapsed, value=false())) == [("condition-not-met", "vertebral-collapse")]
    assert said(item(collapsed, value=true())) == [("vertebral-collapse", State.PRESENT, "some")]


def test_one_question_may_ask_two_findings() -> None:
    enhancing = oifm("OIFMA_GMTS_155204", "presence")
    assert [finding for finding, *_ in said(item(enhancing, value=coded(oifm("OIFMA_GMTS_155204.1"))))] == [
        "enhancement",
        "intramedullary-lesion",
    ]


@pytest.mark.parametrize(
    ("question", "value", "code", "expected"),
    [
        ("vertebral-collapse", "over-50", "NEG", [(State.PRESENT, "over-50"), (State.ABSENT, None)]),
        ("vertebral-collapse", "over-50", "POS", [(State.PRESENT, "over-50")]),
        ("vertebral-collapse", "none", "NEG", [(State.PRESENT, "none")]),
        ("vertebral-collapse", "none", "POS", [(State.PRESENT, "none"), (State.PRESENT, "some")]),
        ("vertebral-collapse", "no-collapse-over-50-involved", "NEG", [(State.PRESENT, "no-collapse-over-50-involved")]),
        ("bone-lesion", "lytic", "NEG", [(State.PRESENT, "lytic"), (State.ABSENT, "lytic")]),
        ("alignment", "normal", "POS", [(State.PRESENT, "normal"), (State.NOT_ASSESSED, None)]),
        ("bone-lesion", "lytic", "E", [(State.PRESENT, "lytic"), (State.NOT_ASSESSED, None)]),
        ("vertebral-level", "T12", "NEG", [(State.PRESENT, "T12"), (State.NOT_ASSESSED, None)]),
    ],
)
def test_answer_and_interpretation_that_disagree_are_both_kept(
    question: str, value: str, code: str, expected: list[tuple[State, str | None]]
) -> None:
    found = said(item(local(question), value=coded(local(value)), interpretation=(interpretation(code),)))
    assert [(state, stated) for _, state, stated in found] == expected


def test_an_answer_and_a_word_for_absent_in_one_value_are_both_kept() -> None:
    found = said(item(COLLAPSE_QUESTION, value=coded(local("over-50"), ABSENT)))
    assert [(state, value) for _, state, value in found] == [(State.PRESENT, "over-50"), (State.ABSENT, None)]


def test_two_words_that_agree_are_said_once() -> None:
    assert (
        said(item(local("cord-compression"), value=coded(PRESENT, radlex(28472)), interpretation=(interpretation("POS"),)))
        == COMPRESSED
    )
    beside = item(local("cord-compression"), value=coded(UNKNOWN), interpretation=(interpretation("IND"), interpretation("E")))
    assert said(beside) == [("cord-compression", State.NOT_ASSESSED, None)]


@pytest.mark.parametrize(
    ("sequence", "signal"),
    [(10794, "t1-signal"), (10795, "t2-signal"), (10796, "t2-star-signal"), (28699, "stir-signal")],
)
@pytest.mark.parametrize(("word", "value"), [(radlex(35804), "hypo"), (local("iso"), "iso"), (radlex(35805), "hyper")])
def test_d38_a_signal_word_goes_to_the_finding_of_its_sequence(sequence: int, signal: str, word: Coding, value: str) -> None:
    assert said(item(radlex(sequence), value=coded(word))) == [(signal, State.PRESENT, value)]


def test_d38_a_sequence_without_a_word_is_only_a_sequence_and_a_word_without_sequence_is_no_finding() -> None:
    assert said(item(radlex(10794))) == [("mr-sequence", State.PRESENT, "t1")]
    assert refused(item(radlex(35804))) == [("unknown-code", None)]


def test_a_code_that_asks_and_asserts_is_present_without_value() -> None:
    assert said(item(radlex(34300, "enhancement"))) == [("enhancement", State.PRESENT, "present")]
    assert said(item(radlex(34300, "enhancement"), value=false())) == [("enhancement", State.ABSENT, None)]


def test_an_answer_that_needs_a_site_is_not_used_without_one() -> None:
    lymphoma = radlex(3840)
    diagnosis = local("reported-diagnosis")
    assert refused(item(diagnosis, value=coded(lymphoma))) == [("condition-not-met", "reported-diagnosis")]
    assert said(item(diagnosis, value=coded(lymphoma), sites=(T12,))) == [("reported-diagnosis", State.PRESENT, "lymphoma")]


def test_a_bare_word_answers_its_question_without_any_site() -> None:
    assert said(item(QUALITY, value=coded(radlex(45729)))) == [("bone-lesion", State.PRESENT, "lytic")]
