"""Which statements are of one lesion because somebody said so: structures, tracking, shared identifiers."""

import pytest

from service.model.finding import Finding
from tests.unit.findings.statements import built, lesions, member, only, place, said, words

G, H, R = "Observation/g", "Observation/h", "Observation/r"


def _texts(*statements: Finding) -> list[str]:
    return [lesion.site.text for lesion in lesions(*statements)]


@pytest.mark.parametrize("kind", ["structure", "tracking", "identifier"])
def test_identities_keep_two_lesions_of_one_level_apart(kind: str) -> None:
    found = lesions(
        said("bone-lesion", "lytic", place("T7", identities=[f"{kind}:a"])),
        said("bone-lesion", "blastic", place("T7", identities=[f"{kind}:b"])),
        said("expansile", "present", place("T7", identities=[f"{kind}:a"])),
        said("expansile", "absent", place("T7", identities=[f"{kind}:b"])),
    )
    assert [(words(lesion)["bone-lesion"], words(lesion)["expansile"]) for lesion in found] == [
        ("lytic", "present"),
        ("blastic", "absent"),
    ]


def test_one_identity_is_one_lesion_across_levels() -> None:
    lesion = only(
        said("bone-lesion", "lytic", place("T7", identities=["tracking:a"])),
        said("alignment", "normal", place("T8", identities=["tracking:a"])),
    )
    assert lesion.site.text == "T7-T8"


def test_a_statement_that_bears_two_identities_joins_them() -> None:
    only(
        said("bone-lesion", "lytic", place("T7", identities=["structure:a"])),
        said("alignment", "normal", place("T7", identities=["tracking:b"])),
        said("expansile", "present", place("T7", identities=["structure:a", "tracking:b"])),
    )


def test_an_identified_group_without_level_is_a_lesion() -> None:
    found = lesions(
        said("bone-lesion", "lytic", place(identities=["tracking:a"])),
        said("bone-lesion", "blastic", place(identities=["tracking:b"])),
    )
    assert [lesion.site.text for lesion in found] == ["site not stated", "site not stated"]


def test_a_panel_with_a_level_may_hold_two_identified_lesions() -> None:
    at_t7 = [
        member((group, R), finding, told, place("T7", own=False, identities=[f"tracking:{group}"]))
        for group in (G, H)
        for finding, told in (("bone-lesion", "lytic"), ("alignment", "normal"))
    ]
    assert [lesion.source for lesion in lesions(*at_t7)] == [G, H]


def test_an_identity_below_a_panel_belongs_to_its_member_only() -> None:
    found = lesions(
        member((G, R), "bone-lesion", "lytic", place(identities=["tracking:a"])),
        member((G, R), "alignment", "normal", place(identities=["tracking:a"])),
        member(R, "bone-lesion", "blastic", place("L3")),
    )
    assert [lesion.site.text for lesion in found] == ["L3", "site not stated"]


def test_a_statement_without_identity_at_the_level_of_two_lesions_is_not_guessed() -> None:
    found = built(
        said("bone-lesion", "lytic", place("T7", identities=["tracking:a"])),
        said("bone-lesion", "blastic", place("T7", identities=["tracking:b"])),
        said("alignment", "normal", "T7"),
    )
    assert all("alignment" not in lesion.findings for lesion in found.case.lesions)
    assert [issue.code for issue in found.issues] == ["conflict"]


def test_a_business_identifier_of_one_observation_is_no_lesion_identity() -> None:
    only(
        said("bone-lesion", "lytic", place("T7", identities=["identifier:1"])),
        said("alignment", "normal", place("T7", identities=["identifier:2"])),
    )


def test_an_accession_number_in_every_observation_joins_no_distant_levels() -> None:
    statements = [said("bone-lesion", "lytic", place(level, identities=["identifier:accession"])) for level in ("T4", "L3")]
    assert _texts(*statements) == ["T4", "L3"]


def test_an_identifier_counts_only_where_nothing_stronger_does() -> None:
    found = lesions(
        said("bone-lesion", "lytic", place("T7", identities=["tracking:a", "identifier:x"])),
        said("bone-lesion", "lytic", place("T7", identities=["tracking:b", "identifier:x"])),
    )
    assert len(found) == 2
