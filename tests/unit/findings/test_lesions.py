"""Which statements speak of which lesion."""

import pytest

from service.model.coded import Severity
from service.model.finding import Finding
from tests.unit.findings.statements import built, component, lesions, member, only, place, said, word, words

G, H, R = "Observation/g", "Observation/h", "Observation/r"


def _texts(*statements: Finding) -> list[str]:
    return [lesion.site.text for lesion in lesions(*statements)]


def test_flat_statements_of_one_level_are_one_lesion() -> None:
    lesion = only(said("bone-lesion", "lytic", "T12"), said("alignment", "normal", "T12"))
    assert lesion.id == "lesion-1"
    assert lesion.site.level == "T12"
    assert words(lesion)["bone-lesion"] == "lytic"
    assert words(lesion)["alignment"] == "normal"


def test_flat_statements_of_two_levels_are_two_lesions_cranial_first() -> None:
    assert _texts(said("bone-lesion", "lytic", "L3"), said("bone-lesion", "blastic", "T4")) == ["T4", "L3"]


def test_a_level_becomes_a_finding_though_nobody_asked_for_it() -> None:
    stated = said("bone-lesion", "lytic", "T12")
    known = only(stated).findings["vertebral-level"]
    assert known.values == ("T12",)
    assert known.sources == (stated,)


def test_a_level_answer_is_cited_before_the_sites() -> None:
    answer = component(G, 0, "vertebral-level", "T12")
    lesion = only(component(G, 1, "bone-lesion", "lytic", place("T12")), answer)
    assert lesion.findings["vertebral-level"].sources == (answer,)


def test_a_components_owner_is_the_lesion() -> None:
    lesion = only(component(G, 0, "bone-lesion", "lytic", place("T12")), component(G, 1, "alignment", "normal", place("T12")))
    assert lesion.source == G


def test_a_level_answer_places_its_group() -> None:
    lesion = only(member(G, "bone-lesion", "lytic"), member(G, "vertebral-level", "T12"), member(G, "alignment", "normal"))
    assert lesion.site.text == "T12"
    assert lesion.source == G
    assert set(lesion.findings) >= {"bone-lesion", "alignment", "vertebral-level"}


def test_several_level_answers_of_one_group_are_one_lesion_across_them() -> None:
    lesion = only(member(G, "vertebral-level", "T10"), member(G, "vertebral-level", "T11"), member(G, "bone-lesion", "lytic"))
    assert lesion.site.levels == ("T10", "T11")
    assert lesion.site.text == "T10-T11"
    assert lesion.site.level is None


def test_two_groups_with_the_same_level_are_one_lesion() -> None:
    lesion = only(component(G, 0, "bone-lesion", "lytic", place("T12")), component(H, 0, "escc-grade", "2", place("T12")))
    assert lesion.source == G
    assert {"bone-lesion", "escc-grade"} <= set(lesion.findings)


def test_two_groups_with_two_levels_are_two_lesions() -> None:
    assert _texts(component(G, 0, "bone-lesion", "lytic", place("T12")), component(H, 0, "bone-lesion", "lytic", place("T10"))) == [
        "T10",
        "T12",
    ]


def test_a_panel_without_level_is_no_lesion() -> None:
    first = [
        member((G, R), "bone-lesion", "lytic", place("T12", own=False)),
        member((G, R), "alignment", "normal", place("T12", own=False)),
    ]
    second = [
        member((H, R), "bone-lesion", "blastic", place("L1", own=False)),
        member((H, R), "alignment", "normal", place("L1", own=False)),
    ]
    found = lesions(*first, *second)
    assert [lesion.site.text for lesion in found] == ["T12", "L1"]
    assert [lesion.source for lesion in found] == [G, H]


def test_a_panel_of_leaves_with_their_own_levels_is_no_lesion() -> None:
    assert _texts(member(R, "bone-lesion", "lytic", place("T12")), member(R, "bone-lesion", "lytic", place("L1"))) == ["T12", "L1"]


def test_the_topmost_node_with_a_level_is_the_lesion() -> None:
    lesion = only(
        member(R, "bone-lesion", "lytic", place("T12", own=False)),
        member((G, R), "epidural-soft-tissue", "present", place("L1")),
        member((G, R), "cord-compression", "absent", place("T12", own=False)),
    )
    assert lesion.site.text == "T12-L1"
    assert lesion.source == R


