"""What belongs to the lesion of its group, and what makes no lesion."""

import pytest

from service.model.coded import Severity
from service.model.finding import Finding, State
from tests.unit.findings.statements import built, component, lesions, member, only, place, said, words

G, H, R = "Observation/g", "Observation/h", "Observation/r"


def _texts(*statements: Finding) -> list[str]:
    return [lesion.site.text for lesion in lesions(*statements)]


def test_a_statement_without_level_belongs_to_the_lesion_of_its_smallest_group() -> None:
    found = lesions(
        member((G, R), "bone-lesion", "lytic", place("T7")),
        member((G, R), "alignment", "normal"),
        member((H, R), "bone-lesion", "blastic", place("L1")),
        member((H, R), "alignment", "subluxation-translation"),
    )
    assert [words(lesion)["alignment"] for lesion in found] == ["normal", "subluxation-translation"]


def test_a_statement_of_a_group_with_two_lesions_is_not_guessed_though_another_group_has_one() -> None:
    loose = member((G, R), "alignment", "normal")
    found = built(
        member((G, R), "bone-lesion", "lytic", place("T7")),
        member((G, R), "bone-lesion", "lytic", place("T9")),
        loose,
        member((H, R), "bone-lesion", "blastic", place("L1")),
    )
    assert [issue.path for issue in found.issues] == [loose.source.path]


@pytest.mark.parametrize(("finding", "told"), [("spinal-pain", "mechanical"), ("laterality", "left"), ("escc-grade", "?")])
def test_what_makes_no_lesion_follows_the_only_lesion_of_its_group(finding: str, told: str) -> None:
    found = built(
        member((G, R), "bone-lesion", "lytic", place("T7")),
        member((G, R), finding, told),
        member((H, R), "bone-lesion", "blastic", place("L1")),
    )
    assert [finding in lesion.findings for lesion in found.case.lesions] == [True, False]
    assert found.issues == ()


@pytest.mark.parametrize(
    "pain",
    [
        (said("spinal-pain", "mechanical", "L3"),),
        (component(G, 0, "spinal-pain", "mechanical"), component(G, 1, "vertebral-level", "L3")),
        (member(G, "spinal-pain", "mechanical"), member(G, "vertebral-level", "L3")),
        (
            said("spinal-pain", "mechanical", place(identities=["tracking:a"])),
            said("vertebral-level", "L3", place(identities=["tracking:a"])),
        ),
    ],
)
def test_pain_and_its_level_make_no_lesion_however_they_are_written(pain: tuple[Finding, ...]) -> None:
    found = built(said("bone-lesion", "lytic", "T7"), *pain)
    (lesion,) = found.case.lesions
    assert "spinal-pain" not in lesion.findings
    assert [issue.text for issue in found.issues] == [
        "spinal-pain stands at a level where the report states no lesion and was not used."
    ]


def test_a_level_alone_is_a_lesion_there() -> None:
    assert _texts(said("vertebral-level", "L3")) == ["L3"]


def test_a_question_without_answer_makes_no_lesion_beside_another() -> None:
    silent = said("alignment", "?", "L3")
    unanswered = Finding(finding="alignment", state=State.NOT_ASSESSED, source=silent.source, place=silent.place)
    found = built(said("bone-lesion", "lytic", "T7"), unanswered)
    assert [lesion.site.text for lesion in found.case.lesions] == ["T7"]
    assert [(issue.severity, issue.code) for issue in found.issues] == [(Severity.INFORMATION, "incomplete")]
    assert _texts(said("bone-lesion", "lytic", "T7"), silent) == ["T7", "L3"], "what is possible is said"
    assert _texts(unanswered) == ["L3"]
    assert words(only(said("bone-lesion", "lytic", "L3"), unanswered))["alignment"] == "?"
