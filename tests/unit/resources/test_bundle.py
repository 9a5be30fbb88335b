"""Bundles that we answer with."""

from service.resources.bundle import collection


def test_a_collection_keeps_the_order_and_gives_a_full_address_to_what_has_one() -> None:
    risk, said = {"resourceType": "RiskAssessment", "id": "sls-1"}, {"resourceType": "OperationOutcome"}
    assert collection((("https://us.example/fhir/RiskAssessment/sls-1", risk), (None, said))) == {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": "https://us.example/fhir/RiskAssessment/sls-1", "resource": risk}, {"resource": said}],
    }


def test_an_empty_collection_has_no_empty_array() -> None:
    assert collection(()) == {"resourceType": "Bundle", "type": "collection"}