def test_a_level_in_the_middle_of_the_tree_holds_what_is_below_it() -> None:
    found = lesions(
        member((H, G, R), "bone-lesion", "lytic", place("T7", own=False)),
        member((H, G, R), "alignment", "normal", place("T7", own=False)),
        member((G, R), "vertebral-level", "T7"),
        member(R, "epidural-soft-tissue", "present", place("L4")),
    )
    assert [lesion.site.text for lesion in found] == ["T7", "L4"]
    assert found[0].source == G


def test_an_observation_of_the_level_may_hold_the_findings_as_components() -> None:
    answer = said("vertebral-level", "T7", place(parents=(R,)), reference=G)
    inside = component(G, 0, "bone-lesion", "lytic", place(parents=(R,)))
    other = said("vertebral-level", "L1", place(parents=(R,)), reference=H)
    assert _texts(answer, inside, other, component(H, 0, "bone-lesion", "blastic", place(parents=(R,)))) == ["T7", "L1"]


def test_a_loose_statement_of_a_panel_belongs_to_the_panels_only_lesion() -> None:
    found = lesions(
        member(R, "bone-lesion", "lytic", place("T12")), member(R, "alignment", "normal"), said("bone-lesion", "blastic", "L3")
    )
    assert words(found[0])["alignment"] == "normal"
    assert "alignment" not in found[1].findings


def test_what_a_panel_says_itself_belongs_to_its_only_lesion() -> None:
    own = said("alignment", "normal", reference=R)
    lesion = only(own, member(R, "bone-lesion", "lytic", place("T12")))
    assert lesion.site.text == "T12"
    assert words(lesion)["alignment"] == "normal"


def test_a_region_inherited_from_the_panel_places_no_leaf() -> None:
    region = place(regions=["thoracic"], own=False)
    lesion = only(member(R, "bone-lesion", "lytic", place("T7")), member(R, "alignment", "normal", region))
    assert lesion.site.text == "T7"
    assert words(lesion)["alignment"] == "normal"


def test_a_group_without_any_level_is_a_lesion_without_site() -> None:
    found = lesions(member(G, "bone-lesion", "lytic"), member(G, "alignment", "normal"), said("bone-lesion", "blastic", "L3"))
    assert [lesion.site.text for lesion in found] == ["L3", "site not stated"]
    assert found[1].source == G


def test_two_groups_without_level_are_two_lesions() -> None:
    found = lesions(
        *(
            component(group, number, finding, told)
            for group in (G, H)
            for number, (finding, told) in enumerate((("bone-lesion", "lytic"), ("alignment", "normal")))
        )
    )
    assert [lesion.source for lesion in found] == [G, H]


def test_one_finding_with_its_qualifier_and_no_level_is_a_loose_statement() -> None:
    lesion = only(
        said("bone-lesion", "lytic", "T7"),
        component(G, 0, "pedicle-destruction", "side-not-stated"),
        component(G, 1, "laterality", "left"),
    )
    assert words(lesion)["pedicle-destruction"] == "unilateral"


def test_statements_without_level_form_one_lesion_where_there_is_no_other() -> None:
    lesion = only(said("bone-lesion", "lytic"), said("alignment", "normal"))
    assert lesion.site.text == "site not stated"
    assert {"bone-lesion", "alignment"} <= set(lesion.findings)
    assert "vertebral-level" not in lesion.findings


def test_statements_without_level_belong_to_the_only_lesion() -> None:
    assert words(only(said("bone-lesion", "lytic", "T7"), said("alignment", "normal")))["alignment"] == "normal"


def test_a_statement_without_level_is_not_guessed_among_several_lesions() -> None:
    loose = said("alignment", "normal")
    found = built(said("bone-lesion", "lytic", "T7"), said("bone-lesion", "lytic", "L1"), loose)
    assert all("alignment" not in lesion.findings for lesion in found.case.lesions)
    (issue,) = found.issues
    assert (issue.severity, issue.code, issue.path) == (Severity.WARNING, "conflict", loose.source.path)


def test_one_level_of_a_span_belongs_to_the_lesion_across_it() -> None:
    lesion = only(component(G, 0, "bone-lesion", "lytic", place("T10", "T11")), said("alignment", "normal", "T11"))
    assert lesion.site.text == "T10-T11"
    assert words(lesion)["alignment"] == "normal"


def test_a_level_that_two_spans_share_is_not_guessed() -> None:
    found = built(
        component(G, 0, "bone-lesion", "lytic", place("T10", "T11")),
        component(H, 0, "bone-lesion", "lytic", place("T11", "T12")),
        said("alignment", "normal", "T11"),
    )
    assert [lesion.site.text for lesion in found.case.lesions] == ["T10-T11", "T11-T12"]
    assert [issue.code for issue in found.issues] == ["conflict"]


