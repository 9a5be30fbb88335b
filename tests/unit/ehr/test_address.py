"""Only addresses below the registered base are ever asked."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.ehr.address import Base
from service.errors import ForeignAddressError, SettingsError

BASE = Base.of("https://ehr.example/fhir/r4/")


@pytest.mark.parametrize(
    ("request_text", "address"),
    [
        ("Observation/7", "https://ehr.example/fhir/r4/Observation/7"),
        (
            "Observation?patient=9&code=http://loinc.org|1",
            "https://ehr.example/fhir/r4/Observation?patient=9&code=http://loinc.org|1",
        ),
        ("Observation/7/_history/2", "https://ehr.example/fhir/r4/Observation/7/_history/2"),
        ("Patient/9/$everything", "https://ehr.example/fhir/r4/Patient/9/$everything"),
        ("?_getpages=a", "https://ehr.example/fhir/r4?_getpages=a"),
        ("https://ehr.example/fhir/r4?_getpages=a", "https://ehr.example/fhir/r4?_getpages=a"),
        ("https://EHR.example:443/fhir/r4/Observation?page=2", "https://ehr.example/fhir/r4/Observation?page=2"),
        ("https://ehr.example/fhir/r4/Observation/?token=%2Fx", "https://ehr.example/fhir/r4/Observation/?token=%2Fx"),
        ("/fhir/r4/Observation/7", "https://ehr.example/fhir/r4/Observation/7"),
    ],
)
def test_a_request_below_the_base_is_asked_with_the_registered_authority(request_text: str, address: str) -> None:
    assert BASE.address(request_text) == address


@pytest.mark.parametrize(
    "request_text",
    [
        "",
        "https://evil.example/fhir/r4/Observation/7",
        "https://ehr.example.evil.example/fhir/r4/Observation/7",
        "https://ehr.example@evil.example/fhir/r4/Observation/7",
        "https://user:secret@ehr.example/fhir/r4/Observation/7",
        "https://evil.example\\@ehr.example/fhir/r4/Observation/7",
        "http://ehr.example/fhir/r4/Observation/7",
        "https://ehr.example:8443/fhir/r4/Observation/7",
        "https://ehr.example:port/fhir/r4/Observation/7",
        "https://[ehr.example/fhir/r4/Observation/7",
        "https://ehr.example/fhir/r4-admin/Observation/7",
        "https://ehr.example/fhir/Observation/7",
        "https://ehr.example/",
        "//evil.example/Observation/7",
        "/admin",
        "/fhir/r4/../admin",
        "../admin",
        "Observation/../../admin",
        "Observation/.",
        "Observation/%2e%2e/%2e%2e/admin",
        "Observation//7",
        "Observation/7#fragment",
        "Observation/7 HTTP/1.1",
        "Observation/7\r\nX-Injected: 1",
        "urn:uuid:11111111-1111-4111-8111-111111111111",
        "file:///etc/passwd",
        "a:b",
        "Observation:7",
    ],
)
def test_every_other_address_is_foreign(request_text: str) -> None:
    with pytest.raises(ForeignAddressError):
        BASE.address(request_text)


@given(st.text(max_size=60) | st.from_regex(r"(https?:)?//?[a-z.@:\\]{0,20}/fhir/r4/?[A-Za-z./%?#\\]{0,20}", fullmatch=True))
def test_whatever_is_asked_the_authority_and_path_stay_below_the_base(request_text: str) -> None:
    try:
        address = BASE.address(request_text)
    except ForeignAddressError:
        return
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("https", "ehr.example")
    assert parts.path == "/fhir/r4" or parts.path.startswith("/fhir/r4/")
    assert ".." not in parts.path.split("/")


@given(st.from_regex(r"[A-Z][a-z]{1,8}/[A-Za-z0-9-]{1,20}(\?[a-z]{1,5}=[a-z0-9]{1,5})?", fullmatch=True))
def test_a_relative_request_and_its_absolute_address_are_the_same(request_text: str) -> None:
    assert BASE.relative(request_text) == request_text
    assert BASE.relative(BASE.address(request_text)) == request_text


def test_a_base_without_path_holds_everything_of_its_origin() -> None:
    base = Base.of("http://127.0.0.1:8090")
    assert base.address("Patient/9") == "http://127.0.0.1:8090/Patient/9"
    assert base.relative("http://127.0.0.1:8090/Patient/9") == "Patient/9"
    with pytest.raises(ForeignAddressError):
        base.relative("http://127.0.0.1:8091/Patient/9")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://ehr.example/fhir",
        "ehr.example/fhir",
        "https:///fhir",
        "https://user@ehr.example/fhir",
        "https://ehr.example/fhir?tenant=1",
        "https://ehr.example/fhir#x",
        "https://ehr.example:port/fhir",
        "https://[::1/fhir",
        "https://ehr.example/a b",
    ],
)
def test_a_base_that_is_not_a_plain_http_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        Base.of(url)
