"""The RESTful interactions of R4 (http page) on the store; called one at a time."""

import itertools
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode

from tests.stand_in_ehr.capability import capability_statement
from tests.stand_in_ehr.message import FhirError, Request, Resource, Response, outcome, version_headers
from tests.stand_in_ehr.search import CONTROLS, matching
from tests.stand_in_ehr.store import Store, Version
from tests.stand_in_ehr.switches import Switches
from tests.stand_in_ehr.validation import references, refuse_invalid, refuse_unknown_type

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LITERAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/.+)?")
MAX_PAGE = 500


class Interactions:
    """What the server does with one request."""

    def __init__(self, base: str, switches: Switches, written: Callable[[Resource | None, str], None]) -> None:
        """Start with an empty store.

        Args:
            base: address of the server, for links and locations.
            switches: what it supports.
            written: told of every stored resource (None = deleted) and its reference.
        """
        self.base, self.switches, self.written = base, switches, written
        self.store = Store(switches)
        self.unchecked: list[Resource] | None = None
        """In a transaction: what was sent and is checked for dangling references at its end; None = check at once."""
        self._walks: dict[str, list[Resource]] = {}
        self._numbers = itertools.count(1)

    def answer(self, request: Request) -> Response:
        """Route a request.

        Raises:
            FhirError: it is refused.
        """
        steps = tuple(request.path.split("/")) if request.path else ()
        if steps and steps[0] != "metadata":
            refuse_unknown_type(steps[0], self.switches.unknown_types)
        if request.method == "GET":
            return self._look(request, steps)
        match (request.method, *steps):
            case ("POST", kind, "_search"):
                return self._search(kind, request.parameters + parse_qsl(request.body.decode(), keep_blank_values=True))
            case ("POST", kind):
                return self.create(kind, request)
            case ("PUT", kind):
                return self._conditional_update(kind, request)
            case ("PUT", kind, key):
                return self._update(kind, key, request)
            case ("DELETE", kind, key):
                return self._delete(kind, key)
        raise FhirError(405, "not-supported", "no such interaction here")

    def _look(self, request: Request, steps: tuple[str, ...]) -> Response:
        match steps:
            case ():
                return self._walk(request)
            case ("metadata",):
                return self._metadata()
            case (kind,):
                return self._search(kind, request.parameters)
            case (kind, key):
                return self._read(kind, key, request)
            case (kind, key, "_history"):
                return self._history(kind, key)
            case (kind, key, "_history", number):
                return self._vread(kind, key, number)
        raise FhirError(404, "not-found", "there is nothing under this address")

    def _metadata(self) -> Response:
        if not self.switches.metadata:
            raise FhirError(404, "not-supported", "this server does not describe itself")
        return Response(status=200, content=capability_statement(self.base, self.switches))

    def _read(self, kind: str, key: str, request: Request) -> Response:
        version = self.store.current(kind, key)
        if version is None:
            raise FhirError(404, "not-found", f"{kind}/{key} is not known")
        if version.content is None:
            raise FhirError(410, "deleted", f"{kind}/{key} was deleted")
        headers = version_headers(version, self.switches.versioned)
        since = request.headers.get("if-modified-since")
        is_unchanged = since is not None and version.at.replace(microsecond=0) <= parsedate_to_datetime(since)
        if is_unchanged or request.headers.get("if-none-match") == headers.get("ETag", ""):
            return Response(status=304, headers=headers)
        return Response(status=200, content=version.content, headers=headers)

    def _vread(self, kind: str, key: str, number: str) -> Response:
        for version in self.store.history(kind, key):
            if str(version.number) == number and self.switches.versioned:
                if version.content is None:
                    raise FhirError(410, "deleted", "this version is the deletion")
                return Response(status=200, content=version.content, headers=version_headers(version, versioned=True))
        raise FhirError(404, "not-found", f"{kind}/{key} has no version {number}")

    def _history(self, kind: str, key: str) -> Response:
        versions = self.store.history(kind, key)
        if not versions:
            raise FhirError(404, "not-found", f"{kind}/{key} is not known")
        entry = [self._history_entry(kind, key, version) for version in reversed(versions)]
        bundle = {"resourceType": "Bundle", "type": "history", "total": len(entry), "entry": entry}
        return Response(status=200, content=bundle)

    def _history_entry(self, kind: str, key: str, version: Version) -> Resource:
        url = kind if version.method == "POST" else f"{kind}/{key}"
        status = {"DELETE": "204"}.get(version.method, "201" if version.number == 1 else "200")
        resource = {} if version.content is None else {"resource": version.content}
        request = {"method": version.method, "url": url}
        return {"fullUrl": f"{self.base}/{kind}/{key}", **resource, "request": request, "response": {"status": status}}

    def create(self, kind: str, request: Request, key: str | None = None) -> Response:
        """Create; with If-None-Exist only when nothing matches. `key` is the id a transaction has already promised."""
        content = self._sent(kind, request)
        condition = request.headers.get("if-none-exist")
        if condition is not None:
            if not self.switches.conditional_create:
                raise FhirError(412, "not-supported", "this server does not support conditional create")
            found = self.matching(kind, condition)
            if len(found) > 1:
                raise FhirError(412, "multiple-matches", "If-None-Exist matches several resources")
            if found:
                held = self.store.current(kind, found[0]["id"])
                return self._stored(request, held, 200) if held else outcome(200, "informational", "exists")
        return self._write(kind, key, content, request, 201)

    def _update(self, kind: str, key: str, request: Request) -> Response:
        content = self._sent(kind, request)
        if content.get("id") != key or not _ID.fullmatch(key):
            raise FhirError(400, "invalid", "the id of the resource is not the id of the address")
        current = self.store.current(kind, key)
        self._refuse_other_version(request.headers.get("if-match"), current)
        is_there = current is not None and current.content is not None
        if not is_there and not self.switches.update_create:
            raise FhirError(405, "not-supported", "this server chooses the ids")
        return self._write(kind, key, content, request, 200 if is_there else 201)

    def _refuse_other_version(self, if_match: str | None, current: Version | None) -> None:
        if if_match is None or self.switches.if_match == "ignored" or not self.switches.versioned:
            return
        if current is None or current.content is None or if_match.removeprefix("W/").strip('"') != str(current.number):
            raise FhirError(self.switches.if_match, "conflict", "If-Match does not name the current version")

    def _conditional_update(self, kind: str, request: Request) -> Response:
        if not self.switches.conditional_update or not request.query:
            raise FhirError(412, "not-supported", "this server does not support conditional update")
        content = self._sent(kind, request)
        found, key = self.matching(kind, request.query), content.get("id")
        if len(found) > 1:
            raise FhirError(412, "multiple-matches", "the search matches several resources")
        if found:
            if key not in {None, found[0]["id"]}:
                raise FhirError(400, "invalid", "the id of the resource is not the id of the match")
            return self._write(kind, found[0]["id"], content, request, 200)
        if key is None:
            return self._write(kind, None, content, request, 201)
        current = self.store.current(kind, key)
        if current is not None and current.content is not None:
            raise FhirError(409, "conflict", "nothing matches, but the id is taken")
        return self._update(kind, key, request)

    def _delete(self, kind: str, key: str) -> Response:
        current = self.store.current(kind, key)
        if current is None:
            raise FhirError(404, "not-found", f"{kind}/{key} is not known")
        if current.content is not None:
            self.store.delete(kind, key)
            self.written(None, f"{kind}/{key}")
        return Response(status=204)

    def _sent(self, kind: str, request: Request) -> Resource:
        """Return the resource that is sent, valid."""
        content = request.resource()
        if content["resourceType"] != kind:
            raise FhirError(400, "invalid", "the resource is not of the type of the address")
        refuse_invalid(content)
        if self.unchecked is None:
            self.refuse_dangling(content)
        else:
            self.unchecked.append(content)
        return content

    def refuse_dangling(self, content: Resource) -> None:
        """Refuse a resource that refers to something that is not there, where integrity is kept."""
        if self.switches.referential_integrity:
            for reference in references({**content, "contained": None}):
                self._refuse_unknown(reference.removeprefix(f"{self.base}/"))

    def _refuse_unknown(self, reference: str) -> None:
        if found := _LITERAL.fullmatch(reference):
            held = self.store.current(found[1], found[2])
            if held is None or held.content is None:
                raise FhirError(400, "not-found", f"{found[1]}/{found[2]} is referred to and not known")

    def _write(self, kind: str, key: str | None, content: Resource, request: Request, status: int) -> Response:
        if kind == "Subscription" and content.get("status") == "requested":
            content = {**content, "status": "active"}
        version = self.store.write(kind, key, self.switches.rewrite(content))
        stored = version.content or {}
        self.written(stored, f"{kind}/{stored['id']}")
        return self._stored(request, version, status)

    def _stored(self, request: Request, version: Version, status: int) -> Response:
        """Answer a write as the client prefers."""
        if self.switches.answers_writes == "silent":
            return Response(status=200)
        content = version.content or {}
        place = f"{self.base}/{content['resourceType']}/{content['id']}"
        location = f"{place}/_history/{version.number}" if self.switches.versioned else place
        headers = {"Location": location, **version_headers(version, self.switches.versioned)}
        prefer = request.headers.get("prefer", "")
        if "return=minimal" in prefer:
            return Response(status=status, headers=headers)
        if "return=OperationOutcome" in prefer:
            done = outcome(status, "informational", "stored")
            return Response(status=status, content=done.content, headers=headers)
        return Response(status=status, content=content, headers=headers)

    def matching(self, kind: str, query: str) -> list[Resource]:
        """Return what a search without paging finds."""
        parameters = parse_qsl(query.removeprefix(f"{kind}?"), keep_blank_values=True)
        return matching(kind, self.store.all(kind), parameters, self.base, self.switches.unsearchable)

    def _search(self, kind: str, sent: list[tuple[str, str]]) -> Response:
        parameters = [each for each in sent if each[0] not in self.switches.ignored_parameters]
        found = matching(kind, self.store.all(kind), parameters, self.base, self.switches.unsearchable)
        asked = dict(parameters)
        count = min(_number(asked.get("_count", str(self.switches.page_size))), MAX_PAGE)
        used = [each for each in parameters if each[0] not in CONTROLS - {"_count", "_sort"}]
        this = f"{self.base}/{kind}?{urlencode(used)}"
        if count == 0 or asked.get("_summary") == "count":
            return Response(status=200, content={"resourceType": "Bundle", "type": "searchset", "total": len(found)})
        walk = str(next(self._numbers))
        self._walks[walk] = found
        return self._page(walk, 0, count, this)

    def _walk(self, request: Request) -> Response:
        """Serve a further page, addressed as HAPI does."""
        asked = dict(request.parameters)
        if asked.get("_getpages", "") not in self._walks:
            raise FhirError(410, "not-found", "this search has expired")
        return self._page(
            asked["_getpages"], _number(asked.get("_offset")), _number(asked.get("_count")), f"{self.base}?{request.query}"
        )

    def _page(self, walk: str, offset: int, count: int, this: str) -> Response:
        found = self._walks[walk]
        rows = found[offset : offset + count]
        link = [{"relation": "self", "url": this}]
        if offset + count < len(found):
            after = offset + count - min(self.switches.page_overlap, count - 1)
            address = f"{self.base}?_getpages={walk}&_offset={after}&_count={count}"
            link.append({"relation": "next", "url": self.switches.next_link(address)})
        entry = [self._entry(each) for each in rows]
        bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": link}
        return Response(status=200, content=bundle | ({"entry": entry} if entry else {}))

    def _entry(self, resource: Resource) -> Resource:
        place = f"{self.base}/{resource['resourceType']}/{resource['id']}"
        return {"fullUrl": place, "resource": resource, "search": {"mode": "match"}}


def _number(text: str | None) -> int:
    if text is None or not text.isdecimal():
        raise FhirError(400, "value", "a count is a number")
    return int(text)
