"""Pain belongs to a lesion; pain of the patient is perhaps that of each."""

from datetime import UTC, datetime

from service.findings.pain import d13_mechanical
from service.model.finding import State
from tests.unit.findings.statements import built, member, only, place, said, word, words

_MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
_MONDAY_NIGHT = datetime(2026, 1, 5, 22, tzinfo=UTC)
_FRIDAY = datetime(2026, 1, 9, tzinfo=UTC)
_T7 = said("bone-lesion", "lytic", "T7")
_L1 = said("bone-lesion", "lytic", "L1")


def test_pain_without_place_is_that_of_the_only_lesion() -> None:
    known = only(_T7, said("spinal-pain", "mechanical", context=True, at=_MONDAY)).findings["spinal-pain"]
    assert known.value == "mechanical"
    assert known.flags == ("from-other-report",)


def test_pain_without_place_is_perhaps_that_of_each_of_several_lesions() -> None:
    found = built(_T7, _L1, said("spinal-pain", "mechanical", context=True))
    for lesion in found.case.lesions:
        known = lesion.findings["spinal-pain"]
        assert known.state is State.PRESENT
        assert known.values == ("none", "mechanical")
        assert known.flags == ("from-other-report", "pain-not-localised")
    assert word(found.case.patient["axial-pain"]) == "present"
    assert found.issues == ()


def test_a_patient_without_pain_has_no_painful_lesion() -> None:
    for told in ("none", "absent"):
        for lesion in built(_T7, _L1, said("spinal-pain", told)).case.lesions:
            assert word(lesion.findings["spinal-pain"]) == "none"
            assert "pain-not-localised" not in lesion.findings["spinal-pain"].flags


def test_pain_at_a_level_is_that_of_the_lesion_there() -> None:
    found = built(_T7, _L1, said("spinal-pain", "mechanical", "L1", context=True)).case.lesions
    assert "spinal-pain" not in found[0].findings
    assert word(found[1].findings["spinal-pain"]) == "mechanical"


def test_pain_across_the_levels_of_two_lesions_is_perhaps_that_of_each() -> None:
    found = built(_T7, said("bone-lesion", "lytic", "T8"), _L1, said("spinal-pain", "mechanical", place("T7", "T8"))).case.lesions
    assert [word(lesion.findings.get("spinal-pain")) for lesion in found] == [("none", "mechanical"), ("none", "mechanical"), None]


def test_pain_at_a_level_without_lesion_says_nothing_of_the_others() -> None:
    found = built(_T7, said("spinal-pain", "mechanical", "L4"))
    assert "spinal-pain" not in found.case.lesions[0].findings
    assert [issue.code for issue in found.issues] == ["informational"]


def test_pain_alone_makes_no_lesion() -> None:
    for where in (None, "T7"):
        found = built(said("spinal-pain", "mechanical", where))
        assert found.case.lesions == ()
        assert found.issues == ()


def test_pain_in_the_lesions_group_is_its_own_and_stays_beside_pain_of_the_patient() -> None:
    group = [
        member("Observation/g", finding, told, place("T7", own=False))
        for finding, told in (("bone-lesion", "lytic"), ("spinal-pain", "none"))
    ]
    found = built(*group, _L1, said("spinal-pain", "mechanical", context=True)).case.lesions
    assert word(found[0].findings["spinal-pain"]) == "none"
    assert word(found[1].findings["spinal-pain"]) == ("none", "mechanical")


def test_pain_of_an_identified_lesion_stays_with_it() -> None:
    marked = place("T7", identities=["tracking:a"])
    found = built(said("bone-lesion", "lytic", marked), said("spinal-pain", "mechanical", marked), _L1).case.lesions
    assert [word(lesion.findings.get("spinal-pain")) for lesion in found] == ["mechanical", None]


def test_pain_in_a_loose_group_of_a_panel_is_pain_of_the_patient() -> None:
    found = built(
        member(("Observation/g", "Observation/r"), "spinal-pain", "mechanical"),
        member(("Observation/g", "Observation/r"), "alignment", "normal"),
        member("Observation/r", "bone-lesion", "lytic", place("T7")),
    )
    (lesion,) = found.case.lesions
    assert words(lesion)["spinal-pain"] == "mechanical"
    assert words(lesion)["alignment"] == "normal"


def test_pain_of_a_context_group_joins_the_lesion_of_its_level() -> None:
    group = place("T7", own=False, parents=["Observation/g"])
    lesion = only(_T7, said("spinal-pain", "mechanical", group, context=True), said("alignment", "normal", group, context=True))
    assert words(lesion)["spinal-pain"] == "mechanical"


