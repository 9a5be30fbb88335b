"""What the contract tests of the stand-in EHR send, and how they read its answers."""

import json
from typing import Any

import requests
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome

from tests.stand_in_ehr import StandInEhr

FHIR_JSON = "application/fhir+json"
SYSTEM = "https://hospital.example/ids"
Resource = dict[str, Any]


def ask(ehr: StandInEhr, method: str, path: str, body: Resource | None = None, **headers: str) -> requests.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = {"Content-Type": FHIR_JSON} if body is not None else {}
    data = None if body is None else json.dumps(body)
    return requests.request(method, f"{ehr.base}/{path}" if path else ehr.base, data=data, headers={**kind, **sent}, timeout=10)


def patient(key: str | None = "9", **elements: object) -> Resource:
    return {"resourceType": "Patient", **({"id": key} if key else {}), **elements}


def risk(key: str | None = None, value: str = "series-1", **elements: object) -> Resource:
    named = {"identifier": [{"system": SYSTEM, "value": value}], "subject": {"reference": "Patient/9"}}
    return {"resourceType": "RiskAssessment", **({"id": key} if key else {}), "status": "final", **named, **elements}


def observation(key: str, **elements: object) -> Resource:
    code = {"coding": [{"system": "http://loinc.org", "code": "72514-3"}]}
    subject = {"reference": "Patient/9"}
    return {"resourceType": "Observation", "id": key, "status": "final", "code": code, "subject": subject, **elements}


def ids(answer: requests.Response) -> list[str]:
    Bundle.model_validate_json(answer.content)
    return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]


def assert_refused(answer: requests.Response, status: int) -> None:
    assert answer.status_code == status
    assert OperationOutcome.model_validate_json(answer.content).issue


def entry(method: str, url: str, resource: Resource | None = None, full_url: str | None = None, **request: str) -> Resource:
    held = {"resource": resource} if resource else {}
    return {**held, **({"fullUrl": full_url} if full_url else {}), "request": {"method": method, "url": url, **request}}


def bundle(kind: str, *entries: Resource) -> Resource:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
