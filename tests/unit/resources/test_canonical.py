"""RFC 8785: the vectors of the RFC, and the quick path against the exact one."""

import json
import math
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.resources import canonical as module
from service.resources.canonical import canonical

_LARGEST = 2**53 - 1
_NUMBERS = st.one_of(st.integers(-_LARGEST, _LARGEST), st.floats(-_LARGEST, _LARGEST))
_TEXT = st.text(st.characters(codec="utf-8"))
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(_TEXT, inner, max_size=5)),
    max_leaves=20,
)


def test_the_sample_of_the_rfc_is_written_as_the_rfc_prints_it() -> None:
    sample = json.loads(
        '{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        r'"string": "\u20ac$\u000F\u000aA\u0027\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}'
    )
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(sample) == expected.encode()


def test_names_are_ordered_by_their_utf_16_code_units() -> None:
    names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    ordered = json.loads(canonical(names))
    assert list(ordered) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    ("bits", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1e21, "1e+21"),
        (999999999999999700000.0, "999999999999999700000"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333332, "333333333.3333332"),
        (-333333333.3333333, "-333333333.3333333"),
        (1424953923781206.2, "1424953923781206.2"),
        (5.0, "5"),
        (10, "10"),
    ],
)
def test_a_number_is_written_as_ecmascript_writes_it(bits: float, written: str) -> None:
    assert canonical(bits) == written.encode()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 2**53, -(2**53), [2**64]])
def test_a_number_that_json_cannot_carry_is_refused(number: object) -> None:
    with pytest.raises(ValueError, match=r"JSON carries|canonical form"):
        canonical({"number": number})


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        canonical({"text": "\ud800"})


@pytest.mark.parametrize("value", [object(), b"bytes", {1: "one"}, {"a": {1, 2}}, {"\u20ac": 1, 2: 3}, {"b": {1: 2}, "a": 5.0}])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_a_tuple_is_an_array_and_a_word_of_a_closed_list_is_text() -> None:
    word = StrEnum("word", {"PRESENT": "present"})
    assert canonical({"values": (word.PRESENT, "b")}) == b'{"values":["present","b"]}'


@settings(max_examples=150, deadline=None)
@given(_JSON)
def test_the_quick_path_writes_what_the_exact_path_writes(value: object) -> None:
    assert canonical(value) == module._write(value).encode()


@settings(max_examples=150, deadline=None)
@given(_JSON)
def test_canonical_bytes_say_the_same_value_and_are_their_own_canonical_form(value: object) -> None:
    written = canonical(value)
    again = json.loads(written)
    assert again == value
    assert canonical(again) == written


@settings(max_examples=150, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_number_is_read_back_as_itself(number: float) -> None:
    assert float(canonical(number)) == number


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(_TEXT, _NUMBERS, min_size=2, max_size=6))
def test_the_order_of_the_members_does_not_matter(members: dict[str, float]) -> None:
    assert canonical(members) == canonical(dict(reversed(members.items())))
