"""`make demo`: the main job end to end on the embedded default, told as it happens.

A stand-in EHR and the service start on loopback. Act one: the report of a patient described in the literature is stored in the EHR,
whose webhook tells the service; the RiskAssessment comes back with an interval, because nobody said whether it hurts. Act two: a
pain Observation arrives, and the same RiskAssessment becomes one number.
"""

import json
import os
import shutil
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Any, Final

import requests

from tests.demo_patient import PAIN, PATIENT_ID, REPORT_ID, resources
from tests.running import RunningService, write_hospital
from tests.stand_in_ehr import StandInEhr

SLUG: Final = "demo"
SECRET: Final = "demo-secret"
EXTENSION: Final = "https://spinal-lesion-service.github.io/fhir/StructureDefinition/"
WAIT_SECONDS: Final = 30.0
PAGE: Final = 118


def main() -> int:
    """Run both acts; 0 only when the EHR holds one RiskAssessment, version 2, with one number."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="spinal-lesion-demo-"))
    os.environ["DEMO_WEBHOOK_SECRET"] = SECRET
    with StandInEhr() as ehr:
        service = RunningService(folder)
        write_hospital(service.hospitals, SLUG, ehr_base=ehr.base, secret_env="DEMO_WEBHOOK_SECRET")
        say(f"stand-in EHR at {ehr.base}; starting the service with hospital '{SLUG}' registered ..")
        with service:
            say(f"service ready at {service.base}")
            first = act_one(ehr, service)
            second = act_two(ehr, service)
        held = all_risk_assessments(ehr)
    return close(folder, first, second, held, time.monotonic() - started)


def act_one(ehr: StandInEhr, service: RunningService) -> dict[str, Any]:
    """Store the report in the EHR, send its webhook, follow the Task, show what came back."""
    title("Act one: the report alone")
    for resource in resources():
        put(ehr, resource)
    say(f"the EHR holds patient, report and {len(resources()) - 2} Observations in RadElement, SNOMED CT and RadLex; it calls us")
    notify(service, read(ehr, f"DiagnosticReport/{REPORT_ID}"))
    return shown(ehr)


def act_two(ehr: StandInEhr, service: RunningService) -> dict[str, Any]:
    """Store the pain Observation, send its webhook, show the same RiskAssessment again."""
    title("Act two: the patient says where and when it hurts")
    put(ehr, PAIN)
    say("a nurse records: pain provoked by movement, at T7; the EHR's webhook calls us")
    notify(service, read(ehr, f"Observation/{PAIN['id']}"))
    return shown(ehr)


def notify(service: RunningService, resource: dict[str, Any]) -> None:
    """Send the rest-hook notification that the EHR's subscription would send, and follow its Task to the end."""
    answer = service.webhook(SLUG, resource, SECRET)
    answer.raise_for_status()
    location = answer.headers["Location"]
    say(f"{answer.status_code} accepted, {location}")
    task = service.follow(location, seconds=WAIT_SECONDS)
    say(f"Task {task['status']}")


def shown(ehr: StandInEhr) -> dict[str, Any]:
    """Read the one RiskAssessment of the patient from the EHR and print it as a clinician reads it."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (held := all_risk_assessments(ehr)) and time.monotonic() < deadline:
        time.sleep(0.05)
    if not held:
        say("the EHR holds no RiskAssessment")
        return {}
    resource = held[0]
    say(
        f"the EHR now holds RiskAssessment/{resource['id']}, version {resource['meta']['versionId']}, status {resource['status']}\n"
    )
    for prediction in resource.get("prediction", []):
        print_prediction(prediction)
    for note in resource.get("note", []):
        said("note", note["text"], indent=2)
    if mitigation := resource.get("mitigation"):
        said("pointer", mitigation, indent=2)
    print()
    return resource


def print_prediction(prediction: dict[str, Any]) -> None:
    """Print one prediction: outcome, score interval on its bands, rationale, missing findings, citations."""
    print(f"  {prediction['outcome']['text']}")
    by_name = extensions(prediction)
    for score in by_name.get("score", []):
        low, high = (int(score["valueRange"][side]["value"]) for side in ("low", "high"))
        print(f"    {bar(low, high)}")
    said("why", prediction["rationale"])
    if missing := [each["valueCoding"]["code"] for each in by_name.get("missing-finding", [])]:
        said("missing", ", ".join(missing))
    for evidence in by_name.get("evidence", []):
        said("source", evidence["valueRelatedArtifact"]["citation"])
    print()


def extensions(element: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Group an element's extensions by the last part of their address."""
    found: dict[str, list[dict[str, Any]]] = {}
    for extension in element.get("extension", []):
        found.setdefault(extension["url"].removeprefix(EXTENSION), []).append(extension)
    return found


