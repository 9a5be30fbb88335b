"""Nothing silent: what a report states is used or listed, with its path and the reason."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.builders import LOCAL, SNOMED, body, bundle, coding, concept, level_site, observation, patient, report
from tests.forms.accounted import REASONS, account, at, stated
from tests.forms.conftest import Services

Json = dict[str, Any]
_REPORTS: Final = sorted((Path(__file__).parents[1] / "reports").glob("*.json"))
_VENDOR: Final = concept(coding("V-1", system="https://pacs.hospital.example/codes"))


def _post(services: Services, content: bytes) -> Json:
    answer = services.open.post("/assessments?store=false", content, Prefer="handling=lenient")
    assert answer.status_code == 200, answer.text
    assessment: Json = answer.get_json()
    return assessment


@pytest.mark.parametrize("file", _REPORTS, ids=lambda file: file.stem)
def test_every_coding_of_the_reports_is_used_or_listed(file: Path, services: Services) -> None:
    content = file.read_bytes()
    rows = _post(services, content)["unmapped"]
    [(reading, translation)] = services.seen
    codings = tuple(stated(json.loads(content)))
    found = account(codings, reading, translation, rows)
    assert found.lost == ()
    assert found.used
    assert len(found.used) + len(found.unmapped) == len(codings)
    for row in rows:
        assert row["reason"] in REASONS
        assert at(json.loads(content), row["path"]) is not None


@pytest.mark.parametrize(
    ("elements", "path"),
    [
        ({"code": _VENDOR}, ""),
        ({"valueCodeableConcept": _VENDOR}, ""),
        ({"bodySite": _VENDOR}, ".bodySite"),
        ({"method": _VENDOR}, ".method"),
        ({"interpretation": [_VENDOR]}, ".interpretation"),
    ],
    ids=lambda elements: next(iter(elements)) if isinstance(elements, dict) else elements,
)
def test_a_coding_that_is_not_understood_is_listed_where_it_stands(elements: Json, path: str, services: Services) -> None:
    usual: Json = {"code": concept(coding("71286001")), "bodySite": level_site("T7")}
    said = observation(**{**usual, **elements})
    rows = _post(services, body(bundle(patient(), report(said), said)))["unmapped"]
    assert [(row["code"], row["path"]) for row in rows] == [("V-1", f"Bundle.entry[2].resource{path}")]


def test_the_site_of_a_group_that_is_not_understood_is_listed_though_the_group_says_nothing(services: Services) -> None:
    lytic = observation(concept(coding("bone-lesion", system=LOCAL)), concept(coding("lytic", system=LOCAL)), id="lytic")
    group = observation(concept(text="Lesion"), id="group", bodySite=_VENDOR, hasMember=[{"reference": "Observation/lytic"}])
    rows = _post(services, body(bundle(patient(), report(group, lytic), group, lytic)))["unmapped"]
    assert {(row["code"], row["path"], row["reason"]) for row in rows} >= {
        ("V-1", "Bundle.entry[2].resource.bodySite", "level-not-understood")
    }


def test_the_account_finds_what_is_lost(services: Services) -> None:
    said = observation(concept(coding("V-1", system=SNOMED)), bodySite=level_site("T7"))
    content = body(bundle(patient(), report(said), said))
    _post(services, content)
    [(reading, translation)] = services.seen
    lost = account(stated(json.loads(content)), reading, translation, []).lost
    assert {each.code for each in lost} == {"V-1", "RID29204"}
