"""Bytes to JSON: exact numbers, no repeated keys, bounded size and depth; nothing of the content ever stands in a message.

Source: interfaces section 12; RFC 8259; FHIR R4 JSON format (UTF-8, no repeated names).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

from service.errors import InvalidJsonError, TooLargeError

Node = dict[str, Any]
"""One JSON object."""

MAX_NUMBER_LENGTH: Final = 64
"""Characters of one number; FHIR asks for 18 digits to be understood."""

MAX_EXPONENT: Final = 308
"""Largest power of ten of one number, as in IEEE 754: beyond it a few bytes stand for gigabytes of digits."""

MIN_EXPONENT: Final = -400
"""Smallest one; what any encoder writes of an IEEE 754 number lies above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Size limits of input.

    Attributes:
        max_bytes: largest body.
        max_depth: deepest nesting of objects and arrays; the outermost object is 1.
        max_entries: most entries of a Bundle, those of Bundles inside it included.
    """

    max_bytes: int = 10 * 1024 * 1024
    max_depth: int = 64
    max_entries: int = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One body as JSON.

    Attributes:
        node: the outermost object; numbers are int or Decimal with all their digits.
        has_empty: True = somewhere in it is an empty object or array, or the word null, which FHIR forbids nearly everywhere.
    """

    node: Node
    has_empty: bool


def parse(body: bytes, limits: Limits) -> Parsed:
    """Parse one body.

    Args:
        body: UTF-8, with or without byte order mark.
        limits: size limits.

    Raises:
        TooLargeError: more bytes than allowed.
        InvalidJsonError: not UTF-8, not JSON, no object, a repeated key, too deep, NaN or Infinity, a number beyond bounds,
            or text that no UTF-8 can carry.
    """
    if len(body) > limits.max_bytes:
        raise TooLargeError(f"The body is larger than {limits.max_bytes} bytes.")
    try:
        text = body.decode("utf-8-sig")
        node = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise InvalidJsonError("The body is not UTF-8: FHIR JSON is always UTF-8.") from None
    except json.JSONDecodeError as error:
        raise InvalidJsonError(f"The body is not JSON: line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise _too_deep(limits) from None
    if type(node) is not dict:
        raise InvalidJsonError("The body is JSON, but no object: it must begin with {.")
    has_empty = _measure(node, limits) or "null" in text
    if "\\u" in text and not all(map(_is_text, _strings(node))):
        raise InvalidJsonError("A text holds half a character (a surrogate alone) or the character NUL, which nothing can store.")
    return Parsed(node=node, has_empty=has_empty)


def _measure(node: Node, limits: Limits) -> bool:
    """Walk the levels of nesting without recursion and tell whether a container is empty.

    Raises:
        InvalidJsonError: more levels than allowed.
    """
    level: list[Any] = [node]
    has_empty = not node
    for _ in range(limits.max_depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if outer.__class__ is dict else outer)
            if inner.__class__ is dict or inner.__class__ is list
        ]
        if not level:
            return has_empty
        has_empty = has_empty or not all(level)
    raise _too_deep(limits)


def _too_deep(limits: Limits) -> InvalidJsonError:
    return InvalidJsonError(f"The body nests deeper than {limits.max_depth} levels.")


def _strings(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield every key and text, without recursion."""
    ahead = [node]
    while ahead:
        element = ahead.pop()
        if isinstance(element, dict):
            yield from element
            ahead += element.values()
        elif isinstance(element, list):
            ahead += element
        elif isinstance(element, str):
            yield element


def _is_text(text: str) -> bool:
    """Tell whether a database and an encoder can carry the text: no lone surrogate, no NUL."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _object(pairs: list[tuple[str, Any]]) -> Node:
    node = dict(pairs)
    if len(node) != len(pairs):
        raise InvalidJsonError("An object repeats a key: every name may stand once in it.")
    return node


def _decimal(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= MAX_NUMBER_LENGTH else None
    if number is None or not MIN_EXPONENT <= number.adjusted() <= MAX_EXPONENT:
        raise InvalidJsonError(
            f"A number has more than {MAX_NUMBER_LENGTH} characters, or an exponent outside {MIN_EXPONENT} to {MAX_EXPONENT}."
        )
    return number


def _integer(text: str) -> int:
    if len(text) > MAX_NUMBER_LENGTH:
        raise InvalidJsonError(f"A number has more than {MAX_NUMBER_LENGTH} characters.")
    return int(text)


def _constant(_: str) -> NoReturn:
    raise InvalidJsonError("NaN and Infinity are no JSON: leave the value out and say why in dataAbsentReason.")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_decimal, parse_int=_integer, parse_constant=_constant)
