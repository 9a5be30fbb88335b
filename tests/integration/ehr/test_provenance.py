"""The EHR ends with one Provenance for one version of a RiskAssessment, also when the answer to a write is lost."""

from typing import Any

import pytest

from service.ehr.client import EhrClient
from service.ehr.conformance import Conformance, Promise, read_conformance
from service.ehr.deliver import Delivered, Method
from service.ehr.provenance import TYPE, is_offered, write_provenance
from service.errors import EhrConflictError, EhrRefusedError, EhrUnavailableError
from tests.stand_in_ehr import Fault, StandInEhr

Resource = dict[str, Any]
OWN_ID = "slsp-1"
MODES: dict[str, dict[str, bool]] = {
    Method.UPDATE_CREATE: {},
    Method.CONDITIONAL_CREATE: {"update_create": False},
    Method.SEARCH_CREATE: {"update_create": False, "conditional_create": False},
}
every_mode = pytest.mark.parametrize("mode", list(MODES))
by_search = pytest.mark.parametrize("mode", [Method.CONDITIONAL_CREATE, Method.SEARCH_CREATE])


def provenance(version: int = 1, *, at: str = "2026-03-01T12:00:00.123Z", target: str | None = None) -> Resource:
    identifier = {"system": "https://us.example/device", "value": "ours"}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": target or f"RiskAssessment/9/_history/{version}"}],
        "recorded": at,
        "agent": [{"who": {"identifier": identifier}}],
    }


class Writer:
    """One assessment's Provenance on its way to an EHR of one mode."""

    def __init__(self, ehr: StandInEhr, client: EhrClient, mode: str) -> None:
        for name, value in MODES[mode].items():
            setattr(ehr.switches, name, value)
        self.ehr, self.client, self.mode = ehr, client, mode
        self.promise = read_conformance(client).of(TYPE)
        ehr.forget_requests()

    def write(self, resource: Resource | None = None, own_id: str = OWN_ID) -> Delivered:
        return write_provenance(self.client, self.promise, resource or provenance(), own_id=own_id)

    def lose_the_answer(self) -> None:
        for method in ("PUT", "POST"):
            self.ehr.strike(Fault(method=method, times=1, applied=True, lost=True))


