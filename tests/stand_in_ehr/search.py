"""Search: the parameters of R4 that this EHR knows, by resource type."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.stand_in_ehr.message import FhirError

Resource = dict[str, Any]

_TOKENS = {
    "identifier": ("identifier",),
    "code": ("code",),
    "category": ("category",),
    "status": ("status",),
    "method": ("method",),
    "clinical-status": ("clinicalStatus",),
    "verification-status": ("verificationStatus",),
    "location": ("location",),
    "gender": ("gender",),
    "type": ("type",),
}
_REFERENCES = {
    "patient": ("subject", "patient"),
    "subject": ("subject",),
    "encounter": ("encounter",),
    "result": ("result",),
    "has-member": ("hasMember",),
    "derived-from": ("derivedFrom",),
    "based-on": ("basedOn",),
    "focus": ("focus",),
    "performer": ("performer",),
    "target": ("target",),
    "link": ("link",),
}
_DATES = {
    "date": (
        "effectiveDateTime",
        "effectivePeriod",
        "effectiveInstant",
        "performedDateTime",
        "performedPeriod",
        "occurrenceDateTime",
        "occurrencePeriod",
    ),
    "issued": ("issued",),
    "started": ("started",),
    "onset-date": ("onsetDateTime", "onsetPeriod"),
    "recorded-date": ("recordedDate",),
    "recorded": ("recorded",),
    "birthdate": ("birthDate",),
}
_CLINICAL = ("identifier", "patient", "subject", "encounter", "status", "code", "category", "date")
PARAMETERS = {
    "Patient": ("identifier", "gender", "birthdate", "link"),
    "Observation": (*_CLINICAL, "has-member", "derived-from", "based-on", "focus", "performer", "method"),
    "DiagnosticReport": (*_CLINICAL, "issued", "result", "based-on", "performer"),
    "Procedure": (*_CLINICAL, "based-on", "performer"),
    "Condition": (
        *("identifier", "patient", "subject", "encounter", "code", "category"),
        *("clinical-status", "verification-status", "onset-date", "recorded-date"),
    ),
    "ImagingStudy": ("identifier", "patient", "subject", "encounter", "status", "started", "based-on"),
    "BodyStructure": ("identifier", "patient", "location"),
    "RiskAssessment": ("identifier", "patient", "subject", "encounter", "date", "method", "performer"),
    "Provenance": ("patient", "target", "recorded"),
    "Encounter": ("identifier", "patient", "subject", "status"),
    "DocumentReference": ("identifier", "patient", "subject", "status", "type"),
    "Device": ("identifier", "patient"),
    "Subscription": ("status",),
}
CONTROLS = frozenset({"_count", "_sort", "_summary", "_total", "_format", "_pretty", "_elements", "_offset"})
_MOMENT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](.+))?)?)?")


def known_parameters(kind: str, unsearchable: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the search parameters of a type, without those that this server does not know (`Type.parameter`)."""
    names = ("_id", "_lastUpdated", *PARAMETERS.get(kind, ("identifier", "patient", "subject")))
    return tuple(name for name in names if f"{kind}.{name}" not in unsearchable)


def matching(
    kind: str,
    resources: list[Resource],
    parameters: list[tuple[str, str]],
    base: str,
    unsearchable: frozenset[str] = frozenset(),
) -> list[Resource]:
    """Return the resources that match every parameter.

    Raises:
        FhirError: 400, a parameter is not known for this type or its value has no valid form.
    """
    known = known_parameters(kind, unsearchable)
    found = resources
    for name, value in parameters:
        if name in CONTROLS:
            continue
        if name not in known:
            raise FhirError(400, "not-supported", f"{kind} has no search parameter {name}; known are {sorted(known)}")
        alternatives = [_unescape(each) for each in re.split(r"(?<!\\),", value)]
        found = [each for each in found if any(_matches(each, name, one, base) for one in alternatives)]
    return _sorted(found, next((value for name, value in parameters if name == "_sort"), ""))


def _matches(resource: Resource, name: str, value: str, base: str) -> bool:
    if name == "_id":
        return bool(resource["id"] == value)
    if name in _TOKENS:
        return any(_is_token(value, token) for token in _tokens(resource, _TOKENS[name]))
    if name in _REFERENCES:
        return any(_is_reference(value, name, sent, base) for sent in _references(resource, _REFERENCES[name]))
    if name == "_lastUpdated":
        return _is_in_time(value, resource.get("meta", {}).get("lastUpdated"))
    return any(_is_in_time(value, resource.get(element)) for element in _DATES[name])


