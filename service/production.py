"""`serve --workers N`: gunicorn with threads; each process runs its share of workers after the fork."""

from collections.abc import Callable, Iterable

from gunicorn.app.base import BaseApplication

from service import settings as settings_module
from service.app import build_parts, create_app, set_aside, start_workers
from service.pipeline.start import prepare


class _Server(BaseApplication):
    """Gunicorn configured from our own arguments instead of its command line."""

    def __init__(self, options: dict[str, object]) -> None:
        """Keep the options that `load_config` hands over."""
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        """Build the application in the worker process: connections and threads never cross a fork."""
        parts = build_parts(settings_module.load())
        app = create_app(parts)
        set_aside()
        start_workers(parts, parts.settings.worker_threads)
        return app.wsgi_app


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
            "worker_class": "gthread",
            "threads": 8,
            "graceful_timeout": 60,
            "control_socket_disable": True,
            "timeout": 120,
        }
    ).run()
    return 0
