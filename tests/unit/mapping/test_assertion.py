from dataclasses import replace

import pytest

from service.mapping import codes
from service.model.coded import Coding, Value
from service.model.finding import State
from tests.unit.mapping.items import (
    ABSENT,
    COLLAPSE,
    CORD_COMPRESSION,
    PRESENT,
    T12,
    coded,
    component,
    false,
    interpretation,
    item,
    local,
    member,
    number,
    only_finding,
    only_unmapped,
    radlex,
    refused,
    said,
    text,
    true,
    understood,
)

Said = list[tuple[str, State, str | None]]
COMPRESSED: Said = [("cord-compression", State.PRESENT, "present")]
NOT_COMPRESSED: Said = [("cord-compression", State.ABSENT, None)]
NOT_KNOWN: Said = [("cord-compression", State.NOT_ASSESSED, None)]
METASTASIS = Coding(codes.SNOMED, "94602001")
UNKNOWN_REASON = Coding(codes.ABSENT_REASON, "asked-declined")


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary"])
def test_a_finding_code_without_value_is_present(status: str) -> None:
    assert said(item(CORD_COMPRESSION, status=status)) == COMPRESSED


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_a_status_without_value_uses_nothing_and_says_so(status: str) -> None:
    assert refused(item(CORD_COMPRESSION, value=true(), status=status)) == [("excluded-status", None)]


def test_an_item_without_codes_whose_status_forbids_use_is_listed_once() -> None:
    assert only_unmapped(item(status="cancelled")).code is None


def test_absent_reason_is_not_assessed_and_never_absent() -> None:
    finding = only_finding(item(CORD_COMPRESSION, absent_reason=(UNKNOWN_REASON,)))
    assert (finding.state, finding.flags) == (State.NOT_ASSESSED, ())


def test_a_boolean_decides() -> None:
    assert said(item(CORD_COMPRESSION, value=true())) == COMPRESSED
    assert said(item(CORD_COMPRESSION, value=false())) == NOT_COMPRESSED


@pytest.mark.parametrize("code", ["2667000", "410516002", "410594000", "260415000", "260385009", "272519000", "260413007"])
def test_every_snomed_word_for_absent_is_absent(code: str) -> None:
    assert said(item(CORD_COMPRESSION, value=coded(Coding(codes.SNOMED, code)))) == NOT_COMPRESSED


@pytest.mark.parametrize("code", ["52101004", "410515003", "410605003", "260373001", "10828004"])
def test_every_snomed_word_for_present_is_present(code: str) -> None:
    assert said(item(CORD_COMPRESSION, value=coded(Coding(codes.SNOMED, code)))) == COMPRESSED


@pytest.mark.parametrize("code", ["82334004", "42425007", "419984006", "373068000", "415684004", "410592001", "410593006"])
def test_every_snomed_word_for_uncertain_is_not_assessed_and_flagged(code: str) -> None:
    finding = only_finding(item(CORD_COMPRESSION, value=coded(Coding(codes.SNOMED, code))))
    assert (finding.state, finding.flags) == (State.NOT_ASSESSED, ("uncertain-input",))


@pytest.mark.parametrize("code", ["261665006", "385660001", "385432009", "373121007"])
def test_every_snomed_word_for_unknown_is_not_assessed(code: str) -> None:
    finding = only_finding(item(CORD_COMPRESSION, value=coded(Coding(codes.SNOMED, code))))
    assert (finding.state, finding.flags) == (State.NOT_ASSESSED, ())


@pytest.mark.parametrize(
    ("code", "expected"), [(28472, COMPRESSED), (28473, NOT_COMPRESSED), (39110, NOT_KNOWN), (5655, NOT_KNOWN)]
)
def test_radlex_words_pair_with_the_snomed_ones(code: int, expected: Said) -> None:
    assert said(item(CORD_COMPRESSION, value=coded(radlex(code)))) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("NEG", NOT_COMPRESSED),
        ("ND", NOT_COMPRESSED),
        ("POS", COMPRESSED),
        ("DET", COMPRESSED),
        ("IND", NOT_KNOWN),
        ("E", NOT_KNOWN),
        ("A", COMPRESSED),
        ("N", NOT_KNOWN),
        ("H", COMPRESSED),
    ],
)
def test_an_interpretation_decides_where_there_is_no_value(code: str, expected: Said) -> None:
    assert said(item(CORD_COMPRESSION, interpretation=(interpretation(code),))) == expected


@pytest.mark.parametrize("unknown", [Coding(None, "N"), Coding("http://hospital.example", "NORM")])
def test_an_interpretation_that_is_not_understood_says_nothing_and_is_listed(unknown: Coding) -> None:
    translation = understood(item(CORD_COMPRESSION, interpretation=(unknown,)))
    assert [(each.finding, each.state) for each in translation.findings] == [("cord-compression", State.PRESENT)]
    assert [(each.code, each.path, each.reason) for each in translation.unmapped] == [
        (unknown.code, "Observation-1.interpretation", "unknown-system")
    ]


