import pytest

from service.mapping import codes
from service.model.coded import Coding
from service.model.finding import State
from tests.unit.mapping.items import COLLAPSE, coded, item, local, only_unmapped, radlex, refused, said, understood


@pytest.mark.parametrize(
    "display",
    [
        None,
        "Spinal cord compression",
        "spinal  cord COMPRESSION (disorder)",
        "cord compression",
        "Rückenmarkskompression",
        "SCC",
    ],
)
def test_own_terms_other_languages_and_vendor_wording_are_accepted(display: str | None) -> None:
    assert said(item(Coding(codes.SNOMED, "71286001", display))) == [("cord-compression", State.PRESENT, "present")]


@pytest.mark.parametrize("display", ["Collapse of vertebra", "Cauda equina syndrome (disorder)", "Pain", "fracture"])
def test_a_term_of_another_concept_is_not_scored(display: str) -> None:
    unmapped = only_unmapped(item(Coding(codes.SNOMED, "71286001", display)))
    assert (unmapped.reason, unmapped.code, unmapped.display) == ("display-mismatch", "71286001", display)


def test_the_term_of_another_system_for_the_same_meaning_is_no_mismatch() -> None:
    assert said(item(Coding(codes.SNOMED, "84138006", "vertebral collapse"))) == [("vertebral-collapse", State.PRESENT, "some")]
    assert said(item(local("cord-compression", "Spinal cord compression"), value=coded(local("present", "yes")))) == [
        ("cord-compression", State.PRESENT, "present")
    ]


def test_the_term_of_another_value_is_a_mismatch() -> None:
    answer = radlex(45724, "lytic")
    assert refused(item(local("bone-lesion"), value=coded(answer))) == [("display-mismatch", "bone-lesion")]
    assert refused(item(local("bone-lesion", "alignment"), value=coded(local("lytic")))) == [("display-mismatch", None)]


def test_a_mismatch_is_listed_beside_a_coding_that_is_used() -> None:
    translation = understood(item(Coding(codes.SNOMED, "71286001", "Backache"), COLLAPSE))
    assert [each.finding for each in translation.findings] == ["vertebral-collapse"]
    assert [(each.code, each.reason) for each in translation.unmapped] == [("71286001", "display-mismatch")]


def test_an_excluded_code_is_excluded_whatever_its_display_says() -> None:
    assert only_unmapped(item(Coding(codes.SNOMED, "274152003", "subluxation"))).reason == "excluded"


def test_a_wrong_display_of_a_presence_word_is_not_read() -> None:
    compression = Coding(codes.SNOMED, "71286001")
    assert refused(item(compression, value=coded(radlex(28473, "present")))) == [("display-mismatch", "cord-compression")]
    assert said(item(compression, value=coded(radlex(28473, "Pulmonary nodule diameter")))) == [
        ("cord-compression", State.ABSENT, None)
    ]
