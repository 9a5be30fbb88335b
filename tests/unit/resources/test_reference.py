"""basis: literal only to what the receiving EHR serves."""

import pytest

from service.resources.reference import inputs, to_source
from tests.unit.resources.example import SERVED, assessment, report


def test_what_the_ehr_served_is_a_literal_reference_with_its_version() -> None:
    assert inputs(assessment(), SERVED) == [
        {"reference": "DiagnosticReport/7/_history/2"},
        {"reference": "Observation/1/_history/3"},
        {"reference": "Observation/2"},
        {"reference": "Patient/9/_history/1"},
    ]


def test_what_only_the_bundle_holds_is_a_display() -> None:
    made = assessment(read=(("Observation/1", "3"), ("urn:uuid:6a1c3c56-5a0f-4c6e-9f8e-0d1f0a6f2b11", None)))
    assert inputs(made, frozenset()) == [
        {"type": "DiagnosticReport", "display": "DiagnosticReport/7"},
        {"type": "Observation", "display": "Observation/1"},
        {"display": "urn:uuid:6a1c3c56-5a0f-4c6e-9f8e-0d1f0a6f2b11"},
    ]


def test_an_absolute_address_of_the_bundle_is_not_split_into_a_type() -> None:
    made = assessment(read=(("http://other/fhir/Observation/1", None),))
    assert inputs(made, SERVED)[1] == {"display": "http://other/fhir/Observation/1"}


def test_a_contained_observation_stands_for_its_report_once() -> None:
    made = assessment(read=(("DiagnosticReport/7#o1", None), ("DiagnosticReport/7", "2"), ("DiagnosticReport/7#o2", None)))
    assert inputs(made, SERVED) == [{"reference": "DiagnosticReport/7/_history/2"}]


def test_a_contained_observation_of_another_report_stands_for_that_report() -> None:
    made = assessment(read=(("DiagnosticReport/5#o1", None), ("DiagnosticReport/5", "4")))
    assert inputs(made, {"DiagnosticReport/5"})[1:] == [{"reference": "DiagnosticReport/5/_history/4"}]


@pytest.mark.parametrize(
    ("identity", "identifier"),
    [
        ("https://hospital.example/ids|A-1", {"system": "https://hospital.example/ids", "value": "A-1"}),
        ("|A-1", {"value": "A-1"}),
    ],
)
def test_a_report_that_only_the_bundle_holds_is_named_by_its_identifier(identity: str, identifier: dict[str, str]) -> None:
    made = assessment(report=report(reference=None, identity=identity), read=())
    assert inputs(made, SERVED) == [{"type": "DiagnosticReport", "identifier": identifier}]


def test_a_report_without_any_name_is_said_to_be_the_posted_one() -> None:
    made = assessment(report=report(reference=None, identity=None), read=())
    assert inputs(made, SERVED) == [{"type": "DiagnosticReport", "display": "the report as posted"}]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Observation/1", {"reference": "Observation/1/_history/3"}),
        ("DiagnosticReport/7#o1", {"reference": "DiagnosticReport/7/_history/2"}),
        ("#o1", {"reference": "DiagnosticReport/7/_history/2"}),
        ("Observation/77", {"type": "Observation", "display": "Observation/77"}),
    ],
)
def test_the_source_of_a_lesion_is_the_resource_that_can_be_read(reference: str, expected: dict[str, str]) -> None:
    assert to_source(reference, assessment(), SERVED) == expected