@every_mode
def test_it_is_written_once_by_the_method_that_the_ehr_promises(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    first, again = writer.write(), writer.write()
    assert (first.method, first.http_status) == (mode, 201)
    assert (again.method, again.ehr_id) == (Method.ALREADY_HELD, first.ehr_id)
    assert [each["id"] for each in ehr.all(TYPE)] == [first.ehr_id]
    assert (first.ehr_id == OWN_ID) == (mode == Method.UPDATE_CREATE)


@every_mode
def test_a_write_whose_answer_was_lost_is_recognised_on_the_repeat(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    writer.lose_the_answer()
    with pytest.raises(EhrUnavailableError):
        writer.write()
    assert writer.write().method == Method.ALREADY_HELD
    assert len(ehr.all(TYPE)) == 1


@every_mode
def test_each_version_has_its_own(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    writer.write()
    second = writer.write(provenance(2, at="2026-03-02T12:00:00.123Z"), own_id="slsp-2")
    assert second.method == mode
    assert len(ehr.all(TYPE)) == 2


def unversioned(sent: Resource) -> Resource:
    """Keep a Provenance as some servers do: without the version of its target."""
    plain = [{"reference": each["reference"].partition("/_history/")[0]} for each in sent["target"]]
    return {**sent, "target": plain}


@by_search
def test_a_server_that_keeps_no_version_in_references_is_met_by_the_instant(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    ehr.switches.rewrite = unversioned
    writer = Writer(ehr, client, mode)
    writer.lose_the_answer()
    with pytest.raises(EhrUnavailableError):
        writer.write()
    assert writer.write().method == Method.ALREADY_HELD
    assert writer.write(provenance(2, at="2026-03-02T12:00:00.123Z")).method == mode
    assert len(ehr.all(TYPE)) == 2


@by_search
def test_an_ehr_without_versions_is_met_by_the_instant_too(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    plain = provenance(target="RiskAssessment/9")
    later = provenance(target="RiskAssessment/9", at="2026-03-02T12:00:00Z")
    assert [writer.write(each).method for each in (plain, plain, later)] == [mode, Method.ALREADY_HELD, mode]
    assert len(ehr.all(TYPE)) == 2


@by_search
def test_what_others_say_of_the_same_version_is_not_taken_for_ours(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    absolute = f"{ehr.base}/RiskAssessment/9/_history/1"
    for agent in (
        {"who": {"display": "Dr Example"}},
        {"who": {"identifier": {"system": "https://us.example/device", "value": "x"}}},
    ):
        ehr.put({**provenance(target=absolute, at="2026-03-01T11:00:00Z"), "agent": [agent]})
    ehr.put(provenance(target="https://elsewhere.example/RiskAssessment/9/_history/1"))
    assert Writer(ehr, client, mode).write().method == mode


@by_search
def test_an_absolute_target_below_the_base_is_ours(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    held = ehr.put(provenance(target=f"{ehr.base}/RiskAssessment/9/_history/1"))
    done = Writer(ehr, client, mode).write()
    assert (done.method, done.ehr_id) == (Method.ALREADY_HELD, held["id"])


@by_search
def test_a_recorded_instant_that_is_none_does_not_match(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    held = ehr.put(provenance(target="RiskAssessment/9"))
    ehr.switches.rewrite = dict
    writer = Writer(ehr, client, mode)
    body = b'{"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": %s}]}'
    odd = b'{"resourceType": "Provenance", "id": "odd", "recorded": "soon", "target": [{"reference": "RiskAssessment/9"}, {}], '
    odd += b'"agent": [{"who": {"identifier": {"system": "https://us.example/device", "value": "ours"}}}]}'
    ehr.strike(Fault(method="GET", path=TYPE, times=1, status=200, body=body % odd))
    assert writer.write(provenance(target="RiskAssessment/9", at="2026-03-02T12:00:00Z")).ehr_id != held["id"]


def test_a_silent_answer_is_looked_for(ehr: StandInEhr, client: EhrClient) -> None:
    ehr.switches.answers_writes = "silent"
    done = Writer(ehr, client, Method.SEARCH_CREATE).write()
    assert done.ehr_id == ehr.all(TYPE)[0]["id"]


def test_one_that_is_acknowledged_and_not_there_is_tried_again(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    ehr.strike(Fault(method="POST", times=1, status=201, body=b""))
    with pytest.raises(EhrUnavailableError, match="does not show it"):
        writer.write()
    assert writer.write().http_status == 201


def test_two_that_raced_are_reported(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    ehr.strike(Fault(method="POST", times=1, before=lambda: ehr.put(provenance())))
    with pytest.raises(EhrConflictError, match="holds 2 Provenances"):
        writer.write()


def test_an_ehr_that_cannot_be_searched_is_left_to_its_conditional_create(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.CONDITIONAL_CREATE)
    ehr.strike(Fault(method="GET", path=TYPE, status=400))
    writer.lose_the_answer()
    with pytest.raises(EhrUnavailableError):
        writer.write()
    done = writer.write()
    assert (done.http_status, done.ehr_id) == (200, ehr.all(TYPE)[0]["id"])


def test_an_ehr_that_offers_no_way_to_write_it_once_gets_none(ehr: StandInEhr, client: EhrClient) -> None:
    writer = Writer(ehr, client, Method.SEARCH_CREATE)
    ehr.strike(Fault(method="GET", path=TYPE, status=400))
    with pytest.raises(EhrRefusedError, match="no way to write a Provenance once"):
        writer.write()
    assert ehr.all(TYPE) == []


@every_mode
def test_a_refusal_keeps_what_the_ehr_said(ehr: StandInEhr, client: EhrClient, mode: str) -> None:
    writer = Writer(ehr, client, mode)
    for method in ("PUT", "POST"):
        ehr.strike(Fault(method=method, status=422, body=b"No Provenance here."))
    with pytest.raises(EhrRefusedError) as raised:
        writer.write()
    assert (raised.value.http_status, raised.value.outcome) == (422, b"No Provenance here.")


@pytest.mark.parametrize(
    ("conformance", "offered"),
    [
        (Conformance(), True),
        (Conformance(is_stated=True), False),
        (Conformance(is_stated=True, resources={TYPE: Promise(interactions=frozenset({"read"}))}), False),
        (Conformance(is_stated=True, resources={TYPE: Promise(interactions=frozenset({"create"}))}), True),
        (Conformance(is_stated=True, resources={TYPE: Promise(update_create=True)}), True),
    ],
)
def test_it_is_offered_where_it_is_promised_or_nothing_is_stated(conformance: Conformance, offered: bool) -> None:
    assert is_offered(conformance) is offered
