"""Reading what is wanted: every byte, every page, every absence."""

import json
from typing import Any

import pytest
import requests

from service.ehr.client import EhrClient
from service.ehr.fetch import fetch
from service.errors import EhrRefusedError, EhrUnavailableError, ForeignAddressError
from service.model.dossier import UNAPPLIED, UNREAD, Document, Origin, Wanted
from tests.stand_in_ehr import Fault, StandInEhr


def needed(*requested: str) -> tuple[Wanted, ...]:
    return tuple(Wanted(request=each, needed=True) for each in requested)


def context(*requested: str) -> tuple[Wanted, ...]:
    return tuple(Wanted(request=each, needed=False) for each in requested)


def fill(ehr: StandInEhr, count: int) -> None:
    for number in range(count):
        subject = {"reference": "Patient/9"}
        ehr.put({"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": {"text": "x"}, "subject": subject})


def rows(documents: tuple[Document, ...]) -> list[str]:
    """Return the ids on all pages in order."""
    bundles: list[dict[str, Any]] = [json.loads(document.body) for document in documents]
    return [entry["resource"]["id"] for bundle in bundles for entry in bundle.get("entry", [])]


def test_documents_hold_the_bytes_in_the_order_of_asking(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 2)
    documents = fetch(client, needed("Observation/o1", "Observation/o0"))
    assert [each.request for each in documents] == ["Observation/o1", "Observation/o0"]
    assert {each.origin for each in documents} == {Origin.READ}
    assert documents[0].body == requests.get(f"{ehr.base}/Observation/o1", timeout=5).content


def test_absences_are_documents(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 1)
    ehr.delete("Observation/o0")
    documents = fetch(client, needed("Observation/none", "Observation/o0") + context("Patient/9"))
    assert [each.status for each in documents] == [404, 410, 404]
    assert all(b"OperationOutcome" in each.body for each in documents)


def test_the_same_request_is_asked_once_and_is_needed_when_one_needs_it(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 1)
    fetch(client, context("Observation/o0") + needed("Observation/o0") + context("Observation/o0"))
    assert ehr.asked() == [("GET", "Observation/o0")]
    ehr.strike(Fault(status=422))
    with pytest.raises(EhrRefusedError):
        fetch(client, context("Observation/o0") + needed("Observation/o0") + context("Observation/o0"))


def test_nothing_wanted_asks_nothing(ehr: StandInEhr, client: EhrClient) -> None:
    assert fetch(client, ()) == ()
    assert ehr.requests == []


# pages


def test_next_links_are_followed_to_the_end(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 5)
    documents = fetch(client, needed("Observation?patient=9&_count=2"))
    assert rows(documents) == ["o0", "o1", "o2", "o3", "o4"]
    assert documents[0].request == "Observation?patient=9&_count=2"
    assert [each.request.startswith("?_getpages=") for each in documents[1:]] == [True, True]


def test_rows_that_pages_repeat_are_kept_as_received(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 4)
    ehr.switches.page_overlap = 1
    assert rows(fetch(client, needed("Observation?_count=2"))) == ["o0", "o1", "o1", "o2", "o2", "o3"]


@pytest.mark.parametrize("prefix", ["", "/fhir"])
def test_relative_next_links_are_followed(ehr: StandInEhr, client: EhrClient, prefix: str) -> None:
    fill(ehr, 3)
    ehr.switches.next_link = lambda address: address.replace(ehr.base, prefix)
    assert rows(fetch(client, needed("Observation?_count=2"))) == ["o0", "o1", "o2"]


def test_a_next_link_to_elsewhere_is_refused_and_not_asked(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 3)
    with StandInEhr() as foreign:
        ehr.switches.next_link = lambda address: address.replace(ehr.base, foreign.base)
        with pytest.raises(ForeignAddressError):
            fetch(client, context("Observation?_count=2"))
        assert foreign.requests == []


def test_context_beyond_the_last_page_read_is_said_and_not_silently_dropped(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 6)
    *pages, unread = fetch(client, context("Observation?_count=2"), max_pages=2)
    assert rows(tuple(pages)) == ["o0", "o1", "o2", "o3"]
    assert (unread.status, unread.body, unread.request.startswith("?_getpages=")) == (UNREAD, b"", True)
    assert len(ehr.requests) == 2


def test_something_needed_that_does_not_end_is_refused(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 6)
    with pytest.raises(EhrRefusedError, match="within 2 pages"):
        fetch(client, needed("Observation?_count=2"), max_pages=2)
    assert len(fetch(client, needed("Observation?_count=2"), max_pages=3)) == 3


