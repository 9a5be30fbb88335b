"""Accepting a webhook: everything that is on disk before the 202, against the least that parsing and storing can cost."""

import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from werkzeug.test import EnvironBuilder

from benchmarks.bare import Bare, bare
from benchmarks.ground import HOSPITAL, POSTGRESQL, SQLITE, Ground, opened_parts
from benchmarks.report import bundle
from benchmarks.runner import Row, Times, Turn, interleaved, timed
from service.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_WEIGHT: Final = 0.2

Headers = list[tuple[str, str]]

_ACCEPTED: Final = "202 "


def _notification(number: int) -> tuple[bytes, str]:
    """Return a DiagnosticReport as a rest-hook brings it, and the address that it is put to."""
    report = next(
        each["resource"] for each in json.loads(bundle(number))["entry"] if each["resource"]["resourceType"] == "DiagnosticReport"
    )
    return json.dumps(report).encode(), f"/webhooks/{HOSPITAL}/DiagnosticReport/{report['id']}"


class _Door:
    """The application as a WSGI server calls it."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def turn(self, body: bytes, path: str) -> Turn:
        """Return a turn that sends one notification; what a server does to make the request is not counted."""
        environ = EnvironBuilder(
            path, method="PUT", content_type="application/fhir+json", environ_base={"REMOTE_ADDR": "127.0.0.1"}
        ).get_environ()
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return timed(lambda: self._send(environ))

    def _send(self, environ: dict[str, Any]) -> None:
        answered: list[str] = []

        def start_response(status: str, _headers: Headers, _error: object = None, /) -> Callable[[bytes], object]:
            answered.append(status)
            return io.BytesIO().write

        b"".join(self._app(environ, start_response))
        if not answered[0].startswith(_ACCEPTED):
            raise RuntimeError(f"the webhook answered {answered[0]}")


def _measure(ground: Ground, url: str) -> Times:
    sent = [_notification(number) for number in range(ground.effort.turns(_WEIGHT))]
    with opened_parts(url) as parts, bare(url) as least:
        door = _Door(create_app(parts).wsgi_app)
        return interleaved(
            (door.turn(body, path) for body, path in sent),
            (timed(lambda body=body: _least(least, body)) for body, _ in sent),  # type: ignore[misc]
            warm_up=ground.effort.warm_up,
        )


def _least(least: Bare, body: bytes) -> None:
    json.loads(body)
    least.commit_row(body)


_WHAT: Final = "a DiagnosticReport put to the webhook over WSGI: all in one commit, then 202;"
_LEAST: Final = "json.loads of the body and a bare commit of it in one row of the same database"

ROWS: Final = (
    Row(
        name="accepting-sqlite",
        what=f"{_WHAT} {SQLITE}",
        against=_LEAST,
        limit=None,
        measure=lambda ground: _measure(ground, ground.sqlite()),
    ),
    Row(
        name="accepting-postgresql",
        what=f"{_WHAT} {POSTGRESQL}",
        against=_LEAST,
        limit=None,
        measure=lambda ground: _measure(ground, ground.postgresql()),
    ),
)
