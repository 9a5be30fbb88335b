"""Bodies: what is read, what is refused before it is read, and where the limits lie (interfaces section 12)."""

import gzip
import io
from decimal import Decimal
from typing import Any

import pytest

from tests import builders
from tests.integration.scene import NORTH, Scene

Json = dict[str, Any]
FHIR = "application/fhir+json"


def told(answer: Any) -> str:  # noqa: ANN401 - a test response
    text: str = answer.get_json(force=True)["issue"][0]["details"]["text"]
    return text


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        (FHIR, 200), ("application/json", 200), ("application/json+fhir", 200), ("text/json", 200), ("APPLICATION/FHIR+JSON", 200),
        (f"{FHIR}; charset=UTF-8", 200), (f'{FHIR}; charset="utf-8"', 200), (f"{FHIR}; charset=utf-16", 415),
        (f"{FHIR}; fhirVersion=4.0", 200), (f"{FHIR}; fhirVersion=5.0", 415), ("application/fhir+xml", 415), ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415), ("", 415), ("json", 415),
    ],
)  # fmt: skip
def test_the_media_type_is_fhir_json_in_utf_8(shared: Scene, media_type: str, status: int) -> None:
    body = builders.body(builders.spine_report())
    answer = shared.client.post("/assessments?store=false", data=body, headers={"Content-Type": media_type})
    assert answer.status_code == status, answer.text
    if status == 415:
        assert answer.headers["Accept"].startswith(FHIR)
        assert "Content-Type" in told(answer)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, identity"])
def test_a_compressed_body_is_415_and_says_that_none_is_read(shared: Scene, coding: str) -> None:
    body = gzip.compress(builders.body(builders.spine_report()))
    for path in ("/assessments", f"/webhooks/{NORTH}"):
        answer = shared.post(path, body, **{"Content-Encoding": coding})
        assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "identity")
        assert "without Content-Encoding" in told(answer)
    assert shared.post("/assessments?store=false", builders.spine_report(), **{"Content-Encoding": "identity"}).status_code == 200


def test_a_body_of_unknown_length_is_411(shared: Scene) -> None:
    for path in ("/assessments", "/fhir/$assess"):
        answer = shared.client.post(path, headers={"Content-Type": FHIR})
        assert answer.status_code == 411
        assert "Content-Length" in told(answer)


class Cut(io.BytesIO):
    """A connection that ends before the body does."""

    def readinto(self, _: Any) -> int:  # noqa: ANN401 - any buffer
        raise OSError("Invalid chunk header")


def test_a_body_that_ends_early_is_400(shared: Scene) -> None:
    cut = {"wsgi.input": Cut(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = shared.client.post("/assessments", headers={"Content-Type": FHIR}, environ_overrides=cut)
    assert answer.status_code == 400
    assert "ended early" in told(answer)


def test_a_body_over_the_limit_is_413_whether_or_not_it_says_so(shared: Scene) -> None:
    fits, too_large = b" " * 199_000 + b"{}", b" " * 200_001
    assert shared.post("/assessments", fits).status_code == 422
    answers = [shared.post("/assessments", too_large)]
    for path in ("/assessments", f"/webhooks/{NORTH}"):
        chunked = {"wsgi.input": io.BytesIO(too_large), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        answers.append(shared.client.post(path, headers={"Content-Type": FHIR}, environ_overrides=chunked))
    for answer in answers:
        assert answer.status_code == 413
        assert "200000 bytes" in told(answer)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "JSON"), (b"[]", "no object"), (b"<Bundle/>", "line 1, column 1"), (b'{"a":NaN}', "NaN"),
        (b'{"a":-Infinity}', "NaN"), (b'{"a":1e309}', "exponent"), (b'{"a":' + b"1" * 65 + b"}", "64 characters"),
        (b'{"a":1,"a":2}', "repeats a key"), (b'{"a":' * 65 + b"1" + b"}" * 65, "64 levels"), (b"[" * 100_000, "64 levels"),
        (b'{"a":"\\ud800"}', "half a character"), (b'{"a":"\\u0000"}', "NUL"), (b'{"a":"\xff"}', "UTF-8"),
        ('{"a":1}'.encode("utf-16"), "UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_json_of_fhir_is_400_and_says_what_is_wrong(shared: Scene, body: bytes, word: str) -> None:
    for path in ("/assessments", "/fhir/$assess", f"/webhooks/{NORTH}"):
        answer = shared.post(path, body)
        assert answer.status_code == 400, answer.text
        assert word in told(answer)


def test_a_byte_order_mark_is_read_over(shared: Scene) -> None:
    body = b"\xef\xbb\xbf" + builders.body(builders.spine_report())
    assert shared.post("/assessments?store=false", body).status_code == 200


def test_too_many_entries_are_413(shared: Scene) -> None:
    entries = b",".join([b'{"request":{"method":"GET","url":"x"}}'] * 5001)
    answer = shared.post("/assessments", b'{"resourceType":"Bundle","type":"batch","entry":[' + entries + b"]}")
    assert answer.status_code == 413
    assert "5000 entries" in told(answer)


@pytest.mark.parametrize("kind", ["Rocket", "", None, 7, ["Bundle"], "bundle", "Bundle "])
def test_an_unknown_resource_type_is_422_with_its_place(shared: Scene, kind: object) -> None:
    for posted in ({"resourceType": kind, "id": "1"}, builders.bundle(builders.report(), {"resourceType": kind or "?", "id": "x"})):
        answer = shared.post("/assessments?store=false", posted)
        assert answer.status_code == 422
        assert answer.get_json(force=True)["issue"][0]["expression"][0].endswith("resourceType")


def test_a_notification_about_no_type_of_fhir_is_refused(shared: Scene) -> None:
    assert shared.client.delete(f"/webhooks/{NORTH}/Rocket/1").status_code == 404
    assert shared.client.put(f"/webhooks/{NORTH}/Rocket/1", json=builders.bundle(builders.report())).status_code == 404
    answer = shared.post(f"/webhooks/{NORTH}", {"resourceType": "DiagnosticReport", "id": "a b"})
    assert answer.status_code == 422
    assert answer.get_json(force=True)["issue"][0]["expression"] == ["DiagnosticReport.id"]


def test_decimals_are_read_and_shown_with_their_digits(shared: Scene) -> None:
    question = builders.concept(builders.coding("vertebral-collapse-percent", system=builders.LOCAL))
    own = builders.observation(question, builders.quantity(Decimal("40.50")), bodySite=builders.level_site("T12"))
    content = shared.post("/assessments?store=false", builders.body(builders.bundle(own, builders.report(own)))).get_json()
    [lesion] = content["lesions"]
    shown = {reason["value"] for outcome in lesion["outcomes"] for reason in outcome["reasons"]}
    assert [each["interval"] for each in lesion["findings"] if each["finding"] == "vertebral-collapse-percent"] == [[40.5, 40.5]]
    assert shown
