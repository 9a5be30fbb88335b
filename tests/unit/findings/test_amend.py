"""Amendments: the supposed takes the place of what is said, the answered stands beside it, and a lesion is never guessed."""

import pytest

from service.findings.amend import anchor_of
from service.findings.build import Built
from service.model.change import Amendment, Anchor
from service.model.finding import Finding, Unmapped
from tests.unit.findings.statements import built, item, place, reading, said, word

LYTIC = said("bone-lesion", "lytic", "T12")
T12 = Anchor(site="T12")


def supposed(where: str, finding: str, *told: str | float) -> Amendment:
    statements = tuple(said(finding, each, reference="what-if") for each in told)
    return Amendment(place=where, finding=finding, statements=statements, replaces=True, path=f"set.{where}.{finding}")


def answered(anchor: Anchor | None, finding: str, told: str, where: str = "lesion-1") -> Amendment:
    statement = said(finding, told, reference="answer", observer="Practitioner/7")
    return Amendment(
        place=where, anchor=anchor, finding=finding, statements=(statement,), replaces=False, path=f"answer: {finding}"
    )


def of_lesion(case: Built, finding: str, number: int = 0) -> object:
    return word(case.case.lesions[number].findings.get(finding))


def test_what_is_supposed_takes_the_place_of_what_is_said() -> None:
    assert of_lesion(built(LYTIC, amendments=[supposed("lesion-1", "bone-lesion", "blastic")]), "bone-lesion") == "blastic"


def test_what_is_unset_is_as_if_nobody_had_said_it() -> None:
    made = built(LYTIC, said("alignment", "normal", "T12"), amendments=[supposed("lesion-1", "alignment")])
    assert "alignment" not in made.case.lesions[0].findings
    assert of_lesion(made, "bone-lesion") == "lytic"


def test_an_answer_stands_beside_what_is_said() -> None:
    made = built(LYTIC, amendments=[answered(T12, "bone-lesion", "blastic")])
    assert of_lesion(made, "bone-lesion") == {"lytic", "mixed", "blastic"}


def test_an_answer_fills_what_is_open() -> None:
    assert of_lesion(built(LYTIC, amendments=[answered(T12, "alignment", "normal")]), "alignment") == "normal"


def test_supposed_pain_is_that_of_the_lesion_whatever_the_report_says_of_pain() -> None:
    pains = (said("spinal-pain", "mechanical", "T12"), said("spinal-pain", "occasional"))
    made = built(LYTIC, *pains, amendments=[supposed("lesion-1", "spinal-pain", "none")])
    assert of_lesion(made, "spinal-pain") == "none"
    assert of_lesion(built(LYTIC, *pains, amendments=[supposed("lesion-1", "spinal-pain")]), "spinal-pain") is None


def test_answered_pain_belongs_to_its_lesion_only() -> None:
    made = built(LYTIC, said("bone-lesion", "lytic", "L3"), amendments=[answered(T12, "spinal-pain", "mechanical")])
    assert [of_lesion(made, "spinal-pain", number) for number in (0, 1)] == ["mechanical", None]


def test_study_and_patient_are_amended_too() -> None:
    denied = said("contrast-given", "absent")
    made = built(LYTIC, denied, amendments=[supposed("study", "contrast-given", "present"), supposed("patient", "sex", "female")])
    assert (word(made.case.study["contrast-given"]), word(made.case.patient["sex"])) == ("present", "female")
    assert "contrast-given" not in built(LYTIC, denied, amendments=[supposed("study", "contrast-given")]).case.study


def test_what_is_supposed_replaces_an_answer_of_the_patient() -> None:
    both = [answered(None, "known-malignancy", "absent", where="patient"), supposed("patient", "known-malignancy", "present")]
    assert word(built(LYTIC, amendments=both).case.patient["known-malignancy"]) == "present"


def test_what_follows_is_derived_anew() -> None:
    fracture = said("vertebral-fracture", "compression", "T12")
    assert of_lesion(built(LYTIC, fracture), "vertebral-collapse") == "some"
    assert of_lesion(built(LYTIC, fracture, amendments=[supposed("lesion-1", "vertebral-fracture")]), "vertebral-collapse") is None