def test_later_pain_supersedes_earlier_pain_also_when_it_is_not_localised() -> None:
    earlier = said("spinal-pain", "none", context=True, at=_MONDAY)
    later = said("spinal-pain", "mechanical", context=True, at=_FRIDAY)
    for lesion in built(_T7, _L1, earlier, later).case.lesions:
        assert word(lesion.findings["spinal-pain"]) == ("none", "mechanical")
    assert word(only(_T7, earlier, later).findings["spinal-pain"]) == "mechanical"


def test_pain_on_which_reports_disagree_stays_a_conflict_when_not_localised() -> None:
    found = built(_T7, _L1, said("spinal-pain", "none"), said("spinal-pain", "mechanical")).case.lesions
    known = found[0].findings["spinal-pain"]
    assert known.state is State.CONFLICT
    assert set(known.values) == {"none", "mechanical"}
    assert "axial-pain" not in built(_T7, _L1, said("spinal-pain", "none"), said("spinal-pain", "mechanical")).case.patient


def test_uncertain_pain_is_not_assessed_and_says_so() -> None:
    for lesion in built(_T7, _L1, said("spinal-pain", "?")).case.lesions:
        assert word(lesion.findings["spinal-pain"]) == "?"
        assert lesion.findings["spinal-pain"].flags == ("uncertain-input",)


def test_uncertain_pain_of_a_lesion_leaves_room_for_pain_of_the_patient() -> None:
    found = built(_T7, _L1, said("spinal-pain", "?", "T7"), said("spinal-pain", "mechanical")).case.lesions
    assert word(found[0].findings["spinal-pain"]) == ("none", "mechanical")
    assert "uncertain-input" in found[0].findings["spinal-pain"].flags


def test_d13_axial_pain_that_moves_is_mechanical_pain() -> None:
    moving, axial = said("movement-related-pain", context=True, at=_MONDAY), said("axial-pain", context=True, at=_MONDAY_NIGHT)
    lesion = only(_T7, moving, axial)
    known = lesion.findings["spinal-pain"]
    assert (known.value, known.derived_by, known.sources) == ("mechanical", "D13", (moving, axial))
    assert known.flags == ("from-other-report",)


def test_d13_needs_both_on_one_day() -> None:
    moving = said("movement-related-pain", context=True, at=_MONDAY)
    for axial in (
        said("axial-pain", context=True, at=_FRIDAY),
        said("axial-pain"),
        said("axial-pain", "absent", context=True, at=_MONDAY),
    ):
        assert "spinal-pain" not in only(_T7, moving, axial).findings
    assert "spinal-pain" not in only(_T7, moving).findings
    assert "spinal-pain" not in only(_T7, said("movement-related-pain", "absent"), said("axial-pain")).findings


def test_d13_undated_statements_of_one_report_are_of_one_day() -> None:
    assert word(only(_T7, said("movement-related-pain"), said("axial-pain")).findings["spinal-pain"]) == "mechanical"


def test_d13_a_spinal_site_of_its_own_is_enough() -> None:
    sited = said("movement-related-pain", "present", place(regions=["lumbar"]))
    assert word(only(_T7, sited).findings["spinal-pain"]) == "mechanical"
    placed = built(_T7, _L1, said("movement-related-pain", "present", "L1")).case.lesions
    assert [word(lesion.findings.get("spinal-pain")) for lesion in placed] == [None, "mechanical"]


def test_d13_is_not_localised_among_several_lesions_and_the_placed_pain_comes_first() -> None:
    found = built(_T7, _L1, said("movement-related-pain"), said("axial-pain")).case.lesions
    assert [word(lesion.findings["spinal-pain"]) for lesion in found] == [("none", "mechanical")] * 2
    both = built(_T7, _L1, said("movement-related-pain"), said("axial-pain"), said("movement-related-pain", "present", "L1"))
    assert [word(lesion.findings["spinal-pain"]) for lesion in both.case.lesions] == [("none", "mechanical"), "mechanical"]


def test_d13_stated_pain_comes_before_composed_pain() -> None:
    lesion = only(_T7, said("spinal-pain", "none"), said("movement-related-pain"), said("axial-pain"))
    assert word(lesion.findings["spinal-pain"]) == "none"


def test_d13_says_nothing_without_movement_related_pain() -> None:
    assert d13_mechanical({}) == ()
