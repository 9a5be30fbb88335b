"""What is said of study and patient among the statements of a lesion."""

import pytest

from tests.unit.findings.statements import built, component, lesions, member, place, said, word, words

_G = "Observation/g"
_IN_GROUP = place("L2", own=False)
_T4 = said("vertebral-fracture", "compression", "T4")


def test_the_site_of_a_study_finding_is_not_that_of_a_lesion() -> None:
    enhancing = said("leptomeningeal-enhancement", "nodular", reference=_G)
    found = built(said("bone-lesion", "lytic", "T12"), enhancing, component(_G, 0, "lesion-site", "cauda-equina"))
    (lesion,) = found.case.lesions
    assert "lesion-site" not in lesion.findings
    assert word(found.case.study["leptomeningeal-enhancement"]) == "nodular"
    assert found.issues == ()


def test_the_level_of_a_study_finding_makes_no_lesion() -> None:
    elsewhere = said("compression-fractures-elsewhere", "present", reference=_G)
    found = built(_T4, elsewhere, component(_G, 0, "vertebral-level", "L1"))
    assert [lesion.site.text for lesion in found.case.lesions] == ["T4"]


def test_the_level_answered_beside_pain_on_movement_is_its_place() -> None:
    moving = said("movement-related-pain", "present", reference=_G)
    found = lesions(_T4, said("bone-lesion", "lytic", "L1"), moving, component(_G, 0, "vertebral-level", "L1"))
    assert [word(lesion.findings.get("spinal-pain")) for lesion in found] == [None, "mechanical"]


def test_a_site_of_a_lesion_stays_with_the_lesion_though_the_patient_is_spoken_of_beside_it() -> None:
    told = [("bone-lesion", "lytic"), ("lesion-site", "pedicle"), ("spinal-metastasis", "present")]
    group = [component(_G, number, *each, place("T7")) for number, each in enumerate(told)]
    (lesion,) = built(*group).case.lesions
    assert words(lesion)["lesion-site"] == "pedicle"


@pytest.mark.parametrize("make", [component, None])
def test_a_metastasis_of_the_patient_has_no_level_though_it_stands_in_the_group_of_a_lesion(make: object) -> None:
    fracture = ("vertebral-fracture", "unspecified")
    told = [fracture, ("spinal-metastasis", "present"), ("movement-related-pain", "present"), ("spinal-irradiation", "partial")]
    if make is None:
        group = [member(_G, *each, _IN_GROUP) for each in told]
    else:
        group = [component(_G, number, *each, place("L2")) for number, each in enumerate(told)]
    for lesion in lesions(_T4, *group):
        assert not {"other-focal-lesions", "spinal-pain", "lesion-treatment"} & set(lesion.findings)


def test_what_is_a_component_of_a_finding_of_a_lesion_has_no_level_either() -> None:
    fracture = said("vertebral-fracture", "unspecified", "L2", reference=_G)
    assert "lesion-treatment" not in lesions(fracture, component(_G, 0, "spinal-irradiation", "partial", place("L2")))[0].findings


def test_a_group_about_the_pain_of_the_patient_keeps_its_place() -> None:
    moving = member(_G, "movement-related-pain", "present", place("T4", own=False))
    assert word(lesions(_T4, moving)[0].findings["spinal-pain"]) == "mechanical"


def test_a_site_of_its_own_stays() -> None:
    treated = member(_G, "spinal-irradiation", "partial", place("L2"))
    found = lesions(member(_G, "vertebral-fracture", "unspecified", _IN_GROUP), treated)
    assert words(found[0])["lesion-treatment"] == "radiotherapy"
