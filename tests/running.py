"""A service process on loopback: started, spoken to over real HTTP, stopped or killed; used by e2e tests, demo and benchmarks."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

FHIR_JSON = "application/fhir+json"
START_SECONDS = 60.0


def free_port() -> int:
    """Return a port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_hospital(
    folder: Path,
    slug: str,
    *,
    ehr_base: str | None,
    secret_env: str | None = None,
    policy: str | None = None,
    provenance: bool = False,
) -> None:
    """Write hospital.toml of one registered hospital."""
    lines = [f'name = "{slug}"']
    if ehr_base is not None:
        lines += ["[ehr]", f'base = "{ehr_base}"', *(["provenance = true"] if provenance else [])]
    if secret_env is not None:
        lines += ["[webhook]", f'secret_env = "{secret_env}"']
    if policy is not None:
        lines += ["[write_back]", f'policy = "{policy}"']
    (folder / slug).mkdir(parents=True, exist_ok=True)
    (folder / slug / "hospital.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass
class RunningProcess:
    """One process of the service.

    Attributes:
        folder: working directory: database, hospitals/ and log live below it; several processes may share it.
        environment: further SLS_* settings and secrets.
        database_url: None = SQLite in the folder.
        arguments: further words of the command.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    database_url: str | None = None
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def hospitals(self) -> Path:
        """Folder of the registered hospitals."""
        found = self.folder / "hospitals"
        found.mkdir(parents=True, exist_ok=True)
        return found

    @property
    def log(self) -> Path:
        """Everything that processes of this folder wrote on their standard error."""
        return self.folder / "service.log"

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the process: quick where an operator would be patient."""
        usual = {
            "SLS_DATABASE_URL": self.database_url or f"sqlite:///{self.folder}/service.db",
            "SLS_HOSPITALS_DIR": str(self.hospitals),
            "SLS_DEBOUNCE_SECONDS": "0.05",
            "SLS_BACKOFF_SECONDS": "0.1",
            "SLS_BACKOFF_MAX_SECONDS": "0.5",
            "SLS_LEASE_SECONDS": "2",
        }
        return {**os.environ, **usual, **self.environment}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the service with the same settings to its end."""
        command = [sys.executable, "-m", "service", *words]
        return subprocess.run(command, env=self.settings, capture_output=True, text=True, timeout=120, check=False)

    def begin(self, *words: str) -> None:
        """Start the process; whether it is ready is another question."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "service", *words, *self.arguments]
            self.process = subprocess.Popen(command, env=self.settings, stdout=log, stderr=log)

    def terminate(self) -> None:
        """Ask the process to finish (SIGTERM), and do not wait."""
        if self.process is not None:
            self.process.terminate()

    def ended(self, seconds: float = 30) -> int:
        """Wait until the process has ended, and return its exit code."""
        assert self.process is not None
        return self.process.wait(timeout=seconds)

    def stop(self) -> None:
        """Ask the process to finish (SIGTERM) and wait for it."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)

    def kill(self) -> None:
        """End the process at once, as a power cut would (SIGKILL)."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=30)


@dataclass
class RunningWorker(RunningProcess):
    """One `spinal-lesion-service work` process."""

    name: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def log(self) -> Path:
        """Everything this process wrote on its standard error."""
        return self.folder / f"work-{self.name}.log"

    def start(self) -> Self:
        """Start the process and wait until it works."""
        self.begin("work")
        deadline = time.monotonic() + START_SECONDS
        while not self._works() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert self._works(), self.log.read_text(encoding="utf-8")[-2000:]
        return self

    def _works(self) -> bool:
        return " works\n" in self.log.read_text(encoding="utf-8")


@dataclass
class RunningService(RunningProcess):
    """One `spinal-lesion-service serve` process; under gunicorn (`--workers N`) the master of several."""

    port: int = field(default_factory=free_port)

    @property
    def base(self) -> str:
        """The service's own address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start the process and wait until it is ready."""
        self.begin("serve", "--port", str(self.port))
        self._wait_until_ready()
        return self

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"the service ended: {self.log.read_text(encoding='utf-8')[-2000:]}")
            try:
                if requests.get(f"{self.base}/health/ready", timeout=1).status_code == requests.codes.ok:
                    return
            except (requests.ConnectionError, requests.Timeout):  # nobody listens yet, or the one who does is still starting
                time.sleep(0.05)
        raise RuntimeError("the service did not become ready")

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def webhook(self, slug: str, resource: dict[str, Any], secret: str | None = None) -> requests.Response:
        """Send one rest-hook notification as HAPI does: PUT with type and id in the address."""
        headers = {"Content-Type": FHIR_JSON} | ({"Authorization": f"Bearer {secret}"} if secret else {})
        address = f"{self.base}/webhooks/{slug}/{resource['resourceType']}/{resource['id']}"
        return requests.put(address, json=resource, headers=headers, timeout=30)

    def follow(self, location: str, *, seconds: float = 30.0) -> dict[str, Any]:
        """Poll a Task until it is completed or failed; return its last state."""
        deadline = time.monotonic() + seconds
        task: dict[str, Any] = {}
        while time.monotonic() < deadline:
            task = requests.get(f"{self.base}{location}", timeout=30).json()
            if task.get("status") in {"completed", "failed"}:
                return task
            time.sleep(0.05)
        return task

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:  # noqa: ANN401 - JSON of any form
        """Post FHIR JSON."""
        return requests.post(f"{self.base}{path}", json=body, headers={"Content-Type": FHIR_JSON, **headers}, timeout=30)

    def get(self, path: str, **headers: str) -> requests.Response:
        """Read a path."""
        return requests.get(f"{self.base}{path}", headers=headers, timeout=30)