@pytest.mark.parametrize(
    ("finding", "value", "text"),
    [("vertebral-level", "T9", "T9"), ("disc-level", "T9-T10", "disc T9-T10"), ("spinal-region", "lumbar", "lumbar spine")],
)
def test_a_lesion_can_be_supposed_elsewhere(finding: str, value: str, text: str) -> None:
    elsewhere = said("bone-lesion", "lytic", place("T12", discs=["T12-L1"], regions=["thoracic"]))
    gone = [supposed("lesion-1", each) for each in ("vertebral-level", "disc-level", "spinal-region") if each != finding]
    made = built(elsewhere, amendments=[*gone, supposed("lesion-1", finding, value)])
    [lesion] = made.case.lesions
    assert (lesion.site.text, word(lesion.findings[finding])) == (text, value)


def test_an_answer_says_where_a_lesion_without_site_is() -> None:
    made = built(said("bone-lesion", "lytic"), amendments=[answered(Anchor(site="site not stated"), "vertebral-level", "T9")])
    assert made.case.lesions[0].site.level == "T9"


def test_a_refused_value_that_is_supposed_otherwise_is_not_invalid_any_more() -> None:
    refused = said("vertebral-collapse-percent", "?", "T12", reference="Observation/odd", path="Observation/odd")
    row = Unmapped(
        system=None, code=None, display=None, path="Observation/odd", reason="out-of-range", finding="vertebral-collapse-percent"
    )
    known = reading([item(LYTIC), item(refused)])
    made = built(LYTIC, of=known, unmapped=[row], amendments=[supposed("lesion-1", "vertebral-collapse-percent", 40)])
    assert ("lesion-1", "vertebral-collapse-percent") not in made.case.invalid


def two_at_t12(*identities: str) -> tuple[Finding, ...]:
    return tuple(said("bone-lesion", "lytic", place("T12", identities=[f"tracking:{each}"])) for each in identities)


def test_an_answer_follows_its_lesion_by_site_whatever_its_number() -> None:
    made = built(said("bone-lesion", "blastic", "C4"), LYTIC, amendments=[answered(T12, "alignment", "normal")])
    assert [of_lesion(made, "alignment", number) for number in (0, 1)] == [None, "normal"]


def test_of_two_lesions_at_one_site_an_answer_follows_the_identity() -> None:
    anchor = Anchor(site="T12", lesion="lesion-1", identities=frozenset({"tracking:b"}), report_version="old")
    made = built(*two_at_t12("a", "b"), amendments=[answered(anchor, "alignment", "normal")])
    assert [of_lesion(made, "alignment", number) for number in (0, 1)] == [None, "normal"]


@pytest.mark.parametrize(("version", "found"), [("1", "normal"), ("2", None)])
def test_without_identity_the_number_counts_in_the_same_version_only(version: str, found: str | None) -> None:
    anchor = Anchor(site="T12", lesion="lesion-2", report_version=version)
    made = built(*two_at_t12("a", "b"), amendments=[answered(anchor, "alignment", "normal")])
    assert of_lesion(made, "alignment", 1) == found


def test_an_answer_whose_lesion_is_gone_is_said_and_not_used() -> None:
    made = built(said("bone-lesion", "lytic", "T11"), amendments=[answered(T12, "alignment", "normal")])
    assert [issue.path for issue in made.issues] == ["answer: alignment"]
    assert "at T12 fits no single lesion" in made.issues[0].text


def test_a_supposition_about_no_lesion_is_said() -> None:
    made = built(LYTIC, amendments=[supposed("lesion-7", "alignment", "normal")])
    assert [issue.path for issue in made.issues] == ["set.lesion-7.alignment"]


def test_an_anchor_names_the_lesion_only_where_others_share_its_site() -> None:
    case = built(*two_at_t12("a", "b"), said("bone-lesion", "lytic", "L1")).case
    anchors = [anchor_of(lesion, case, "3") for lesion in case.lesions]
    assert [(each.site, each.lesion, each.identities) for each in anchors] == [
        ("T12", "lesion-1", frozenset({"tracking:a"})),
        ("T12", "lesion-2", frozenset({"tracking:b"})),
        ("L1", None, frozenset()),
    ]
    assert {each.report_version for each in anchors} == {"3"}
