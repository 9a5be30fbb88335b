import pytest

from service.mapping import codes
from service.model.coded import Coding
from service.model.finding import Place
from tests.unit.mapping.items import (
    CORD_COMPRESSION,
    LIVER,
    T12,
    coded,
    component,
    item,
    local,
    mappings,
    only_finding,
    radlex,
    refused,
    said,
    true,
    understood,
)

COMPRESSION_FRACTURE = radlex(4658, "compression fracture")
LYTIC = Coding(codes.LOCAL, "bone-lesion")


def place_of(*sites: Coding, finding: str = "cord-compression") -> Place:
    return only_finding(item(local(finding), value=true(), sites=sites)).place


@pytest.mark.parametrize(
    "system",
    [
        "http://radlex.org",
        "http://www.radlex.org",
        "https://radlex.org/",
        "http://radlex.org/rid",
        "http://www.radlex.org/RID/",
        "urn:oid:2.16.840.1.113883.6.256",
        "https://anatomiclocations.org/",
    ],
)
def test_a_vertebra_is_the_same_under_every_radlex_address(system: str) -> None:
    assert place_of(Coding(system, "RID29209")).levels == ("T12",)


@pytest.mark.parametrize(
    ("finding", "part"),
    [("vertebral-level", "levels"), ("disc-level", "discs"), ("spinal-region", "regions"), ("lesion-site", "parts")],
)
def test_our_own_words_for_places_are_body_sites_too(finding: str, part: str) -> None:
    values = mappings().vocabulary[finding].values
    assert values
    for value in values:
        place = place_of(local(value))
        assert getattr(place, part) == (value,)


@pytest.mark.parametrize(
    ("written", "level", "disc"),
    [
        ("Th12", ("T12",), ()),
        ("D12", ("T12",), ()),
        ("Th13", ("T13",), ()),
        ("Th4-Th5", (), ("T4-T5",)),
        ("C7-Th1", (), ("C7-T1",)),
        ("D12-L1", (), ("T12-L1",)),
    ],
)
def test_thoracic_places_spelt_with_th_or_d_are_read(written: str, level: tuple[str, ...], disc: tuple[str, ...]) -> None:
    place = place_of(local(written))
    assert (place.levels, place.discs) == (level, disc)


def test_every_level_of_a_span_is_kept() -> None:
    assert place_of(local("T11"), local("T9"), local("T10"), local("T9")).levels == ("T9", "T10", "T11")


def test_snomed_vertebrae_need_the_affiliate_rows() -> None:
    vertebra = Coding(codes.SNOMED, "23215003")
    fracture = item(local("cord-compression"), value=true(), sites=(vertebra,))
    assert only_finding(fracture, affiliate=True).place.levels == ("T12",)
    assert [each.reason for each in understood(fracture).unmapped] == ["level-not-understood"]


def test_levels_run_from_cranial_to_caudal() -> None:
    assert place_of(radlex(29193), T12, radlex(29208), T12).levels == ("T11", "T12", "L1")


def test_a_site_may_name_level_part_disc_region_and_side() -> None:
    place = place_of(radlex(7769, "T12 vertebral body"), radlex(6200), radlex(28677), radlex(5824, "left"))
    assert place == Place(
        levels=("T12",), discs=("T12-L1",), regions=("thoracic",), parts=("vertebral-body",), sides=("left",), own=True
    )


def test_a_sided_anatomy_id_is_structure_and_side() -> None:
    place = place_of(Coding("https://anatomiclocations.org", "RID29181_RID5824"))
    assert (place.parts, place.sides) == (("pedicle",), ("left",))


def test_parents_and_identities_travel_with_the_place() -> None:
    found = only_finding(
        item(CORD_COMPRESSION, sites=(T12,), own_site=False, parents=("Observation/0",), identities=("structure:1",))
    )
    assert found.place == Place(levels=("T12",), own=False, parents=("Observation/0",), identities=("structure:1",))


def test_the_answer_to_a_level_question_is_a_finding() -> None:
    found = only_finding(item(Coding(codes.RADELEMENT, "RDE151"), value=coded(Coding(codes.RADELEMENT, "RDE151.11", "T12"))))
    assert (found.finding, found.value, found.place) == ("vertebral-level", "T12", Place())


def test_an_unknown_site_is_listed_and_the_finding_is_used_without_level() -> None:
    translation = understood(item(CORD_COMPRESSION, sites=(Coding("http://hospital.example", "BWK12", "12. Brustwirbel"),)))
    assert [each.place.levels for each in translation.findings] == [()]
    (unmapped,) = translation.unmapped
    assert (unmapped.code, unmapped.reason, unmapped.path) == ("BWK12", "level-not-understood", "Observation-1.bodySite")


def test_an_unknown_coding_beside_a_known_site_is_not_listed() -> None:
    assert said(item(CORD_COMPRESSION, sites=(Coding("http://hospital.example", "BWK12"), T12)))


def test_a_site_is_listed_where_it_is_stated_and_not_where_it_is_inherited() -> None:
    unknown = Coding("http://hospital.example", "BWK12")
    parent = item(CORD_COMPRESSION, sites=(unknown,), members=1)
    translation = understood(parent, component(parent, LYTIC, value=coded(local("lytic"))))
    assert [each.path for each in translation.unmapped] == ["Observation-1.bodySite"]


def test_a_site_of_an_item_that_is_not_understood_is_not_listed() -> None:
    assert refused(item(Coding("http://hospital.example", "x"), sites=(LIVER,))) == [("unknown-system", None)]


def test_an_excluded_site_is_listed_with_our_reason() -> None:
    (unmapped,) = understood(item(CORD_COMPRESSION, sites=(radlex(6135, "spinal canal"),))).unmapped
    assert (unmapped.reason, unmapped.why) == ("excluded", "canal, compartment not stated")


def test_a_code_that_is_no_site_is_not_understood_as_one() -> None:
    (unmapped,) = understood(item(CORD_COMPRESSION, sites=(COMPRESSION_FRACTURE,))).unmapped
    assert unmapped.reason == "level-not-understood"


def test_a_site_whose_display_contradicts_its_code_is_not_used() -> None:
    translation = understood(item(CORD_COMPRESSION, sites=(radlex(29209, "first lumbar vertebra"), radlex(28677))))
    assert [each.place.levels for each in translation.findings] == [()]
    assert [(each.reason, each.code) for each in translation.unmapped] == [("display-mismatch", "RID29209")]


def test_a_junction_as_site_names_its_band() -> None:
    found = understood(item(CORD_COMPRESSION, sites=(radlex(28734, "lumbosacral junction"),)))
    assert [(each.finding, each.value) for each in found.findings] == [
        ("cord-compression", "present"),
        ("sins-location", "junctional"),
    ]
