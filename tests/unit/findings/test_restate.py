"""Statements that mean something else beside their site, side or examination."""

import pytest

from service.model.coded import Severity
from service.model.finding import Finding
from tests.unit.findings.statements import built, component, member, only, place, said, word, words

_PEDICLE = "pedicle-destruction"
_ROW = "posterolateral-involvement"
_G = "Observation/g"


def _sided(finding: str, told: str, *sides: str, level: str = "T7") -> Finding:
    return said(finding, told, place(level, sides=sides))


@pytest.mark.parametrize(
    ("told", "known", "denied"),
    [
        ((_sided(_PEDICLE, "side-not-stated", "left"), _sided(_PEDICLE, "side-not-stated", "right")), "bilateral", ()),
        ((_sided(_PEDICLE, "unilateral", "left"), _sided(_PEDICLE, "unilateral", "right")), "bilateral", ()),
        ((_sided(_PEDICLE, "side-not-stated", "left"), _sided(_PEDICLE, "side-not-stated", "left")), "unilateral", ()),
        ((_sided(_PEDICLE, "side-not-stated", "bilateral"),), "bilateral", ()),
        ((_sided(_PEDICLE, "side-not-stated", "left"), _sided(_PEDICLE, "absent", "right")), "unilateral", ("bilateral",)),
        ((_sided(_PEDICLE, "absent", "left"),), "?", ("bilateral",)),
        ((_sided(_PEDICLE, "absent", "left"), _sided(_PEDICLE, "absent", "right")), "absent", ()),
        ((_sided(_PEDICLE, "bilateral", "left"),), "bilateral", ()),
        ((_sided(_PEDICLE, "?", "left"),), "?", ()),
        ((_sided(_PEDICLE, "not unilateral", "left"),), "?", ("unilateral",)),
        ((said(_PEDICLE, "side-not-stated", "T7"), _sided(_PEDICLE, "side-not-stated", "left")), "unilateral", ()),
    ],
)
def test_d19_sides_of_one_level_are_read_together(told: tuple[Finding, ...], known: object, denied: tuple[str, ...]) -> None:
    found = only(said("bone-lesion", "lytic", "T7"), *told).findings[_PEDICLE]
    assert (word(found), found.denied) == (known, denied)


def test_d19_sides_of_two_levels_are_not_both_sides_of_one() -> None:
    span = component(_G, 0, "bone-lesion", "lytic", place("T7", "T8"))
    lesion = only(span, _sided(_PEDICLE, "side-not-stated", "left"), _sided(_PEDICLE, "side-not-stated", "right", level="T8"))
    assert words(lesion)[_PEDICLE] == "unilateral"


def test_d19_one_side_of_the_sins_row_leaves_the_other_open() -> None:
    assert words(only(_sided(_ROW, "at-least-unilateral", "left")))[_ROW] == "at-least-unilateral"
    both = only(_sided(_ROW, "at-least-unilateral", "left"), _sided(_ROW, "unilateral", "right"))
    assert words(both)[_ROW] == "bilateral"


def test_d19_a_side_may_be_a_component_of_the_statement() -> None:
    where = place("T7")
    left = [
        component("Observation/l", 0, _PEDICLE, "side-not-stated", where),
        component("Observation/l", 1, "laterality", "left", where),
    ]
    right = [
        component("Observation/r", 0, _PEDICLE, "side-not-stated", where),
        component("Observation/r", 1, "laterality", "right", where),
    ]
    assert words(only(*left, *right))[_PEDICLE] == "bilateral"


def test_d19_a_side_may_be_a_member_of_the_statements_own_group() -> None:
    where = place("T7", own=False)
    told = [
        member(group, finding, answer, where)
        for group, side in (("Observation/l", "left"), ("Observation/r", "right"))
        for finding, answer in ((_PEDICLE, "side-not-stated"), ("laterality", side))
    ]
    assert words(only(*told[:2]))[_PEDICLE] == "unilateral"
    assert words(only(*told))[_PEDICLE] == "bilateral"


