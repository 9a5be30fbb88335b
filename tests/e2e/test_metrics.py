"""What operators watch, scraped after real work: every number that was promised, in closed vocabularies, over all processes."""

import csv
import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from service.ehr.unreachable import Unreachable
from tests.demo_patient import PAIN, REPORT_ID, resources
from tests.running import RunningService, RunningWorker, free_port, write_hospital
from tests.stand_in_ehr import Fault, StandInEhr

Json = dict[str, Any]
SLUG = "south"
PROMISED = {
    "sls_receipts",
    "sls_assessments",
    "sls_outcomes",
    "sls_unmapped",
    "sls_ehr_seconds",
    "sls_ehr_errors",
    "sls_http_seconds",
    "sls_jobs_open",
    "sls_jobs_dead",
    "sls_jobs_oldest_seconds",
}
with (Path(__file__).resolve().parents[2] / "mappings" / "base" / "outcomes.csv").open(encoding="utf-8", newline="") as file:
    OUTCOMES = list(csv.DictReader(file))
WORDS = {
    "kind": {"webhook", "direct", *Unreachable, *map(str, range(400, 600))},
    "type": {"DiagnosticReport", "Observation", "RiskAssessment", "Patient", "Bundle", "other"},
    "new": {"true", "false"},
    "hospital": {SLUG},
    "instrument": {row["instrument"] for row in OUTCOMES},
    "outcome": {row["outcome"] for row in OUTCOMES},
    "system": {"snomed", "radlex", "loinc", "radelement", "other", "none"},
    "result": {"preliminary", "final", "amended", "corrected", "entered-in-error"},
    "method": {"GET", "POST", "PUT", "DELETE", "other"},
    "status": set(map(str, range(100, 600))),
}


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    with StandInEhr() as running:
        for resource in resources():
            running.put(resource)
        yield running


@pytest.fixture
def service(tmp_path: Path, ehr: StandInEhr) -> Iterator[RunningService]:
    running = RunningService(tmp_path, arguments=("--workers", "2"), environment={"SLS_MAX_ATTEMPTS": "2"})
    write_hospital(running.hospitals, SLUG, ehr_base=ehr.base)
    yield running
    running.kill()


def scrape(base: str) -> dict[str, Metric]:
    answer = requests.get(f"{base}/metrics", timeout=30)
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = list(text_string_to_metric_families(answer.text))
    assert len({family.name for family in families}) == len(families), "no metric stands twice"
    return {family.name: family for family in families}


def value(families: dict[str, Metric], sample: str, **labels: str) -> float:
    """Add up the samples of one name that have these labels."""
    found = [each for family in families.values() for each in family.samples if each.name == sample]
    return sum(each.value for each in found if labels.items() <= each.labels.items())


def do_work(service: RunningService, ehr: StandInEhr) -> int:
    """Let reports be assessed, one of them in vain, with an EHR that falters once; return how many triggers were sent."""
    ehr.strike(Fault(method="GET", path="DiagnosticReport", times=1, status=503))
    first = service.webhook(SLUG, ehr.get(f"DiagnosticReport/{REPORT_ID}"))
    assert service.follow(first.headers["Location"])["status"] == "completed"
    for _ in range(9):
        service.webhook(SLUG, ehr.get(f"DiagnosticReport/{REPORT_ID}"))
    ehr.strike(Fault(method="PUT", path="RiskAssessment", status=422))
    pain = service.webhook(SLUG, ehr.put(PAIN))
    assert service.follow(pain.headers["Location"])["status"] == "failed"
    return 11


def ask_oddly(service: RunningService) -> None:
    """Send what no vocabulary foresees: a method, an address and a type of the sender's own."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    connection.request("QUIMBY", "/fhir/Patient/Quimby?name=Ottoline")
    connection.getresponse().read()
    connection.close()
    assert service.get("/Quimby/Ottoline").status_code == 404
    assert service.post(f"/webhooks/{SLUG}", {"resourceType": "Quimby"}).status_code == 422


def test_everything_promised_is_counted_over_all_processes_in_closed_vocabularies(service: RunningService, ehr: StandInEhr) -> None:
    service.start()
    sent = do_work(service, ehr)
    ask_oddly(service)
    families = scrape(service.base)
    assert families.keys() >= PROMISED
    assert value(families, "sls_receipts_total") == sent
    assert value(families, "sls_receipts_total", type="DiagnosticReport", new="false") == 9
    assert value(families, "sls_assessments_total", result="final") == 2
    assert value(families, "sls_outcomes_total", instrument="sins") >= 2
    assert value(families, "sls_unmapped_total", system="other", reason="unknown-system") == 2
    assert value(families, "sls_ehr_errors_total", hospital=SLUG, kind="503") == 1
    assert value(families, "sls_ehr_errors_total", hospital=SLUG, kind="422") == 1
    assert value(families, "sls_ehr_errors_total", kind="404") == 0, "what is not there is an answer"
    assert value(families, "sls_ehr_seconds_count", method="PUT") == 2
    assert value(families, "sls_ehr_seconds_sum") > 0
    assert value(families, "sls_jobs_dead") == 1
    assert (value(families, "sls_jobs_open"), value(families, "sls_jobs_oldest_seconds")) == (0, 0)
    assert value(families, "sls_http_seconds_count", route="unknown", method="other", status="404") == 1
    assert value(families, "sls_http_seconds_count", route="unknown", method="GET", status="404") == 1
    said = {(name, word) for family in families.values() for each in family.samples for name, word in each.labels.items()}
    assert [(name, word) for name, word in said if name in WORDS and word not in WORDS[name]] == []
    assert [word for name, word in said if name == "route" and ("Quimby" in word or REPORT_ID in word)] == []
    assert "pid" not in {name for name, _ in said}, "what a process once saw does not outlive it"
    totals = [value(scrape(service.base), "sls_receipts_total") for _ in range(8)]
    assert totals == [sent] * 8, "whichever process answers"


def test_work_that_waits_shows_as_depth_and_age(service: RunningService, ehr: StandInEhr) -> None:
    service.environment["SLS_WORKER_THREADS"] = "0"
    service.start()
    service.webhook(SLUG, ehr.get(f"DiagnosticReport/{REPORT_ID}"))
    families = scrape(service.base)
    assert value(families, "sls_jobs_open") == 1
    assert 0 < value(families, "sls_jobs_oldest_seconds") < 60


def test_a_process_that_only_works_has_metrics_and_health_of_its_own(service: RunningService, ehr: StandInEhr) -> None:
    service.environment["SLS_WORKER_THREADS"] = "0"
    service.arguments = ()
    service.start()
    port = free_port()
    worker = RunningWorker(service.folder, arguments=("--port", str(port)))
    try:
        worker.start()
        answer = service.webhook(SLUG, ehr.get(f"DiagnosticReport/{REPORT_ID}"))
        assert service.follow(answer.headers["Location"])["status"] == "completed"
        base = f"http://127.0.0.1:{port}"
        assert requests.get(f"{base}/health/ready", timeout=30).status_code == 200
        assert requests.get(f"{base}/fhir/metadata", timeout=30).status_code == 404
        assert value(scrape(base), "sls_outcomes_total", instrument="sins") >= 1
        assert value(scrape(base), "sls_ehr_seconds_count") > 0
        assert value(scrape(service.base), "sls_outcomes_total") == 0
        assert value(scrape(service.base), "sls_receipts_total") == 1
        worker.terminate()
        assert worker.ended() == 0
    finally:
        worker.kill()
