"""Sites in codes that are not known, or in words: listed, never read, and nobody else's place."""

from service.mapping import codes
from service.model.coded import Coding
from tests.unit.mapping.items import CORD_COMPRESSION, T12, coded, item, local, member, only_finding, understood

LYTIC = Coding(codes.LOCAL, "bone-lesion")


def test_a_finding_of_any_bone_at_a_site_that_is_not_understood_is_refused_and_said() -> None:
    femur = Coding("http://hospital.example", "FEMUR")
    translation = understood(item(LYTIC, value=coded(local("lytic")), sites=(femur,)))
    assert translation.findings == ()
    assert [(each.reason, each.finding, each.code, each.path) for each in translation.unmapped] == [
        ("level-not-understood", "bone-lesion", "bone-lesion", "Observation-1"),
        ("level-not-understood", None, "FEMUR", "Observation-1.bodySite"),
    ]


def test_a_component_at_a_site_that_is_not_understood_is_listed_where_it_stands() -> None:
    femur = Coding("http://hospital.example", "FEMUR")
    group = item(Coding(codes.RADELEMENT, "RDES21"), sites=(femur,), members=1)
    below = member(group, LYTIC, value=coded(local("lytic")), sites=(femur,), own_site=False)
    translation = understood(group, below)
    assert translation.findings == ()
    assert {(each.reason, each.code, each.path) for each in translation.unmapped if each.code != "RDES21"} == {
        ("level-not-understood", "bone-lesion", below.source.path),
        ("level-not-understood", "FEMUR", f"{group.source.path}.bodySite"),
    }


def test_a_finding_of_the_vertebra_at_a_site_that_is_not_understood_stays_at_a_place_of_its_own() -> None:
    unknown = Coding("http://hospital.example", "BWK12")
    (found,) = understood(item(CORD_COMPRESSION, sites=(unknown,))).findings
    assert found.place.identities == ("site:http://hospital.example|BWK12",)


def test_a_site_of_a_heading_that_is_not_understood_is_listed() -> None:
    unknown = Coding("http://hospital.example", "BWK12")
    heading = item(Coding(codes.RADELEMENT, "RDES21"), sites=(unknown,), members=1)
    translation = understood(heading, member(heading, CORD_COMPRESSION))
    assert ("BWK12", "Observation-1.bodySite", "level-not-understood") in {
        (each.code, each.path, each.reason) for each in translation.unmapped
    }
    assert len(translation.findings) == 1


def test_a_site_in_words_is_a_place_of_its_own_unless_its_group_lies_on_the_spine() -> None:
    stated = item(CORD_COMPRESSION, own_site=True, site_text="T7")
    assert only_finding(stated).place.identities == ("site:T7",)
    group = item(Coding(codes.RADELEMENT, "RDES21"), sites=(T12,), members=1)
    below = member(group, CORD_COMPRESSION, own_site=True, sites=(), site_text="left pedicle")
    assert understood(group, below).findings[0].place.identities == ()
