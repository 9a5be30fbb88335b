"""Transaction and batch (R4 http page): entries in the order DELETE, POST, PUT, GET; a transaction is all or nothing."""

import json
from typing import Any

from tests.stand_in_ehr.interactions import Interactions
from tests.stand_in_ehr.message import FhirError, Request, Resource, Response, outcome

_ORDER = ("DELETE", "POST", "PUT", "GET")
_CONDITIONS = {"ifMatch": "if-match", "ifNoneExist": "if-none-exist", "ifNoneMatch": "if-none-match"}


def answer_bundle(interactions: Interactions, request: Request) -> Response:
    """Process a Bundle posted to the base.

    Raises:
        FhirError: it is neither transaction nor batch, or an entry of a transaction is refused.
    """
    bundle = request.resource()
    if bundle["resourceType"] != "Bundle" or bundle.get("type") not in {"transaction", "batch"}:
        raise FhirError(400, "invalid", "only a transaction or batch Bundle is posted here")
    entries = bundle.get("entry", [])
    if any("request" not in entry for entry in entries):
        raise FhirError(400, "required", "every entry needs a request")
    if bundle["type"] == "batch":
        answers = [_answered(interactions, entry) for entry in entries]
    else:
        answers = _transaction(interactions, entries)
    content = {"resourceType": "Bundle", "type": f"{bundle['type']}-response", "entry": answers}
    return Response(status=200, content=content)


def _transaction(interactions: Interactions, entries: list[Resource]) -> list[Resource]:
    before, told, written = interactions.store.snapshot(), interactions.written, []
    interactions.unchecked = []
    interactions.written = lambda *write: written.append(write)
    names = _promised_names(interactions, entries)
    answers: dict[int, Resource] = {}
    try:
        for position in sorted(range(len(entries)), key=lambda each: _ORDER.index(entries[each]["request"]["method"])):
            entry = entries[position]
            promised = names.get(entry.get("fullUrl", ""))
            answers[position] = _entry_response(_answer(interactions, _renamed(entry, names), promised))
        for content in interactions.unchecked:
            interactions.refuse_dangling(content)
    except FhirError:
        interactions.store.restore(before)
        raise
    finally:
        interactions.written, interactions.unchecked = told, None
    for resource, reference in written:
        told(resource, reference)
    return [answers[position] for position in range(len(entries))]


def _promised_names(interactions: Interactions, entries: list[Resource]) -> dict[str, str]:
    """Return the reference that every `urn:uuid:` of the Bundle will have."""
    names: dict[str, str] = {}
    for number, entry in enumerate(entries):
        full_url, request = entry.get("fullUrl", ""), entry["request"]
        if not full_url.startswith("urn:"):
            continue
        if request["method"] == "POST":
            found = interactions.matching(request["url"], request["ifNoneExist"]) if "ifNoneExist" in request else []
            key = found[0]["id"] if found else f"{full_url.removeprefix('urn:uuid:')[:40]}-{number}"
            names[full_url] = f"{request['url']}/{key}"
        elif request["method"] == "PUT":
            names[full_url] = request["url"]
    return names


def _renamed(element: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 - any part of a Bundle
    match element:
        case dict():
            return {
                key: names.get(value, value) if key == "reference" and isinstance(value, str) else _renamed(value, names)
                for key, value in element.items()
            }
        case list():
            return [_renamed(each, names) for each in element]
    return element


def _answered(interactions: Interactions, entry: Resource) -> Resource:
    """Answer an entry of a batch: a refusal is its answer and nobody else's."""
    try:
        return _entry_response(_answer(interactions, entry, None))
    except FhirError as error:
        refusal = outcome(error.status, error.code, error.text)
        return {"response": {"status": str(error.status), "outcome": refusal.content}}


def _answer(interactions: Interactions, entry: Resource, promised: str | None) -> Response:
    asked = entry["request"]
    path, _, query = str(asked["url"]).removeprefix(f"{interactions.base}/").partition("?")
    request = Request(
        method=asked["method"],
        path=path,
        query=query,
        headers={header: asked[name] for name, header in _CONDITIONS.items() if name in asked},
        body=json.dumps(entry.get("resource")).encode(),
    )
    if promised is not None and request.method == "POST":
        return interactions.create(path, request, promised.rpartition("/")[2])
    return interactions.answer(request)


def _entry_response(response: Response) -> Resource:
    told = {"status": str(response.status)}
    for header, name in (("Location", "location"), ("ETag", "etag")):
        if header in response.headers:
            told[name] = response.headers[header]
    content: Resource = {} if response.content is None else {"resource": response.content}
    return {**content, "response": told}
