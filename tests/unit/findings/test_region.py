"""What is said of a whole region, or of a place not understood, beside lesions that have places of their own."""

import pytest

from service.model.coded import Severity
from service.model.finding import Finding, Place
from tests.unit.findings.statements import built, lesions, member, only, place, said, word, words

_T7 = said("bone-lesion", "lytic", "T7")
_T10 = said("bone-lesion", "lytic", "T10")
_L3 = said("bone-lesion", "blastic", "L3")
_THORACIC = place(regions=["thoracic"])


def _texts(*statements: Finding) -> list[str]:
    return [lesion.site.text for lesion in lesions(*statements)]


@pytest.mark.parametrize(
    ("finding", "told", "known"),
    [
        ("alignment", "normal", "normal"),
        ("vertebral-collapse", "none", "none"),
        ("cord-compression", "absent", "absent"),
        ("alignment", "not de-novo-deformity", "?"),
        ("epidural-involvement", "?", "?"),
    ],
)
def test_what_is_nowhere_in_a_region_is_at_none_of_its_vertebrae_and_makes_no_lesion(finding: str, told: str, known: str) -> None:
    found = lesions(_T7, said(finding, told, _THORACIC), _L3)
    assert [lesion.site.text for lesion in found] == ["T7", "L3"]
    assert word(found[0].findings[finding]) == known
    assert finding not in found[1].findings


def test_it_holds_for_every_lesion_of_the_region() -> None:
    assert [words(lesion)["alignment"] for lesion in lesions(_T7, said("alignment", "normal", _THORACIC), _T10)] == ["normal"] * 2


def test_a_region_is_no_place_of_the_lesions_within_it() -> None:
    stated = said("alignment", "normal", _THORACIC)
    lesion = only(_T7, stated)
    assert "spinal-region" not in lesion.findings
    assert lesion.findings["alignment"].sources[0].source == stated.source


def test_a_denied_region_and_a_stated_level_are_a_conflict() -> None:
    lesion = only(said("cord-compression", "present", "T7"), said("cord-compression", "absent", _THORACIC))
    assert word(lesion.findings["cord-compression"]) == {"present", "absent"}


@pytest.mark.parametrize("region", ["spine", "whole-spine"])
def test_the_spine_as_a_whole_holds_every_lesion(region: str) -> None:
    unplaced = said("bone-lesion", "mixed", place(identities=["tracking:a"]))
    found = lesions(_T7, _L3, unplaced, said("cord-compression", "absent", place(regions=[region])))
    assert [word(lesion.findings["cord-compression"]) for lesion in found] == ["absent"] * 3


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        (place("T12"), True),
        (place("T12", "L1"), False),
        (place(discs=["T11-T12"]), True),
        (place(discs=["T12-L1"]), False),
        (place(identities=["tracking:a"]), False),
    ],
)
def test_a_lesion_must_lie_wholly_within_the_region(where: Place, holds: bool) -> None:
    found = only(said("bone-lesion", "lytic", where), said("cord-compression", "absent", _THORACIC))
    assert ("cord-compression" in found.findings) is holds


def test_it_holds_for_a_lesion_of_the_same_region_or_of_a_part_of_it() -> None:
    whole = place(regions=["thoracolumbar"])
    assert words(only(said("bone-lesion", "lytic", _THORACIC), said("alignment", "normal", _THORACIC)))["alignment"] == "normal"
    assert words(only(said("bone-lesion", "lytic", _THORACIC), said("alignment", "normal", whole)))["alignment"] == "normal"


def test_a_region_without_a_lesion_is_said_and_makes_none() -> None:
    stated = said("alignment", "normal", place(regions=["cervical"]))
    found = built(_T7, stated)
    assert [lesion.site.text for lesion in found.case.lesions] == ["T7"]
    (issue,) = found.issues
    assert (issue.severity, issue.path) == (Severity.INFORMATION, stated.source.path)
    assert issue.text == "alignment is said of the cervical spine as a whole, where the report states no lesion."


def test_where_nothing_else_is_stated_the_region_is_the_lesion() -> None:
    assert _texts(said("alignment", "normal", _THORACIC), said("cord-compression", "absent", _THORACIC)) == ["thoracic spine"]


