"""The stand-in EHR searches, pages, describes itself and takes Bundles as R4 says."""

from collections.abc import Iterator

import pytest
import requests
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from tests.contract.stand_in_requests import SYSTEM, ask, assert_refused, bundle, entry, ids, observation, patient, risk
from tests.stand_in_ehr import StandInEhr


@pytest.fixture
def ehr() -> Iterator[StandInEhr]:
    with StandInEhr() as running:
        yield running


# search


@pytest.fixture
def filled(ehr: StandInEhr) -> StandInEhr:
    ehr.put(patient())
    ehr.put(patient("8", link=[{"other": {"reference": "Patient/9"}, "type": "replaces"}]))
    ehr.put({"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/9"}})
    ehr.put({"resourceType": "Procedure", "id": "x1", "status": "completed", "subject": {"reference": "Patient/9"}})
    imaging = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "imaging"}]}]
    ehr.put(observation("o1", effectiveDateTime="2024-03-01T10:00:00Z", category=imaging))
    ehr.put(observation("o2", effectiveDateTime="2024-03-05", hasMember=[{"reference": "Observation/o1"}]))
    pain = {"coding": [{"system": "http://snomed.info/sct", "code": "22253000"}]}
    ehr.put(observation("o3", code=pain, subject={"reference": f"{ehr.base}/Patient/8"}, effectivePeriod={"start": "2024-04-01"}))
    report = {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": pain}
    report |= {"effectiveDateTime": "2024-03-05"}
    ehr.put({**report, "subject": {"reference": "Patient/9"}, "result": [{"reference": "Observation/o2/_history/1"}]})
    ehr.put(risk("ra"))
    return ehr


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Observation?_id=o2", ["o2"]),
        ("Observation?patient=9", ["o1", "o2"]),
        ("Observation?patient=Patient/9", ["o1", "o2"]),
        ("Observation?subject=Patient/8", ["o3"]),
        ("Observation?patient=Patient/8,Patient/9", ["o1", "o2", "o3"]),
        ("Observation?code=72514-3", ["o1", "o2"]),
        ("Observation?code=http://snomed.info/sct|22253000", ["o3"]),
        ("Observation?code=http://snomed.info/sct|22253000,http://loinc.org|72514-3", ["o1", "o2", "o3"]),
        ("Observation?code=http://loinc.org|", ["o1", "o2"]),
        ("Observation?code=|72514-3", []),
        ("Observation?category=imaging", ["o1"]),
        ("Observation?date=2024-03-01", ["o1"]),
        ("Observation?date=2024-03", ["o1", "o2"]),
        ("Observation?date=ge2024-03-05", ["o2", "o3"]),
        ("Observation?date=gt2024-03-05", ["o3"]),
        ("Observation?date=le2024-03-05", ["o1", "o2"]),
        ("Observation?date=lt2024-03-05", ["o1"]),
        ("Observation?date=ge2024-03-01T10:00:00Z&date=lt2024-03-01T10:00:01Z", ["o1"]),
        ("Observation?date=ne2024", ["o3"]),
        ("Observation?has-member=Observation/o1", ["o2"]),
        ("Observation?has-member=o1", ["o2"]),
        ("DiagnosticReport?result=Observation/o2", ["r1"]),
        ("RiskAssessment?identifier=https://hospital.example/ids|series-1", ["ra"]),
        ("RiskAssessment?identifier=series-1", ["ra"]),
        ("RiskAssessment?identifier=https://other.example|series-1", []),
        ("Observation?_sort=-date", ["o3", "o2", "o1"]),
        ("Observation?_sort=_id&_lastUpdated=ge2024", ["o1", "o2", "o3"]),
        ("Observation?_lastUpdated=lt2024", []),
        ("Observation?_id=o1,o3,o9", ["o1", "o3"]),
        ("DiagnosticReport?patient=9&date=ge2024-02-01&date=le2024-03-31", ["r1"]),
        ("DiagnosticReport?patient=9&date=ge2024-04-01", []),
        ("Condition?patient=9", ["c1"]),
        ("Procedure?patient=9", ["x1"]),
        ("Procedure?patient=8", []),
        ("Patient?link=Patient/9", ["8"]),
        ("Patient?link=Patient/8", []),
    ],
)
def test_a_search_finds(filled: StandInEhr, query: str, found: list[str]) -> None:
    assert ids(ask(filled, "GET", query)) == found


def test_a_search_by_post_finds_the_same(filled: StandInEhr) -> None:
    answer = requests.post(f"{filled.base}/Observation/_search", data={"patient": "9"}, timeout=10)
    assert ids(answer) == ["o1", "o2"]


@pytest.mark.parametrize("query", ["colour=red", "date=yesterday", "date=sa2024", "date=2024-02-30", "_count=many", "_sort=colour"])
def test_a_search_that_is_not_understood_is_400(filled: StandInEhr, query: str) -> None:
    assert_refused(ask(filled, "GET", f"Observation?{query}"), 400)


def test_a_server_can_ignore_a_search_parameter(filled: StandInEhr) -> None:
    filled.switches.ignored_parameters = frozenset({"code"})
    assert ids(ask(filled, "GET", "Observation?code=none-has-this")) == ["o1", "o2", "o3"]