_BELOW = place("T7", own=False)


@pytest.mark.parametrize(
    "told",
    [
        (
            member(_G, _PEDICLE, "side-not-stated", _BELOW),
            member(_G, "laterality", "left", _BELOW),
            member(_G, "bone-lesion", "lytic", _BELOW),
        ),
        (member(_G, _PEDICLE, "side-not-stated", _BELOW), member(_G, "laterality", "left", place("T7"))),
        (member(_G, _PEDICLE, "side-not-stated", _BELOW), member(("Observation/h", _G), "laterality", "left", _BELOW)),
        (said(_PEDICLE, "side-not-stated", "T7"), said("laterality", "left", "T7")),
    ],
    ids=["the group says more", "a site of its own", "another group", "no group"],
)
def test_d19_the_side_of_a_lesion_is_not_that_of_its_pedicle(told: tuple[Finding, ...]) -> None:
    assert words(only(*told))[_PEDICLE] == "side-not-stated"


def test_d27_a_new_lesion_does_not_make_its_deformity_new() -> None:
    group = [("spinal-deformity", "present"), ("change-from-prior", "new"), ("bone-lesion", "lytic")]
    lesion = only(*(member(_G, finding, told, place("T7", own=False)) for finding, told in group))
    assert "alignment" not in lesion.findings
    assert words(lesion)["change-from-prior"] == "new"


@pytest.mark.parametrize(("change", "alignment"), [("new", "de-novo-deformity"), ("unchanged", None), ("not new", None)])
def test_d27_a_group_about_the_deformity_alone_says_whether_it_is_new(change: str, alignment: str | None) -> None:
    where = place("T7", own=False)
    told = [member(_G, "spinal-deformity", "present", where), member(_G, "change-from-prior", change, where)]
    lesion = only(said("bone-lesion", "lytic", "T7"), *told)
    assert words(lesion).get("alignment") == alignment
    assert "change-from-prior" not in lesion.findings


def test_d27_loose_statements_are_no_group() -> None:
    lesion = only(said("spinal-deformity", "present", "T7"), said("change-from-prior", "new", "T7"))
    assert "alignment" not in lesion.findings


def test_d42_what_was_seen_to_enhance_stands_and_denials_are_flagged() -> None:
    found = built(
        said("enhancement", "present", "T7"),
        said("target-enhancement", "absent", "T7"),
        said("leptomeningeal-enhancement", "absent"),
        said("contrast-given", "absent"),
    ).case
    assert word(found.lesions[0].findings["enhancement"]) == "present"
    assert word(found.lesions[0].findings["target-enhancement"]) == "?"
    assert found.study["leptomeningeal-enhancement"].flags == ("condition-not-met",)


@pytest.mark.parametrize(
    ("finding", "told", "collection"),
    [
        ("enhancement-pattern", "rim", "peripheral"),
        ("enhancement-pattern", "none", "none"),
        ("enhancement", "absent", "none"),
        ("enhancement", "not present", "none"),
        ("enhancement-pattern", "homogeneous", "?"),
        ("enhancement", "present", "?"),
    ],
)
def test_d47_enhancement_of_the_epidural_space_is_that_of_the_collection(finding: str, told: str, collection: str) -> None:
    lesion = only(said("epidural-collection", "present", "T7"), said(finding, told, place("T7", parts=["epidural-space"])))
    assert words(lesion)["collection-enhancement"] == collection
    assert finding not in lesion.findings


def test_d47_without_a_collection_it_stays_that_of_the_lesion() -> None:
    lesion = only(said("enhancement-pattern", "rim", place("T7", parts=["epidural-space"])))
    assert words(lesion)["enhancement-pattern"] == "rim"


