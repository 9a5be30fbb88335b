"""Answers to a write that say little, say nothing, or refuse."""

import itertools
import json

import pytest

from service.ehr.client import EhrClient
from service.ehr.deliver import Method
from service.ehr.search import MAX_PAGES
from service.errors import EhrConflictError, EhrRefusedError, EhrUnavailableError
from tests.integration.ehr.writer import SERIES, SYSTEM, Resource, Writer, every_mode, risk
from tests.stand_in_ehr import Fault, StandInEhr

# answers that say little


@every_mode
def test_a_write_that_is_answered_silently_is_read_again(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    ehr.switches.answers_writes = "silent"
    writer = Writer(ehr, client, mode)
    if mode == Method.CONDITIONAL_CREATE:
        # An empty 200 to a conditional create means "existed already": the look that follows finds our own write.
        assert writer.deliver(risk()).method == Method.ALREADY_HELD
    else:
        first = writer.deliver(risk())
        assert (first.ehr_version, json.loads(first.answer)) == ("1", writer.held())
    assert writer.deliver(risk("second")).ehr_version == "2"


def test_a_write_that_is_answered_with_an_etag_alone_is_believed(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    ehr.strike(Fault(method="PUT", applied=True, status=201, headers={"ETag": 'W/"1"'}, body=b""))
    assert (writer.deliver(risk()).ehr_version, writer.deliver(risk()).method) == ("1", Method.ALREADY_HELD)


def test_id_and_version_are_read_from_the_location_where_nothing_else_says_them(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    location = {"Location": f"{ehr.base}/RiskAssessment/77/_history/5"}
    ehr.strike(Fault(method="POST", status=201, headers=location, body=b"", before=lambda: ehr.put({**risk(), "id": "77"})))
    done = writer.deliver(risk())
    assert (done.ehr_id, done.ehr_version, done.answer) == ("77", "5", b"")


@every_mode
def test_a_write_that_is_acknowledged_and_not_held_is_tried_again(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    for method in ("PUT", "POST"):
        ehr.strike(Fault(method=method, times=1, status=201, body=b""))
    with pytest.raises(EhrUnavailableError, match="does not hold it"):
        writer.deliver(risk())
    assert writer.deliver(risk()).ehr_version == "1"


def test_an_update_that_is_acknowledged_and_not_kept_is_tried_again(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    writer.deliver(risk())
    ehr.strike(Fault(method="PUT", times=1, status=200, body=b""))
    with pytest.raises(EhrUnavailableError, match="does not hold it"):
        writer.deliver(risk("second"))
    assert writer.deliver(risk("second")).ehr_version == "2"


def test_something_else_in_place_of_our_write_is_not_taken_for_it(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    other = {**risk("theirs"), "id": SERIES, "identifier": [{"system": SYSTEM, "value": "another"}]}
    ehr.strike(Fault(method="PUT", times=1, status=200, body=b"", before=lambda: ehr.put(other)))
    with pytest.raises(EhrUnavailableError, match="does not hold it"):
        writer.deliver(risk())
    with pytest.raises(EhrConflictError, match="Somebody else"):
        writer.deliver(risk())


@every_mode
def test_an_ehr_that_keeps_no_versions_is_served_too(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    ehr.switches.versioned = ehr.switches.last_updated = False
    writer = Writer(ehr, client, mode)
    assert writer.deliver(risk()).ehr_version is None
    assert (writer.deliver(risk("second")).ehr_version, writer.held()["note"]) == (None, [{"text": "second"}])
    assert all("if-match" not in each.headers for each in ehr.requests)
    writer.change_by_somebody_else()
    with pytest.raises(EhrConflictError):
        writer.deliver(risk("third"))


def rewritten(sent: Resource) -> Resource:
    """Keep a resource as an EHR with a model of its own does: our note comes back with a prefix."""
    return {**sent, "note": [{"text": f"[imported] {sent['note'][0]['text']}"}]}


@every_mode
def test_an_ehr_that_rewrites_what_it_keeps_is_recognised_by_its_version(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    ehr.switches.rewrite = rewritten
    writer = Writer(ehr, client, mode)
    assert writer.deliver(risk()).ehr_version == "1"
    assert (writer.deliver(risk("second")).ehr_version, writer.held()["note"]) == ("2", [{"text": "[imported] second"}])
    ehr.switches.rewrite = dict
    writer.change_by_somebody_else()
    with pytest.raises(EhrConflictError):
        writer.deliver(risk("third"))


def test_an_ehr_that_rewrites_and_keeps_no_versions_is_recognised_by_the_answer_it_gave(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.switches.rewrite, ehr.switches.versioned, ehr.switches.last_updated = rewritten, False, False
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    answers = [json.loads(writer.deliver(risk()).answer)]
    with pytest.raises(EhrConflictError):
        writer.deliver(risk("second"))
    writer.ours = lambda held: held in answers
    assert writer.deliver(risk("second")).method == Method.UPDATE


def test_an_ehr_that_ignores_the_identifier_in_a_search_does_not_lead_us_to_others(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    for number in range(5):
        ehr.put({**risk("theirs"), "identifier": [{"system": SYSTEM, "value": f"other-{number}"}]})
    ehr.switches.ignored_parameters = frozenset({"identifier"})
    ehr.switches.page_size = 2
    first = writer.deliver(risk())
    assert writer.deliver(risk("second")).ehr_id == first.ehr_id
    assert len(ehr.all("RiskAssessment")) == 6


# refusals


@every_mode
def test_a_refusal_for_good_keeps_the_outcome_of_the_ehr(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    with pytest.raises(EhrRefusedError) as raised:
        writer.deliver(risk(status="bogus"))
    assert (raised.value.http_status, b"observation-status" in raised.value.outcome) == (422, True)
    assert ehr.all("RiskAssessment") == []


def test_an_ehr_that_does_not_let_us_look_is_not_written_to(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    ehr.strike(Fault(method="GET", status=400))
    with pytest.raises(EhrRefusedError, match="look what it holds"):
        writer.deliver(risk())
    assert writer.writes() == []


def test_a_search_for_our_identifier_that_does_not_end_is_refused(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    for number in range(2):
        ehr.put({**risk("theirs"), "identifier": [{"system": SYSTEM, "value": f"other-{number}"}]})
    ehr.switches.ignored_parameters = frozenset({"identifier"})
    ehr.switches.page_size = 1
    numbers = itertools.count()
    ehr.switches.next_link = lambda _: f"{ehr.base}?_getpages=1&_offset=0&_count=1&page={next(numbers)}"
    with pytest.raises(EhrRefusedError, match="does not end"):
        writer.deliver(risk())
    assert (len(ehr.requests), writer.writes()) == (MAX_PAGES, [])


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"resourceType": "OperationOutcome"}'])
def test_a_look_that_shows_something_else_is_a_passing_failure(ehr: StandInEhr, client: EhrClient, body: bytes) -> None:
    writer = Writer(ehr, client, Method.UPDATE_CREATE)
    ehr.strike(Fault(method="GET", status=200, body=body))
    with pytest.raises(EhrUnavailableError):
        writer.deliver(risk())
    assert writer.writes() == []
