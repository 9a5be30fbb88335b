"""What a direct post asks for beside its report: handling, dry run, write-back, prior; in address, header and Parameters."""

from decimal import Decimal
from itertools import count
from typing import Any, Final

import pytest
from werkzeug.test import TestResponse

from service.model.hospital import WriteBack
from service.storage.terms import AuditAction
from tests import builders
from tests.integration.scene import NORTH, WEST, Scene

Json = dict[str, Any]
NUMBERS: Final = count(1)
FHIR: Final = "application/fhir+json"


def named(*broken: Json, **elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    """Return a Bundle with a report that was never sent before."""
    own = builders.observation(id="o1", bodySite=builders.level_site("T7"))
    given = [{"system": "https://hospital.example/reports", "value": f"wish-{next(NUMBERS)}"}]
    return builders.bundle(builders.patient(), own, *broken, builders.report(own, *broken, identifier=given, **elements))


def texts(answer: TestResponse) -> list[str]:
    """Return what an answer says: issues of an assessment, or of an outcome, alone or in a Bundle."""
    content = answer.get_json(force=True)
    if "issues" in content:
        return [issue["text"] for issue in content["issues"]]
    outcome = content["entry"][-1]["resource"] if content.get("resourceType") == "Bundle" else content
    return [issue["details"]["text"] for issue in outcome["issue"]]


# handling


@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ("handling=lenient", 200),
        ('handling="lenient"', 200),
        ("Handling=Lenient", 200),
        ("return=representation, handling=lenient", 200),
        ('return="representation"; x=y, handling = lenient', 200),
        ("handling=lenient; wait=5", 200),
        ("handling=lenient, handling=strict", 200),
        ("handling=strict", 422),
        ('handling="strict"', 422),
        ("handling=strict, handling=lenient", 422),
        ("respond-async; handling=lenient", 422),
        ("handling=whatever", 422),
        ("handling", 422),
        ("", 422),
        ("lenient", 422),
        ('x="handling=lenient"', 422),
        (",;=,", 422),
    ],
)
@pytest.mark.parametrize("path", ["/assessments", "/fhir/$assess"])
def test_the_first_handling_preference_counts(shared: Scene, path: str, prefer: str, status: int) -> None:
    broken = builders.observation(id="o2", status="bogus")
    answer = shared.post(f"{path}?store=false", named(broken), Prefer=prefer)
    assert answer.status_code == status, answer.text
    assert any("must be one of" in text for text in texts(answer))


def test_an_unknown_parameter_is_refused_in_strict_and_passed_over_in_lenient_handling(shared: Scene) -> None:
    for query in ("?stroe=false", "?store=false&Prior=0.3", "?store=false&strict=true"):
        answer = shared.post(f"/assessments{query}", named())
        assert answer.status_code == 400
        assert "hospital, store, writeBack, prior" in texts(answer)[0]
    assert shared.post("/assessments?store=false&_pretty=true&_format=json", named()).status_code == 200
    assert shared.post("/assessments?store=false&x=1", named(), Prefer="handling=lenient").status_code == 200


# store


def test_a_dry_run_may_be_asked_for_in_the_body(shared: Scene) -> None:
    for path in ("/assessments", "/fhir/$assess"):
        posted = builders.parameters(named())
        posted["parameter"].append({"name": "store", "valueBoolean": False})
        before = len(shared.facts())
        answer = shared.post(path, posted)
        assert (answer.status_code, "Location" in answer.headers) == (200, False)
        assert shared.post(f"{path}?store=false", posted).status_code == 200
        assert len(shared.facts()) == before
        refused = shared.post(f"{path}?store=true", posted)
        assert refused.status_code == 422
        assert refused.get_json(force=True)["issue"][0]["expression"] == ["Parameters.parameter.where(name='store').value"]


@pytest.mark.parametrize(
    "query", ["store=false&store=true", "prior=0.1&prior=0.1", "hospital=west&hospital=local", "writeBack=true&writeBack=true"]
)
def test_a_parameter_that_stands_twice_is_refused(shared: Scene, query: str) -> None:
    answer = shared.post(f"/assessments?{query}", named())
    assert answer.status_code == 400
    assert "more than once" in texts(answer)[0]


# prior


@pytest.mark.parametrize("prior", ["0", "1", "-0", "0.0", "1.00", "0.3", "3e-1", "1e-400", "0E5"])
def test_a_prior_from_0_to_1_is_taken(shared: Scene, prior: str) -> None:
    assert shared.post(f"/assessments?store=false&prior={prior}", named()).status_code == 200
    assert shared.post("/assessments?store=false", builders.body(builders.parameters(named(), Decimal(prior)))).status_code == 200


