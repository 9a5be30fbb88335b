"""What other reports of the patient add to this one."""

from datetime import UTC, datetime

import pytest

from service.findings.context import resolve
from service.model.coded import Severity
from service.model.finding import State
from service.model.lesion import Known
from tests.unit.findings.statements import built, lesions, place, said, vocabulary, word, words

_MARCH = datetime(2026, 3, 1, tzinfo=UTC)
_MAY = datetime(2026, 5, 1, tzinfo=UTC)
Told = tuple[str, bool, datetime | None]
"""What is said, whether another report says it, and when."""


def _resolved(finding: str, *told: Told) -> Known:
    return resolve(vocabulary()[finding], [said(finding, each, context=other, at=at) for each, other, at in told])


@pytest.mark.parametrize(
    ("finding", "told", "known", "flags"),
    [
        ("alignment", (("normal", True, _MARCH),), "normal", ("from-other-report",)),
        ("alignment", (("normal", False, None), ("normal", True, _MARCH)), "normal", ()),
        (
            "alignment",
            (("normal", False, None), ("de-novo-deformity", True, _MARCH)),
            {"normal", "de-novo-deformity"},
            ("conflicting-input",),
        ),
        ("alignment", (("?", False, None), ("normal", True, _MARCH)), "normal", ("from-other-report", "uncertain-input")),
        ("alignment", (("normal", False, None), ("?", True, _MARCH)), "normal", ()),
        (
            "alignment",
            (("not normal", False, None), ("normal", True, _MARCH)),
            set(vocabulary()["alignment"].values),
            ("conflicting-input",),
        ),
        (
            "alignment",
            (("normal", True, _MARCH), ("de-novo-deformity", True, _MAY)),
            "de-novo-deformity",
            ("from-other-report", "superseded-input"),
        ),
        ("alignment", (("normal", True, _MARCH), ("normal", True, _MAY)), "normal", ("from-other-report",)),
        (
            "alignment",
            (("normal", True, None), ("de-novo-deformity", True, _MAY)),
            {"normal", "de-novo-deformity"},
            ("conflicting-input", "from-other-report"),
        ),
        ("alignment", (("normal", True, _MARCH), ("?", True, _MAY)), "normal", ("from-other-report", "uncertain-input")),
        ("vertebral-collapse", (("some", False, None), ("over-50", True, _MARCH)), "some", ()),
        ("expansile", (("present", False, None), ("absent", True, _MARCH)), {"present", "absent"}, ("conflicting-input",)),
        (
            "expansile",
            (("present", False, None), ("absent", False, None), ("absent", True, _MARCH)),
            {"present", "absent"},
            ("conflicting-input",),
        ),
        ("primary-cancer", (("lung", False, None), ("breast", True, _MARCH)), ("breast", "lung"), ()),
        ("primary-cancer", (("lung", True, _MARCH), ("breast", True, _MAY)), ("breast", "lung"), ("from-other-report",)),
        (
            "clinical-suspicion",
            (("infection", True, _MARCH), ("absent", True, _MAY)),
            "absent",
            ("from-other-report", "superseded-input"),
        ),
        ("lesion-treatment", (("ablation", False, None), ("radiotherapy", True, _MARCH)), "ablation", ()),
    ],
)
def test_context_fills_gaps_and_shows_disagreement(
    finding: str, told: tuple[Told, ...], known: object, flags: tuple[str, ...]
) -> None:
    found = _resolved(finding, *told)
    assert word(found) == known
    assert found.flags == flags


def test_a_density_that_another_report_disputes_may_be_mixed() -> None:
    assert word(_resolved("bone-lesion", ("lytic", False, None), ("blastic", True, _MARCH))) == {"lytic", "mixed", "blastic"}


def test_this_reports_word_is_cited_alone_where_others_agree() -> None:
    known = _resolved("alignment", ("normal", False, None), ("normal", True, _MARCH))
    assert [each.source.from_other_report for each in known.sources] == [False]


def test_context_joins_the_lesion_of_its_level() -> None:
    found = lesions(
        said("bone-lesion", "lytic", "T7"), said("bone-lesion", "lytic", "L1"), said("alignment", "normal", "T7", context=True)
    )
    assert words(found[0])["alignment"] == "normal"
    assert found[0].findings["alignment"].flags == ("from-other-report",)
    assert "alignment" not in found[1].findings


def test_a_context_group_is_placed_by_its_level_answer() -> None:
    group = place(parents=["Observation/g"])
    (lesion,) = lesions(
        said("bone-lesion", "lytic", "T7"),
        said("vertebral-level", "T7", group, context=True),
        said("alignment", "normal", group, context=True),
    )
    assert words(lesion)["alignment"] == "normal"


def test_context_never_makes_a_lesion_and_never_moves_one() -> None:
    found = built(said("bone-lesion", "lytic", "T7"), said("bone-lesion", "lytic", "L3", context=True))
    assert [lesion.site.text for lesion in found.case.lesions] == ["T7"]
    (issue,) = found.issues
    assert (issue.severity, issue.code) == (Severity.INFORMATION, "informational")
    assert built(said("bone-lesion", "lytic", "L3", context=True)).case.lesions == ()


def test_context_without_a_level_is_not_used_even_for_an_only_lesion() -> None:
    found = built(said("bone-lesion", "lytic", "T7"), said("alignment", "normal", context=True))
    assert "alignment" not in found.case.lesions[0].findings
    assert [issue.code for issue in found.issues] == ["informational"]


def test_context_across_more_levels_than_the_lesion_is_not_its_level() -> None:
    wider = built(said("bone-lesion", "lytic", "T7"), said("alignment", "normal", place("T7", "T8"), context=True))
    assert "alignment" not in wider.case.lesions[0].findings


def test_an_identity_ties_context_to_one_of_two_lesions_of_a_level() -> None:
    found = lesions(
        said("bone-lesion", "lytic", place("T7", identities=["tracking:a"])),
        said("bone-lesion", "blastic", place("T7", identities=["tracking:b"])),
        said("alignment", "normal", place("T7", identities=["tracking:b"]), context=True),
    )
    assert ["alignment" in lesion.findings for lesion in found] == [False, True]


def test_context_of_the_same_disc_or_region_joins_that_lesion() -> None:
    for where in (place(discs=["L4-L5"]), place(regions=["lumbar"])):
        (lesion,) = lesions(said("crosses-disc", "present", where), said("alignment", "normal", where, context=True))
        assert words(lesion)["alignment"] == "normal"


def test_another_examination_does_not_describe_this_one() -> None:
    found = built(
        said("contrast-given", "absent", context=True),
        said("modality", "ct", context=True),
        said("bone-scan-foci", 2, context=True),
    )
    assert "contrast-given" not in found.case.study
    assert word(found.case.study["bone-scan-foci"]) == 2
    assert found.case.study["modality"].values == ("bone-scan",)


def test_uncertain_context_is_not_assessed_and_says_where_it_is_from() -> None:
    known = _resolved("alignment", ("?", True, _MARCH))
    assert known.state is State.NOT_ASSESSED
    assert known.flags == ("from-other-report", "uncertain-input")
