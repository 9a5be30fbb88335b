"""HTTP on loopback around the interactions: headers, authorisation, faults, and a log of what was asked."""

import contextlib
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.stand_in_ehr.message import FHIR_JSON, Request

Answerer = Callable[[Request], "Wire | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """An answer as it goes over the wire; `drip_seconds` = wait after every byte of the body."""

    status: int
    headers: dict[str, str]
    body: bytes
    drip_seconds: float = 0.0


class Server(ThreadingHTTPServer):
    """Listens on loopback; closing it ends kept-alive connections too, as a server that goes down does."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, path: str, answer: Answerer, tls: ssl.SSLContext | None = None) -> None:
        """Bind; nothing is served before `serve_forever`. With `tls` every connection begins with a handshake."""
        super().__init__((host, port), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.path, self.answer = path, answer
        self.closing = threading.Event()
        self.connections = 0
        self._open: set[Any] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class
        """Remember the connection."""
        with self._lock:
            self._open.add(request)
            self.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as the base class
        """Forget the connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class
        """Say nothing of clients that went away or did not trust us; show everything else."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)

    def close(self, *, is_serving: bool) -> None:
        """Stop listening, end every connection, wait for their threads."""
        self.closing.set()
        if is_serving:
            self.shutdown()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        below = parts.path.removeprefix(self.server.path)
        wire: Wire | None = Wire(status=404, headers={}, body=b"")
        if parts.path.startswith(self.server.path):
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = unquote(below.strip("/"))
            wire = self.server.answer(Request(method=self.command, path=path, query=parts.query, headers=headers, body=body))
        if wire is None:
            self.close_connection = True
            return
        self._send(wire)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - names of the base class

    def _send(self, wire: Wire) -> None:
        self.send_response(wire.status)
        for name, value in wire.headers.items():
            self.send_header(name, value)
        if wire.body and "Content-Type" not in wire.headers:
            self.send_header("Content-Type", f"{FHIR_JSON};charset=utf-8")
        if wire.status not in {204, 304}:
            self.send_header("Content-Length", str(len(wire.body)))
        self.end_headers()
        step = 1 if wire.drip_seconds else len(wire.body) or 1
        for start in range(0, len(wire.body), step):
            self.wfile.write(wire.body[start : start + step])
            if wire.drip_seconds:
                self.wfile.flush()
                self.server.closing.wait(wire.drip_seconds)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class
        """Keep quiet: the stand-in has a log of its own."""
