"""What must be true around a code before it counts."""

from dataclasses import replace

import pytest

from service.mapping import codes
from service.model.coded import Coding
from service.model.finding import Place, State
from tests.unit.mapping.items import (
    CORD_COMPRESSION,
    LIVER,
    T12,
    coded,
    component,
    item,
    local,
    member,
    number,
    only_finding,
    radlex,
    refused,
    said,
    true,
    understood,
)

COMPRESSION_FRACTURE = radlex(4658, "compression fracture")
FRACTURED = [("vertebral-fracture", State.PRESENT, "compression")]
DIAMETER = radlex(13432, "diameter")
L1_WORD = radlex(6164, "L1")
LYTIC = Coding(codes.LOCAL, "bone-lesion")


def place_of(*sites: Coding, finding: str = "cord-compression") -> Place:
    return only_finding(item(local(finding), value=true(), sites=sites)).place


@pytest.mark.parametrize(
    "site",
    [
        T12,
        radlex(6200),
        radlex(28677),
        radlex(7741),
        radlex(29181),
        radlex(7743),
        radlex(7361),
        L1_WORD,
        radlex(28734),
        radlex(7890),
    ],
)
def test_a_code_that_is_not_spine_specific_counts_on_a_spinal_site(site: Coding) -> None:
    assert said(item(COMPRESSION_FRACTURE, sites=(site,)))[0] == FRACTURED[0]


@pytest.mark.parametrize("sites", [(), (LIVER,), (radlex(38594),), (radlex(5824),)])
def test_a_code_that_is_not_spine_specific_needs_a_spinal_site(sites: tuple[Coding, ...]) -> None:
    unmapped = understood(item(COMPRESSION_FRACTURE, sites=sites)).unmapped
    assert [(each.reason, each.finding) for each in unmapped] == [("condition-not-met", "vertebral-fracture")]
    assert unmapped[0].why == "not spine-specific: counts only on a spinal site"


def test_the_level_of_its_group_puts_a_code_on_the_spine() -> None:
    group = item(Coding(codes.RADELEMENT, "RDES21"), members=2)
    level = member(group, Coding(codes.RADELEMENT, "RDE151"), value=coded(local("T12")), name="Observation/2")
    fracture = member(group, COMPRESSION_FRACTURE, name="Observation/3")
    assert [each.finding for each in understood(group, fracture, level).findings] == ["vertebral-fracture", "vertebral-level"]
    unknown = replace(level, value=coded(Coding("http://hospital.example", "x")))
    assert understood(group, fracture, unknown).findings == ()


def test_the_site_of_an_ancestor_puts_a_code_on_the_spine() -> None:
    group = item(Coding(codes.RADELEMENT, "RDES21"), sites=(T12,), members=1)
    fracture = member(group, COMPRESSION_FRACTURE, sites=(radlex(5824),), own_site=True)
    assert [each.finding for each in understood(group, fracture).findings] == ["vertebral-fracture"]


def test_a_site_stated_for_the_same_lesion_puts_a_code_on_the_spine() -> None:
    sited = item(LYTIC, value=coded(local("lytic")), sites=(T12,), identities=("tracking:1",))
    fracture = item(COMPRESSION_FRACTURE, name="Observation/2", identities=("tracking:1",))
    assert [each.finding for each in understood(sited, fracture).findings] == ["bone-lesion", "vertebral-fracture"]
    other = replace(fracture, identities=("tracking:2",))
    assert [each.finding for each in understood(sited, other).findings] == ["bone-lesion"]


@pytest.mark.parametrize("site", [T12, radlex(29156, "thoracic vertebra"), radlex(29181), L1_WORD])
def test_collapse_counts_on_a_vertebra(site: Coding) -> None:
    assert said(item(radlex(28506, "collapse"), sites=(site,))) == [("vertebral-collapse", State.PRESENT, "some")]


@pytest.mark.parametrize("site", [radlex(28677, "thoracic spine region"), radlex(7890, "intervertebral disk")])
def test_collapse_of_something_else_in_the_spine_does_not_count(site: Coding) -> None:
    assert refused(item(radlex(28506, "collapse"), sites=(site,))) == [("condition-not-met", "vertebral-collapse")]


def test_collapse_counts_in_the_group_of_a_vertebra() -> None:
    group = item(Coding(codes.RADELEMENT, "RDES21"), sites=(T12,), members=1)
    collapse = member(group, radlex(28506, "collapse"), sites=(), own_site=False)
    assert [each.finding for each in understood(group, collapse).findings] == ["vertebral-collapse"]


def test_a_spinal_level_word_is_a_vertebra_for_a_bone_lesion() -> None:
    assert only_finding(item(LYTIC, value=coded(local("lytic")), sites=(L1_WORD,))).place.levels == ("L1",)
    assert only_finding(item(LYTIC, value=coded(local("lytic")), sites=(L1_WORD, T12))).place.levels == ("T12", "L1")


