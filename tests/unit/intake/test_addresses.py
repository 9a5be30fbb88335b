import pytest

from service.intake.addresses import base_of, is_shaped, localise, sought_identifier, tail_of, type_of
from tests.builders import BASE


@pytest.mark.parametrize(
    "reference",
    [
        "#o1",
        "#",
        "urn:uuid:0b5d0a5e-0000-4000-8000-000000000000",
        "urn:oid:1.2.3",
        "Observation/7",
        "Observation/7/_history/2",
        f"{BASE}/Observation/7",
        "Patient?identifier=http://x|1",
    ],
)
def test_every_form_of_reference_is_recognised(reference: str) -> None:
    assert is_shaped(reference)


@pytest.mark.parametrize(
    "reference", ["", "7", "Observation/", "Observation/7/8", "observation/7", "Observation/a b", "urn:x", "../Patient/1"]
)
def test_other_texts_are_no_references(reference: str) -> None:
    assert not is_shaped(reference)


def test_an_address_below_the_ehr_base_is_local_without_its_version() -> None:
    assert localise(f"{BASE}/Observation/7/_history/3", BASE) == "Observation/7"
    assert localise("Observation/7/_history/3", None) == "Observation/7"


def test_an_address_of_another_server_stays_as_it_is() -> None:
    assert localise("https://other.example/Observation/7/_history/1", BASE) == "https://other.example/Observation/7"
    assert localise("urn:uuid:1", BASE) == "urn:uuid:1"
    assert localise(f"{BASE}-two/Observation/7", BASE) == f"{BASE}-two/Observation/7"
    assert localise(f"{BASE}/Observation/7", None) == f"{BASE}/Observation/7"


def test_type_base_and_tail_are_read_from_an_address() -> None:
    assert type_of("Observation/7") == type_of(f"{BASE}/Observation/7") == "Observation"
    assert type_of("urn:uuid:1") is None
    assert base_of(f"{BASE}/Observation/7") == BASE
    assert base_of("urn:uuid:1") is None
    assert base_of(None) is None
    assert tail_of(f"{BASE}/Observation/7/_history/2") == tail_of("Observation/7") == "Observation/7"
    assert tail_of("urn:uuid:1") == "urn:uuid:1"


@pytest.mark.parametrize(
    ("reference", "sought"),
    [
        ("Patient?identifier=urn:mrn|7", ("Patient", "urn:mrn", "7")),
        ("Patient?identifier=urn%3Amrn%7C7", ("Patient", "urn:mrn", "7")),
        ("Patient?identifier=7", None),
        ("Patient?identifier=|7", None),
        ("Patient?identifier=urn:mrn|", None),
        ("Patient?name=x", None),
        ("Patient?identifier=a|b&active=true", None),
        ("Patient/7", None),
    ],
)
def test_a_reference_may_seek_an_identifier(reference: str, sought: tuple[str, str, str] | None) -> None:
    assert sought_identifier(reference) == sought
