import pytest

from service.mapping import codes


@pytest.mark.parametrize(
    "sent",
    [
        "http://radlex.org",
        "http://www.radlex.org",
        "http://radlex.org/",
        "https://radlex.org",
        "https://www.radlex.org/",
        "http://radlex.org/rid",
        "http://radlex.org/RID/",
        "http://www.radlex.org/RID/",
        "http://www.radlex.org/RID/RID28472",
        "urn:oid:2.16.840.1.113883.6.256",
        "https://anatomiclocations.org/",
        "https://www.anatomiclocations.org",
        "http://radlex.org|4.1",
        "HTTP://RadLex.org#",
    ],
)
def test_every_spelling_of_radlex_is_one_system(sent: str) -> None:
    assert codes.normalise(sent) == codes.RADLEX


@pytest.mark.parametrize(
    ("sent", "system"),
    [
        ("http://snomed.info/sct", codes.SNOMED),
        ("http://snomed.info/sct/900000000000207008/version/20240101", codes.SNOMED),
        ("http://snomed.info/sct/11000274103", codes.SNOMED),
        ("urn:oid:2.16.840.1.113883.6.96", codes.SNOMED),
        ("https://loinc.org/", codes.LOINC),
        ("urn:oid:2.16.840.1.113883.6.1", codes.LOINC),
        ("https://radelement.org", codes.RADELEMENT),
        ("https://www.radelement.org", codes.RADELEMENT),
        ("http://radelement.org/", codes.RADELEMENT),
        ("http://hl7.org/fhir/us/breast-radiology/CodeSystem/RadLexCDE", codes.RADELEMENT),
        ("urn:oid:1.2.840.10008.2.16.4", codes.DCM),
        ("http://dicom.nema.org/resources/ontology/dcm", codes.DCM),
        ("http://hl7.org/fhir/v3/ObservationInterpretation", codes.INTERPRETATION),
        ("http://hl7.org/fhir/data-absent-reason", codes.ABSENT_REASON),
        ("http://spinal-lesion-service.github.io/fhir/CodeSystem/finding", codes.LOCAL),
        ("https://spinal-lesion-service.github.io/fhir/NamingSystem/oifm", codes.OIFM),
    ],
)
def test_other_spellings_are_recognised(sent: str, system: str) -> None:
    assert codes.normalise(sent) == system


@pytest.mark.parametrize("sent", ["http://snomed.info/sctx", "http://hospital.example/codes", "urn:oid:2.16.840.1.113883.6.25"])
def test_a_system_that_is_not_ours_to_know_stays_as_sent(sent: str) -> None:
    assert codes.normalise(sent) == sent


@pytest.mark.parametrize("code", ["71286001", "1155991005", "11311601000119109", "900000000000207008"])
def test_a_snomed_code_with_its_verhoeff_digit_passes(code: str) -> None:
    assert codes.has_check_digit(codes.SNOMED, code)


@pytest.mark.parametrize(
    "code",
    [
        "241570006",
        "450451004",
        "241635003",
        "241551005",
        "241557009",
        "30367100",
        "71286002",
        "71268001",
        "12",
        "0712860010",
        "7128600x",
    ],
)
def test_wrong_snomed_codes_of_public_repositories_fail(code: str) -> None:
    assert not codes.has_check_digit(codes.SNOMED, code)


@pytest.mark.parametrize(
    ("code", "right"), [("24980-5", True), ("24980-4", False), ("24980", False), ("A-5", False), ("LP29684-5", True)]
)
def test_a_loinc_code_carries_its_mod_10_digit(code: str, right: bool) -> None:
    assert codes.has_check_digit(codes.LOINC, code) is right


def test_systems_without_check_digit_always_pass() -> None:
    assert codes.has_check_digit(codes.RADLEX, "RID1")


@pytest.mark.parametrize(
    "display", ["Spinal cord  compression", "spinal cord compression (disorder)", " SPINAL CORD COMPRESSION\n"]
)
def test_case_space_and_semantic_tag_make_no_difference(display: str) -> None:
    assert codes.term(display) == "spinal cord compression"


def test_a_display_that_is_only_a_bracket_stays() -> None:
    assert codes.term("(SINS)") == "(sins)"