def test_a_word_of_another_system_is_an_interpretation_too() -> None:
    assert said(item(CORD_COMPRESSION, interpretation=(ABSENT,))) == NOT_COMPRESSED


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (true(), "NEG", COMPRESSED + NOT_COMPRESSED),
        (coded(ABSENT), "POS", NOT_COMPRESSED + COMPRESSED),
        (coded(PRESENT), "IND", COMPRESSED + NOT_KNOWN),
        (false(), "NEG", NOT_COMPRESSED),
        (true(), "A", COMPRESSED),
    ],
)
def test_value_and_interpretation_that_disagree_are_both_kept(value: Value, code: str, expected: Said) -> None:
    assert said(item(CORD_COMPRESSION, value=value, interpretation=(interpretation(code),))) == expected


def test_text_beside_a_code_is_evidence_only() -> None:
    assert said(item(CORD_COMPRESSION, code_text="No cord compression")) == COMPRESSED


def test_a_text_value_is_never_read() -> None:
    assert refused(item(CORD_COMPRESSION, value=text("present"))) == [("unknown-answer", "cord-compression")]
    assert refused(item(CORD_COMPRESSION, value=coded(text="present"))) == [("unknown-answer", "cord-compression")]


def test_a_size_beside_a_finding_code_says_that_it_is_there() -> None:
    assert said(item(METASTASIS, value=number("1.6", unit="cm"))) == [("spinal-metastasis", State.PRESENT, "present")]


def test_another_number_beside_a_finding_code_is_no_answer() -> None:
    assert refused(item(METASTASIS, value=number("3", unit="%"))) == [("unknown-answer", "spinal-metastasis")]


def test_an_unknown_answer_is_listed_with_its_code_and_finding() -> None:
    unmapped = only_unmapped(
        item(CORD_COMPRESSION, value=coded(Coding("http://hospital.example", "x1", "yes?")), name="Observation/7")
    )
    assert (unmapped.system, unmapped.code, unmapped.display) == ("http://hospital.example", "x1", "yes?")
    assert (unmapped.reason, unmapped.finding, unmapped.path) == ("unknown-answer", "cord-compression", "Observation-7")


def test_a_finding_code_may_be_answered_in_the_words_of_its_finding() -> None:
    assert said(item(COLLAPSE, value=coded(local("over-50")))) == [("vertebral-collapse", State.PRESENT, "over-50")]
    both = said(item(COLLAPSE, value=coded(local("over-50"), ABSENT)))
    assert both == [("vertebral-collapse", State.PRESENT, "over-50"), ("vertebral-collapse", State.ABSENT, "some")]


def test_a_denied_exact_code_denies_its_value() -> None:
    lytic = radlex(45729)
    assert said(item(lytic, value=false(), sites=(T12,))) == [("bone-lesion", State.ABSENT, "lytic")]
    assert said(item(COLLAPSE, value=false())) == [("vertebral-collapse", State.ABSENT, "some")]


def test_d95_a_denied_broader_code_denies_the_finding() -> None:
    fracture = Coding(codes.SNOMED, "268029009")
    assert said(item(fracture, value=false(), sites=(T12,))) == [("pathologic-fracture", State.ABSENT, None)]


def test_d95_a_denied_narrower_code_says_nothing_about_the_finding() -> None:
    unmapped = only_unmapped(item(Coding(codes.SNOMED, "413428007"), value=false()))
    assert (unmapped.reason, unmapped.finding) == ("condition-not-met", "spinal-deformity")
    assert unmapped.why is not None


def test_a_code_that_says_absent_by_itself_turns_with_its_denial() -> None:
    non_expansile = radlex(45769)
    assert said(item(non_expansile)) == [("expansile", State.ABSENT, None)]
    assert said(item(non_expansile, value=false())) == [("expansile", State.PRESENT, "present")]
    assert said(item(non_expansile, value=coded(Coding(codes.SNOMED, "82334004")))) == [("expansile", State.NOT_ASSESSED, None)]


def test_one_code_may_mean_several_findings() -> None:
    fracture = Coding(codes.SNOMED, "866087009")
    assert said(item(fracture, sites=(T12,)), affiliate=True) == [
        ("reported-diagnosis", State.PRESENT, "metastatic-fracture"),
        ("pathologic-fracture", State.PRESENT, "present"),
        ("spinal-metastasis", State.PRESENT, "present"),
    ]


def test_what_several_codings_say_alike_is_said_once_by_the_best_match() -> None:
    finding = only_finding(item(radlex(28797), CORD_COMPRESSION))
    assert finding.code == "http://radlex.org|RID28797"


