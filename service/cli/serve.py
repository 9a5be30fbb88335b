"""`serve` answers HTTP, `work` works through jobs without answering."""

import argparse
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final

from werkzeug.serving import WSGIRequestHandler, make_server

from service import __version__, settings
from service.app import build_parts, create_app, set_aside, start_workers
from service.errors import SettingsError
from service.parts import Parts
from service.pipeline.start import prepare
from service.worker import Worker

_LAST_PORT: Final = 65_535
_SHARED_COUNTS: Final = "PROMETHEUS_MULTIPROC_DIR"


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Register the words of `serve`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = settings_table()
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=0, help="processes under gunicorn; 0 = this process alone, for development")
    parser.set_defaults(run=serve)


def add_work(parser: argparse.ArgumentParser) -> None:
    """Register the words of `work`."""
    parser.add_argument("--threads", type=int, default=2, help="streams worked on at the same time (default: %(default)s)")
    parser.set_defaults(run=work)


def settings_table() -> str:
    """Return the table of every setting, as README prints it."""
    lines = [f"  {name:<26} {default:<26} {meaning}" for name, default, meaning in settings.rows()]
    return "settings (environment variables, their defaults and meaning):\n" + "\n".join(lines)


def serve(arguments: argparse.Namespace) -> int:
    """Listen until SIGTERM or Ctrl-C, then finish the work in hand."""
    settings.refuse_open_door(settings.load(), arguments.host)
    if not 0 <= arguments.port <= _LAST_PORT:
        raise SettingsError(f"--port: choose a number from 0 (any free port) to {_LAST_PORT}.")
    if arguments.workers > 0:
        _count_together(arguments)
        from service.production import run_gunicorn  # noqa: PLC0415 - gunicorn is POSIX only; development does without

        return run_gunicorn(arguments.host, arguments.port, arguments.workers)
    parts = ready_parts()
    app = create_app(parts)
    set_aside()
    try:
        server = make_server(arguments.host, arguments.port, app, threaded=True, request_handler=_QuietHandler)
    except (OSError, OverflowError, SystemExit) as error:  # werkzeug leaves the process where an address is taken
        text = f"--host and --port: nothing can listen there ({type(error).__name__}). Choose a local address and a free port."
        raise SettingsError(text) from None
    workers = start_workers(parts, parts.settings.worker_threads)
    _on_stop(lambda: threading.Thread(target=server.shutdown).start())
    sys.stderr.write(f"spinal-lesion-service {__version__} listens on http://{arguments.host}:{server.server_port}\n")
    server.serve_forever()
    _finish(parts, workers)
    return 0


def _count_together(arguments: argparse.Namespace) -> None:
    """Start anew with a folder in which all processes count together: prometheus-client reads its name when it is imported."""
    if _SHARED_COUNTS not in os.environ:
        os.environ[_SHARED_COUNTS] = tempfile.mkdtemp(prefix="sls-metrics-")
        words = ["serve", "--host", arguments.host, "--port", str(arguments.port), "--workers", str(arguments.workers)]
        os.execv(sys.executable, [sys.executable, "-m", "service", *words])  # noqa: S606 - our own command, again


def work(arguments: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C, then finish the work in hand."""
    parts = ready_parts()
    set_aside()
    workers = start_workers(parts, max(1, arguments.threads))
    stopped = threading.Event()
    _on_stop(stopped.set)
    stopped.wait()
    _finish(parts, workers)
    return 0


class _QuietHandler(WSGIRequestHandler):
    """Writes no access log of its own: its lines would hold addresses with the ids of reports in them."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is werkzeug's
        """Say nothing; `service.web.access` logs the route template."""


def ready_parts() -> Parts:
    """Build the parts and bring the database to the schema of this release."""
    parts = build_parts(settings.load())
    prepare(parts)
    return parts


def _finish(parts: Parts, workers: Sequence[tuple[Worker, threading.Thread]]) -> None:
    for worker, _ in workers:
        worker.stop()
    for _, thread in workers:
        thread.join()
    parts.database.close()


def _on_stop(action: Callable[[], None]) -> None:
    def handle(_signal: int, _frame: FrameType | None) -> None:
        action()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
