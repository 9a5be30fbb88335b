"""Every curl command of README and docs runs as printed against a real process, in the order of the page."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.running import RunningService

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = ("README.md", "docs/integrators.md")
PRINTED_BASE: Final = "http://127.0.0.1:8080"
_FENCE: Final = re.compile(r"^```[a-z]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND: Final = re.compile(r"^curl .*?(?<!\\)$", re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[str]:
    """Return the curl commands of a page, continuation lines included."""
    blocks = _FENCE.findall((ROOT / page).read_text(encoding="utf-8"))
    return [command for block in blocks for command in _COMMAND.findall(block)]


@pytest.fixture(scope="module")
def curl() -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")


def ids_in(content: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Yield what `<id>` may stand for afterwards: the assessment of an answer, the Task of an acceptance."""
    if "lesions" in content:
        yield "assessments", content["id"]
    for issue in content.get("issue", ()):
        if found := re.search(r"Task/([\w-]+)", issue["details"]["text"]):
            yield "Task", found[1]


def filled(command: str, base: str, known: dict[str, str]) -> str:
    """Return a command as a reader would type it: their own service, the ids that they were answered."""
    return re.sub(r"(Task|assessments)/<id>", lambda found: f"{found[1]}/{known[found[1]]}", command.replace(PRINTED_BASE, base))


def run(commands: Sequence[str], base: str) -> list[Any]:
    """Run commands one after the other in the root of the project; return what they print."""
    known: dict[str, str] = {}
    answers: list[Any] = []
    for command in commands:
        typed = filled(command, base, known)
        done = subprocess.run(["bash", "-ceu", typed], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (command, done.stderr)
        answers.append(json.loads(done.stdout))
        known = {**dict(ids_in(answers[-1])), **known}  # the first that was stored
    return answers


@pytest.mark.usefixtures("curl")
@pytest.mark.parametrize("page", PAGES)
def test_every_curl_command_of_a_page_is_answered_without_error(service: RunningService, page: str) -> None:
    printed = commands(page)
    assert printed
    for command, answer in zip(printed, run(printed, service.base), strict=True):
        severities = {issue["severity"] for issue in answer.get("issue", ())}
        assert not severities & {"error", "fatal"}, (command, answer)
        assert not isinstance(answer.get("status"), int), (command, answer)


def test_the_pages_show_every_way_in() -> None:
    printed = "\n".join(commands("docs/integrators.md"))
    for way in ("/assessments'", "$assess", "/what-if", "/answers", "/webhooks/local", "/fhir/Task/<id>"):
        assert way in printed
