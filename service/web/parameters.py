"""Query parameters and preferences of a request: understood, or refused with the sentence that says what they may be.

Source: FHIR R4 decimal and boolean; FHIR R4 RESTful API, 3.1.0.2.2 (`Prefer: handling`); RFC 7240 (Prefer).
"""

import re
from decimal import Decimal
from typing import Final

from flask import request
from werkzeug.http import parse_list_header

from service.errors import BadRequestError

PRESENTATION: Final = frozenset({"_format", "_pretty"})
"""Parameters that every FHIR client may add; they change nothing but the looks."""

_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST: Final = 64
_SMALLEST_EXPONENT: Final = -400
_WORDS: Final = {"true": True, "false": False}
_HANDLINGS: Final = {"strict": True, "lenient": False}


def refuse_unknown(*known: str) -> None:
    """Refuse parameters that would be ignored: a mistyped `store` must not store.

    Raises:
        BadRequestError: there is one; its name is not repeated.
    """
    if request.args.keys() - {*known, *PRESENTATION}:
        raise BadRequestError(
            f"A query parameter is not known here; known are {', '.join(known)}. Prefer: handling=lenient ignores others."
        )


def single(name: str) -> str | None:
    """Return the value of a query parameter; None = it is not there.

    Raises:
        BadRequestError: it stands more than once.
    """
    values = request.args.getlist(name)
    if len(values) > 1:
        raise BadRequestError(f"The parameter {name} stands more than once; send it once.")
    return values[0] if values else None


def flag(name: str) -> bool | None:
    """Return a boolean query parameter; None = not stated.

    Raises:
        BadRequestError: it is neither `true` nor `false`, or stands more than once.
    """
    text = single(name)
    if text is None:
        return None
    if text not in _WORDS:
        raise BadRequestError(f"The parameter {name} is true or false.")
    return _WORDS[text]


def prior() -> Decimal | None:
    """Return the caller's prior probability (0-1); None = none stated.

    Raises:
        BadRequestError: it is no FHIR decimal from 0 to 1, or stands more than once.
    """
    text = single("prior")
    if text is None:
        return None
    value = Decimal(text) if len(text) <= _LONGEST and _DECIMAL.fullmatch(text) else None
    if value is None or not 0 <= value <= 1 or value.adjusted() < _SMALLEST_EXPONENT:
        raise BadRequestError("The parameter prior is a decimal from 0 to 1, as in prior=0.3.")
    return abs(value)


def strict_handling(*, default: bool) -> bool:
    """Read `Prefer: handling=strict|lenient`; the first `handling` counts, and one that is neither counts as none."""
    for preference in parse_list_header(request.headers.get("Prefer", "")):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "handling":
            return _HANDLINGS.get(value.strip().strip('"').lower(), default)
    return default