def test_d47_the_site_may_be_a_component_but_not_that_of_the_group() -> None:
    where = place("T7")
    inside = [
        component("Observation/e", 0, "enhancement-pattern", "rim", where),
        component("Observation/e", 1, "lesion-site", "epidural-space", where),
    ]
    assert words(only(said("epidural-collection", "present", "T7"), *inside))["collection-enhancement"] == "peripheral"
    group = [("epidural-collection", "present"), ("enhancement-pattern", "rim"), ("lesion-site", "epidural-space")]
    lesion = only(*(member(_G, finding, told, place("T7", own=False)) for finding, told in group))
    assert words(lesion)["enhancement-pattern"] == "rim"


@pytest.mark.parametrize("part", ["leptomeninges", "cauda-equina"])
def test_d47_enhancement_of_the_leptomeninges_is_no_lesion_of_bone(part: str) -> None:
    found = built(said("enhancement", "present", place("L2", parts=[part])))
    assert found.case.lesions == ()
    assert [(issue.severity, issue.code) for issue in found.issues] == [(Severity.INFORMATION, "informational")]


def test_d47_a_component_may_name_the_leptomeninges_and_goes_along() -> None:
    inside = [
        component("Observation/e", number, finding, told)
        for number, (finding, told) in enumerate(
            (("enhancement", "present"), ("lesion-site", "leptomeninges"), ("vertebral-level", "L2"), ("expansile", "absent"))
        )
    ]
    found = built(said("bone-lesion", "lytic", "T7"), *inside)
    (lesion,) = found.case.lesions
    assert "enhancement" not in lesion.findings
    assert "lesion-site" not in lesion.findings
    assert words(lesion)["expansile"] == "absent"
    assert [issue.path for issue in found.issues] == [inside[0].source.path]


def test_a_mass_of_the_leptomeninges_is_set_aside_and_composed_for_the_study() -> None:
    inside = [
        component("Observation/e", 0, "lesion-morphology", "mass"),
        component("Observation/e", 1, "lesion-site", "cauda-equina"),
    ]
    found = built(*inside)
    assert found.case.lesions == ()
    assert word(found.case.study["subarachnoid-nodules"]) == "present"
    assert found.issues == ()


def test_a_restated_finding_names_the_rule_that_read_it() -> None:
    lesion = only(_sided(_PEDICLE, "side-not-stated", "left"), _sided(_PEDICLE, "side-not-stated", "right"))
    assert lesion.findings[_PEDICLE].derived_by == "D19"
    partly = only(_sided(_PEDICLE, "side-not-stated", "left"), said(_PEDICLE, "unilateral", "T7"))
    assert partly.findings[_PEDICLE].derived_by is None


@pytest.mark.parametrize("grouped", [True, False])
def test_d19_the_sides_of_a_lesion_are_not_those_of_its_pedicle(grouped: bool) -> None:
    told = [("bone-lesion", "lytic"), (_PEDICLE, "side-not-stated"), (_ROW, "unilateral"), ("laterality", "bilateral")]
    where = place("T7")
    group = [component(_G, number, *each, where) for number, each in enumerate(told)]
    lesion = only(*(group if grouped else [said(*each, "T7") for each in told]))
    assert (words(lesion)[_PEDICLE], words(lesion)[_ROW]) == ("side-not-stated", "unilateral")


def test_d27_a_new_lesion_does_not_make_the_deformity_among_its_components_new() -> None:
    told = [("spinal-deformity", "present"), ("change-from-prior", "new"), ("bone-lesion", "lytic")]
    lesion = only(*(component(_G, number, *each, place("T7")) for number, each in enumerate(told)))
    assert "alignment" not in lesion.findings
    assert words(lesion)["change-from-prior"] == "new"


def test_d27_a_deformity_with_its_change_as_component_is_new() -> None:
    deformity = said("spinal-deformity", "present", "T7", reference=_G)
    lesion = only(said("bone-lesion", "lytic", "T7"), deformity, component(_G, 0, "change-from-prior", "new", place("T7")))
    assert words(lesion)["alignment"] == "de-novo-deformity"
