"""What address and body ask for together, and what is said of what will not be done."""

from dataclasses import replace
from decimal import Decimal

import orjson
import pytest

from service.errors import InvalidInputError
from service.model.asked import Asked
from service.model.coded import Issue, Severity
from service.model.hospital import Hospital, HospitalSlug, WriteBack
from service.pipeline.asked import issues_in, join, remarks, with_issues

NORTH = Hospital(
    slug=HospitalSlug("north"), name="North", ehr_base="https://ehr.example/fhir", write_back=WriteBack.RISK_ASSESSMENT
)
WHOLE = Asked(prior=Decimal("0.3"), store=False, write_back=True)


def test_what_stands_in_one_place_or_alike_in_both_is_asked() -> None:
    assert join(WHOLE, Asked()) == join(Asked(), WHOLE) == join(WHOLE, WHOLE) == WHOLE
    assert join(Asked(), Asked()) == Asked()
    assert join(Asked(prior=Decimal("0.30")), Asked(prior=Decimal("0.3"))).prior == Decimal("0.3")


@pytest.mark.parametrize(
    ("other", "name"), [(Asked(prior=Decimal(0)), "prior"), (Asked(store=True), "store"), (Asked(write_back=False), "writeBack")]
)
def test_what_differs_is_refused_with_its_place(other: Asked, name: str) -> None:
    for address, body in ((WHOLE, other), (other, WHOLE)):
        with pytest.raises(InvalidInputError) as caught:
            join(address, body)
        assert caught.value.faults[0].path == f"Parameters.parameter.where(name='{name}').value"


@pytest.mark.parametrize(
    ("hospital", "asked", "words"),
    [
        (NORTH, WHOLE, "a dry run"),
        (replace(NORTH, ehr_base=None), Asked(write_back=True), "no EHR"),
        (replace(NORTH, write_back=WriteBack.NONE), Asked(write_back=True), "policy"),
        (NORTH, Asked(write_back=True), None),
        (replace(NORTH, ehr_base=None), Asked(write_back=False), None),
        (replace(NORTH, ehr_base=None), Asked(), None),
    ],
)
def test_why_nothing_is_delivered_is_said_to_who_asked_for_it(hospital: Hospital, asked: Asked, words: str | None) -> None:
    said = remarks(hospital, asked)
    assert len(said) == (words is not None)
    assert all(str(words) in each.text for each in said)


def test_issues_are_read_and_added() -> None:
    one = Issue(severity=Severity.WARNING, code="not-found", text="One.", path="Bundle.entry[0]")
    two = Issue(severity=Severity.INFORMATION, code="informational", text="Two.")
    content = with_issues(orjson.dumps({"id": "a", "issues": []}), (one,))
    assert issues_in(with_issues(content, (two,))) == (one, two)