def test_an_unknown_coding_beside_a_known_one_is_not_listed() -> None:
    assert said(item(Coding("http://hospital.example", "cc"), CORD_COMPRESSION, Coding(None, "x"))) == COMPRESSED


def test_a_code_that_names_a_region_places_its_findings_there() -> None:
    translation = understood(item(Coding(codes.SNOMED, "698077007")))
    assert [(each.finding, each.place.regions) for each in translation.findings] == [
        ("spinal-region", ("thoracic",)),
        ("vertebral-fracture", ("thoracic",)),
    ]
    placed = understood(item(Coding(codes.SNOMED, "698077007"), sites=(T12,)))
    assert {each.place.regions for each in placed.findings} == {()}


def test_the_x_ray_word_in_a_code_is_the_modality_of_its_finding() -> None:
    assert only_finding(item(Coding(codes.SNOMED, "441684001"), sites=(T12,))).modality == ("x-ray",)


def test_a_code_whose_presence_is_asked_below_says_nothing_by_itself() -> None:
    fracture = item(Coding(codes.RADELEMENT, "RDES230"), members=1)
    asked = component(
        fracture, Coding(codes.RADELEMENT, "RDE1471", "presence"), value=coded(Coding(codes.RADELEMENT, "RDE1471.0", "absent"))
    )
    assert said(fracture, asked) == [("vertebral-fracture", State.ABSENT, "compression")]
    assert said(fracture, replace(asked, value=None, code=(radlex(5088),))) == [
        ("vertebral-fracture", State.PRESENT, "compression"),
        ("disc-height-loss", State.PRESENT, "present"),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, NOT_COMPRESSED),
        (text("absent"), NOT_COMPRESSED),
        (true(), NOT_COMPRESSED),
    ],
)
def test_a_component_that_is_a_word_for_absent_speaks_of_its_observation(value: Value | None, expected: Said) -> None:
    compression = item(CORD_COMPRESSION, members=1)
    assert said(compression, component(compression, radlex(28473), value=value)) == expected


def test_a_word_below_disagrees_with_the_value_above() -> None:
    compression = item(CORD_COMPRESSION, members=1, value=coded(PRESENT))
    assert said(compression, component(compression, radlex(28473))) == COMPRESSED + NOT_COMPRESSED


def test_a_component_code_that_says_both_is_no_word() -> None:
    compression = item(CORD_COMPRESSION, members=1, value=coded(PRESENT))
    translation = understood(compression, component(compression, radlex(28473), PRESENT))
    assert [each.state for each in translation.findings] == [State.PRESENT]
    assert [each.reason for each in translation.unmapped] == ["unknown-code", "unknown-code"]


def test_a_probability_below_is_no_word_for_uncertain() -> None:
    compression = item(CORD_COMPRESSION, members=1)
    probability = component(compression, radlex(33, "probably"), value=number("91"))
    translation = understood(compression, probability)
    assert [each.state for each in translation.findings] == [State.PRESENT]
    assert [each.reason for each in translation.unmapped] == ["unknown-code"]
    denied = understood(compression, component(compression, radlex(28473), value=false()))
    assert [each.state for each in denied.findings] == [State.PRESENT]


def test_the_order_of_two_codes_does_not_change_what_an_unknown_answer_leaves_open() -> None:
    rows = [
        understood(item(*order, value=coded(local("zz")))).unmapped
        for order in ((CORD_COMPRESSION, METASTASIS), (METASTASIS, CORD_COMPRESSION))
    ]
    assert [(row.code, row.finding) for row in rows[0]] == [("zz", "cord-compression")]
    assert rows[0] == rows[1]


def test_family_history_never_matches_the_patient() -> None:
    assert refused(item(Coding(codes.SNOMED, "429011007"))) == [("unknown-code", None)]


def test_a_neighbouring_member_does_not_speak_of_another_observation() -> None:
    group = item(Coding(codes.RADELEMENT, "RDES21"), members=2)
    first = member(group, CORD_COMPRESSION, name="Observation/2")
    second = member(group, radlex(28473), name="Observation/3")
    translation = understood(group, first, second)
    assert [each.state for each in translation.findings] == [State.PRESENT]
    assert [each.code for each in translation.unmapped] == ["RDES21"]


@pytest.mark.parametrize("word", [local("present"), PRESENT])
def test_present_affirms_the_special_case_that_a_code_names(word: Coding) -> None:
    paraplegia = Coding(codes.SNOMED, "60389000")
    assert said(item(paraplegia, value=coded(word))) == [("neurological-deficit", State.PRESENT, "severe-or-progressive")]


def test_a_less_specific_answer_affirms_the_special_case_too() -> None:
    compression = Coding(codes.SNOMED, "42942008")
    assert said(item(compression, value=coded(local("unspecified")))) == [("vertebral-fracture", State.PRESENT, "compression")]
