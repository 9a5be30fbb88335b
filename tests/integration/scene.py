"""The whole service in this process: application, worker and a stand-in EHR; a test sends, drains and looks."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.app import build_parts, create_app
from service.ehr.client import EhrClient
from service.ehr.conformance import read_conformance
from service.model.hospital import Hospital
from service.parts import Parts
from service.pipeline.start import prepare
from service.settings import Settings
from service.storage.audit import AuditFact
from service.storage.jobs import Job
from service.storage.tables import audit_fact
from service.storage.terms import JobState
from service.worker import Worker
from tests.demo_patient import REPORT_ID, resources
from tests.integration.storage.rows import let_pass
from tests.running import FHIR_JSON, write_hospital
from tests.stand_in_ehr import StandInEhr

Json = dict[str, Any]
NORTH = "north"
"""A hospital whose EHR is the stand-in."""
WEST = "west"
"""A hospital without an EHR."""
REPORT = f"DiagnosticReport/{REPORT_ID}"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One service and one EHR.

    Attributes:
        parts: what the service works with.
        client: speaks HTTP with it.
        ehr: the EHR of NORTH.
    """

    parts: Parts
    client: FlaskClient
    ehr: StandInEhr

    @classmethod
    def open(cls, folder: Path, url: str, ehr: StandInEhr, *, policy: str | None = None, **settings: object) -> Self:
        """Build the service on a database, with hospitals `north` and `west` beside `local`; it never waits by itself."""
        write_hospital(folder / "hospitals", NORTH, ehr_base=ehr.base, policy=policy)
        write_hospital(folder / "hospitals", WEST, ehr_base=None)
        quick: Json = {
            "database_url": url,
            "hospitals_dir": folder / "hospitals",
            "debounce_seconds": 0,
            "backoff_seconds": 0.001,
            "backoff_max_seconds": 0.001,
            "max_attempts": 3,
            **settings,
        }
        parts = build_parts(Settings(**quick))
        prepare(parts)
        # a stand-in is asked anew what it can do, and connections end with the test
        parts = replace(parts, ehr=EhrClient, conformance=lambda hospital: read_conformance(EhrClient(hospital)))
        return cls(parts=parts, client=create_app(parts).test_client(), ehr=ehr)

    def hospital(self, slug: str = NORTH) -> Hospital:
        """Return a registered hospital."""
        return self.parts.hospital(slug)

    def fill(self) -> None:
        """Put the demo patient into the EHR."""
        for resource in resources():
            self.ehr.put(resource)

    def notify(self, resource: Json, slug: str = NORTH) -> TestResponse:
        """Send a rest-hook notification as HAPI does."""
        address = f"/webhooks/{slug}/{resource['resourceType']}/{resource['id']}"
        return self.client.put(address, json=resource, headers={"Content-Type": FHIR_JSON})

    def accept(self, resource: Json, slug: str = NORTH) -> str:
        """Send a notification that must be accepted; return the address of its Task."""
        answer = self.notify(resource, slug)
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"]

    def delete(self, reference: str, slug: str = NORTH) -> str:
        """Notify of a deletion; return the address of its Task."""
        answer = self.client.delete(f"/webhooks/{slug}/{reference}")
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"]

    def post(self, path: str, resource: Json | bytes, **headers: str) -> TestResponse:
        """Post FHIR JSON."""
        named = {"Content-Type": FHIR_JSON, **headers}
        if isinstance(resource, bytes):
            return self.client.post(path, data=resource, headers=named)
        return self.client.post(path, json=resource, headers=named)

    def drain(self, most: int = 60) -> int:
        """Work until nothing is due, letting backoffs of the queue's own pass; return how many pieces of work that took."""
        worker, steps = Worker(self.parts, "scene"), 0
        for _ in range(most):
            while worker.step():
                steps += 1
                assert steps < most, "the queue does not come to rest"
            let_pass(self.parts.database, 0.01)
            if not worker.step():
                return steps
            steps += 1
        raise AssertionError("the queue does not come to rest")

    def get(self, path: str) -> Json:
        """Read JSON."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        content: Json = answer.get_json(force=True)
        return content

    def settled(self, resource: Json, slug: str = NORTH) -> Json:
        """Send a notification, work, and return its Task."""
        location = self.accept(resource, slug)
        self.drain()
        return self.get(location)

    def jobs(self, state: JobState = JobState.OPEN) -> tuple[Job, ...]:
        """Return the jobs of one state."""
        with self.parts.database.read() as uow:
            return uow.jobs.listing(state)

    def facts(self) -> list[AuditFact]:
        """Return every audit fact, oldest first."""
        with self.parts.database._transaction() as connection:
            rows = connection.execute(audit_fact.select().order_by(audit_fact.c.id)).mappings()
            return [AuditFact(**{name: row[name] for name in AuditFact.__dataclass_fields__}) for row in rows]

    def held(self) -> list[Json]:
        """Return the RiskAssessments of the EHR."""
        return self.ehr.all("RiskAssessment")


def reason(task: Json) -> str | None:
    """Return why nothing came of a trigger, or why it failed."""
    said: str | None = task.get("statusReason", {}).get("text")
    return said


def stage(task: Json) -> str | None:
    """Return the one word for how a trigger stands."""
    said: str | None = task.get("businessStatus", {}).get("text")
    return said


def sins(resource: Json) -> tuple[int, int]:
    """Return the SINS interval of a RiskAssessment."""
    ranges = [
        extension["valueRange"]
        for prediction in resource["prediction"]
        for extension in prediction["extension"]
        if extension["url"].endswith("/score")
    ]
    return int(ranges[0]["low"]["value"]), int(ranges[0]["high"]["value"])