def test_a_denial_without_any_place_belongs_to_the_region_where_nothing_else_is_stated() -> None:
    lesion = only(said("cord-compression", "absent"), said("alignment", "normal", _THORACIC))
    assert lesion.site.text == "thoracic spine"
    assert {"cord-compression", "alignment"} <= set(lesion.findings)


def test_what_is_there_in_a_region_keeps_a_lesion_of_its_own_and_that_is_said() -> None:
    stated = said("vertebral-collapse", "over-50", _THORACIC)
    found = built(_T7, stated, _L3)
    assert [lesion.site.text for lesion in found.case.lesions] == ["thoracic spine", "T7", "L3"]
    assert "vertebral-collapse" not in found.case.lesions[1].findings
    (issue,) = found.issues
    assert (issue.severity, issue.path) == (Severity.INFORMATION, stated.source.path)
    assert issue.text == "vertebral-collapse is said of the thoracic spine and may be of T7: it is kept apart."


def test_a_refused_value_of_a_region_is_none_of_its_vertebrae() -> None:
    refused = said("vertebral-collapse-percent", "?", _THORACIC, flags=["invalid-input"])
    assert _texts(_T7, refused) == ["thoracic spine", "T7"]


def test_a_group_of_a_region_that_says_what_is_there_is_a_lesion_with_all_it_says() -> None:
    where = place(regions=["thoracic"], own=False)
    group = [member("Observation/g", *told, where) for told in (("bone-lesion", "lytic"), ("alignment", "normal"))]
    found = lesions(*group, _T7)
    assert [lesion.site.text for lesion in found] == ["thoracic spine", "T7"]
    assert "alignment" not in found[1].findings


def test_a_group_that_answers_the_region_and_denies_holds_everywhere_in_it() -> None:
    group = [member("Observation/g", *told) for told in (("spinal-region", "thoracic"), ("cord-compression", "absent"))]
    assert words(only(_T7, *group))["cord-compression"] == "absent"


def test_what_a_panel_of_a_region_denies_holds_for_the_lesions_in_it() -> None:
    loose = member("Observation/r", "cord-compression", "absent", place(regions=["thoracic"], own=False))
    found = lesions(member("Observation/r", "bone-lesion", "lytic", place("T4")), loose, _T10, _L3)
    assert ["cord-compression" in lesion.findings for lesion in found] == [True, True, False]


def test_the_source_of_a_lesion_is_what_makes_it() -> None:
    assert only(said("alignment", "normal", _THORACIC), _T7).source == _T7.source.reference


def test_lesions_at_one_place_keep_their_order_beside_what_holds_for_both() -> None:
    one, two = (said("bone-lesion", told, place("T7", identities=[f"tracking:{told}"])) for told in ("lytic", "blastic"))
    found = lesions(said("alignment", "normal", _THORACIC), two, one)
    assert [words(lesion)["bone-lesion"] for lesion in found] == ["blastic", "lytic"]


def test_a_denial_at_a_place_that_is_not_understood_is_said_and_makes_no_lesion() -> None:
    stated = said("alignment", "normal", place(identities=["site:urn:x|LWS"]))
    found = built(_T7, stated)
    assert [lesion.site.text for lesion in found.case.lesions] == ["T7"]
    assert [(issue.severity, issue.path) for issue in found.issues] == [(Severity.INFORMATION, stated.source.path)]
    assert "a place that is not understood" in found.issues[0].text


def test_a_finding_at_a_place_that_is_not_understood_is_a_lesion() -> None:
    nowhere = place(identities=["site:urn:x|LWS"])
    found = lesions(_T7, said("bone-lesion", "lytic", nowhere), said("alignment", "normal", nowhere))
    assert [lesion.site.text for lesion in found] == ["T7", "site not stated"]
    assert words(found[1])["alignment"] == "normal"


def test_nothing_but_denials_at_a_place_that_is_not_understood_are_one_lesion() -> None:
    nowhere = place(identities=["site:urn:x|LWS"])
    lesion = only(said("cord-compression", "absent", nowhere), said("alignment", "normal", nowhere))
    assert {"cord-compression", "alignment"} <= set(lesion.findings)
