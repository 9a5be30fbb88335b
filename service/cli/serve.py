"""`serve` answers HTTP, `work` works through jobs without answering."""

import argparse
import os
import sys
import threading
from typing import TYPE_CHECKING, Final

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from service import __version__, settings
from service.app import build_parts, create_app, create_operations_app, set_aside, start_workers
from service.cli.stop import InFlight, Stop, finish
from service.errors import SettingsError
from service.metrics import SHARED_FOLDER, make_shared_folder
from service.parts import Parts
from service.pipeline.start import prepare

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LAST_PORT: Final = 65_535


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
    parser.add_argument("--host", default="127.0.0.1", help="address for --port (default: %(default)s)")
    parser.add_argument("--port", type=int, help="also answer /health and /metrics there; left out = answer nothing")
    parser.set_defaults(run=work)


def settings_table() -> str:
    """Return the table of every setting, as README prints it."""
    lines = [f"  {name:<26} {default:<26} {meaning}" for name, default, meaning in settings.rows()]
    return "settings (environment variables, their defaults and meaning):\n" + "\n".join(lines)


def serve(arguments: argparse.Namespace) -> int:
    """Listen until SIGTERM or Ctrl-C, then finish the work in hand."""
    _refuse_place(arguments)
    if arguments.workers < 0:
        raise SettingsError("--workers: choose 0 (this process alone) or the number of processes.")
    if arguments.workers > 0:
        _count_together(arguments)
        from service.production import run_gunicorn  # noqa: PLC0415 - gunicorn is POSIX only; development does without

        return run_gunicorn(arguments.host, arguments.port, arguments.workers)
    stop = Stop(settings.load().stop_seconds)
    parts = ready_parts()
    answering = InFlight(create_app(parts))
    set_aside()
    server = _listen(arguments, answering)
    crew = start_workers(parts, parts.settings.worker_threads)
    sys.stderr.write(f"spinal-lesion-service {__version__} listens on http://{arguments.host}:{server.server_port}\n")
    stop.wait()
    crew.stop()
    server.shutdown()
    server.server_close()
    finish(parts, crew, stop, answering)
    return 0


def _refuse_place(arguments: argparse.Namespace) -> None:
    """Refuse to listen where nobody may, or nothing can.

    Raises:
        SettingsError: the host is beyond loopback and authentication is off, or the port is none.
    """
    settings.refuse_open_door(settings.load(), arguments.host)
    if not 0 <= arguments.port <= _LAST_PORT:
        raise SettingsError(f"--port: choose a number from 0 (any free port) to {_LAST_PORT}.")


def _listen(arguments: argparse.Namespace, application: "WSGIApplication") -> BaseWSGIServer:
    """Answer requests in threads of their own from now on.

    Raises:
        SettingsError: nothing can listen there.
    """
    try:
        server = make_server(arguments.host, arguments.port, application, threaded=True, request_handler=_QuietHandler)
    except (OSError, OverflowError, SystemExit) as error:  # werkzeug leaves the process where an address is taken
        text = f"--host and --port: nothing can listen there ({type(error).__name__}). Choose a local address and a free port."
        raise SettingsError(text) from None
    threading.Thread(target=server.serve_forever, name="accepting", daemon=True).start()
    return server


def _count_together(arguments: argparse.Namespace) -> None:
    """Start anew with a folder in which all processes count together: prometheus-client reads its name when it is imported."""
    if SHARED_FOLDER not in os.environ:
        make_shared_folder()
        words = ["serve", "--host", arguments.host, "--port", str(arguments.port), "--workers", str(arguments.workers)]
        os.execv(sys.executable, [sys.executable, "-m", "service", *words])  # noqa: S606 - our own command, again


def work(arguments: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C, then finish the work in hand."""
    if arguments.threads < 1:
        raise SettingsError("--threads: choose 1 or more.")
    if arguments.port is not None:
        _refuse_place(arguments)
    stop = Stop(settings.load().stop_seconds)
    parts = ready_parts()
    set_aside()
    if arguments.port is not None:
        server = _listen(arguments, create_operations_app(parts))
        sys.stderr.write(f"health and metrics on http://{arguments.host}:{server.server_port}\n")
    crew = start_workers(parts, arguments.threads)
    sys.stderr.write(f"spinal-lesion-service {__version__} works\n")
    stop.wait()
    finish(parts, crew, stop)
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