def test_a_disc_is_a_lesion_of_its_own() -> None:
    found = lesions(said("intradiscal-fluid", "present", place(discs=["L4-L5"])), said("bone-lesion", "lytic", "L4"))
    assert [lesion.site.text for lesion in found] == ["L4", "disc L4-L5"]
    assert word(found[1].findings["disc-level"]) == "L4-L5"
    assert "vertebral-level" not in found[1].findings


def test_a_disc_belongs_to_the_lesion_that_names_it() -> None:
    lesion = only(
        said("endplate-erosion", "present", place("L4", "L5", discs=["L4-L5"])),
        said("intradiscal-fluid", "present", place(discs=["L4-L5"])),
    )
    assert lesion.site.text == "L4-L5"
    assert lesion.site.discs == ("L4-L5",)


def test_a_region_is_a_lesion_of_that_region() -> None:
    lesion = only(
        said("bone-lesion", "lytic", place(regions=["thoracic"])), said("alignment", "normal", place(regions=["thoracic"]))
    )
    assert lesion.site.text == "thoracic spine"
    assert word(lesion.findings["spinal-region"]) == "thoracic"


@pytest.mark.parametrize("region", ["spine", "whole-spine"])
def test_the_spine_as_a_whole_is_no_place(region: str) -> None:
    lesion = only(said("bone-lesion", "lytic", "T7"), said("alignment", "normal", place(regions=[region])))
    assert lesion.site.text == "T7"
    assert words(lesion)["alignment"] == "normal"


def test_a_region_answer_places_its_group() -> None:
    lesion = only(member(G, "spinal-region", "lumbar"), member(G, "bone-lesion", "lytic"), member(G, "alignment", "normal"))
    assert lesion.site.text == "lumbar spine"


def test_study_and_patient_findings_make_no_lesion() -> None:
    found = built(said("bone-abnormality", "present", "T7"), said("spinal-metastasis", "present", "T7"))
    assert found.case.lesions == ()
    assert word(found.case.study["bone-abnormality"]) == "present"


def test_qualifiers_alone_make_no_lesion() -> None:
    lonely = said("laterality", "left", "T7")
    found = built(lonely)
    assert found.case.lesions == ()
    assert [(issue.code, issue.path) for issue in found.issues] == [("incomplete", lonely.source.path)]


def test_qualifiers_follow_the_lesion_of_their_level() -> None:
    assert "laterality" in only(said("bone-lesion", "lytic", "T7"), said("laterality", "left", "T7")).findings


def test_qualifiers_without_place_follow_the_only_lesion_and_are_not_guessed_among_several() -> None:
    assert "laterality" in only(said("bone-lesion", "lytic", "T7"), said("laterality", "left")).findings
    found = built(said("bone-lesion", "lytic", "T7"), said("bone-lesion", "lytic", "L1"), said("laterality", "left"))
    assert [issue.code for issue in found.issues] == ["conflict"]


def test_codes_of_the_conclusion_stand_each_for_itself() -> None:
    report = "DiagnosticReport/1"
    found = built(
        *(
            said("bone-lesion", told, level, reference=report, path=f"{report}.conclusionCode[{number}]")
            for number, (told, level) in enumerate((("lytic", "T7"), ("blastic", "L2")))
        )
    )
    assert [lesion.site.text for lesion in found.case.lesions] == ["T7", "L2"]


def test_lesions_at_one_place_are_counted_in_document_order() -> None:
    statements = [said("bone-lesion", told, place("T7", identities=[f"tracking:{told}"])) for told in ("lytic", "blastic")]
    assert [words(lesion)["bone-lesion"] for lesion in lesions(*statements)] == ["lytic", "blastic"]
    assert [words(lesion)["bone-lesion"] for lesion in lesions(*statements[::-1])] == ["blastic", "lytic"]


def test_a_denied_level_places_nothing_and_stays_denied() -> None:
    lesion = only(member(G, "vertebral-level", "T7"), member(G, "vertebral-level", "not T8"), member(G, "bone-lesion", "lytic"))
    assert lesion.site.text == "T7"
    assert lesion.findings["vertebral-level"].denied == ("T8",)


def test_a_level_that_is_stated_and_denied_is_a_conflict() -> None:
    lesion = only(member(G, "vertebral-level", "T7"), member(G, "vertebral-level", "not T7"), member(G, "bone-lesion", "lytic"))
    assert words(lesion)["vertebral-level"] == {"T7"}
