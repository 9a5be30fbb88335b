import pytest

from service.errors import InvalidInputError, InvalidJsonError, TooLargeError
from service.intake.parse import Limits
from service.intake.trigger import Trigger, look
from tests.builders import BASE, Json, body, body_structure, bundle, observation, parameters, patient, report, spine_report


def _look(resource: Json) -> Trigger:
    return look(body(resource), Limits())


def test_a_report_tells_what_its_receipt_needs() -> None:
    assert _look(report(subject={"reference": f"{BASE}/Patient/p1/_history/2"})) == Trigger(
        resource_type="DiagnosticReport",
        id="r1",
        version="1",
        last_updated="2026-01-10T10:00:00Z",
        status="final",
        subject="Patient/p1",
        bundle_type=None,
    )


def test_a_bundle_and_parameters_tell_of_the_report_inside() -> None:
    looked = _look(spine_report(kind="transaction", status="amended"))
    assert (looked.resource_type, looked.id, looked.bundle_type) == ("Bundle", None, "transaction")
    assert (looked.status, looked.subject) == ("amended", "Patient/p1")
    assert _look(parameters(spine_report())).subject == "Patient/p1"
    assert _look(bundle(observation())).subject is None


def test_the_subject_of_every_type_is_found() -> None:
    assert _look(patient()).subject == "Patient/p1"
    assert _look(body_structure()).subject == "Patient/p1"
    assert _look(observation()).subject == "Patient/p1"
    assert _look(patient(id=None)).subject is None


@pytest.mark.parametrize(
    "elements",
    [
        {"meta": 7, "status": [], "subject": "p1"},
        {"meta": {}, "subject": {"reference": 7}},
        {"meta": {"versionId": "1" * 65}, "subject": {"reference": f"Patient/{'1' * 65}"}},
    ],
)
def test_elements_of_another_form_are_not_stated(elements: Json) -> None:
    looked = _look({"resourceType": "Observation", **elements})
    assert (looked.id, looked.version, looked.last_updated, looked.status, looked.subject) == (None,) * 5


@pytest.mark.parametrize("wrong", ["", "a b", "1" * 65, 7, None, ["x"]])
def test_an_id_that_cannot_be_one_is_refused_with_its_place(wrong: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        _look({"resourceType": "Observation", "id": wrong})
    assert caught.value.faults[0].path == "Observation.id"


@pytest.mark.parametrize("resource", [{"resourceType": "Foo"}, {"resourceType": 7}, {"id": "x"}, {}])
def test_what_is_no_resource_is_refused(resource: Json) -> None:
    with pytest.raises(InvalidInputError) as caught:
        _look(resource)
    assert caught.value.faults[0].path == "resourceType"


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidJsonError):
        look(b"{", Limits())
    with pytest.raises(TooLargeError):
        look(body(spine_report()), Limits(max_entries=1))
