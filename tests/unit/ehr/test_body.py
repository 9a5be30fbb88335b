"""Bodies of an EHR are read without trusting their form."""

from typing import Any

import pytest

from service.ehr.body import child, children, json_object, matches, text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"<html>", b"\xff"])
def test_what_is_no_json_object_reads_as_an_empty_one(body: bytes) -> None:
    assert json_object(body) == {}


def test_elements_of_another_form_count_as_absent() -> None:
    odd: dict[str, Any] = {"list": [1, {"a": 1}, None], "object": {"b": 2}, "text": "", "number": 5}
    assert list(children(odd, "list")) == [{"a": 1}]
    assert list(children(odd, "object")) == []
    assert (child(odd, "object"), child(odd, "list"), child(odd, "none")) == ({"b": 2}, {}, {})
    assert (text(odd, "text"), text(odd, "number"), text(odd, "none")) == (None, None, None)


def test_matches_of_a_search_are_neither_included_resources_nor_remarks() -> None:
    bundle = {
        "entry": [
            {"resource": {"id": "a"}, "search": {"mode": "match"}},
            {"resource": {"id": "b"}},
            {"resource": {"id": "c"}, "search": {"mode": "include"}},
            {"resource": {"id": "d"}, "search": {"mode": "outcome"}},
            {"fullUrl": "urn:uuid:e"},
        ]
    }
    assert [each["id"] for each in matches(bundle)] == ["a", "b"]
