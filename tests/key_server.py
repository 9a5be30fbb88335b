"""Where an issuer publishes its keys: a server on loopback that answers what a test tells it to."""

import threading
from types import TracebackType
from typing import Self

from tests.stand_in_ehr.message import Request
from tests.stand_in_ehr.server import Server, Wire


class KeyServer:
    """Answers every request with `wire` and keeps what was asked."""

    def __init__(self, body: bytes = b"", *, status: int = 200, **headers: str) -> None:
        """Answer this until told otherwise; underscores in header names stand for hyphens."""
        self.asked: list[Request] = []
        self.answer(body, status=status, drip_seconds=0.0, **headers)
        self._server = Server("127.0.0.1", 0, "", self._serve)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def answer(self, body: bytes, *, status: int = 200, drip_seconds: float = 0.0, **headers: str) -> None:
        """Answer something else from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.wire = Wire(status=status, headers={"Content-Type": "application/json", **named}, body=body, drip_seconds=drip_seconds)

    @property
    def uri(self) -> str:
        """Where the keys are."""
        return f"http://127.0.0.1:{self._server.server_port}/jwks"

    def _serve(self, request: Request) -> Wire:
        self.asked.append(request)
        return self.wire

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        self._server.close(is_serving=True)
        self._thread.join(10)
