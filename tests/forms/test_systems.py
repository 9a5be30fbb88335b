"""A code means the same under every address that senders give its system.

Source: terminology/README, "System URIs"; interfaces section 1.
"""

import json
from typing import Any, Final

import pytest

from tests.builders import (
    DCM,
    INTERPRETATION,
    LOINC,
    RADELEMENT,
    RADLEX,
    SNOMED,
    UCUM,
    Json,
    body,
    bundle,
    coding,
    component,
    concept,
    level_site,
    observation,
    patient,
    quantity,
    report,
)
from tests.forms.compared import said
from tests.forms.conftest import Services
from tests.forms.spelling import URIS

_LYTIC: Final = observation(
    concept(coding("RDE153", "Lesion quality", system=RADELEMENT)),
    concept(coding("RDE153.2", "lytic", system=RADELEMENT)),
    bodySite=level_site("T7"),
    method=concept(coding("RID10321", system=RADLEX)),
    component=[
        component(concept(coding("33728-7", system=LOINC)), quantity(15, "mm")),
        component(concept(coding("112181", system=DCM)), quantity(650, "[hnsf'U]")),
        component(concept(coding("71286001")), interpretation=[concept(coding("NEG", system=INTERPRETATION))]),
    ],
)
_REPORT: Final = bundle(patient(), report(_LYTIC), _LYTIC)


def _respelt(element: Any, canonical: str, spelt: str) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON with a system under another address."""
    if isinstance(element, dict):
        return {
            key: spelt if (key, each) == ("system", canonical) else _respelt(each, canonical, spelt)
            for key, each in element.items()
        }
    return [_respelt(each, canonical, spelt) for each in element] if isinstance(element, list) else element


def _assessed(services: Services, resource: Json) -> Json:
    answer = services.open.post("/assessments?store=false", body(resource))
    assert answer.status_code == 200, answer.text
    content: Json = answer.get_json()
    assert content["unmapped"] == []
    return said(content)


def test_every_system_stands_in_the_report() -> None:
    text = json.dumps(_REPORT)
    assert [system for system in URIS if f'"system": "{system}"' not in text] == []


@pytest.mark.parametrize(("canonical", "spelt"), [(system, each) for system, uris in URIS.items() for each in uris])
def test_a_system_is_the_same_under_every_address(canonical: str, spelt: str, services: Services) -> None:
    assert _assessed(services, _respelt(_REPORT, canonical, spelt)) == _assessed(services, _REPORT)


def test_what_the_report_says_is_understood(services: Services) -> None:
    [lesion] = _assessed(services, _REPORT)["lesions"]
    findings = {each["finding"]: each["values"] or each["interval"] or each["state"] for each in lesion["findings"]}
    assert findings["bone-lesion"] == ["lytic"]
    assert findings["lesion-diameter"] == [1.5, 1.5]
    assert findings["attenuation-mean"] == [650, 650]
    assert findings["cord-compression"] == "absent"
    assert lesion["site"]["text"] == "T7"


assert {SNOMED, UCUM} <= URIS.keys()
