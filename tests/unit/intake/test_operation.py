"""Parameters of `$assess`: everything in them is understood, or the request is refused whatever the handling."""

from decimal import Decimal

import pytest

from service.errors import InvalidInputError
from service.intake.opened import open_dossier
from service.intake.operation import read_parameters
from service.intake.parse import Limits
from service.model.asked import Asked
from tests.builders import Json, bundle, dossier, parameters, read_document, report


def _parameters(*inner: object) -> Json:
    return {"resourceType": "Parameters", "parameter": list(inner)}


def _refused(node: Json) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        read_parameters(node)
    return {fault.path or "": fault.code for fault in caught.value.faults}


def test_every_parameter_of_the_operation_is_read() -> None:
    read = read_parameters(
        _parameters(
            {"name": "prior", "valueDecimal": Decimal("0.30")},
            {"name": "bundle", "resource": bundle(report())},
            {"name": "store", "valueBoolean": False},
            {"name": "writeBack", "valueBoolean": True},
        )
    )
    assert read.asked == Asked(prior=Decimal("0.30"), store=False, write_back=True)
    assert (read.path, read.resource) == ("Parameters.parameter[1].resource", bundle(report()))


def test_what_is_not_stated_is_not_asked() -> None:
    assert read_parameters({"resourceType": "Parameters"}).asked == Asked()


@pytest.mark.parametrize("prior", [0, 1, Decimal(0), Decimal("1.0"), Decimal("-0")])
def test_a_prior_from_0_to_1_is_one(prior: Decimal) -> None:
    assert read_parameters(_parameters({"name": "prior", "valueDecimal": prior})).asked.prior == prior


@pytest.mark.parametrize(
    "prior", [{"valueString": "0.3"}, {"valueDecimal": "0.3"}, {"valueDecimal": 30}, {"valueDecimal": True}, {}]
)
def test_a_prior_that_is_no_share_is_refused(prior: Json) -> None:
    assert _refused(_parameters({"name": "prior", **prior})) == {"Parameters.parameter[0].value": "value"}


@pytest.mark.parametrize("name", ["store", "writeBack"])
@pytest.mark.parametrize("value", [{"valueBoolean": "false"}, {"valueBoolean": 0}, {"valueString": "false"}, {}])
def test_a_wish_that_is_neither_true_nor_false_is_refused(name: str, value: Json) -> None:
    assert _refused(_parameters({"name": name, **value})) == {"Parameters.parameter[0].value": "value"}


@pytest.mark.parametrize("name", ["hospital", "Store", "", None, 7, ["store"]])
def test_a_parameter_that_the_operation_does_not_have_is_refused_and_not_repeated(name: object) -> None:
    assert _refused(_parameters({"name": name, "valueString": "x"})) == {"Parameters.parameter[0].name": "not-supported"}


def test_a_parameter_that_stands_twice_is_refused() -> None:
    twice = _parameters(*[{"name": "store", "valueBoolean": True}] * 2, *[{"name": "bundle", "resource": report()}] * 2)
    assert _refused(twice) == {"Parameters.parameter[1].name": "duplicate", "Parameters.parameter[3].name": "duplicate"}


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ({"resourceType": "Parameters", "parameter": {}}, "Parameters.parameter"),
        (_parameters("x"), "Parameters.parameter[0]"),
        (_parameters({"name": "bundle"}), "Parameters.parameter[0].resource"),
    ],
)
def test_what_has_no_form_of_parameters_is_refused_with_its_place(node: Json, path: str) -> None:
    assert list(_refused(node)) == [path]


def test_parameters_are_refused_in_lenient_handling_too_but_not_where_an_ehr_sends_them() -> None:
    wrong = _parameters({"name": "store", "valueBoolean": "no"})
    with pytest.raises(InvalidInputError):
        open_dossier(dossier(wrong, strict=False), Limits())
    opened = open_dossier(dossier(parameters(bundle(report())), read_document("Observation/o1", wrong)), Limits())
    assert [fault.text for fault in opened.faults] == ["An answer of the EHR is no FHIR JSON that can be read."]
