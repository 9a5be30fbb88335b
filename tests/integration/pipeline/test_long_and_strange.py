"""Long and strange texts on both databases: nothing that a sender writes makes a row or an index that cannot be stored."""

from typing import Any, Final

import pytest

from tests import builders
from tests.integration.pipeline.test_receive import identified
from tests.integration.scene import WEST, Scene

Json = dict[str, Any]
LONG: Final = "x" * 50_000
STRANGE: Final = "\u202e\U0001f9b4 \u0007'\\ \"%s {} \ufeff"


def posted(text: str, **elements: Any) -> Json:  # noqa: ANN401 - FHIR elements
    """Return a Bundle with the text wherever a sender may write one."""
    own = builders.observation(id="o1", bodySite=builders.level_site("T7"), note=[{"text": text}])
    own["code"] = {**own["code"], "text": text}
    identifier = [{"system": "urn:x", "value": text}]
    return builders.bundle(
        builders.patient(name=[{"text": text}], identifier=identifier),
        own,
        builders.report(own, identifier=identifier, conclusion=text, **elements),
        identifier={"value": text},
    )


@pytest.mark.parametrize("text", [LONG, STRANGE], ids=["long", "strange"])
def test_a_text_of_any_length_is_stored_and_read_back(either: Scene, text: str) -> None:
    made = either.post("/assessments", posted(text))
    assert made.status_code == 201, made.text
    assert either.get(made.headers["Location"]) == made.get_json()
    again = either.post("/fhir/$assess", posted(text))
    assert (again.status_code, again.headers["Location"]) == (200, made.headers["Location"])


@pytest.mark.parametrize(
    "elements",
    [
        {"id": LONG},
        {"meta": {"versionId": LONG}},
        {"subject": {"reference": f"Patient/{LONG}"}},
        {"subject": {"reference": f"https://h.example/{LONG}"}},
        {"encounter": {"reference": f"urn:uuid:{LONG}"}},
    ],
    ids=lambda elements: next(iter(elements)),
)
@pytest.mark.parametrize("status", ["final", "entered-in-error"])
def test_an_id_or_reference_without_end_is_refused_and_a_withdrawal_does_without(
    either: Scene, elements: Json, status: str
) -> None:
    sent = posted("1", **elements, status=status)
    direct = either.post("/assessments", sent)
    assert direct.status_code == (422 if status == "final" else 201), direct.text
    notified = either.post(f"/webhooks/{WEST}", sent["entry"][2]["resource"])
    assert notified.status_code == (422 if "id" in elements else 202), notified.text
    either.drain()
    if notified.status_code == 202:
        assert either.get(notified.headers["Location"])["status"] in {"completed", "failed"}


def test_a_full_url_or_a_deletion_without_end_is_listed(either: Scene) -> None:
    sent = identified()
    sent["entry"][0]["fullUrl"] = f"https://h.example/{LONG}"
    sent["entry"].append({"request": {"method": "DELETE", "url": f"DiagnosticReport/{LONG}"}})
    made = either.post("/assessments", sent, Prefer="handling=lenient")
    assert made.status_code == 201, made.text
    assert {"Bundle.entry[0].fullUrl", "Bundle.entry[3].request.url"} <= {issue["path"] for issue in made.get_json()["issues"]}


def test_versions_are_compared_however_long_they_are(either: Scene) -> None:
    for version, status in (("9" * 64, 201), ("8" * 64, 200), ("9" * 5000, 422)):
        assert either.post("/assessments", posted("versions", meta={"versionId": version})).status_code == status
