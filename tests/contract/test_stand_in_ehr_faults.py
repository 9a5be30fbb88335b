"""The stand-in EHR fails as real ones do, notifies its subscribers, and runs as a process."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from tests.contract.stand_in_requests import ask, assert_refused, bundle, entry, ids, observation, patient
from tests.stand_in_ehr import Fault, StandInEhr, Switches


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    with StandInEhr() as running:
        yield running


# faults


def test_going_down_refuses_connections_and_coming_back_keeps_the_data() -> None:
    with StandInEhr() as ehr, requests.Session() as session:
        ehr.put(patient())
        assert session.get(f"{ehr.base}/Patient/9", timeout=10).status_code == 200
        ehr.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{ehr.base}/Patient/9", timeout=10)
        ehr.start()
        assert session.get(f"{ehr.base}/Patient/9", timeout=10).status_code == 200


def test_an_injected_status_carries_its_headers_and_strikes_as_often_as_it_says(ehr: StandInEhr) -> None:
    ehr.put(patient())
    ehr.strike(Fault(method="GET", path="Patient", times=1, status=503, headers={"Retry-After": "7"}))
    answer = ask(ehr, "GET", "Patient/9")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert ask(ehr, "GET", "Patient/9").status_code == 200
    ehr.strike(Fault(method="POST", status=422))
    assert_refused(ask(ehr, "POST", "Patient", patient()), 422)
    ehr.clear()
    assert ask(ehr, "POST", "Patient", patient()).status_code == 201


def test_an_answer_can_be_lost_after_the_write_took_effect(ehr: StandInEhr) -> None:
    ehr.strike(Fault(method="PUT", times=1, applied=True, lost=True))
    with pytest.raises(requests.ConnectionError):
        ask(ehr, "PUT", "Patient/9", patient())
    assert ehr.get("Patient/9")["id"] == "9"
    assert ehr.requests[-1].status is None


def test_an_applied_request_takes_effect_before_its_answer_is_delayed(ehr: StandInEhr) -> None:
    ehr.strike(Fault(method="PUT", applied=True, delay_seconds=30))
    with pytest.raises(requests.Timeout):
        requests.put(f"{ehr.base}/Patient/9", json=patient(), timeout=0.3)
    assert ehr.get("Patient/9")["meta"]["versionId"] == "1"


def test_another_client_can_come_first_and_answers_can_be_slow(ehr: StandInEhr) -> None:
    ehr.strike(Fault(method="PUT", before=lambda: ehr.put(patient(active=False)), delay_seconds=0.05, drip_seconds=0.0001))
    started = time.monotonic()
    assert ask(ehr, "PUT", "Patient/9", patient()).headers["ETag"] == 'W/"2"'
    assert time.monotonic() - started > 0.05


def test_a_test_looks_into_the_ehr_without_http(ehr: StandInEhr) -> None:
    stored = ehr.put(patient())
    ehr.delete("Patient/9")
    assert ehr.versions("Patient/9") == [stored, None]
    with pytest.raises(LookupError):
        ehr.get("Patient/9")
    with pytest.raises(LookupError):
        ehr.get("Patient/8")
    assert ehr.requests == []


def test_a_server_can_rewrite_what_it_keeps(ehr: StandInEhr) -> None:
    ehr.switches.rewrite = lambda sent: {**sent, "active": True}
    assert ask(ehr, "PUT", "Patient/9", patient()).json()["active"] is True
    assert ehr.get("Patient/9")["active"] is True


def test_the_log_holds_what_was_asked(ehr: StandInEhr) -> None:
    ask(ehr, "GET", "Observation?patient=9", Authorization="Bearer x")
    assert ehr.asked() == [("GET", "Observation?patient=9")]
    assert ehr.requests[0].headers["authorization"] == "Bearer x"
    ehr.forget_requests()
    assert ehr.asked("GET") == []


# subscriptions


class _Subscriber(BaseHTTPRequestHandler):
    def _keep(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        received: list[tuple[str, str, str | None, bytes]] = self.server.received  # type: ignore[attr-defined]
        received.append((self.command, self.path, self.headers.get("Authorization"), body))
        self.send_response(500 if len(received) == 1 and self.path.startswith("/flaky") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_POST = do_DELETE = _keep  # noqa: N815 - names of the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class
        pass


@pytest.fixture
def subscriber() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Subscriber) as server:
        server.received = []  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def received(subscriber: ThreadingHTTPServer) -> list[tuple[str, str, str | None, bytes]]:
    found: list[tuple[str, str, str | None, bytes]] = subscriber.received  # type: ignore[attr-defined]
    return found


def test_subscribers_get_the_resource_by_put_as_hapi_sends_it(ehr: StandInEhr, subscriber: ThreadingHTTPServer) -> None:
    endpoint = f"http://127.0.0.1:{subscriber.server_port}/webhooks/north"
    stored = ehr.subscribe("Observation?code=72514-3", endpoint, {"Authorization": "Bearer s"}, deletions=True)
    ehr.put(patient())
    ask(ehr, "PUT", "Observation/o1", observation("o1"))
    ehr.put(observation("o2", code={"text": "other"}))
    ehr.delete("Observation/o1")
    ehr.wait_for_notifications()
    first, last = received(subscriber)
    assert first[:3] == ("PUT", "/webhooks/north/Observation/o1", "Bearer s")
    assert json.loads(first[3])["meta"]["versionId"] == "1"
    assert last[:2] == ("DELETE", "/webhooks/north/Observation/o1")
    assert (stored["status"], ehr.notifications[0].status) == ("active", 200)


def test_subscribers_can_want_post_or_an_empty_post_and_are_tried_again(ehr: StandInEhr, subscriber: ThreadingHTTPServer) -> None:
    endpoint = f"http://127.0.0.1:{subscriber.server_port}"
    ehr.subscribe("Patient", f"{endpoint}/flaky", method="POST")
    ehr.subscribe("Patient?", f"{endpoint}/empty", payload=False)
    ehr.put(patient())
    ehr.wait_for_notifications()
    assert [each[:2] for each in received(subscriber)] == [("POST", "/flaky"), ("POST", "/flaky"), ("POST", "/empty")]
    assert received(subscriber)[2][3] == b""
    assert [each.status for each in ehr.notifications] == [500, 200, 200]


def test_a_refused_transaction_notifies_nobody_and_an_absent_subscriber_harms_nobody(ehr: StandInEhr) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ehr.subscribe("Patient", f"http://127.0.0.1:{port}")
    ask(ehr, "POST", "", bundle("transaction", entry("POST", "Patient", patient(None)), entry("DELETE", "Patient/none")))
    ehr.wait_for_notifications()
    assert ehr.notifications == []
    ehr.put(patient())
    ehr.wait_for_notifications()
    assert {each.status for each in ehr.notifications} == {None}


# a process of its own


def test_it_runs_as_a_process_and_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "tests.stand_in_ehr", "--port", "0", "--bearer", "s", "--notify", "Patient=http://127.0.0.1:9"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base = process.stdout.readline().split()[-1]
        assert requests.get(f"{base}/metadata", timeout=10).status_code == 200
        assert requests.get(f"{base}/Patient/9", timeout=10).status_code == 401
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_switches_can_be_given_at_the_start() -> None:
    with StandInEhr(switches=Switches(page_size=1), path="/r4") as ehr:
        ehr.put(patient())
        ehr.put(patient("8"))
        assert ehr.base.endswith("/r4")
        assert len(ids(ask(ehr, "GET", "Patient"))) == 1
        assert requests.get(ehr.base.removesuffix("/r4"), timeout=10).status_code == 404
