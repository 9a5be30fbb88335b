"""Which representation a caller takes: everything that is read here is JSON, in UTF-8.

Health, metrics, webhooks and keys are answered whatever Accept says: a probe, a scraper and a notifier want the status, and SMART
wants JSON.

Source: RFC 9110, 12.5.1 (Accept); FHIR R4 RESTful API, 3.1.0.1.11 (`_format`), Managing FHIR versions (fhirVersion).
"""

from collections.abc import Iterator
from typing import Final

from flask import Flask, Request, request
from werkzeug.http import parse_options_header

from service.errors import NotAcceptableError
from service.web.request import FHIR_JSON, FHIR_VERSIONS

_OURS: Final = (FHIR_JSON, "application/json", "text/json", "application/problem+json")
_FORMATS: Final = frozenset({"json", *_OURS[:3]})
_ANSWERED_ANYWAY: Final = frozenset({"health", "metrics", "webhooks", "well_known"})
_EXACT: Final = 2


def register(app: Flask) -> None:
    """Refuse what cannot be answered in the form that is asked for, before anything is done."""
    app.before_request(_refuse_unacceptable)


def _refuse_unacceptable() -> None:
    if request.endpoint is None or request.method == "OPTIONS" or request.blueprint in _ANSWERED_ANYWAY:
        return
    if not takes_json(request):
        raise NotAcceptableError(
            f"Answers are JSON: ask for {FHIR_JSON}, application/json or */* in Accept (fhirVersion 4.0), or _format=json."
        )


def takes_json(asked: Request) -> bool:
    """Tell whether the caller takes JSON; `_format` stands above Accept, and no Accept takes everything."""
    named = asked.args.get("_format")
    if named is not None:
        return parse_options_header(named.replace(" ", "+"))[0] in _FORMATS
    if not asked.accept_mimetypes:
        return True
    return any(_quality(asked, ours) > 0 for ours in _OURS)


def _quality(asked: Request, ours: str) -> float:
    """Return the quality that the most specific range of Accept gives one of our media types; 0 = it does not take it."""
    return max(_matches(asked, ours), default=(0, 0.0))[1]


def _matches(asked: Request, ours: str) -> Iterator[tuple[int, float]]:
    main = ours.partition("/")[0]
    specificity = {ours: _EXACT, f"{main}/*": 1, "*/*": 0}
    for value, quality in asked.accept_mimetypes:
        kind, options = parse_options_header(value)
        if kind.lower() in specificity and options.get("fhirversion", "4.0") in FHIR_VERSIONS:
            yield specificity[kind.lower()], quality