def walk(ehr: StandInEhr, query: str) -> list[list[str]]:
    """Follow the next links; return the ids page by page."""
    address: str | None = f"{ehr.base}/{query}"
    found = []
    while address is not None:
        answer = requests.get(address, timeout=10)
        found.append(ids(answer))
        address = next((link["url"] for link in answer.json()["link"] if link["relation"] == "next"), None)
    return found


def test_pages_follow_next_links_over_one_snapshot(filled: StandInEhr) -> None:
    assert walk(filled, "Observation?_count=2") == [["o1", "o2"], ["o3"]]
    first = ask(filled, "GET", "Observation?_count=2").json()
    filled.delete("Observation/o3")
    following = requests.get(first["link"][1]["url"], timeout=10)
    assert (first["total"], ids(following)) == (3, ["o3"])
    assert_refused(ask(filled, "GET", "?_getpages=expired&_offset=0&_count=2"), 410)
    assert ask(filled, "GET", "Observation?_summary=count").json()["total"] == 2


@pytest.mark.parametrize(("overlap", "pages"), [(1, [["o1", "o2"], ["o2", "o3"]]), (-1, [["o1", "o2"], []])])
def test_pages_can_repeat_and_drop_rows(filled: StandInEhr, overlap: int, pages: list[list[str]]) -> None:
    filled.switches.page_overlap = overlap
    assert walk(filled, "Observation?_count=2") == pages


# conformance


def test_the_capability_statement_is_valid_and_says_what_the_switches_say(ehr: StandInEhr) -> None:
    CapabilityStatement.model_validate_json(ask(ehr, "GET", "metadata").content)
    ehr.switches.update_create = ehr.switches.conditional_update = False
    ehr.switches.if_match = "ignored"
    resources = ask(ehr, "GET", "metadata").json()["rest"][0]["resource"]
    told = next(each for each in resources if each["type"] == "RiskAssessment")
    assert (told["updateCreate"], told["conditionalUpdate"], told["conditionalCreate"]) == (False, False, True)
    assert told["versioning"] == "versioned"
    ehr.switches.versioned = False
    resources = ask(ehr, "GET", "metadata").json()["rest"][0]["resource"]
    assert {each["versioning"] for each in resources} == {"no-version"}
    ehr.switches.metadata = False
    assert_refused(ask(ehr, "GET", "metadata"), 404)


def test_every_search_parameter_that_is_promised_is_served(ehr: StandInEhr) -> None:
    values = {"date": "2024-01-01", "token": "x", "reference": "Patient/9"}
    for resource in ask(ehr, "GET", "metadata").json()["rest"][0]["resource"]:
        query = "&".join(f"{each['name']}={values[each['type']]}" for each in resource["searchParam"])
        assert ids(ask(ehr, "GET", f"{resource['type']}?{query}")) == []


# transaction and batch


def test_a_transaction_resolves_its_own_references_whatever_the_order(ehr: StandInEhr) -> None:
    ehr.switches.referential_integrity = True
    urn = "urn:uuid:11111111-1111-4111-8111-111111111111"
    report = risk(subject={"reference": urn})
    answer = ask(
        ehr,
        "POST",
        "",
        bundle("transaction", entry("POST", "RiskAssessment", report), entry("POST", "Patient", patient(None), urn)),
    )
    assert answer.status_code == 200, answer.text
    Bundle.model_validate_json(answer.content)
    assert [each["response"]["status"] for each in answer.json()["entry"]] == ["201", "201"]
    [stored] = ehr.all("RiskAssessment")
    assert stored["subject"]["reference"] == f"Patient/{ehr.all('Patient')[0]['id']}"


def test_a_transaction_is_all_or_nothing(ehr: StandInEhr) -> None:
    answer = ask(
        ehr,
        "POST",
        "",
        bundle("transaction", entry("POST", "Patient", patient(None)), entry("POST", "RiskAssessment", risk(status="x"))),
    )
    assert_refused(answer, 422)
    assert ehr.all("Patient") == []


def test_a_transaction_honours_conditions_and_refers_to_what_they_match(ehr: StandInEhr) -> None:
    ehr.put(patient(identifier=[{"system": SYSTEM, "value": "p"}]))
    urn = "urn:uuid:11111111-1111-4111-8111-111111111111"
    condition = f"identifier={SYSTEM}|p"
    sent = bundle(
        "transaction",
        entry("POST", "Patient", patient(None), urn, ifNoneExist=condition),
        entry("PUT", "RiskAssessment/ra", risk("ra", subject={"reference": urn}), "urn:uuid:22222222-2222-4222-8222-222222222222"),
        entry("GET", "Patient/9"),
    )
    answer = ask(ehr, "POST", "", sent)
    assert [each["response"]["status"] for each in answer.json()["entry"]] == ["200", "201", "200"]
    [stored] = ehr.all("RiskAssessment")
    assert stored["subject"]["reference"] == "Patient/9"


def test_a_batch_answers_each_entry_for_itself(ehr: StandInEhr) -> None:
    answer = ask(ehr, "POST", "", bundle("batch", entry("GET", "Patient/9"), entry("PUT", "Patient/9", patient())))
    Bundle.model_validate_json(answer.content)
    assert [each["response"]["status"] for each in answer.json()["entry"]] == ["404", "201"]
    assert_refused(ask(ehr, "POST", "", bundle("collection")), 400)
    assert_refused(ask(ehr, "POST", "", {**bundle("batch"), "entry": [{}]}), 400)
