import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import InvalidJsonError, TooLargeError
from service.intake.parse import Limits, parse

LIMITS = Limits()


def _refused(body: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(InvalidJsonError) as caught:
        parse(body, limits)
    assert caught.value.status == 400
    assert caught.value.faults
    return caught.value.text


def test_decimals_keep_every_digit() -> None:
    assert str(parse(b'{"value": 1.50}', LIMITS).node["value"]) == "1.50"
    assert parse(b'{"value": 1e2}', LIMITS).node["value"] == Decimal(100)


def test_whole_numbers_stay_whole() -> None:
    assert type(parse(b'{"value": 12}', LIMITS).node["value"]) is int


@pytest.mark.parametrize("body", [b"", b"<Bundle/>", b"{", b'{"a":1}}', b"{'a':1}", b'{"a":01}', b'{"a":+1}', b'{"a":"\x01"}'])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    assert "JSON" in _refused(body)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    assert "object" in _refused(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": [{"b": 1, "b": 1}]}',
        b'{"a": [{"b" : 1, "b": 1}]}',
        b'{"a":1,"a"\n:1}',
        b'{"a":1,"a"\t:1}',
        b'{"a":1,"a"\r:1}',
        b'{"a":"\\":","a":1}',
        b'{"a":{"b":1},"a":{"c":2,"d":3}}',
        b'{"a":1,"\\u0061":2}',
    ],
)
def test_a_repeated_key_is_refused_at_any_depth(body: bytes) -> None:
    assert "repeats a key" in _refused(body)


@pytest.mark.parametrize("text", ['":', '\\":', " :", '" :', "a\n:", '","a":1'])
def test_what_looks_like_a_key_in_a_text_is_none(text: str) -> None:
    node = {"a": text, "b": [{"c": text}, {"c": {}}]}
    assert parse(json.dumps(node).encode(), LIMITS).node == node
    assert parse(json.dumps(node, indent=1, separators=(" ,", " : ")).encode(), LIMITS).node == node


_JSON = st.recursive(
    st.integers(0, 9) | st.text('":, {}', max_size=3), lambda inner: st.lists(inner) | st.dictionaries(st.text('ab":'), inner)
)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", '"', ":", "c"]), _JSON), max_size=4), st.sampled_from(["", " ", "\n"]))
def test_an_object_is_refused_if_and_only_if_it_repeats_a_key(pairs: list[tuple[str, object]], space: str) -> None:
    body = "{" + ",".join(f"{json.dumps(name)}{space}:{json.dumps(value)}" for name, value in pairs) + "}"
    if len(dict(pairs)) == len(pairs):
        assert parse(body.encode(), LIMITS).node == dict(pairs)
    else:
        assert "repeats a key" in _refused(body.encode())


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_are_none_are_refused(word: bytes) -> None:
    assert "NaN" in _refused(b'{"a": ' + word + b"}")


@pytest.mark.parametrize("number", [b"1" * 65, b"0." + b"1" * 65, b"1e309", b"1e-401", b"9" * 5000])
def test_numbers_beyond_bounds_are_refused(number: bytes) -> None:
    assert "number" in _refused(b'{"a": ' + number + b"}")


def test_nesting_is_allowed_up_to_the_limit_and_refused_beyond_it() -> None:
    deepest = b'{"a":' * 63 + b'{"b":1}' + b"}" * 63
    assert parse(deepest, LIMITS).node
    assert "64" in _refused(b'{"a":' + deepest + b"}")
    assert "64" in _refused(b'{"a":' + b"[" * 64 + b"]" * 64 + b"}")


def test_nesting_that_would_exhaust_the_stack_is_refused_like_any_other() -> None:
    assert "deeper" in _refused(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


def test_a_body_beyond_the_limit_is_too_large() -> None:
    with pytest.raises(TooLargeError) as caught:
        parse(b'{"a": 1}', Limits(max_bytes=7))
    assert caught.value.status == 413
    assert parse(b'{"a": 1}', Limits(max_bytes=8)).node == {"a": 1}


def test_a_byte_order_mark_is_read_over() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}', LIMITS).node == {"a": 1}


@pytest.mark.parametrize("body", [b'{"a": "\xff"}', '{"a": "é"}'.encode("latin-1"), '{"a": 1}'.encode("utf-16")])
def test_other_encodings_are_refused(body: bytes) -> None:
    assert "UTF-8" in _refused(body)


@pytest.mark.parametrize("body", [b'{"a": "\\ud800"}', b'{"\\udc00": 1}', b'{"a": ["x", {"b": "\\u0000"}]}'])
def test_text_that_nothing_can_store_is_refused(body: bytes) -> None:
    assert "character" in _refused(body)


def test_escaped_text_is_read() -> None:
    assert parse(b'{"a": "\\ud83d\\ude00 \\u00e9 \\\\u0000"}', LIMITS).node == {"a": "\U0001f600 é \\u0000"}


@pytest.mark.parametrize(
    ("body", "has_empty"), [(b"{}", True), (b'{"a": []}', True), (b'{"a": [{"b": {}}]}', True), (b'{"a": [{"b": 0}]}', False)]
)
def test_empty_objects_and_arrays_are_noticed(body: bytes, has_empty: bool) -> None:
    assert parse(body, LIMITS).has_empty is has_empty


def test_no_message_repeats_what_was_sent() -> None:
    for body in (b'{"Ada Lovelace": NaN}', b'{"Ada": 1, "Ada": 2}', b'{"a": "Ada Lovelace" x}', b'["Ada Lovelace"]'):
        assert "Ada" not in _refused(body)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.text("abc", max_size=3), JSON_VALUES))
def test_what_any_encoder_writes_is_read_back(node: dict[str, object]) -> None:
    assert parse(json.dumps(node).encode(), LIMITS).node == node


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(InvalidJsonError):
        assert isinstance(parse(body, LIMITS).node, dict)