def test_a_next_link_that_leads_in_a_circle_ends(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 3)
    ehr.switches.next_link = lambda _: f"{ehr.base}/Observation?_count=2"
    documents = fetch(client, context("Observation?_count=2"))
    assert ([each.status for each in documents], len(ehr.requests)) == ([200, UNREAD], 1)


def test_a_page_that_cannot_be_had_fails_the_whole_search(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 3)
    ehr.strike(Fault(path="?_getpages", status=410))
    with pytest.raises(EhrUnavailableError, match="further pages"):
        fetch(client, context("Observation?_count=2"))


# refusals


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 410, 422, 501])
def test_context_that_is_refused_becomes_a_document_that_says_so(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    fill(ehr, 1)
    ehr.strike(Fault(path="Condition", status=status))
    refused, read = fetch(client, context("Condition?patient=9", "Observation/o0"))
    assert (refused.status, read.status) == (status, 200)
    assert b"OperationOutcome" in refused.body


@pytest.mark.parametrize("status", [400, 405, 422, 501])
def test_something_needed_that_is_refused_fails(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    ehr.strike(Fault(status=status))
    with pytest.raises(EhrRefusedError) as raised:
        fetch(client, needed("Observation/o0"))
    assert (raised.value.http_status, b"OperationOutcome" in raised.value.outcome) == (status, True)


@pytest.mark.parametrize(
    ("status", "wanted"), [(401, context("Patient/9")), (403, needed("Patient/9")), (503, context("Patient/9"))]
)
def test_a_passing_failure_fails_whatever_was_wanted(
    ehr: StandInEhr, client: EhrClient, status: int, wanted: tuple[Wanted, ...]
) -> None:
    ehr.strike(Fault(status=status))
    with pytest.raises(EhrUnavailableError):
        fetch(client, wanted)


@pytest.mark.parametrize("body", [b"", b"<html>login</html>", b"[]", b'{"resourceType": "OperationOutcome"}', b'{"id": "o0"}'])
@pytest.mark.parametrize("request_text", ["Observation/o0", "Observation?patient=9", "Observation/o0/_history"])
def test_success_without_what_was_asked_for_is_a_failure_and_no_empty_result(
    ehr: StandInEhr, client: EhrClient, body: bytes, request_text: str
) -> None:
    ehr.strike(Fault(status=200, body=body))
    with pytest.raises(EhrUnavailableError, match="answered 200 without"):
        fetch(client, context(request_text))


@pytest.mark.parametrize("status", [202, 204])
def test_success_without_a_resource_is_a_failure(ehr: StandInEhr, client: EhrClient, status: int) -> None:
    ehr.strike(Fault(status=status, body=b""))
    with pytest.raises(EhrUnavailableError, match="without a resource"):
        fetch(client, context("Observation/o0"))


def test_an_operation_may_answer_with_any_type(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.strike(Fault(path="Patient/9/$everything", status=200, body=b'{"resourceType": "Bundle", "link": "none"}'))
    [document] = fetch(client, context("Patient/9/$everything"))
    assert document.status == 200


def test_history_is_read_as_a_bundle(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 1)
    assert rows(fetch(client, needed("Observation/o0/_history"))) == ["o0"]


# what an EHR says to have applied


def test_a_context_search_whose_parameter_was_ignored_is_dropped_and_said(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 3)
    ehr.switches.ignored_parameters = frozenset({"patient"})
    [dropped] = fetch(client, context("Observation?patient=8&_count=2"))
    assert (dropped.status, dropped.body, dropped.request) == (UNAPPLIED, b"", "Observation?patient=8&_count=2")
    assert len(ehr.requests) == 1
    assert len(fetch(client, needed("Observation?patient=8&_count=2"))) == 2


@pytest.mark.parametrize(
    "link",
    [
        [],
        [{"relation": "self", "url": "?_getpages=7&_offset=0"}],
        [{"relation": "self", "url": "Observation?patient=9&_count=1&_format=json"}],
        [{"relation": "self", "url": "Observation?patient:Patient=9"}],
        [{"relation": "next-but-one"}],
    ],
)
def test_an_answer_that_does_not_say_otherwise_is_taken(ehr: StandInEhr, client: EhrClient, link: list[dict[str, str]]) -> None:
    body = json.dumps({"resourceType": "Bundle", "type": "searchset", "link": link}).encode()
    ehr.strike(Fault(status=200, body=body))
    [taken] = fetch(client, context("Observation?patient=9&_count=1"))
    assert (taken.status, taken.body) == (200, body)


def test_no_more_pages_are_read_than_are_worth_it(ehr: StandInEhr, client: EhrClient) -> None:
    fill(ehr, 3)
    wanted = (Wanted(request="Observation?patient=9&_count=1", needed=False, pages=1),)
    assert [each.status for each in fetch(client, wanted)] == [200, UNREAD]
