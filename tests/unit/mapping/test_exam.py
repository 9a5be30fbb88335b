from dataclasses import replace

import pytest

from service.mapping import codes
from service.model.coded import Coding, ItemKind
from service.model.finding import Place, State
from tests.unit.mapping.items import CORD_COMPRESSION, MRI, item, only_finding, radlex, refused, said, understood


def exam(*code: Coding) -> list[tuple[str, State, str | None]]:
    return said(item(*code, kind=ItemKind.EXAM))


def test_an_examination_code_says_modality_and_contrast() -> None:
    assert exam(Coding(codes.LOINC, "36256-6", "MR Spine W contrast IV")) == [
        ("contrast-given", State.PRESENT, "present"),
        ("modality", State.PRESENT, "mri"),
    ]
    assert exam(Coding(codes.LOINC, "36531-2")) == [("contrast-given", State.ABSENT, None), ("modality", State.PRESENT, "mri")]


def test_an_examination_is_no_place_and_has_no_other_meaning() -> None:
    assert only_finding(item(MRI, kind=ItemKind.EXAM)).place == Place()
    assert refused(item(CORD_COMPRESSION, kind=ItemKind.EXAM)) == [("unknown-code", None)]
    assert refused(item(Coding(codes.LOINC, "18748-4"), kind=ItemKind.EXAM)) == [("excluded", None)]


@pytest.mark.parametrize("status", ["final", "registered", "unknown", "available"])
def test_an_examination_is_named_whatever_became_of_its_report(status: str) -> None:
    assert said(item(MRI, kind=ItemKind.EXAM, status=status)) == [("modality", State.PRESENT, "mri")]


def test_an_examination_entered_in_error_is_not_used() -> None:
    assert refused(item(MRI, kind=ItemKind.EXAM, status="entered-in-error")) == [("excluded-status", None)]


def test_the_method_is_the_modality_of_a_finding() -> None:
    methods = (Coding("http://hospital.example", "x"), radlex(10312), radlex(10321))
    assert only_finding(item(CORD_COMPRESSION, method=methods)).modality == ("ct", "mri")
    assert only_finding(item(CORD_COMPRESSION)).modality == ()


def composed(*numbers: int) -> list[tuple[str, str | None]]:
    return sorted((finding, value) for finding, _, value in exam(*(radlex(number) for number in numbers)))


@pytest.mark.parametrize("tracer", [10380, 28770])
def test_d76_ct_and_myelography_are_ct_myelography(tracer: int) -> None:
    assert composed(10321, tracer) == composed(tracer, 10321) == [("modality", "ct-myelography")]


@pytest.mark.parametrize(
    ("numbers", "modalities"),
    [((10341, 11701), ["fdg-pet-ct"]), ((10341, 45804), ["naf-pet"]), ((10341, 10312), ["mri", "pet-ct"])],
)
def test_d77_pet_ct_takes_the_name_of_its_tracer(numbers: tuple[int, ...], modalities: list[str]) -> None:
    assert composed(*numbers) == [("modality", modality) for modality in modalities]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((10794, 28694, 10685), [("contrast-given", "present"), ("mr-sequence", "t1-fat-sat-post-contrast")]),
        ((10794, 10685), [("mr-sequence", "t1-fat-sat")]),
        ((10795, 10685), [("mr-sequence", "t2-fat-sat")]),
    ],
)
def test_d78_a_sequence_and_its_fat_suppression_are_one_sequence(numbers: tuple[int, ...], expected: list[tuple[str, str]]) -> None:
    assert composed(*numbers) == expected


def test_myelography_alone_stays_excluded() -> None:
    assert refused(item(radlex(10380), kind=ItemKind.EXAM)) == [("excluded", "modality")]


def test_a_sequence_may_be_stated_as_an_observation() -> None:
    assert said(item(radlex(28699, "short tau inversion recovery"))) == [("mr-sequence", State.PRESENT, "stir")]


CT = radlex(10321)


def _study(*method: Coding, study: str) -> str:
    return only_finding(item(CORD_COMPRESSION, method=method, study=study)).study


@pytest.mark.parametrize("system", ["http://radlex.org", "https://www.radlex.org/", "urn:oid:2.16.840.1.113883.6.256"])
def test_an_examination_is_the_same_under_every_address_of_its_system(system: str) -> None:
    sent = Coding(system, "RID10321")
    assert _study(sent, study=f"{system}|RID10321") == "http://radlex.org|RID10321"
    assert _study(sent, study=f"DiagnosticReport/2:{system}|RID10321") == "DiagnosticReport/2:http://radlex.org|RID10321"


def test_an_examination_of_several_codings_is_the_same_however_they_are_spelt() -> None:
    other = Coding("http://snomed.info/sct/900000000000207008", "77477000")
    plain = Coding("http://snomed.info/sct", "77477000")
    first = _study(Coding("http://www.radlex.org", "RID10321"), other, study=f"{other.system}|77477000")
    assert first == _study(CT, plain, study="http://radlex.org|RID10321")


def test_an_examination_that_no_method_names_keeps_its_name() -> None:
    assert _study(study="DiagnosticReport/1") == "DiagnosticReport/1"
    assert _study(CT, study="Observation/7") == "Observation/7"


def test_a_method_that_is_not_understood_is_listed_where_it_is_stated() -> None:
    unknown = (Coding("http://hospital.example", "x"), Coding(codes.RADLEX, "RID999999"))
    stated = item(CORD_COMPRESSION, method=unknown, own_method=True)
    translation = understood(stated)
    assert [(each.code, each.path, each.reason) for each in translation.unmapped] == [
        ("x", "Observation-1.method", "unknown-system"),
        ("RID999999", "Observation-1.method", "unknown-code"),
    ]
    assert len(translation.findings) == 1
    assert understood(replace(stated, own_method=False)).unmapped == ()
    assert understood(replace(stated, method=(*unknown, CT))).unmapped == ()


def test_a_method_of_what_is_not_understood_is_listed_only_where_others_inherit_it() -> None:
    unknown = Coding("http://hospital.example", "x")
    alone = item(unknown, method=(unknown,), own_method=True)
    assert [each.path for each in understood(alone).unmapped] == ["Observation-1"]
    assert [each.path for each in understood(replace(alone, members=1)).unmapped] == ["Observation-1", "Observation-1.method"]