def test_a_spinal_level_word_is_no_vertebra_for_a_cord_finding() -> None:
    translation = understood(item(CORD_COMPRESSION, sites=(L1_WORD,)))
    assert [each.place.levels for each in translation.findings] == [()]
    (unmapped,) = translation.unmapped
    assert (unmapped.reason, unmapped.code, unmapped.path) == ("condition-not-met", "RID6164", "Observation-1.bodySite")


def test_a_cord_finding_inherits_the_vertebra_of_its_lesion() -> None:
    lesion = item(LYTIC, value=coded(local("lytic")), sites=(L1_WORD,), members=1)
    translation = understood(lesion, component(lesion, CORD_COMPRESSION))
    assert [each.place.levels for each in translation.findings] == [("L1",), ("L1",)]
    assert said(item(CORD_COMPRESSION, sites=(L1_WORD, radlex(29193))))


def test_a_part_that_exists_elsewhere_counts_where_the_spine_is_named() -> None:
    epidural = radlex(7111, "epidural space")
    assert place_of(epidural, T12).parts == ("epidural-space",)
    assert place_of(epidural).parts == ()
    group = item(Coding(codes.RADELEMENT, "RDES21"), sites=(T12,), members=1)
    mass = member(group, radlex(3874), sites=(epidural,), own_site=True)
    assert understood(group, mass).findings[0].place.parts == ("epidural-space",)


def test_a_size_belongs_to_a_lesion_as_its_component() -> None:
    lesion = item(LYTIC, value=coded(local("lytic")), members=1)
    found = understood(lesion, component(lesion, DIAMETER, value=number("2", unit="cm")))
    assert [each.finding for each in found.findings] == ["bone-lesion", "lesion-diameter"]
    assert found.unmapped == ()


def test_a_size_belongs_to_a_lesion_as_member_of_its_group_or_at_its_level() -> None:
    group = item(Coding(codes.RADELEMENT, "RDES21"), members=2)
    density = member(group, LYTIC, value=coded(local("lytic")), name="Observation/2")
    size = member(group, DIAMETER, value=number("2", unit="cm"), name="Observation/3")
    assert [each.finding for each in understood(group, density, size).findings] == ["bone-lesion", "lesion-diameter"]
    regional = item(Coding(codes.RADELEMENT, "RDES21"), sites=(radlex(28677),), members=1)
    assert [each.finding for each in understood(regional, member(regional, DIAMETER, value=number("2", unit="cm"))).findings] == [
        "lesion-diameter"
    ]
    assert said(item(DIAMETER, value=number("2", unit="cm"), sites=(T12,))) == [("lesion-diameter", State.PRESENT, None)]


def test_a_size_of_something_else_is_no_size_of_ours() -> None:
    nodule = item(Coding(codes.SNOMED, "427359005", "Solitary nodule of lung"), sites=(radlex(1301, "lung"),), members=1)
    below = component(nodule, DIAMETER, value=number("2", unit="cm"))
    assert understood(nodule, below).findings == ()
    mass = item(radlex(3874, "mass"), sites=(LIVER,), members=1)
    assert understood(mass, component(mass, DIAMETER, value=number("2", unit="cm"))).findings == ()
    assert refused(item(DIAMETER, value=number("2", unit="cm"))) == [("condition-not-met", "lesion-diameter")]
    tumour = item(Coding(codes.LOINC, "21889-1"), members=1)
    assert refused(tumour, component(tumour, Coding(codes.LOINC, "33728-7"), value=number("2", unit="cm"))) == [
        ("condition-not-met", "lesion-diameter")
    ]


def test_radiotherapy_counts_for_the_spine_it_was_given_to() -> None:
    therapy = Coding(codes.SNOMED, "33195004")
    assert said(item(therapy, sites=(radlex(34572),))) == [("spinal-irradiation", State.PRESENT, "extent-not-stated")]
    assert [finding for finding, *_ in said(item(therapy, sites=(T12,)))] == ["lesion-treatment", "spinal-irradiation"]
    assert refused(item(therapy)) == [("condition-not-met", "lesion-treatment")]


def test_uptake_counts_on_a_bone_scan_only() -> None:
    uptake = item(radlex(49568, "uptake"), value=true())
    assert refused(uptake) == [("condition-not-met", "bone-scan-uptake")]
    scanned = replace(uptake, method=(Coding(codes.LOINC, "25031-6"),))
    assert said(scanned) == [("bone-scan-uptake", State.PRESENT, "present")]
    assert only_finding(scanned).modality == ("bone-scan",)


@pytest.mark.parametrize(
    ("method", "counts"), [((radlex(10341),), False), ((radlex(10341), radlex(11701)), True), ((radlex(11701),), True)]
)
def test_metabolism_counts_on_fdg_pet_only(method: tuple[Coding, ...], counts: bool) -> None:
    found = understood(item(radlex(39412, "hypermetabolic"), method=method)).findings
    assert [each.finding for each in found] == (["fdg-uptake"] if counts else [])


def test_an_unmet_meaning_is_not_listed_where_the_code_says_something_else() -> None:
    lymphoma = radlex(3840, "lymphoma")
    assert said(item(lymphoma)) == [("primary-cancer", State.PRESENT, "lymphoma")]
