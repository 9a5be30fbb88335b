"""The stand-in as a test, the demo or a benchmark uses it."""

import contextlib
import json
import secrets
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.stand_in_ehr.bundles import answer_bundle
from tests.stand_in_ehr.interactions import Interactions
from tests.stand_in_ehr.message import FHIR_JSON, FhirError, Request, Response, outcome
from tests.stand_in_ehr.notifier import Notification, Notifier
from tests.stand_in_ehr.server import Server, Wire
from tests.stand_in_ehr.switches import Fault, Switches

Resource = dict[str, Any]
SMART_CONFIGURATION = ".well-known/smart-configuration"
_OPEN = frozenset({"metadata", SMART_CONFIGURATION})
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it was logged: `path` below the base with its query; `status` None = no answer was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int | None


class StandInEhr:
    """A FHIR R4 server on loopback. Use it as a context manager, or `start` and `stop` it (it keeps port and data).

    Attributes:
        switches: how this EHR differs from others; may be changed while it runs.
        requests: everything that was asked, in order.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        path: str = "/fhir",
        switches: Switches | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Bind to a port (0 = any free one); nothing is served before `start`. With `tls` it is an https server."""
        self.switches = switches or Switches()
        self.requests: list[Asked] = []
        self._host, self._path, self._faults = host, path, list[Fault]()
        self._lock = threading.RLock()
        self._tls = tls
        self._server: Server | None = Server(host, port, path, self._answer, tls)
        self._thread: threading.Thread | None = None
        self._port: int = self._server.server_address[1]
        self._notifier = Notifier(self.base)
        self._interactions = Interactions(self.base, self.switches, self._written)

    @property
    def base(self) -> str:
        """The FHIR base."""
        return f"{'http' if self._tls is None else 'https'}://{self._host}:{self._port}{self._path}"

    @property
    def connections(self) -> int:
        """How many connections were opened since the start."""
        return 0 if self._server is None else self._server.connections

    @property
    def notifications(self) -> list[Notification]:
        """Every attempt to notify a subscriber."""
        return self._notifier.sent

    def start(self) -> Self:
        """Serve, on the same port with the same data as before a `stop`."""
        server = self._server or Server(self._host, self._port, self._path, self._answer, self._tls)
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="stand-in-ehr", daemon=True)
        self._thread.start()
        self._notifier.start()
        return self

    def stop(self) -> None:
        """Go down: connections are refused, data stays."""
        self._notifier.stop()
        if self._server is not None:
            self._server.close(is_serving=self._thread is not None)
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._server = self._thread = None

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def put(self, resource: Resource) -> Resource:
        """Store a resource as if a user of the EHR did (validated, versioned, subscribers notified) and return what is held.

        Raises:
            FhirError: the EHR refuses it.
        """
        kind, key = resource["resourceType"], resource.get("id")
        request = Request(
            method="PUT" if key else "POST", path=f"{kind}/{key}" if key else kind, body=json.dumps(resource).encode()
        )
        with self._lock, self._allowing_ids():
            stored = self._interactions.answer(request).headers["Location"].removeprefix(f"{self.base}/")
            return self.get("/".join(stored.split("/")[:2]))

    def get(self, reference: str) -> Resource:
        """Return what the EHR holds under `Type/id`.

        Raises:
            LookupError: nothing, or it was deleted.
        """
        with self._lock:
            version = self._interactions.store.current(*reference.split("/"))
        if version is None or version.content is None:
            raise LookupError(f"the EHR does not hold {reference}")
        return version.content

    def all(self, kind: str) -> list[Resource]:
        """Return everything of a type that is not deleted, in the order of creation."""
        with self._lock:
            return self._interactions.store.all(kind)

    def versions(self, reference: str) -> list[Resource | None]:
        """Return every version of `Type/id`, oldest first; None = a deletion."""
        with self._lock:
            return [version.content for version in self._interactions.store.history(*reference.split("/"))]

    def delete(self, reference: str) -> None:
        """Delete `Type/id` as a user of the EHR does."""
        with self._lock:
            self._interactions.answer(Request(method="DELETE", path=reference))

    def strike(self, fault: Fault) -> None:
        """Let something go wrong; the latest fault strikes first."""
        self._faults.insert(0, fault)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._faults.clear()

    def forget_requests(self) -> None:
        """Empty the log."""
        self.requests.clear()

    def asked(self, method: str | None = None) -> list[tuple[str, str]]:
        """Return (method, path with query) of what was asked, of one method or of all."""
        return [(each.method, each.path) for each in self.requests if method in {None, each.method}]

    def subscribe(
        self,
        criteria: str,
        endpoint: str,
        headers: dict[str, str] | None = None,
        *,
        payload: bool = True,
        method: str = "PUT",
        deletions: bool = False,
    ) -> Resource:
        """Register a rest-hook Subscription.

        Args:
            criteria: resource type, or a search (`Observation?code=..`).
            endpoint: where the notifications go.
            headers: sent with each of them.
            payload: True = the resource is sent; False = an empty POST.
            method: PUT to `{endpoint}/{type}/{id}` as HAPI does, or POST to the endpoint.
            deletions: True = a DELETE is sent for a deleted resource.
        """
        channel: Resource = {"type": "rest-hook", "endpoint": endpoint}
        channel |= {"payload": FHIR_JSON} if payload else {}
        channel |= {"header": [f"{name}: {value}" for name, value in headers.items()]} if headers else {}
        key = secrets.token_hex(8)
        self._notifier.methods[key] = method
        if deletions:
            self._notifier.deletions.add(key)
        subscription = {"resourceType": "Subscription", "id": key, "status": "requested", "criteria": criteria}
        return self.put({**subscription, "reason": "stand-in", "channel": channel})

    def wait_for_notifications(self) -> None:
        """Return when every notification has been tried."""
        self._notifier.wait()

    @contextlib.contextmanager
    def _allowing_ids(self) -> Iterator[None]:
        """Let the EHR's own users choose ids and answer as usual, whatever the switches say to clients."""
        kept = self.switches.update_create, self.switches.answers_writes
        self.switches.update_create, self.switches.answers_writes = True, "preferred"
        try:
            yield
        finally:
            self.switches.update_create, self.switches.answers_writes = kept

    def _written(self, resource: Resource | None, reference: str) -> None:
        subscriptions = self._interactions.store.all("Subscription")
        body = b"" if resource is None else json.dumps(resource, ensure_ascii=False).encode()
        self._notifier.notify(subscriptions, resource, reference, body)

    def _answer(self, request: Request) -> Wire | None:
        """Answer over HTTP, with whatever goes wrong; None = close the connection."""
        fault = next((each for each in self._faults if each.strikes(request.method, request.target)), None)
        wire = _wire(self._real(request)) if fault is None else self._faulty(fault, request)
        asked = Asked(
            method=request.method,
            path=request.target,
            headers=dict(request.headers),
            body=request.body,
            status=None if wire is None else wire.status,
        )
        self.requests.append(asked)
        return wire

    def _faulty(self, fault: Fault, request: Request) -> Wire | None:
        if fault.before is not None:
            fault.before()
        real = _wire(self._real(request)) if fault.applied else None
        if fault.delay_seconds and self._server is not None:
            self._server.closing.wait(fault.delay_seconds)
        if real is None and fault.status is None and not fault.lost:
            real = _wire(self._real(request))
        if fault.lost:
            return None
        if fault.status is None and real is not None:
            return Wire(status=real.status, headers=real.headers, body=real.body, drip_seconds=fault.drip_seconds)
        status = fault.status or 500
        body = outcome(status, "exception", "injected").body() if fault.body is None else fault.body
        return Wire(status=status, headers=dict(fault.headers), body=body, drip_seconds=fault.drip_seconds)

    def _real(self, request: Request) -> Response:
        try:
            self._refuse_uninvited(request)
            if request.path == SMART_CONFIGURATION and self.switches.smart_configuration is not None:
                return Response(status=200, content=self.switches.smart_configuration)
            with self._lock:
                if request.method == "POST" and not request.path:
                    return answer_bundle(self._interactions, request)
                return self._interactions.answer(request)
        except FhirError as error:
            return outcome(error.status, error.code, error.text)

    def _refuse_uninvited(self, request: Request) -> None:
        """Refuse a wrong token and media types that are not FHIR JSON."""
        token = self.switches.bearer
        sent = request.headers.get("authorization", "")
        if token is not None and request.path not in _OPEN and not secrets.compare_digest(sent, f"Bearer {token}"):
            raise FhirError(401, "login", "a bearer token is needed")
        accept = request.headers.get("accept", "*/*")
        if "json" not in accept and "*" not in accept:
            raise FhirError(406, "not-supported", "only JSON is served")
        media = request.headers.get("content-type", "").split(";")[0].strip()
        is_form = request.path.endswith("/_search") and media == _FORM
        if request.method in {"POST", "PUT"} and not is_form and media not in {FHIR_JSON, "application/json"}:
            raise FhirError(415, "not-supported", "only FHIR JSON is accepted")


def _wire(response: Response) -> Wire:
    return Wire(status=response.status, headers=dict(response.headers), body=response.body())
