"""A throw-away PostgreSQL cluster for the test run: its own directory, a Unix socket, no port, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

_START_SECONDS = 60.0
_SETTINGS = ("listen_addresses=", "max_connections=60", "shared_buffers=32MB")
_QUICK = ("fsync=off", "full_page_writes=off")
"""A test needs no disk: nobody pulls the plug of a machine to see what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A running server, reached through the socket in `directory`."""

    directory: Path

    def create_database(self, name: str) -> str:
        """Create an empty database and return its SQLAlchemy URL."""
        with psycopg.connect(host=str(self.directory), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return f"postgresql+psycopg://postgres@/{name}?host={self.directory}"


def find_binaries() -> Path | None:
    """Return the directory of initdb and postgres, newest version first; None = not installed."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)


@contextmanager
def cluster(binaries: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """Run a server as long as the block lasts.

    Args:
        binaries: directory of initdb and postgres.
        durable: True = a commit is on disk, as in production; for measurements.
    """
    # a short path, because the name of a socket has 107 characters at most
    directory = Path(tempfile.mkdtemp(prefix="sls-pg-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        as_user = _become_unprivileged(directory)
        data = directory / "data"
        initialise = [*as_user, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*initialise, "--locale=C", "--no-sync"], check=True, capture_output=True, cwd="/")
        settings = [part for setting in (*_SETTINGS, *(() if durable else _QUICK)) for part in ("-c", setting)]
        command = [*as_user, str(binaries / "postgres"), "-D", str(data), "-k", str(directory), *settings]
        with (directory / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True)
        _wait_until_ready(directory, server)
        yield Cluster(directory=directory)
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # "fast" shutdown: open connections are ended
            server.wait(timeout=_START_SECONDS)
        shutil.rmtree(directory, ignore_errors=True)


def _become_unprivileged(directory: Path) -> list[str]:
    """Return the command prefix under which PostgreSQL runs (it refuses to run as root) and give it the directory."""
    if os.geteuid() != 0:
        return []
    user = next(entry for name in ("postgres", "nobody") if (entry := _user(name)) is not None)
    os.chown(directory, user.pw_uid, user.pw_gid)
    # the server ends with the test run, even if that is killed
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig=INT"]
    return ["setpriv", *identity]


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _wait_until_ready(directory: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(directory), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((directory / "log").read_text(errors="replace")) from None
            time.sleep(0.05)
        else:
            return
