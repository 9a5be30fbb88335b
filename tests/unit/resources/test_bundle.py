"""Bundles that we answer with."""

from service.resources.bundle import collection


def test_a_collection_keeps_the_order_and_has_no_address_in_a_dry_run() -> None:
    risk, said = {"resourceType": "RiskAssessment", "id": "sls-1"}, {"resourceType": "OperationOutcome"}
    assert collection((risk, said)) == {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": risk}, {"resource": said}],
    }


def test_what_can_be_read_has_its_full_address() -> None:
    risk, said = {"resourceType": "RiskAssessment", "id": "sls-1"}, {"resourceType": "OperationOutcome"}
    assert collection((risk, said), base="https://us.example/fhir")["entry"] == [
        {"fullUrl": "https://us.example/fhir/RiskAssessment/sls-1", "resource": risk},
        {"resource": said},
    ]


def test_an_empty_collection_has_no_empty_array() -> None:
    assert collection(()) == {"resourceType": "Bundle", "type": "collection"}