def _tokens(resource: Resource, elements: tuple[str, ...]) -> Iterator[tuple[str | None, str | None]]:
    """Give out (system, code) of Identifiers, CodeableConcepts and codes."""
    for element in elements:
        held = resource.get(element)
        for each in held if isinstance(held, list) else [held]:
            if isinstance(each, str):
                yield None, each
            elif isinstance(each, dict):
                codings = each.get("coding", [])
                yield from ((coding.get("system"), coding.get("code")) for coding in codings)
                yield each.get("system"), each.get("value")


def _is_token(asked: str, token: tuple[str | None, str | None]) -> bool:
    """Compare `code`, `system|code`, `|code` or `system|` with a token."""
    system, bar, code = asked.rpartition("|")
    if not bar:
        return token[1] == asked
    return (token[0] or "") == system and (not code or token[1] == code)


def _references(resource: Resource, elements: tuple[str, ...]) -> Iterator[str]:
    for element in elements:
        held = resource.get(element)
        for each in held if isinstance(held, list) else [held]:
            named = each.get("other", each) if isinstance(each, dict) else {}
            if "reference" in named:
                yield named["reference"]


def _is_reference(asked: str, name: str, sent: str, base: str) -> bool:
    plain = sent.removeprefix(f"{base}/").split("/_history/")[0]
    wanted = asked.removeprefix(f"{base}/")
    if name == "patient" and not plain.startswith("Patient/"):
        return False
    return plain == wanted if "/" in wanted else plain.rpartition("/")[2] == wanted


def _is_in_time(asked: str, held: Any) -> bool:  # noqa: ANN401 - dateTime or Period
    """Compare a date with its prefix (R4 search, date): ranges, because a day is not a moment."""
    prefix = asked[:2] if asked[:2].isalpha() else "eq"
    low, high = _range(asked.removeprefix(prefix))
    if prefix not in _COMPARISONS:
        raise FhirError(400, "value", f"unknown prefix {prefix}")
    if held is None:
        return False
    if isinstance(held, dict):
        start = _range(held["start"])[0] if "start" in held else datetime.min.replace(tzinfo=UTC)
        end = _range(held["end"])[1] if "end" in held else datetime.max.replace(tzinfo=UTC)
    else:
        start, end = _range(held)
    return _COMPARISONS[prefix](low, high, start, end)


_COMPARISONS: dict[str, Callable[[datetime, datetime, datetime, datetime], bool]] = {
    "eq": lambda low, high, start, end: low <= start and end <= high,
    "ne": lambda low, high, start, end: not (low <= start and end <= high),
    "gt": lambda _low, high, _start, end: end > high,
    "lt": lambda low, _high, start, _end: start < low,
    "ge": lambda low, _high, _start, end: end > low,
    "le": lambda _low, high, start, _end: start < high,
}


def _range(text: str) -> tuple[datetime, datetime]:
    """Return start and end of what a partial date names; without zone it is read as UTC."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise FhirError(400, "value", f"not a date: {text}")
    year, month, day, clock = found.groups()
    try:
        start = datetime.fromisoformat(text) if clock else datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    except ValueError:
        raise FhirError(400, "value", f"not a date: {text}") from None
    if clock:
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
        return start, start + (timedelta(milliseconds=1) if "." in clock else timedelta(seconds=1))
    if day:
        return start, start + timedelta(days=1)
    after = start.month % 12 + 1 if month else 1
    return start, start.replace(year=start.year + (not month or start.month == 12), month=after)


def _sorted(found: list[Resource], order: str) -> list[Resource]:
    for key in reversed([each for each in order.split(",") if each]):
        name = key.removeprefix("-")
        if name not in {"_id", "_lastUpdated", *_DATES}:
            raise FhirError(400, "not-supported", f"cannot sort by {name}")
        found = sorted(found, key=partial(_sort_key, name), reverse=key.startswith("-"))
    return found


def _sort_key(name: str, resource: Resource) -> str:
    if name == "_id":
        return str(resource["id"])
    if name == "_lastUpdated":
        return str(resource.get("meta", {}).get("lastUpdated", ""))
    held = next((resource[element] for element in _DATES[name] if element in resource), "")
    return str(held.get("start", "") if isinstance(held, dict) else held)


def _unescape(value: str) -> str:
    return re.sub(r"\\([,|$\\])", r"\1", value)