@pytest.mark.parametrize(
    "prior",
    [
        "NaN",
        "nan",
        "Infinity",
        "-Infinity",
        "-0.1",
        "1.0000001",
        "2",
        "",
        "many",
        "0_1",
        "%D9%A0.%D9%A3",
        ".3",
        "1.",
        "01",
        "0x1",
        "1e-401",
        "0." + "1" * 65,
    ],
)
def test_a_prior_that_is_no_decimal_from_0_to_1_is_400(shared: Scene, prior: str) -> None:
    answer = shared.post(f"/assessments?store=false&prior={prior}", named())
    assert answer.status_code == 400
    assert "decimal from 0 to 1" in texts(answer)[0]


def test_two_priors_agree_or_are_refused(shared: Scene) -> None:
    posted = builders.body(builders.parameters(named(), Decimal("0.30")))
    assert shared.post("/assessments?store=false&prior=0.3", posted).status_code == 200
    refused = shared.post("/assessments?store=false&prior=0.4", posted)
    assert refused.status_code == 422
    assert refused.get_json(force=True)["issue"][0]["expression"] == ["Parameters.parameter.where(name='prior').value"]
    twice = builders.parameters(named(), 0.3)
    twice["parameter"].append({"name": "prior", "valueDecimal": 0.3})
    assert shared.post("/assessments?store=false", twice).status_code == 422


# writeBack


def test_a_write_back_that_cannot_be_is_said_in_the_answer_and_is_not_stored(shared: Scene) -> None:
    for query, words in (
        ("writeBack=true", "has no EHR"),
        (f"writeBack=true&hospital={NORTH}&store=false", "a dry run delivers nothing"),
    ):
        for path in ("/assessments", "/fhir/$assess"):
            answer = shared.post(f"{path}?{query}", named())
            assert any(words in text for text in texts(answer)), texts(answer)
    posted = named()
    first = shared.post("/assessments?writeBack=true", posted)
    again = shared.post("/assessments?writeBack=true", posted)
    assert (first.status_code, again.status_code) == (201, 200)
    assert texts(first) == texts(again) == ["writeBack was asked for, but this hospital has no EHR, so nothing is delivered."]
    assert shared.get(first.headers["Location"])["issues"] == []


def test_a_policy_of_none_is_said_too(scene: Scene) -> None:
    object.__setattr__(scene.hospital(NORTH), "write_back", WriteBack.NONE)
    answer = scene.post(f"/assessments?writeBack=true&hospital={NORTH}", named())
    assert "policy of this hospital is none" in texts(answer)[0]
    scene.drain()
    assert scene.held() == []


def test_what_is_known_is_delivered_when_somebody_asks_for_it(scene: Scene) -> None:
    scene.ehr.put(builders.patient())
    posted = named()
    assert scene.post(f"/assessments?hospital={NORTH}", posted).status_code == 201
    scene.drain()
    assert scene.held() == []
    assert scene.post(f"/assessments?hospital={NORTH}&writeBack=true", posted).status_code == 200
    scene.drain()
    assert len(scene.held()) == 1


def test_write_back_may_be_asked_for_in_the_body(scene: Scene) -> None:
    scene.ehr.put(builders.patient())
    posted = builders.parameters(named())
    posted["parameter"].append({"name": "writeBack", "valueBoolean": True})
    assert scene.post(f"/fhir/$assess?hospital={NORTH}", posted).status_code == 200
    scene.drain()
    assert len(scene.held()) == 1


# what is known is answered whole


def test_a_repeat_of_known_input_says_what_the_first_answer_said(shared: Scene) -> None:
    gone = named(result=[{"reference": "Observation/o1"}, {"reference": "Observation/gone"}])
    first, again = (shared.post(f"/fhir/$assess?hospital={WEST}", gone) for _ in range(2))
    assert texts(first) == texts(again) == ["Observation not resolved: it is not in the input."]
    assert shared.facts()[-1].action == AuditAction.READ


def test_nothing_of_a_wish_is_kept_for_the_next_request(shared: Scene) -> None:
    posted = named()
    dry = shared.post("/assessments?store=false", posted)
    stored = shared.post("/assessments", posted)
    assert (dry.status_code, stored.status_code) == (200, 201)
