"""R4 rest-hook notifications as HAPI sends them: the resource by PUT to `{endpoint}/{type}/{id}`, or an empty POST."""

import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.stand_in_ehr.message import FHIR_JSON, FhirError, Resource
from tests.stand_in_ehr.search import matching

_TRIES = 3
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One attempt to notify: `status` None = nobody answered."""

    method: str
    address: str
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    method: str
    address: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Notifier:
    """Sends what the active Subscriptions ask for, in order, on a thread of its own.

    Attributes:
        methods: how the Subscription with that id wants the resource (PUT or POST); PUT when not named.
        deletions: ids of Subscriptions that are told of deletions as well.
        sent: every attempt.
    """

    base: str
    methods: dict[str, str] = field(default_factory=dict)
    deletions: set[str] = field(default_factory=set)
    sent: list[Notification] = field(default_factory=list)
    _letters: "queue.Queue[_Letter | None]" = field(default_factory=queue.Queue)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start sending."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="stand-in-notifier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop sending; what is queued is dropped."""
        self._stopped.set()
        self._letters.put(None)
        if self._thread is not None:
            self._thread.join(timeout=10)

    def notify(self, subscriptions: list[Resource], resource: Resource | None, reference: str, body: bytes) -> None:
        """Queue what the Subscriptions want to know of a write (resource None = a deletion)."""
        for subscription in subscriptions:
            for letter in self._letters_for(subscription, resource, reference, body):
                self._letters.put(letter)

    def wait(self) -> None:
        """Return when everything queued has been tried."""
        self._letters.join()

    def _letters_for(self, subscription: Resource, resource: Resource | None, reference: str, body: bytes) -> Iterator[_Letter]:
        channel = subscription["channel"]
        kind, _, query = subscription["criteria"].partition("?")
        is_wanted = subscription["status"] == "active" and channel["type"] == "rest-hook" and reference.startswith(f"{kind}/")
        if not is_wanted:
            return
        headers = dict(line.split(": ", 1) for line in channel.get("header", []))
        endpoint = channel["endpoint"].rstrip("/")
        if resource is None:
            if subscription["id"] in self.deletions:
                yield _Letter(method="DELETE", address=f"{endpoint}/{reference}", headers=headers, body=b"")
        elif not self._matches(kind, query, resource):
            return
        elif "payload" not in channel:
            yield _Letter(method="POST", address=endpoint, headers=headers, body=b"")
        else:
            method = self.methods.get(subscription["id"], "PUT")
            address = f"{endpoint}/{reference}" if method == "PUT" else endpoint
            yield _Letter(method=method, address=address, headers={**headers, "Content-Type": FHIR_JSON}, body=body)

    def _matches(self, kind: str, query: str, resource: Resource) -> bool:
        parameters = [tuple(each.split("=", 1)) for each in query.split("&") if each]
        try:
            return bool(matching(kind, [resource], [(name, value) for name, value in parameters], self.base))
        except FhirError:
            return False

    def _run(self) -> None:
        while (letter := self._letters.get()) is not None:
            for _ in range(_TRIES):
                if self._stopped.is_set() or self._post(letter):
                    break
                self._stopped.wait(_PAUSE_SECONDS)
            self._letters.task_done()
        self._letters.task_done()

    def _post(self, letter: _Letter) -> bool:
        """Send one notification; False = try again."""
        request = urllib.request.Request(  # noqa: S310 - an endpoint that the test itself registered
            letter.address, data=letter.body, headers=letter.headers, method=letter.method
        )
        status: int | None
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
                answer.read()
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        except OSError:
            status = None
        self.sent.append(Notification(method=letter.method, address=letter.address, status=status))
        return status is not None and status < 500
