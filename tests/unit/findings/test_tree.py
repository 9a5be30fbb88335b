"""What qualifies a statement: the nearest that stands beside it."""

from typing import Final

import pytest

from service.model.finding import Finding
from tests.unit.findings.statements import component, member, only, place, said, words

_G, _H, _R = "Observation/g", "Observation/h", "Observation/r"
_ROW: Final = "posterolateral-involvement"
_WHERE: Final = place("T7", own=False)


@pytest.mark.parametrize(
    "told",
    [
        (said("bone-lesion", "lytic", "T7"), said("lesion-site", "facet-joint", "T7"), said("laterality", "bilateral", "T7")),
        (
            component(_G, 0, "bone-lesion", "lytic", place("T7")),
            component(_G, 1, "lesion-site", "facet-joint", place("T7")),
            component(_G, 2, "laterality", "bilateral", place("T7")),
        ),
        (
            member(_G, "bone-lesion", "lytic", _WHERE),
            member(_G, "lesion-site", "facet-joint", _WHERE),
            member(_G, "laterality", "bilateral", _WHERE),
        ),
        (
            member((_H, _G), "bone-lesion", "lytic", _WHERE),
            member((_H, _G), "alignment", "normal", _WHERE),
            member(_G, "lesion-site", "facet-joint", _WHERE),
            component(_G, 0, "laterality", "bilateral", place("T7")),
        ),
        (
            member(_G, "bone-lesion", "lytic", _WHERE),
            member(_G, "alignment", "normal", _WHERE),
            said("lesion-site", "facet-joint", "T7"),
            said("laterality", "bilateral", "T7"),
        ),
    ],
    ids=["flat", "components", "members", "group of groups", "beside the group"],
)
def test_site_and_sides_of_a_lesion_are_those_of_its_tumour_wherever_they_stand(told: tuple[Finding, ...]) -> None:
    assert words(only(*told))[_ROW] == "bilateral"


def test_a_nearer_qualifier_wins() -> None:
    lesion = only(
        member((_H, _G), "bone-lesion", "lytic", _WHERE),
        member((_H, _G), "lesion-site", "vertebral-body", _WHERE),
        member(_G, "lesion-site", "facet-joint", _WHERE),
    )
    assert _ROW not in lesion.findings


def test_a_qualifier_of_one_group_does_not_reach_another() -> None:
    lesion = only(
        member((_H, _G), "bone-lesion", "lytic", _WHERE),
        member((_R, _G), "lesion-site", "facet-joint", _WHERE),
    )
    assert _ROW not in lesion.findings


_WORDS: Final = (("lesion-morphology", "mass"), ("lesion-morphology", "oedema"))
_SITES: Final = (("lesion-site", "epidural-space"), ("lesion-site", "spinal-cord"))


@pytest.mark.parametrize(
    "told",
    [
        tuple(said(*each, "T7") for each in (*_WORDS, *_SITES)),
        tuple(component(_G, number, *each, place("T7")) for number, each in enumerate((*_WORDS, *_SITES))),
        (
            component(_G, 0, *_WORDS[0], place("T7")),
            member(_G, *_WORDS[1], _WHERE),
            member(_G, *_SITES[0], _WHERE),
            component(_G, 1, *_SITES[1], place("T7")),
        ),
    ],
    ids=["flat", "components", "component and member"],
)
def test_two_words_and_two_sites_are_composed_to_nothing(told: tuple[Finding, ...]) -> None:
    assert not {"epidural-soft-tissue", "cord-oedema", "intramedullary-lesion"} & set(only(*told).findings)


def test_a_word_with_a_site_of_its_own_claims_no_other() -> None:
    oedema = said("lesion-morphology", "oedema", place("T7", parts=["spinal-cord"]))
    lesion = only(said("lesion-morphology", "mass", "T7"), said("lesion-site", "epidural-space", "T7"), oedema)
    assert (words(lesion)["epidural-soft-tissue"], words(lesion)["cord-oedema"]) == ("present", "extent-not-stated")
