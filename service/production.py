"""`serve --workers N`: gunicorn with threads; each process runs its share of workers after the fork.

Told to stop, every process claims no more at once, answers the requests that it has accepted, finishes the work in hand, and ends.
"""

import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import IO, TYPE_CHECKING, Final

from gunicorn.app.base import BaseApplication
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

from service import settings as settings_module
from service.app import build_parts, create_app, set_aside, start_workers
from service.metrics import forget_shared_folder
from service.pipeline.start import prepare

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from service.parts import Parts
    from service.worker import Crew

_SPARE_SECONDS: Final = 5.0
"""What the master waits for its processes beyond the time that they allow themselves."""


class _Process(ThreadWorker):
    """One process of gunicorn that has worker threads of ours beside its own."""

    app: "_Server"

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop: claim no more, and let gunicorn accept no more."""
        self.app.stop()
        super().handle_exit(sig, frame)

    def run(self) -> None:
        """Serve until told to stop, then finish the work in hand."""
        super().run()
        self.app.finish()


class _Body:
    """The body of a request; malformed chunks fail as a broken connection does, as every other server of WSGI has it."""

    def __init__(self, body: IO[bytes]) -> None:
        """Wrap what gunicorn reads from the connection."""
        self._body = body

    def read(self, size: int) -> bytes:
        """Return the next bytes; none = the end.

        Raises:
            OSError: the connection ended early, or what came is no chunk.
        """
        try:
            return self._body.read(size)
        except ParseException:
            raise OSError("Malformed chunks") from None


def _with_plain_failures(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Return the application with bodies that fail in no way of gunicorn's own."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return app({**environ, "wsgi.input": _Body(environ["wsgi.input"])}, start_response)

    return answer


class _Server(BaseApplication):
    """Gunicorn configured from our own arguments instead of its command line."""

    def __init__(self, options: dict[str, object]) -> None:
        """Keep the options that `load_config` hands over."""
        self._options = options
        self._parts: Parts | None = None
        self._crew: Crew | None = None
        self._told_at: float | None = None
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        """Build the application in the worker process: connections and threads never cross a fork."""
        self._parts = build_parts(settings_module.load())
        app = create_app(self._parts)
        set_aside()
        self._crew = start_workers(self._parts, self._parts.settings.worker_threads)
        return _with_plain_failures(app.wsgi_app)

    def stop(self) -> None:
        """Claim no more; called by the signal handler of a process, which may be called again."""
        if self._told_at is None and self._crew is not None:
            self._told_at = time.monotonic()
            self._crew.stop()

    def finish(self) -> None:
        """Finish the work in hand within what is left of the time; called when the last request of a process is answered."""
        if self._crew is None or self._parts is None:
            return
        passed = 0.0 if self._told_at is None else time.monotonic() - self._told_at
        self._crew.finish(max(0.0, self._parts.settings.stop_seconds - passed))
        self._parts.database.close()


def run_gunicorn(host: str, port: int, processes: int) -> int:
    """Migrate once, then serve with the given number of processes until SIGTERM.

    Raises:
        SettingsError: a setting is wrong; found before the first fork.
    """
    parts = build_parts(settings_module.load())
    prepare(parts)
    parts.database.close()
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    _Server(
        {
            "bind": address,
            "workers": processes,
            "worker_class": _Process,
            "threads": 8,
            "graceful_timeout": round(parts.settings.stop_seconds + _SPARE_SECONDS),
            "control_socket_disable": True,
            "timeout": 120,
            "on_exit": lambda _master: forget_shared_folder(),
        }
    ).run()
    return 0