def bar(low: int, high: int) -> str:
    """Draw a SINS interval on its three bands: stable 0-6, potentially unstable 7-12, unstable 13-18."""
    cells = "".join("#" if low <= total <= high else "." for total in range(19))
    total = str(low) if low == high else f"{low} to {high}"
    return f"[{cells[:7]}|{cells[7:13]}|{cells[13:]}]  {total} of 18   (0-6 stable | 7-12 | 13-18 unstable)"


def said(label: str, text: str, indent: int = 4) -> None:
    """Print a labelled saying, wrapped to the page."""
    head = f"{' ' * indent}{label:<10}"
    print(textwrap.fill(text, PAGE, initial_indent=head, subsequent_indent=" " * len(head)))


def put(ehr: StandInEhr, resource: dict[str, Any]) -> None:
    """Store one resource in the EHR."""
    address = f"{ehr.base}/{resource['resourceType']}/{resource['id']}"
    requests.put(address, json=resource, headers={"Content-Type": "application/fhir+json"}, timeout=10).raise_for_status()


def read(ehr: StandInEhr, reference: str) -> dict[str, Any]:
    """Read one resource from the EHR."""
    found: dict[str, Any] = requests.get(f"{ehr.base}/{reference}", timeout=10).json()
    return found


def all_risk_assessments(ehr: StandInEhr) -> list[dict[str, Any]]:
    """Return every RiskAssessment that the EHR holds for the patient."""
    bundle = requests.get(f"{ehr.base}/RiskAssessment", params={"subject": f"Patient/{PATIENT_ID}"}, timeout=10).json()
    return [entry["resource"] for entry in bundle.get("entry", [])]


def close(folder: Path, first: dict[str, Any], second: dict[str, Any], held: list[dict[str, Any]], seconds: float) -> int:
    """Write the JSON files, say whether the promise was kept, and return the exit code."""
    out = Path("build/demo")
    out.mkdir(parents=True, exist_ok=True)
    for name, content in (("act-one", first), ("act-two", second)):
        (out / f"{name}.RiskAssessment.json").write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    (out / "report.json").write_text(json.dumps(resources(), indent=2, ensure_ascii=False), encoding="utf-8")
    shutil.copy(folder / "service.log", out / "service.log")
    shutil.rmtree(folder, ignore_errors=True)
    kept = len(held) == 1 and is_interval(first) and is_one_number(second) and second.get("id") == first.get("id")
    title(f"{'Kept' if kept else 'NOT kept'}: one RiskAssessment, an interval first, then one number ({seconds:.1f} s)")
    for file in sorted(out.iterdir()):
        print(f"  {file}")
    return 0 if kept else 1


def is_interval(resource: dict[str, Any]) -> bool:
    """Tell whether version 1 holds a SINS that is still open."""
    low, high = sins(resource)
    return resource.get("meta", {}).get("versionId") == "1" and low < high


def is_one_number(resource: dict[str, Any]) -> bool:
    """Tell whether version 2 holds a SINS that is one number."""
    low, high = sins(resource)
    return resource.get("meta", {}).get("versionId") == "2" and low == high >= 0


def sins(resource: dict[str, Any]) -> tuple[int, int]:
    """Return the score of the first prediction that has one; (-1, -1) = none."""
    for prediction in resource.get("prediction", []):
        for score in extensions(prediction).get("score", []):
            return int(score["valueRange"]["low"]["value"]), int(score["valueRange"]["high"]["value"])
    return -1, -1


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def say(text: str) -> None:
    """Print one step of progress."""
    print(f"  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
